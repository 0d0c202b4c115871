"""The account that `make demo` leaves behind, to sign in at the desk of this machine with."""

import secrets

from sqlalchemy.ext.asyncio import AsyncSession

from deploy.cli.accounts import run
from services.registration.staff import accounts
from shared.problems import Problem

LOGIN = "aygun"


def renew_demo_account() -> tuple[str, str]:
    """Make the account, or give it another password; returns login and password.

    Only for a local system: it has every role.
    """
    password = secrets.token_hex(6)

    async def work(session: AsyncSession) -> None:
        try:
            known = await accounts.find_by_login(session, LOGIN)
        except Problem:
            roles = frozenset({"registrar", "organiser", "auditor", "operator"})
            new = accounts.NewAccount(LOGIN, "Aygün Məmmədova", roles, None, "az", None)
            await accounts.add(session, new, password)
        else:
            await accounts.set_password(session, known.staff.id, password)

    run(work)
    return LOGIN, password
