"""The cookie of one try to sign in at another provider; only the browser that began it has it."""

import base64
import json

from fastapi import Request, Response

from services.registration.desk.options import is_secure
from services.registration.staff.oidc import Attempt

COOKIE = "qayidis_oidc"
PATH = "/sign-in/oidc"
_TEN_MINUTES = 600
_LONGEST = 4_000


def keep_attempt(request: Request, response: Response, attempt: Attempt, where: str) -> None:
    """Let the browser keep a try, and where it wanted to go."""
    kept = json.dumps([attempt.state, attempt.nonce, attempt.verifier, where]).encode()
    response.set_cookie(
        COOKIE,
        base64.urlsafe_b64encode(kept).decode(),
        max_age=_TEN_MINUTES,
        path=PATH,
        httponly=True,
        samesite="lax",
        secure=is_secure(request),
    )


def kept_attempt(request: Request) -> tuple[Attempt, str] | None:
    """Read the try a browser keeps; None when there is none, or it is not one of ours."""
    cookie = request.cookies.get(COOKIE, "")
    if len(cookie) > _LONGEST:
        return None
    try:
        parts = json.loads(base64.urlsafe_b64decode(cookie))
        state, nonce, verifier, where = (str(part) for part in parts)
    except (ValueError, TypeError):
        return None
    return (Attempt(state, nonce, verifier), where) if state and nonce and verifier else None


def forget_attempt(response: Response) -> None:
    """Take the cookie away: a try is used once."""
    response.delete_cookie(COOKIE, path=PATH, httponly=True, samesite="lax")
