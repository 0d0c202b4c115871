"""The use case of signing in by another provider: only who has an account here gets in."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.audit import handlers as audit
from services.registration.staff import account_queries as queries
from services.registration.staff.domain import read_login
from services.registration.staff.handlers import SignedIn, begin_session
from services.registration.staff.oidc import Identity
from shared.problems import Problem
from shared.transactions import apart


async def sign_in_as(
    session: AsyncSession, identity: Identity, login_claim: str | None = None
) -> SignedIn:
    """Begin a session of a person whom the provider has proved.

    An account is theirs for good once it is linked to the provider's name of them. Before, it is
    found by the e-mail that the provider verified, or by the claim that the operator trusts to
    hold the login. Call it first in a request.

    Raises:
        Problem: 403 `no-account`, nobody here is this person, or the account is disabled.
    """
    subject = f"{identity.issuer} {identity.subject}"
    account = await queries.find_linked(session, subject)
    if account is None:
        account = await queries.find_to_link(session, identity.email, _login(identity, login_claim))
        if account is not None and account.disabled_at is None:
            await queries.link(session, account.staff.id, subject)
            await audit.record(session, "staff.linked", "staff", account.staff.id)
    if account is None or account.disabled_at is not None:
        raise Problem(403, "no-account", "There is no account here for this person.")
    return await begin_session(session, account.staff, "oidc")


async def note_refusal(session: AsyncSession, why: str) -> None:
    """Write down, though the request is rolled back, that a provider's proof was refused."""
    async with apart(session) as own:
        await audit.record(own, "staff.sign_in_failed", "staff", None, by="oidc", why=why)


def _login(identity: Identity, claim: str | None) -> str | None:
    value = identity.claims.get(claim) if claim else None
    return read_login(value) if isinstance(value, str) else None
