"""The use cases of signing in and out."""

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.audit import handlers as audit
from services.registration.staff import queries
from services.registration.staff.domain import Limits, Staff, read_login
from services.registration.staff.means import means_of
from shared.actors import acting_as, current_actor
from shared.ids import new_id
from shared.problems import Problem
from shared.transactions import apart

_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who signed in, and the secret that proves it; it is nowhere kept."""

    staff: Staff
    session_token: str
    session_id: UUID


async def sign_in(session: AsyncSession, login: str, password: str) -> SignedIn:
    """Begin a session of a person who knows the password.

    Call it first in a request: tries are counted in transactions of their own, so that a refusal
    that is rolled back counts, and no connection waits while the password is hashed. An unknown
    login takes as long as a wrong password, and is locked as one.

    Raises:
        Problem: 401 `wrong-credentials`; 403 `password-expired`, a temporary one was not changed
            in time; 423 `locked` with `until`; 429, the address failed too often; 503, too many
            sign in at once.
    """
    now = await prove(session, read_login(login), password)
    return await begin_session(session, now.staff, "password")


async def prove(
    session: AsyncSession, login: str, password: str, *, to_change: bool = False
) -> queries.Credentials:
    """Prove that a person knows the password; a wrong one counts, as when signing in.

    The account is held until the transaction ends, from everybody else when it is `to_change`.

    Raises:
        Problem: 401, 403, 423, 429 or 503, as `sign_in` says.
    """
    means = means_of(session)
    async with apart(session) as own:
        known = await queries.find_credentials(own, login)
        tries = await _count_try(own, means.limits, login, known)
    if isinstance(tries, Problem):
        raise tries
    right = await means.passwords.fits(password, known.password_hash if known else None)
    if known is None or not right or known.disabled:
        async with apart(session) as own:
            await _note_failure(own, means.limits, known, tries)
        raise _wrong()
    # Read again: hashing takes a while, and the account may have been changed meanwhile.
    lock: Literal["to read", "to change"] = "to change" if to_change else "to read"
    now = await queries.find_credentials(session, login, lock=lock)
    if now is None or now.disabled or now.password_hash != known.password_hash:
        raise _wrong()
    await queries.forget_tries(session, _login_key(login))
    await _take_back_address(session)
    if now.password_expired:
        raise Problem(
            403,
            "password-expired",
            "This temporary password was not changed in time. Ask for a new one.",
        )
    return now


async def begin_session(session: AsyncSession, staff: Staff, by: str) -> SignedIn:
    """Begin a session of a person whose identity is proved; `by` says how, for the audit log."""
    token, session_id = secrets.token_urlsafe(_TOKEN_BYTES), new_id()
    life = means_of(session).limits.session
    await queries.insert_session(session, session_id, staff.id, _hash(token), life)
    with acting_as(replace(current_actor(), subject=staff.subject, roles=staff.roles)):
        await audit.record(session, "staff.signed_in", "staff", staff.id, by=by)
    return SignedIn(staff, token, session_id)


async def find_session(session: AsyncSession, session_token: str) -> Staff | None:
    """Find whose session a token proves, and note that it was seen.

    None when there is no such session, it ended or ran out, or the account is disabled.
    """
    found = await find_live_session(session, session_token)
    return None if found is None else found.staff


async def find_live_session(
    session: AsyncSession, session_token: str
) -> queries.LiveSession | None:
    """As `find_session`, with the session's id."""
    return await queries.find_session(session, _hash(session_token), means_of(session).limits.idle)


async def find_session_by_id(session: AsyncSession, session_id: UUID) -> queries.LiveSession | None:
    """Find a live session by its id; None as for `find_session`."""
    return await queries.find_session_by_id(session, session_id, means_of(session).limits.idle)


async def sign_out(session: AsyncSession, session_token: str) -> None:
    """End one session; one that has ended, or never was, is no error."""
    staff_id = await queries.end_session(session, _hash(session_token))
    if staff_id is not None:
        await audit.record(session, "staff.signed_out", "staff", staff_id)


async def sign_out_everywhere(session: AsyncSession, staff_id: UUID) -> int:
    """End all sessions of a person; gives how many there were."""
    ended = await queries.end_sessions(session, staff_id)
    await audit.record(session, "staff.signed_out_everywhere", "staff", staff_id, sessions=ended)
    return ended


async def sign_out_elsewhere(session: AsyncSession, staff_id: UUID, session_id: UUID) -> int:
    """End all sessions of a person but this one; gives how many there were."""
    return await queries.end_sessions(session, staff_id, but=session_id)


async def unlock(session: AsyncSession, login: str) -> None:
    """Forget the wrong passwords of a login."""
    await queries.forget_tries(session, _login_key(login))


async def _count_try(
    own: AsyncSession, limits: Limits, login: str, known: queries.Credentials | None
) -> queries.Tries | Problem:
    await queries.forget_old_tries(own, limits.lock)
    address = _address_key()
    if address is not None:
        tries = await queries.count_try(own, address, limits.address_failures, limits.lock)
        if tries.failures > limits.address_failures:
            return _too_many(tries.until)
    tries = await queries.count_try(own, _login_key(login), limits.failures, limits.lock)
    if tries.failures <= limits.failures:
        return tries
    await audit.record(own, "staff.refused_while_locked", "staff", _id(known))
    return Problem(
        423,
        "locked",
        "Too many wrong passwords: this login is locked for a while.",
        more={"until": tries.until.isoformat()},
    )


async def _note_failure(
    own: AsyncSession, limits: Limits, known: queries.Credentials | None, tries: queries.Tries
) -> None:
    await audit.record(own, "staff.sign_in_failed", "staff", _id(known), failures=tries.failures)
    if tries.failures == limits.failures:
        await audit.record(own, "staff.locked", "staff", _id(known), until=tries.until.isoformat())


async def _take_back_address(session: AsyncSession) -> None:
    address = _address_key()
    if address is not None:
        await queries.take_back_try(session, address)


def _wrong() -> Problem:
    return Problem(401, "wrong-credentials", "The login or the password is wrong.")


def _too_many(until: datetime) -> Problem:
    return Problem(
        429,
        "too-many-attempts",
        "Signing in failed too often from this network address. Try again later.",
        more={"until": until.isoformat()},
    )


def _id(known: queries.Credentials | None) -> UUID | None:
    return None if known is None else known.staff.id


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _login_key(login: str) -> bytes:
    return _hash(f"login {login}")


def _address_key() -> bytes | None:
    address = current_actor().address
    return None if address is None else _hash(f"address {address}")
