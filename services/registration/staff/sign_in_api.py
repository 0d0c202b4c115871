"""The routes of signing in and out, and the key set that verifies what they sign."""

from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from services.registration.staff import accounts, handlers
from services.registration.staff.doors import Me, MySession, name_visitor
from services.registration.staff.means import means_of
from services.registration.staff.schemas import (
    Credentials,
    Ended,
    KeySet,
    OwnPassword,
    Refreshed,
    SignedIn,
)
from services.registration.staff.schemas import Me as MeBody
from services.registration.staff.schemas import Session as SessionBody
from shared.auth import Tokens, unauthorized
from shared.database import Sessions
from shared.problems import MEDIA_TYPE
from shared.transactions import FreshRoute, Session

router = APIRouter(tags=["signing in"])
in_transaction = APIRouter(
    prefix="/v1",
    route_class=FreshRoute,
    tags=["signing in"],
    dependencies=[Depends(name_visitor)],
)

_PROBLEM = {"content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}}
_REFUSED: dict[int | str, dict[str, Any]] = {
    423: {"description": "The login is locked; `until` says how long.", **_PROBLEM},
    429: {"description": "This address failed too often; `until` says how long.", **_PROBLEM},
}


@in_transaction.post("/sign-in", responses=_REFUSED)
async def sign_in(body: Credentials, session: Session) -> SignedIn:
    """Begin a session; its token is for this service's own routes and the others'."""
    signed_in = await handlers.sign_in(session, body.login, body.password)
    issuer = means_of(session).issuer
    return SignedIn(
        access_token=issuer.issue(signed_in.staff, signed_in.session_id),
        expires_in=issuer.seconds,
        session_token=signed_in.session_token,
        staff=MeBody.of(signed_in.staff),
    )


@in_transaction.post("/sign-in/refresh")
async def refresh(body: SessionBody, session: Session) -> Refreshed:
    """Get another token of a session that still lives; 401 when it has ended."""
    live = await handlers.find_live_session(session, body.session_token)
    if live is None:
        raise unauthorized("This session has ended. Sign in again.")
    issuer = means_of(session).issuer
    return Refreshed(
        access_token=issuer.issue(live.staff, live.id),
        expires_in=issuer.seconds,
    )


@in_transaction.post("/sign-out", status_code=204)
async def sign_out(body: SessionBody, session: Session) -> Response:
    """End a session; one that has ended already is no error (as RFC 7009 has it)."""
    await handlers.sign_out(session, body.session_token)
    return Response(status_code=204)


@in_transaction.post("/sign-out-everywhere")
async def sign_out_everywhere(body: SessionBody, session: Session) -> Ended:
    """End every session of the person whose session this is; 401 when it has ended."""
    live = await handlers.find_live_session(session, body.session_token)
    if live is None:
        raise unauthorized("This session has ended. Sign in again.")
    return Ended(sessions=await handlers.sign_out_everywhere(session, live.staff.id))


# Not in the request's own transaction: tries are counted before anything is read.
@router.post(
    "/v1/staff/me/password",
    status_code=204,
    responses=_REFUSED,
    openapi_extra={"x-answers-afresh": True},
)
async def change_own_password(
    body: OwnPassword, staff_id: Me, session_id: MySession, request: Request
) -> Response:
    """Change one's own password, a temporary one too; every other session ends."""
    sessions: Sessions = request.app.state.sessions
    async with sessions.begin() as session:
        await accounts.change_own_password(
            session, staff_id, session_id, body.password, body.new_password
        )
    return Response(status_code=204)


@router.get("/.well-known/jwks.json")
async def get_key_set(request: Request, response: Response) -> KeySet:
    """Read the public keys that sign tokens; `qayidis_signer` says whose each is."""
    tokens: Tokens = request.app.state.tokens
    response.headers["Cache-Control"] = "public, max-age=300"
    return KeySet.model_validate(tokens.public_set())
