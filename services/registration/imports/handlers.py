"""The use cases of imports."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.audit import handlers as audit
from services.registration.imports import columns, queries
from services.registration.imports.domain import (
    CHANGEABLE,
    OVER,
    Fault,
    Import,
    RowFault,
    State,
)
from services.registration.imports.texts import Language, field_name, say
from shared.actors import Actor, current_actor
from shared.ids import new_id
from shared.problems import conflict, invalid, not_found
from shared.sealing import sealer_of
from shared.versions import check_version

BATCH = 500


async def begin_upload(session: AsyncSession, name: str) -> UUID:
    """Take note of a file that begins to come; nobody sees it before it is whole."""
    id_ = new_id()
    await queries.insert_import(session, id_, name, _as_mapping(current_actor()))
    return id_


async def keep_piece(session: AsyncSession, id_: UUID, number: int, piece: bytes) -> None:
    """Keep a piece of a file."""
    await queries.insert_piece(session, id_, number, piece)


async def finish_upload(
    session: AsyncSession, id_: UUID, name: str, size: int, content_hash: bytes
) -> tuple[Import, bool]:
    """Let a whole file wait for its dry run; whether it is new.

    A file with the content of an import that lives is not taken again: the first one is given.

    Raises:
        Problem: 409, it is the list of somebody else, which the actor may not see.
    """
    first = await queries.finish_upload(session, id_, size, content_hash)
    if first is not None:
        await queries.delete_import(session, id_)
        known = await queries.find_import(session, first)
        if known is None or not _sees(known):
            raise conflict("uploaded-before", "Somebody else uploaded this very list.")
        return known, False
    await queries.change(session, id_, {"name": name})
    await audit.record(session, "import.uploaded", "import", id_, bytes=size)
    return await _find(session, id_), True


async def give_up_upload(session: AsyncSession, id_: UUID) -> None:
    """Forget what came of a file that did not come whole."""
    await queries.delete_import(session, id_)


async def get_import(session: AsyncSession, id_: UUID) -> Import:
    """Read one import.

    Raises:
        Problem: 404, there is none.
    """
    return await _find(session, id_)


async def list_imports(session: AsyncSession, before: UUID | None, limit: int) -> list[Import]:
    """Read imports, the newest first."""
    actor = current_actor()
    own = None if actor.district is None else actor.subject
    return await queries.list_imports(session, before, limit, own)


async def change_plan(
    session: AsyncSession,
    id_: UUID,
    expected_version: int,
    mapping: Mapping[str, str] | None,
    constants: Mapping[str, str] | None,
) -> Import:
    """Say which field stands under which header, or what holds for every row; the dry run begins
    again, and the next list with these headers is read so.

    Raises:
        Problem: 404, there is none; 409, it is too late, or too early; 412, it was changed since;
            422, there is no such field or header.
    """
    found = await _find(session, id_, lock=True)
    check_version(expected_version, found.version)
    if found.state not in CHANGEABLE or not found.plan.headers:
        raise _wrong_state(found, "changed")
    _check_plan(found.plan.headers, mapping or {}, constants or {})
    plan = replace(
        found.plan,
        mapping=dict(found.plan.mapping if mapping is None else mapping),
        constants=dict(found.plan.constants if constants is None else constants),
        chosen=True,
    )
    await queries.remember(session, plan)
    values = {
        "state": "waiting",
        "lease_owner": None,
        "lease_until": None,
        "attempts": 0,
        **queries.plan_values(sealer_of(session), plan),
    }
    await queries.change(session, id_, values)
    await audit.record(session, "import.mapped", "import", id_, fields=sorted(plan.mapping))
    return await _find(session, id_)


async def list_faults(
    session: AsyncSession, id_: UUID, after: tuple[int, int], limit: int
) -> list[RowFault]:
    """Read what is wrong with a list, by row; that it was read is written down.

    Raises:
        Problem: 404, there is no such import.
    """
    await _find(session, id_)
    await audit.record(session, "import.errors_read", "import", id_)
    return await queries.list_faults(session, id_, after, limit)


async def begin_bad_rows(session: AsyncSession, id_: UUID) -> Import:
    """Write down that the bad rows of a list are taken out.

    Raises:
        Problem: 404, there is no such import.
    """
    found = await _find(session, id_)
    await audit.record(session, "import.bad_rows_read", "import", id_)
    return found


async def bad_rows(
    session: AsyncSession, found: Import, language: Language
) -> AsyncIterator[list[list[str]]]:
    """Give the rows of families that are not good, as they stood in the file, with the reason.

    A family is mended as a whole, so its right rows come along.
    """
    yield [[*found.plan.headers, field_name("reason", language)]]
    after, width = 0, len(found.plan.headers)
    while rows := await queries.next_bad_rows(session, found.id, after, BATCH):
        numbers = [number for number, _ in rows]
        faults = await queries.faults_of(session, found.id, numbers)
        yield [
            [*(cells + [""] * width)[:width], _reason(faults.get(number, []), language)]
            for number, cells in rows
        ]
        after = numbers[-1]


async def commit(session: AsyncSession, id_: UUID) -> Import:
    """Let the good families be put on the register; what is under way or done stays as it is.

    Raises:
        Problem: 404, there is none; 409, the dry run is not done, or nothing is good.
    """
    found = await _find(session, id_, lock=True)
    if found.state in {"committing", "committed"}:
        return found
    if found.state != "checked" or not found.counts.good:
        raise _wrong_state(found, "committed")
    return await _move(session, found, "committing", "import.committed")


async def pause(session: AsyncSession, id_: UUID) -> Import:
    """Stop writing after the batch under way; what is written stays.

    Raises:
        Problem: 404, there is none; 409, nothing is being written.
    """
    found = await _find(session, id_, lock=True)
    if found.state == "paused":
        return found
    if found.state != "committing":
        raise _wrong_state(found, "paused")
    return await _move(session, found, "paused", "import.paused")


async def resume(session: AsyncSession, id_: UUID) -> Import:
    """Go on writing, or try again what failed.

    Raises:
        Problem: 404, there is none; 409, it neither rests nor failed.
    """
    found = await _find(session, id_, lock=True)
    if found.state == "committing":
        return found
    if found.state not in {"paused", "failed"}:
        raise _wrong_state(found, "resumed")
    writes = found.state == "paused" or found.actor.get("commits")
    again: State = "committing" if writes else "waiting"
    return await _move(session, found, again, "import.resumed")


async def cancel(session: AsyncSession, id_: UUID) -> Import:
    """Write no more of a list; what is written stays, and `written` says how many that are.

    Raises:
        Problem: 404, there is none; 409, all of it is written, or it was refused.
    """
    found = await _find(session, id_, lock=True)
    if found.state == "cancelled":
        return found
    if found.state in OVER:
        raise _wrong_state(found, "cancelled")
    return await _move(session, found, "cancelled", "import.cancelled")


def _reason(faults: Sequence[RowFault], language: Language) -> str:
    if not faults:
        return say(Fault("another row of this family is wrong"), language)
    return "; ".join(
        f"{field_name(each.field, language)}: {say(each.fault, language)}" for each in faults
    )


async def _move(session: AsyncSession, found: Import, state: State, action: str) -> Import:
    actor = {**_as_mapping(current_actor()), "commits": state in {"committing", "paused"}}
    await queries.change(
        session,
        found.id,
        {
            "state": state,
            "actor": actor,
            "attempts": 0,
            "failure": None,
            "lease_owner": None,
            "lease_until": None,
        },
    )
    await audit.record(session, action, "import", found.id, written=found.counts.written)
    return await _find(session, found.id)


async def _find(session: AsyncSession, id_: UUID, *, lock: bool = False) -> Import:
    found = await queries.find_import(session, id_, lock=lock)
    if found is None or not _sees(found):
        raise not_found("import")
    return found


def _sees(found: Import) -> bool:
    """Staff who are bound to a district see their own lists alone."""
    actor = current_actor()
    return actor.district is None or actor.subject == found.created_by


def _check_plan(
    headers: Sequence[str], mapping: Mapping[str, str], constants: Mapping[str, str]
) -> None:
    for kind, values in (("mapping", mapping), ("constants", constants)):
        for name in values:
            if name not in columns.FIELDS:
                raise invalid(f"{kind}.{name}", "is no field of a list")
    for name, header in mapping.items():
        if header not in headers:
            raise invalid(f"mapping.{name}", "is no header of this list")
    if len(set(mapping.values())) != len(mapping):
        raise invalid("mapping", "must not name a header twice")


def _wrong_state(found: Import, done: str) -> Exception:
    return conflict(
        "wrong-state", f"This import is {found.state}: it cannot be {done}.", state=found.state
    )


def _as_mapping(actor: Actor) -> dict[str, object]:
    return {
        "subject": actor.subject,
        "roles": sorted(actor.roles),
        "district": actor.district,
        "address": actor.address,
        "reason": actor.reason,
    }
