"""Pages of staff: signing in at another provider."""

import secrets
from typing import Annotated

from fastapi import Query, Request, Response
from fastapi.responses import RedirectResponse

from services.registration.desk.options import options_of
from services.registration.desk.routes import page_router, see
from services.registration.desk.signed_in import keep_session, local_path
from services.registration.staff import linking
from services.registration.staff.cookies import forget_attempt, keep_attempt, kept_attempt
from services.registration.staff.oidc import Attempt, OidcClient, OidcError
from shared.problems import Problem, not_found
from shared.transactions import Session

router = page_router()

_CALLBACK = "/sign-in/oidc/callback"

Part = Annotated[str, Query(max_length=4_000)]


@router.get("/sign-in/oidc")
async def begin_oidc(request: Request, next: Part = "/") -> Response:
    """Go to the provider and sign in there."""
    attempt = Attempt.new()
    url = await _client(request).authorization_url(attempt, _redirect_uri(request))
    response = RedirectResponse(url, 303)
    keep_attempt(request, response, attempt, local_path(next))
    return response


@router.get(_CALLBACK)
async def finish_oidc(
    request: Request,
    session: Session,
    code: Part = "",
    state: Part = "",
    iss: Part = "",
) -> Response:
    """Come back from the provider, and go where one wanted to go."""
    client, kept = _client(request), kept_attempt(request)
    if kept is None or not secrets.compare_digest(kept[0].state.encode(), state.encode()):
        raise await _refused(session, "another try, or too late")
    attempt, where = kept
    if iss and iss != client.provider.issuer:  # RFC 9207: another provider's answer
        raise await _refused(session, "another provider")
    if not code:
        raise await _refused(session, "the provider signed nobody in")
    try:
        identity = await client.identify(attempt, code, _redirect_uri(request))
    except OidcError as failure:
        raise await _refused(session, str(failure)) from failure
    try:
        signed_in = await linking.sign_in_as(session, identity, client.login_claim)
    except Problem as problem:
        await session.rollback()
        await linking.note_refusal(session, problem.slug)
        raise
    response = see(local_path(where))
    keep_session(request, response, signed_in.session_token)
    forget_attempt(response)
    return response


def _client(request: Request) -> OidcClient:
    client: OidcClient | None = request.app.state.oidc
    if client is None:
        raise not_found("page")
    return client


def _redirect_uri(request: Request) -> str:
    public = options_of(request).public_url or str(request.base_url)
    return f"{public.rstrip('/')}{_CALLBACK}"


async def _refused(session: Session, why: str) -> Problem:
    await linking.note_refusal(session, why)
    return Problem(403, "sign-in-refused", "The provider's proof of who you are was not accepted.")
