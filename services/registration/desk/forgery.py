"""Forms that only our own pages can send (OWASP: synchroniser token, origin check)."""

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import FormData

from services.registration.desk.options import own_host
from shared.problems import Problem

FIELD = "csrf"
SESSION_COOKIE = "qayidis_session"
VISIT_COOKIE = "qayidis_visit"
"""A random value for who has not signed in: the sign-in form is bound to it."""


def token_of(request: Request) -> str:
    """Make the token of this browser's forms: from a secret cookie, which it does not give away."""
    return _token(_secret(request) or visit_of(request))


def visit_of(request: Request) -> str:
    """Return the value of the visit, a new one at first; the layout sets its cookie."""
    known = request.cookies.get(VISIT_COOKIE) or getattr(request.state, "visit", None)
    request.state.visit = known or secrets.token_urlsafe(24)
    visit: str = request.state.visit
    return visit


def check(request: Request, form: FormData) -> None:
    """Check that a form came from one of our own pages, of this very session.

    Raises:
        Problem: 403, it did not.
    """
    _check_origin(request)
    sent, secret = form.get(FIELD), _secret(request) or request.cookies.get(VISIT_COOKIE)
    if not isinstance(sent, str) or not secret:
        raise _refused()
    if not hmac.compare_digest(sent.encode(), _token(secret).encode()):
        raise _refused()


def _check_origin(request: Request) -> None:
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise _refused()
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != own_host(request):
        raise _refused()


def _secret(request: Request) -> str | None:
    return request.cookies.get(SESSION_COOKIE)


def _token(secret: str) -> str:
    return hashlib.sha256(b"form " + secret.encode()).hexdigest()


def _refused() -> Problem:
    return Problem(403, "form-refused", "The form did not come from a page of this session.")
