"""The page where one changes one's own password; who has a temporary one is led here first."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, Query, Request, Response

from services.registration.desk.forgery import SESSION_COOKIE
from services.registration.desk.forms import body_of, validated
from services.registration.desk.rendering import again, render
from services.registration.desk.routes import Form, SeeOtherError, page_router, see
from services.registration.desk.signed_in import PASSWORD, local_path, present, sign_in_url
from services.registration.staff import accounts, handlers
from services.registration.staff.means import means_of
from services.registration.staff.queries import LiveSession
from services.registration.staff.schemas import OwnPassword
from shared.problems import FieldError, Problem, invalid
from shared.transactions import Session, apart

router = page_router()

_PAGE = "staff/password.html"

Path = Annotated[str, Query(max_length=2_000)]


async def _live(request: Request, session: Session) -> LiveSession:
    """Find the session, in a transaction of its own: the request must hold no connection yet."""
    token = request.cookies.get(SESSION_COOKIE, "")
    async with apart(session) as own:
        if await present(request, own):
            live = await handlers.find_live_session(own, token)
            if live is not None:
                return live
    raise SeeOtherError(sign_in_url(request))


Live = Annotated[LiveSession, Depends(_live)]


@router.get(PASSWORD)
async def password_page(request: Request, session: Session, _: Live, next: Path = "/") -> Response:
    """The form, for everybody who is signed in."""
    return render(request, _PAGE, **_context(session, next))


@router.post(PASSWORD)
async def change_password(request: Request, session: Session, form: Form, live: Live) -> Response:
    """Change one's own password and end every other session."""
    where = local_path(form.get("next"))
    try:
        body = validated(OwnPassword, body_of(form, ("password", "new_password")))
        if form.get("again") != body.new_password:
            raise invalid("again", "must be the new password again")
        await accounts.change_own_password(
            session, live.staff.id, live.id, body.password, body.new_password
        )
    except Problem as problem:
        return again(request, _PAGE, _by_field(problem), **_context(session, where))
    return see(f"{PASSWORD}?next={quote(where)}", "changed")


def _context(session: Session, where: str) -> dict[str, Any]:
    shortest = means_of(session).limits.password_length
    return {"next": local_path(where), "shortest": shortest}


def _by_field(problem: Problem) -> Problem:
    if problem.slug != "wrong-credentials":
        return problem
    wrong = FieldError(field="password", message="is not the present password")
    return Problem(problem.status, "invalid", problem.detail, errors=[wrong])
