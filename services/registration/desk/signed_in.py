"""Who looks at a page: the staff of the session's cookie, with one of the roles it needs."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote, urlsplit

from fastapi import Request, Response

from services.registration.desk.forgery import SESSION_COOKIE
from services.registration.desk.options import is_secure
from services.registration.desk.routes import SeeOtherError
from services.registration.staff import handlers as staff
from services.registration.staff.domain import Staff
from shared.actors import Actor, act_as
from shared.auth import Role
from shared.problems import Problem
from shared.transactions import Session

SIGN_IN = "/sign-in"
PASSWORD = "/password"  # noqa: S105  the page where one changes it


def signed_in(*roles: Role) -> Callable[..., Awaitable[Staff]]:
    """Make the dependency that lets only staff of these roles see a page, any role without one.

    Who is not signed in (any more) goes to the sign-in page and comes back after it; who has a
    temporary password, to the page that changes it. From then on the person is the request's actor.
    """

    async def authorise(request: Request, session: Session) -> Staff:
        person = await present(request, session)
        if person is None:
            raise SeeOtherError(sign_in_url(request))
        if person.must_change_password:
            raise SeeOtherError(password_url(request))
        if roles and person.roles.isdisjoint(roles):
            raise Problem(403, "forbidden", "Your roles do not include this page.")
        return person

    return authorise


async def present(request: Request, session: Session) -> Staff | None:
    """Find who is signed in, and make them the request's actor; None for nobody."""
    token = request.cookies.get(SESSION_COOKIE)
    person = await staff.find_session(session, token) if token else None
    request.state.staff = person
    if person is not None:
        act_as(
            Actor(
                f"staff:{person.id}",
                frozenset(person.roles),
                district=person.district,
                address=request.client.host if request.client else None,
                reason=_reason(request),
            )
        )
    return person


def _reason(request: Request) -> str | None:
    form = getattr(request.state, "form", None)
    given = form.get("reason") if form is not None else None
    return given.strip().replace("\0", "")[:500] or None if isinstance(given, str) else None


def sign_in_url(request: Request) -> str:
    """Where to sign in, and come back from; a form that was sent is opened again empty."""
    ended = "&ended=1" if SESSION_COOKIE in request.cookies else ""
    return f"{SIGN_IN}?next={quote(_wanted(request))}{ended}"


def password_url(request: Request) -> str:
    """Where to change the password, and come back from."""
    return f"{PASSWORD}?next={quote(_wanted(request))}"


def _wanted(request: Request) -> str:
    path = request.url.path
    if request.method != "GET":
        path = urlsplit(request.headers.get("Referer", "/")).path
    elif request.url.query:
        path += f"?{request.url.query}"
    return local_path(path)


def local_path(path: Any) -> str:
    """Return a path on this very site, `/` for anything that leads elsewhere."""
    if not isinstance(path, str) or not path.startswith("/") or len(path) > 2_000:
        return "/"
    # Browsers read `//` and `/\` as another host, and leave out tabs and line breaks before.
    if path[1:2] in {"/", "\\"} or any(ord(letter) < 32 for letter in path):
        return "/"
    return path


def keep_session(request: Request, response: Response, token: str) -> None:
    """Give the browser the cookie of a session; it ends with the browser, or when we end it."""
    response.set_cookie(
        SESSION_COOKIE, token, httponly=True, samesite="lax", secure=is_secure(request), path="/"
    )


def forget_session(response: Response) -> None:
    """Take the cookie of the session away."""
    response.delete_cookie(SESSION_COOKIE, path="/", httponly=True, samesite="lax")
