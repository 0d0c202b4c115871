"""Reading the whole audit log in a stream, as an administrator who verifies it."""

import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import fields
from datetime import datetime

import asyncpg

from services.registration.audit.domain import Entry, Head, Seal
from services.registration.audit.verifying import LATE, Held, Verification

_AT_ONCE = 1000

_ENTRY = ", ".join(f"e.{each.name}" for each in fields(Entry))

_CHAIN = f"""
SELECT s.position, s.entry AS sealed_entry, s.previous, s.digest, {_ENTRY}
FROM registration.audit_seals s LEFT JOIN registration.audit_entries e ON e.entry = s.entry
ORDER BY s.position
"""  # noqa: S608  only constants are joined

_UNSEALED = """
SELECT e.entry, e.at FROM registration.audit_entries e
WHERE e.at < $1 AND NOT EXISTS (SELECT FROM registration.audit_seals s WHERE s.entry = e.entry)
ORDER BY e.entry
"""

_HEADS = "SELECT day, position, digest FROM registration.audit_heads"


class Verified:
    """What a verification came to: its lines are read first, then where the chain ends."""

    def __init__(self, database: asyncpg.Connection, held: Iterable[Held]) -> None:
        self._database = database
        self._held = list(held)
        self.position = 0
        self.digest = b""

    async def faults(self) -> AsyncIterator[str]:
        """Verify the whole log as it is at one moment; yields a line for each fault."""
        async with self._database.transaction(isolation="repeatable_read", readonly=True):
            now: datetime = await self._database.fetchval("SELECT now()")
            heads = [Head(*row) for row in await self._database.fetch(_HEADS)]
            verification = Verification(heads, self._held, now)
            async for row in self._database.cursor(_CHAIN, prefetch=_AT_ONCE):
                for fault in verification.look(*_place(row)):
                    yield fault
            for fault in verification.end():
                yield fault
            async for row in self._database.cursor(_UNSEALED, now - LATE, prefetch=_AT_ONCE):
                yield f"entry {row['entry']} of {row['at']} was never sealed"
            self.position, self.digest = verification.position, verification.digest


def _place(row: asyncpg.Record) -> tuple[Seal, Entry | None]:
    seal = Seal(row["position"], row["sealed_entry"], row["previous"], row["digest"])
    if row["entry"] is None:
        return seal, None
    values = {each.name: row[each.name] for each in fields(Entry)}
    values["details"] = json.loads(values["details"])
    return seal, Entry(**values)
