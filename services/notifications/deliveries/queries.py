"""Reads and writes of notifications and owed notices."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import Text, delete, exists, func, literal, or_, select, text, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.calendar.tables import EventRow
from services.notifications.contacts.sealed import address_index, seal_address
from services.notifications.contacts.tables import ContactRow
from services.notifications.deliveries.domain import Cause, Notice
from services.notifications.deliveries.tables import NotificationRow, OwedRow
from services.notifications.enrolments.tables import EnrolmentRow
from shared.sealing import Sealer, sealer_of
from shared.tracing import new_cause

_COLUMNS = """id, kind, enrolment_id, version, event_id, family_id, person_ids, names, channel,
    address_sealed, address_index, language, waiting_position, by, answer_by, status, attempts,
    due_at, correlation_id, causation_id, traceparent"""

# One parameter for all rows: binding each of their columns cost more than the insert itself.
_INSERT = text(f"""
INSERT INTO notifications ({_COLUMNS})
SELECT {_COLUMNS} FROM json_populate_recordset(NULL::notifications, CAST(:rows AS json))
ON CONFLICT DO NOTHING
""")  # noqa: S608  only constants are joined

# The table, not the row class: the ORM's bookkeeping for each row cost more than the insert itself.
OWED = NotificationRow.metadata.tables["notifications.owed_notices"]


def utc_now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


async def insert_notifications(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Insert notifications, sealing each `address`; one that is there already is left as it is."""
    if rows:
        sealer = sealer_of(session)
        sealed = [_sealed(sealer, row) for row in rows]
        await session.execute(_INSERT, {"rows": to_json(sealed).decode()})


async def insert_owed(session: AsyncSession, notices: Sequence[Notice]) -> None:
    """Keep notices for later."""
    if notices:
        await session.execute(
            insert(OWED).on_conflict_do_nothing(), [_owed(notice) for notice in notices]
        )


async def owe_everyone(
    session: AsyncSession, event_id: UUID, *, kind: str, version: int, cause: Cause
) -> None:
    """Owe a notice to each enrolment of an event that is active, or that the event itself ended."""
    columns = ["enrolment_id", "kind", "version", "event_id", "family_id", "person_ids", "seated"]
    columns += ["by", "correlation_id", "causation_id", "traceparent"]
    concerned = select(
        EnrolmentRow.id,
        literal(kind),
        literal(version),
        EnrolmentRow.event_id,
        EnrolmentRow.family_id,
        EnrolmentRow.person_ids,
        EnrolmentRow.status == "confirmed",
        literal("event" if kind == "cancelled" else None, Text),
        literal(cause.correlation_id),
        literal(cause.causation_id),
        literal(cause.traceparent),
    ).where(
        EnrolmentRow.event_id == event_id,
        or_(EnrolmentRow.status != "cancelled", EnrolmentRow.cancelled_by == "event"),
    )
    await session.execute(insert(OwedRow).from_select(columns, concerned).on_conflict_do_nothing())


async def take_tellable(session: AsyncSession, limit: int) -> list[Notice]:
    """Take owed notices whose event and persons are all known, out of the table."""
    person = func.unnest(OwedRow.person_ids).table_valued("id").render_derived()
    missing = (
        select(true())
        .select_from(person)
        .where(~exists().where(ContactRow.person_id == person.c.id))
        .exists()
    )
    tellable = (
        select(OwedRow.enrolment_id, OwedRow.kind, OwedRow.version)
        .join(EventRow, EventRow.id == OwedRow.event_id)
        .where(EventRow.facts_version > 0, ~missing)
        .order_by(OwedRow.owed_since)
        .limit(limit)
        .with_for_update(of=OwedRow, skip_locked=True)
        # Whoever moves the event waits until what was owed before is told, or sees it still owed.
        .suffix_with("FOR SHARE OF events SKIP LOCKED")
        .subquery()
    )
    rows = await session.scalars(
        delete(OwedRow)
        .where(
            OwedRow.enrolment_id == tellable.c.enrolment_id,
            OwedRow.kind == tellable.c.kind,
            OwedRow.version == tellable.c.version,
        )
        .returning(OwedRow)
    )
    return [_notice(row) for row in rows]


async def drop_reminders(session: AsyncSession, enrolment_ids: Sequence[UUID]) -> None:
    """Take planned reminders away, as others take their place."""
    await session.execute(
        delete(NotificationRow).where(
            NotificationRow.enrolment_id.in_(enrolment_ids),
            NotificationRow.kind == "reminder",
            NotificationRow.status == "held",
        )
    )


async def supersede(
    session: AsyncSession,
    kinds: Iterable[str],
    *,
    event_id: UUID | None = None,
    enrolment_ids: Sequence[UUID] = (),
) -> None:
    """Give up notifications of these kinds that did not leave yet."""
    which = (
        NotificationRow.event_id == event_id
        if event_id
        else NotificationRow.enrolment_id.in_(enrolment_ids)
    )
    await session.execute(
        update(NotificationRow)
        .where(
            which,
            NotificationRow.kind.in_(list(kinds)),
            NotificationRow.status.in_(["pending", "held"]),
        )
        .values(status="superseded", settled_at=func.now())
    )


async def drop_owed_moves(session: AsyncSession, event_id: UUID) -> None:
    """Forget what was owed of an event's earlier times."""
    await session.execute(
        delete(OwedRow).where(OwedRow.event_id == event_id, OwedRow.kind == "rescheduled")
    )


async def drop_owed(session: AsyncSession, enrolment_ids: Sequence[UUID]) -> None:
    """Forget what was owed to enrolments that changed since."""
    await session.execute(delete(OwedRow).where(OwedRow.enrolment_id.in_(enrolment_ids)))


def _sealed(sealer: Sealer, row: dict[str, Any]) -> dict[str, Any]:
    address = row["address"]
    kept = {name: value for name, value in row.items() if name != "address"}
    # Bytes as Postgres reads them out of JSON.
    return {
        **kept,
        "address_sealed": rf"\x{seal_address(sealer, address).hex()}",
        "address_index": rf"\x{address_index(sealer, address).hex()}",
    }


def _owed(notice: Notice) -> dict[str, Any]:
    return {
        "enrolment_id": notice.enrolment_id,
        "kind": notice.kind,
        "version": notice.version,
        "event_id": notice.event_id,
        "family_id": notice.family_id,
        "person_ids": list(notice.person_ids),
        "seated": notice.seated,
        "waiting_position": notice.waiting_position,
        "by": notice.by,
        "answer_by": notice.answer_by,
        "correlation_id": notice.cause.correlation_id,
        "causation_id": notice.cause.causation_id,
        "traceparent": notice.cause.traceparent,
    }


def _notice(row: OwedRow) -> Notice:
    return Notice(
        kind=row.kind,
        enrolment_id=row.enrolment_id,
        version=row.version,
        event_id=row.event_id,
        family_id=row.family_id,
        person_ids=tuple(row.person_ids),
        seated=row.seated,
        waiting_position=row.waiting_position,
        by=row.by,
        answer_by=row.answer_by,
        cause=new_cause(
            correlation_id=row.correlation_id,
            causation_id=row.causation_id,
            traceparent=row.traceparent,
        ),
    )
