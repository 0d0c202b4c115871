"""The dry run: the reader's lines become staged rows, families and faults, in short transactions.

It can begin again at any time: what an earlier try staged is cleared first.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.duplicates import handlers as duplicates
from services.registration.families.sealed import fin_index
from services.registration.imports import leases, queries, ready, staging
from services.registration.imports.domain import Fault, FileRefusedError, Import, Limits, Plan
from services.registration.imports.making import family_of
from services.registration.imports.reading import Line, Reader
from services.registration.imports.staging import LAST_PLACE, FaultOf
from shared.database import Sessions
from shared.sealing import sealer_of

BATCH = 1_000
ALIKE_BATCH = 100
_FAMILY_PLACE = 500
REGISTERED = Fault("somebody with this FIN is registered already")
IMPORTED_BEFORE = Fault("was imported before, as a member of another family")

OTHER_DISTRICT = Fault("you register families of %(district)s, and this one is not")


@dataclass
class DryRun:
    """One dry run of one import, by the holder of its lease."""

    sessions: Sessions
    found: Import
    owner: UUID
    limits: Limits
    lease: timedelta
    _staged: int = 0

    async def run(self) -> None:
        """Read, check and stage the whole file.

        Raises:
            LeaseLostError: somebody else works on it, or it was changed meanwhile.
        """
        async with self._held() as session:
            await staging.clear(session, self.found.id)
            await queries.change(session, self.found.id, {"rows": 0})
        async with self._beating():
            try:
                await self._read()
            except FileRefusedError as refused:
                await self._refuse(refused)

    async def _read(self) -> None:
        async with self.sessions() as session:
            pieces = queries.read_pieces(session, self.found.id)
            reader = await Reader.start(self.limits, self.found.size, pieces)
        try:
            plan = await self._plan(await reader.headers())
            await reader.plan(dict(plan.mapping), dict(plan.constants))
            await self._stage(reader)
        finally:
            await reader.stop()

    async def _plan(self, line: Line) -> Plan:
        """Take what a person chose, else what was remembered for these headers, else the guess."""
        headers = line["headers"]
        async with self._held() as session:
            known = self.found.plan if self.found.plan.chosen else None
            known = known or await queries.recall(session, headers)
            plan = Plan(
                headers=headers,
                mapping=_still_there(known.mapping, headers) if known else line["mapping"],
                constants=known.constants if known else {},
                chosen=self.found.plan.chosen,
            )
            values = {name: line[name] for name in ("format", "encoding", "separator")}
            await queries.change(
                session, self.found.id, {**values, **queries.plan_values(sealer_of(session), plan)}
            )
        return plan

    async def _stage(self, reader: Reader) -> None:
        batch: list[Line] = []
        kind = "row"
        async for line in reader.lines():
            if line["kind"] == "unmapped":
                await self._end("unmapped", missing=line["missing"])
                return
            if len(batch) >= BATCH or line["kind"] != kind:
                await self._write(kind, batch)
                batch, kind = [], line["kind"]
            batch.append(line)
        await self._find_registered()
        await self._end("checked", missing=[], duplicates=await self._count_alike())

    async def _write(self, kind: str, batch: list[Line]) -> None:
        async with self._held() as session:
            if kind == "row":
                await self._write_rows(session, batch)
            else:
                await self._write_families(session, batch)

    async def _write_rows(self, session: AsyncSession, batch: list[Line]) -> None:
        sealer = sealer_of(session)
        rows: list[dict[str, Any]] = []
        faults: list[FaultOf] = []
        for line in batch:
            person = line["person"]
            rows.append(
                {
                    "import_id": self.found.id,
                    "number": line["row"],
                    "family": line["family"],
                    "fin_index": fin_index(sealer, person["fin"])
                    if person and person["fin"]
                    else None,
                    "content_sealed": staging.seal_row(sealer, line["cells"], person),
                }
            )
            faults.extend(
                FaultOf(line["row"], place, name, Fault(message, about))
                for place, (name, message, about) in enumerate(line["faults"])
            )
        await staging.insert_rows(session, rows)
        await staging.insert_faults(session, self.found.id, faults)
        self._staged += len(rows)
        await queries.change(session, self.found.id, {"rows": self._staged})

    async def _write_families(self, session: AsyncSession, batch: list[Line]) -> None:
        sealer = sealer_of(session)
        families: list[dict[str, Any]] = []
        faults: list[FaultOf] = []
        prints = {
            line["family"]: [staging.fingerprint(sealer, digest) for digest in line["digests"]]
            for line in batch
        }
        every = [each for many in prints.values() for each in many]
        known = await staging.fingerprints_known(session, every)
        for line in batch:
            own = prints[line["family"]]
            found = [known.get(each) for each in own]
            state = "good" if line["good"] else "bad"
            if state == "good" and not self._reaches(line["values"]):
                state = "bad"
                about = {"district": self.found.actor["district"]}
                fault = Fault(OTHER_DISTRICT.message, about)
                faults.append(FaultOf(line["first_row"], LAST_PLACE + 2, "", fault))
            if all(found) and len(set(found)) == 1:
                state = "already"
            elif any(found):
                state = "bad"
                faults.extend(
                    FaultOf(row, LAST_PLACE + 1, "", IMPORTED_BEFORE)
                    for row, family in zip(line["rows"], found, strict=True)
                    if family
                )
            families.append(
                {
                    "import_id": self.found.id,
                    "number": line["family"],
                    "first_row": line["first_row"],
                    "state": state,
                    "fingerprints": own,
                    "values_sealed": staging.seal_family(sealer, line["values"]),
                }
            )
            faults.extend(
                FaultOf(row, _FAMILY_PLACE + place, name, Fault(message, about))
                for place, (row, name, message, about) in enumerate(line["faults"])
            )
        await staging.insert_families(session, families)
        await staging.insert_faults(session, self.found.id, faults)

    def _reaches(self, values: dict[str, str]) -> bool:
        """Staff of a district register the families that come from there or live there."""
        district = self.found.actor["district"]
        places = (values["origin_district"], values["residence_district"])
        return district is None or district in places

    async def _find_registered(self) -> None:
        """Find whose FIN is on the register, now that it is known which families came before."""
        after = 0
        while True:
            async with self._held() as session:
                rows = await staging.registered_fins(session, self.found.id, after, BATCH)
                if not rows:
                    return
                faults = [FaultOf(row.number, LAST_PLACE, "fin", REGISTERED) for row in rows]
                await staging.insert_faults(session, self.found.id, faults)
                await staging.mark(session, self.found.id, [row.family for row in rows], "bad")
                after = rows[-1].number

    async def _count_alike(self) -> int:
        """Count the good families of which somebody is likely registered already.

        They are no mistakes: a person decides on each as a case, once they are written.
        """
        count, after = 0, 0
        while True:
            async with self._held() as session:
                some = await ready.next_good(session, self.found.id, ALIKE_BATCH, after)
                if not some:
                    return count
                alike = await duplicates.check(session, [family_of(each) for each in some])
                count, after = count + sum(map(bool, alike)), some[-1].number

    async def _end(self, state: Any, **values: Any) -> None:
        async with self._held() as session:
            counted = await staging.count(session, self.found.id)
            await leases.end(
                session, self.found.id, state, {**counted, "fault": None, "failure": None, **values}
            )

    async def _refuse(self, refused: FileRefusedError) -> None:
        """Keep why, and nothing of what was read."""
        fault = {"message": refused.fault.message, "about": dict(refused.fault.about)}
        async with self._held() as session:
            await staging.clear(session, self.found.id)
            await leases.end(session, self.found.id, "refused", {"fault": fault, "rows": 0})

    @asynccontextmanager
    async def _held(self) -> AsyncIterator[AsyncSession]:
        async with self.sessions.begin() as session:
            await leases.hold(session, self.found.id, self.owner, "checking", self.lease)
            yield session

    @asynccontextmanager
    async def _beating(self) -> AsyncIterator[None]:
        """Renew the lease while the reader is busy with a large file."""

        async def beat() -> None:
            with suppress(leases.LeaseLostError):  # the next batch finds out
                while True:
                    await asyncio.sleep(self.lease.total_seconds() / 3)
                    async with self._held():
                        pass

        task = asyncio.create_task(beat())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def _still_there(mapping: Any, headers: Any) -> dict[str, str]:
    return {name: header for name, header in mapping.items() if header in headers}
