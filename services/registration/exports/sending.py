"""How exports leave: so many at once, each to somebody who goes on reading.

A list is read from the database while it is sent, so each holds a connection that calls need too.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Annotated, Any

import structlog
from fastapi import Depends, Request
from fastapi.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from shared.problems import RESPONSES, Problem

RETRY_SECONDS = 30

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Limits:
    """How many exports one process sends at once, and how long a piece may take to be read."""

    at_once: int
    stall_seconds: float


class Slots:
    """Counts the exports that are being sent."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._taken = 0

    def take(self) -> None:
        """Take a slot; whoever does gives it back.

        Raises:
            Problem: 503, as many exports are being sent as may be.
        """
        if self._taken >= self.limits.at_once:
            raise Problem(
                503,
                "exports-busy",
                "Other lists are being taken out just now. Try again a little later.",
                headers={"Retry-After": str(RETRY_SECONDS)},
            )
        self._taken += 1

    def give_back(self) -> None:
        """Let the next export begin."""
        self._taken -= 1


async def _slot(request: Request) -> AsyncIterator[Slots]:
    # What stands behind the yield runs when the answer has left, or was not to be.
    slots: Slots = request.app.state.export_slots
    slots.take()
    try:
        yield slots
    finally:
        slots.give_back()


Slot = Annotated[Slots, Depends(_slot)]
"""One of the slots, for as long as the request lasts."""

BUSY: dict[int | str, dict[str, Any]] = {
    503: {
        **RESPONSES[503],
        "description": "`exports-busy`: as many lists are being taken out as may be at once.",
        "headers": {
            "Retry-After": {
                "description": "When to try again, in seconds.",
                "schema": {"type": "integer"},
            }
        },
    }
}
"""What a route with a slot may answer beside its file, for the OpenAPI document."""


class _StalledError(Exception):
    """Nobody reads what is sent."""


class FileResponse(StreamingResponse):
    """A file that is made while it is sent; who stops reading is left.

    Its pieces are closed before the request ends, and the connection to the database with them.
    """

    def __init__(
        self,
        pieces: AsyncGenerator[bytes],
        slots: Slots,
        *,
        media_type: str,
        name: str,
    ) -> None:
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        super().__init__(pieces, media_type=media_type, headers=headers)
        self._pieces = pieces
        self._stall_seconds = slots.limits.stall_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file."""

        async def send_on(message: Message) -> None:
            try:
                async with asyncio.timeout(self._stall_seconds):
                    await send(message)
            except TimeoutError:
                raise _StalledError from None

        async with aclosing(self._pieces):
            try:
                await super().__call__(scope, receive, send_on)
            except _StalledError:
                # An answer that is not ended is cut off: nobody takes a part for the whole.
                log.warning("export_stalled", seconds=self._stall_seconds)
