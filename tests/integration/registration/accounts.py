"""Accounts of the staff for tests, made as the command line makes them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.staff import accounts, means
from services.registration.staff.domain import Account, Limits
from shared.actors import Actor, acting_as
from shared.database import Sessions, create_engine, create_sessions
from tests.system import System

PASSWORD = "four-lamps-by-the-canal"


@dataclass(frozen=True)
class Accounts:
    """Makes accounts on one system, and opens transactions on its database."""

    sessions: Sessions

    @classmethod
    @asynccontextmanager
    async def of(cls, system: System, limits: Limits | None = None) -> AsyncIterator["Accounts"]:
        engine = create_engine(
            system.database_url("registration_app"), service="tests", pool_size=10
        )
        yield cls(create_sessions(engine, {means.KEY: means.Means(limits or Limits())}))
        await engine.dispose()

    async def add(
        self,
        *roles: str,
        district: str | None = None,
        password: str | None = PASSWORD,
        email: str | None = None,
    ) -> Account:
        new = accounts.NewAccount(
            f"desk-{uuid4().hex[:12]}", "Kəmalə", frozenset(roles), district, "az", email
        )
        async with self.sessions.begin() as session:
            account, _ = await accounts.add(session, new, password)
        return account

    @asynccontextmanager
    async def acting(self, address: str | None = None) -> AsyncIterator[AsyncSession]:
        """A transaction of somebody who has not signed in, at an address."""
        async with self.sessions.begin() as session:
            with acting_as(Actor("anonymous", address=address)):
                yield session
