"""How a caller comes in: as a visitor who has not signed in, or by a session that still lives."""

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.staff import handlers
from services.registration.staff.domain import staff_id_of
from shared.actors import act_as
from shared.auth import Principal, actor_of, require, unauthorized
from shared.database import Sessions
from shared.problems import Problem

ENDED = "This session has ended. Sign in again."


async def confirm_session(request: Request, principal: Principal) -> Principal:
    """Ask whether the session of a staff's token still lives.

    Gives its person with the roles and the district of the account as it is now.

    Raises:
        Problem: 401, the session ended or ran out, or the account is disabled.
    """
    session: AsyncSession | None = getattr(request.state, "session", None)
    if session is not None:
        return await _confirm(session, principal)
    sessions: Sessions = request.app.state.sessions
    async with sessions.begin() as own:
        return await _confirm(own, principal)


async def name_visitor(request: Request) -> None:
    """Name the actor of a request that nobody signed in for, with its network address."""
    act_as(actor_of(request, Principal("anonymous", frozenset())))


_Caller = Annotated[Principal, Depends(require("registrar", "organiser", "auditor", "operator"))]


async def _staff_id(principal: _Caller) -> UUID:
    staff_id = staff_id_of(principal.subject)
    if staff_id is None:
        raise Problem(403, "no-staff", "This token is not one of a member of the staff.")
    return staff_id


async def _session_id(principal: _Caller, _: Annotated[UUID, Depends(_staff_id)]) -> UUID:
    return UUID(principal.session or "")  # it was confirmed


Me = Annotated[UUID, Depends(_staff_id)]
"""The id of the member of the staff who calls."""

MySession = Annotated[UUID, Depends(_session_id)]
"""The id of the session that the member of the staff calls in; it lives."""


async def _confirm(session: AsyncSession, principal: Principal) -> Principal:
    try:
        session_id = UUID(principal.session or "")
    except ValueError:
        raise unauthorized(ENDED) from None
    live = await handlers.find_session_by_id(session, session_id)
    if live is None or live.staff.subject != principal.subject:
        raise unauthorized(ENDED)
    return replace(principal, roles=live.staff.roles, district=live.staff.district)
