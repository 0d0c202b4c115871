"""Writing: the good families of a list go on the register, some at a time, each exactly once.

One transaction writes families, marks them as written and keeps the fingerprints of their rows; it
holds the import meanwhile. So a crash leaves a batch wholly written or not at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.audit import handlers as audit
from services.registration.families import handlers as families
from services.registration.families.queries import FinRegisteredError
from services.registration.imports import leases, ready, staging
from services.registration.imports.domain import Import
from services.registration.imports.dry_run import IMPORTED_BEFORE, REGISTERED
from services.registration.imports.making import family_of
from services.registration.imports.ready import Ready
from services.registration.imports.staging import LAST_PLACE, FaultOf
from shared.actors import Actor, acting_as
from shared.database import Sessions
from shared.spans import INTERNAL, span
from shared.tracing import current_cause


@dataclass
class Writing:
    """The writing of one import, by the holder of its lease."""

    sessions: Sessions
    found: Import
    owner: UUID
    batch: int
    lease: timedelta

    async def run(self) -> None:
        """Write batch after batch, as the person who committed the list.

        Raises:
            LeaseLostError: somebody else works on it, or it was paused or cancelled.
        """
        with acting_as(_actor(self.found.actor)):
            more = True
            while more:
                # A trace of a whole list would be too large for anybody to look at.
                with span("write families of an import", INTERNAL, current_cause()):
                    more = await self._write_batch()

    async def _write_batch(self) -> bool:
        """Write some families; False when there are none left."""
        id_ = self.found.id
        async with self.sessions.begin() as session:
            await leases.hold(session, id_, self.owner, "committing", self.lease)
            some = await ready.next_good(session, id_, self.batch)
            if some:
                await self._write(session, await self._still_new(session, some))
                return True
            counts = await staging.count(session, id_)
            await leases.end(session, id_, "committed", {"failure": None})
            await audit.record(
                session, "import.finished", "import", id_, families=counts["families"]
            )
            return False

    async def _still_new(self, session: AsyncSession, some: Sequence[Ready]) -> list[Ready]:
        """Leave out families of which a row came with another list since the dry run."""
        prints = [each for family in some for each in family.fingerprints]
        known = await staging.fingerprints_known(session, prints)
        new = []
        for family in some:
            if known.keys().isdisjoint(family.fingerprints):
                new.append(family)
            elif known.keys() >= set(family.fingerprints):
                await staging.mark(session, self.found.id, [family.number], "already")
                await ready.add(session, self.found.id, already=1)
            else:
                fault = FaultOf(family.first_row, LAST_PLACE + 1, "", IMPORTED_BEFORE)
                await self._turn_away(session, family, fault)
        return new

    async def _write(self, session: AsyncSession, some: Sequence[Ready]) -> None:
        if not some:
            return
        made = [(each, family_of(each)) for each in some]
        try:
            async with session.begin_nested():
                await families.save_all_new(session, [family for _, family in made])
                await ready.keep_fingerprints(
                    session,
                    self.found.id,
                    [(print_, family.id) for each, family in made for print_ in each.fingerprints],
                )
        except (FinRegisteredError, IntegrityError) as failure:
            await self._write_apart(session, some, failure)
            return
        written = {each.number: family.id for each, family in made}
        await ready.mark_written(session, self.found.id, written)
        await ready.add(session, self.found.id, written=len(made))

    async def _write_apart(
        self, session: AsyncSession, some: Sequence[Ready], failure: Exception
    ) -> None:
        """Find out which family is in the way, so that it takes no other one with it."""
        if len(some) > 1:
            for each in some:
                await self._write(session, await self._still_new(session, [each]))
            return
        if not isinstance(failure, FinRegisteredError):
            raise failure
        [family] = some
        row = next(
            row for row, person in zip(family.rows, family.persons, strict=True)
            if person["fin"] == failure.fin
        )  # fmt: skip
        await self._turn_away(session, family, FaultOf(row, LAST_PLACE, "fin", REGISTERED))

    async def _turn_away(self, session: AsyncSession, family: Ready, fault: FaultOf) -> None:
        await staging.insert_faults(session, self.found.id, [fault])
        await staging.mark(session, self.found.id, [family.number], "turned_away")
        await ready.add(session, self.found.id, turned_away=1)


def _actor(who: Mapping[str, Any]) -> Actor:
    return Actor(
        who["subject"],
        frozenset(who["roles"]),
        district=who["district"],
        address=who["address"],
        reason=who["reason"],
    )
