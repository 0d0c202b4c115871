"""Which services the operator's console shows: this one, and those that the setting names."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

from fastapi import FastAPI, Request

from services.registration.dead_letters.elsewhere import Elsewhere
from services.registration.dead_letters.waiting import Waiting
from services.registration.desk.forgery import SESSION_COOKIE
from services.registration.staff.handlers import find_live_session
from services.registration.staff.means import means_of
from shared.auth import unauthorized
from shared.messaging.dead_letters.grouping import Which
from shared.messaging.dead_letters.handlers import DeadLetterDesk
from shared.messaging.dead_letters.office import Office
from shared.messaging.dead_letters.schemas import (
    DeadLetterGroups,
    DeadLetterMoved,
    DeadLetterPage,
    DeadLetterRecord,
    DeadLetterReplay,
    DeadLettersReplayed,
    OpenedDeadLetter,
)
from shared.paging import Page
from shared.problems import not_found
from shared.transactions import Session

OWN = "registration"


class Console(Protocol):
    """The dead letters of one service, wherever it runs."""

    async def groups(self, which: Which) -> DeadLetterGroups:
        """Group what failed."""

    async def letters(self, which: Which, limit: int, cursor: str | None) -> DeadLetterPage:
        """List letters."""

    async def letter(self, ref: str, *, unmasked: bool = False) -> OpenedDeadLetter:
        """Open one letter."""

    async def replay(self, ref: str) -> DeadLetterMoved:
        """Put one letter back."""

    async def drop(self, ref: str, reason: str) -> DeadLetterMoved:
        """Take one letter away."""

    async def replay_group(self, body: DeadLetterReplay) -> DeadLettersReplayed:
        """Put letters of a group back."""

    async def records(self, limit: int, cursor: str | None) -> Page[DeadLetterRecord]:
        """List what left."""


@dataclass(frozen=True)
class Consoles:
    """This service's own dead letters, the base URLs of others by name, who waits for them."""

    office: Office = field(repr=False)
    services: Mapping[str, str]
    waiting: Waiting

    @property
    def names(self) -> list[str]:
        """Every service's name, our own first."""
        return [OWN, *self.services]


def install(app: FastAPI, consoles: Consoles) -> None:
    """Let the pages know the services."""
    app.state.consoles = consoles


def names_of(request: Request) -> list[str]:
    """Name the services that are shown."""
    return _of(request).names


async def console_of(request: Request, session: Session, name: str) -> Console:
    """Open the console of a service; another one is asked with a token of this very session.

    Raises:
        Problem: 404, there is no such service; 401, the session has just ended.
    """
    consoles = _of(request)
    if name == OWN:
        return DeadLetterDesk(consoles.office)
    if name not in consoles.services:
        raise not_found("service")
    live = await find_live_session(session, request.cookies.get(SESSION_COOKIE, ""))
    if live is None:
        raise unauthorized("This session has ended. Sign in again.")
    token = means_of(session).issuer.issue(live.staff, live.id)
    return Elsewhere(consoles.services[name], token, consoles.waiting.patience.seconds)


def one_of_few(
    request: Request, name: str, *, looking: bool = False
) -> AbstractAsyncContextManager[None]:
    """Wait for what a service does as one of few; see `Waiting`."""
    return _of(request).waiting.one_of_few(name, looking=looking)


def _of(request: Request) -> Consoles:
    consoles: Consoles = request.app.state.consoles
    return consoles
