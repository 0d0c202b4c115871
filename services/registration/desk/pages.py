"""Pages that belong to no capability: signing in and out, and the choice of the language."""

from typing import Annotated

from fastapi import Query, Request, Response
from fastapi.responses import RedirectResponse

from services.registration.desk import languages
from services.registration.desk.forgery import SESSION_COOKIE
from services.registration.desk.options import is_secure
from services.registration.desk.rendering import again, render
from services.registration.desk.routes import Form, page_router, see
from services.registration.desk.signed_in import (
    SIGN_IN,
    forget_session,
    keep_session,
    local_path,
    present,
)
from services.registration.staff import handlers
from shared.problems import Problem
from shared.transactions import Session

router = page_router()

_A_YEAR = 365 * 24 * 3600

Path = Annotated[str, Query(max_length=2_000)]


@router.get(SIGN_IN)
async def sign_in_page(
    request: Request, session: Session, next: Path = "/", ended: bool = False
) -> Response:
    """The sign-in page; who is signed in already goes on."""
    if await present(request, session):
        return see(local_path(next))
    return render(request, "desk/sign_in.html", next=local_path(next), ended=ended)


@router.post(SIGN_IN)
async def sign_in(request: Request, session: Session, form: Form) -> Response:
    """Sign in and go where one wanted to go."""
    where = local_path(form.get("next"))
    login, password = str(form.get("login", "")), str(form.get("password", ""))
    try:
        signed = await handlers.sign_in(session, login, password)
    except Problem as problem:
        return again(
            request, "desk/sign_in.html", problem, next=where, ended=False, form={"login": login}
        )
    response = see(where)
    keep_session(request, response, signed.session_token)
    return response


@router.post("/sign-out")
async def sign_out(request: Request, session: Session) -> Response:
    """Sign out of this browser."""
    token = request.cookies.get(SESSION_COOKIE)
    if token:
        await handlers.sign_out(session, token)
    response = see(SIGN_IN)
    forget_session(response)
    return response


@router.get("/language")
async def choose_language(request: Request, to: Path = "az", next: Path = "/") -> Response:
    """Remember the language that was chosen in the header, on this browser."""
    response = RedirectResponse(local_path(next), 303)
    language = languages.known(to)
    if language is not None:
        response.set_cookie(
            languages.COOKIE,
            language,
            max_age=_A_YEAR,
            httponly=True,
            samesite="lax",
            secure=is_secure(request),
        )
    return response
