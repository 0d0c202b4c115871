"""Starts the notifications service so that some messages kill its process, as a test says.

    python -m tests.support.killing <folder>

A file in the folder, named by the subject of a contact or an event, holds what happens to whoever
handles it: `die`, or `hang`. `tried` beside them lists every subject that was come to.
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from deploy.local.processes import Program
from services.notifications.main import run
from services.notifications.subscribers import ON_CONTACT, ON_EVENT
from shared.contracts.envelope import Message
from shared.contracts.events import EventPublished
from shared.contracts.registration import ContactChanged
from shared.messaging.inbox import Handler


@dataclass(frozen=True)
class Killing:
    """What a test says, and sees of it."""

    folder: Path

    def wrap(self, program: Program) -> Program:
        """Start the notifications service in this way, and all else as it is."""
        if program.name != "notifications":
            return program
        command = (sys.executable, "-m", "tests.support.killing", str(self.folder))
        return replace(program, command=command)

    def dies_on(self, subject: UUID) -> None:
        """Let the process die whenever it handles this subject."""
        (self.folder / str(subject)).write_text("die")

    def hangs_on(self, subject: UUID) -> None:
        """Let the process never end with this subject, so that it can be killed on it."""
        (self.folder / str(subject)).write_text("hang")

    def mend(self, subject: UUID) -> None:
        """Let it be handled like any other."""
        (self.folder / str(subject)).unlink()

    def tried(self) -> list[str]:
        """The subjects that processes died on or hung on, in order."""
        file = self.folder / "tried"
        return file.read_text().split() if file.exists() else []

    async def meet(self, subject: str) -> None:
        """Do to the process what the test says, when it handles this subject."""
        file = self.folder / subject
        if not file.exists():
            return
        with (self.folder / "tried").open("a") as tried:
            tried.write(f"{subject}\n")
        if file.read_text() == "die":
            os._exit(9)
        await asyncio.Event().wait()


def main() -> None:
    """Change two handlers, and run the service."""
    killing = Killing(Path(sys.argv[1]))
    for handlers, contract in ((ON_CONTACT, ContactChanged), (ON_EVENT, EventPublished)):
        # The very mapping that the service reads its queue with.
        handlers[contract] = _met(killing, handlers[contract])  # type: ignore[index]
    run()


def _met(killing: Killing, handler: Handler) -> Handler:
    async def meet_and_handle(session: AsyncSession, messages: Sequence[Message[Any]]) -> None:
        for message in messages:
            await killing.meet(str(message.envelope.subject))
        await handler(session, messages)

    return meet_and_handle


if __name__ == "__main__":
    main()
