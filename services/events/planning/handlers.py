"""What organisers do with events, one function each, in the caller's transaction."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.events.planning import domain, telling
from services.events.planning.queries import events_before, find_event, lock_event
from services.events.planning.schemas import (
    Cancellation,
    Completion,
    EventPatch,
    NewEvent,
    Rescheduling,
)
from services.events.planning.tables import EventRow
from shared.ids import new_id
from shared.problems import FieldError, Problem, conflict, invalid, not_found
from shared.versions import check_version

UNWRITTEN = dict.fromkeys(domain.LANGUAGES, "")
UNRULED: Mapping[str, Any] = {"district_caps": {}}


async def draft_event(session: AsyncSession, new: NewEvent) -> EventRow:
    """Write a draft, of which nothing is told. Raises Problem 422 for times out of order."""
    columns = _columns(new.model_dump(), title=UNWRITTEN, summary=UNWRITTEN, seating=UNRULED)
    event = EventRow(id=new_id(), version=1, status="draft", reason=None, **columns)
    with _refusals(event):
        domain.check_times(_times(event))
    session.add(event)
    await session.flush()
    return event


async def show_event(session: AsyncSession, event_id: UUID) -> EventRow:
    """Read one event in any status. Raises Problem 404."""
    event = await find_event(session, event_id)
    if event is None:
        raise not_found("event")
    return event


async def list_events(
    session: AsyncSession,
    *,
    before: UUID | None,
    status: domain.Status | None,
    kind: domain.Kind | None,
    limit: int,
) -> Sequence[EventRow]:
    """Read up to `limit` events, the newest made first, from behind the id `before`."""
    return await events_before(session, before=before, status=status, kind=kind, limit=limit)


async def change_event(
    session: AsyncSession, event_id: UUID, expected: int, patch: EventPatch
) -> EventRow:
    """Change a draft, or what may change of a published event, which is then told.

    A patch that changes nothing raises no version. Raises Problem 404, 412, 409 for a status or a
    time that cannot change here, 422.
    """
    event = await _lock(session, event_id)
    check_version(expected, event.version)
    sent = patch.model_dump(exclude_unset=True)
    reason = sent.pop("reason", None)
    columns = _columns(sent, title=event.title, summary=event.summary, seating=event.seating)
    changes = _changes(event, columns)
    with _refusals(event):
        domain.check_status(event.status, "draft", "published")
    if event.status == "draft" and reason:
        raise invalid("reason", "is for published events: nobody was told of this one yet")
    if event.status == "published" and not changes.keys().isdisjoint({"starts_at", "ends_at"}):
        raise _conflict("published-time", "A published event moves by POST …/reschedule.", event)
    if not changes:
        return event
    _apply(event, changes, reason)
    with _refusals(event):
        domain.check_times(_times(event))
        if event.status == "published":
            domain.check_words(event.title, event.summary)
    if event.status == "published":
        await telling.tell_updated(session, event, reason)
    return event


async def delete_draft(session: AsyncSession, event_id: UUID, expected: int) -> None:
    """Remove a draft. Raises Problem 404, 412, 409 for what was published once."""
    event = await _lock(session, event_id)
    check_version(expected, event.version)
    with _refusals(event):
        domain.check_status(event.status, "draft")
    await session.delete(event)


async def publish_event(session: AsyncSession, event_id: UUID) -> EventRow:
    """Open a draft to its audience.

    Raises Problem 404, 409 for another status or an event that has begun, 422 for each language
    that title or summary lack.
    """
    event = await _lock(session, event_id)
    now = datetime.now(UTC)
    with _refusals(event):
        domain.check_status(event.status, "draft")
        domain.check_words(event.title, event.summary)
        domain.check_future(event.starts_at, now)
    _apply(event, {"status": "published", "published_at": now})
    await telling.tell_published(session, event)
    return event


async def reschedule_event(session: AsyncSession, event_id: UUID, moving: Rescheduling) -> EventRow:
    """Move a published event; enrolment closes as long before it as before, unless told otherwise.

    Raises Problem 404, 409 for another status, 422 for times that have passed or are out of order.
    """
    event = await _lock(session, event_id)
    with _refusals(event):
        domain.check_status(event.status, "published")
        times = domain.move(
            _times(event), moving.starts_at, moving.ends_at, moving.enrolment_closes_at
        )
        domain.check_times(times)
    if times.starts_at <= datetime.now(UTC):
        raise invalid("starts_at", "has passed already")
    reason = moving.reason.model_dump()
    _apply(
        event,
        {
            "starts_at": times.starts_at,
            "ends_at": times.ends_at,
            "enrolment_closes_at": times.enrolment_closes_at,
        },
        reason,
    )
    await telling.tell_rescheduled(session, event, reason)
    return event


async def cancel_event(
    session: AsyncSession, event_id: UUID, cancellation: Cancellation
) -> EventRow:
    """Call a published event off. Raises Problem 404, 409 for another status."""
    event = await _lock(session, event_id)
    with _refusals(event):
        domain.check_status(event.status, "published")
    reason = cancellation.reason.model_dump()
    _apply(event, {"status": "cancelled"}, reason)
    await telling.tell_cancelled(session, event, reason)
    return event


async def complete_event(session: AsyncSession, event_id: UUID, completion: Completion) -> EventRow:
    """Note that a published event was held. Raises Problem 404, 409 for another status."""
    event = await _lock(session, event_id)
    with _refusals(event):
        domain.check_status(event.status, "published")
    reason = completion.reason.model_dump() if completion.reason else None
    _apply(event, {"status": "completed"}, reason)
    await telling.tell_completed(session, event, reason)
    return event


async def _lock(session: AsyncSession, event_id: UUID) -> EventRow:
    event = await lock_event(session, event_id)
    if event is None:
        raise not_found("event")
    return event


def _apply(
    event: EventRow, changes: Mapping[str, Any], reason: Mapping[str, str] | None = None
) -> None:
    for name, value in changes.items():
        setattr(event, name, value)
    event.version += 1
    if reason is not None:
        event.reason = dict(reason)


def _columns(
    sent: Mapping[str, Any],
    *,
    title: Mapping[str, str],
    summary: Mapping[str, str],
    seating: Mapping[str, Any],
) -> dict[str, Any]:
    """Name the columns that a body sets; languages and rules it leaves out stay as they are."""
    columns = dict(sent)
    if "seating" in columns:
        columns["seating"] = domain.change_seating(seating, sent["seating"])
    for name, before in {"title": title, "summary": summary}.items():
        if name in columns:
            columns[name] = {**before, **{key: text or "" for key, text in sent[name].items()}}
    venue = columns.pop("venue", {})
    audience = columns.pop("audience", {})
    return {**columns, **{f"venue_{name}": value for name, value in venue.items()}, **audience}


def _changes(event: EventRow, columns: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in columns.items() if getattr(event, name) != value}


def _times(event: EventRow) -> domain.Times:
    return domain.Times(event.starts_at, event.ends_at, event.enrolment_closes_at)


@contextmanager
def _refusals(event: EventRow) -> Iterator[None]:
    """Turn what a rule refuses into its answer."""
    try:
        yield
    except domain.WrongFieldError as wrong:
        raise invalid(wrong.field, wrong.message) from wrong
    except domain.MissingWordsError as missing:
        errors = [FieldError(field=field, message="is required") for field in missing.fields]
        raise Problem(422, "invalid", "Some texts are not written yet.", errors=errors) from missing
    except domain.AlreadyStartedError as started:
        raise _conflict("already-started", "The event has started already.", event) from started
    except domain.WrongStatusError as wrong:
        draft = event.status == "draft"
        slug = "not-published" if draft else f"already-{event.status}"
        detail = "The event is a draft." if draft else f"The event is {event.status} already."
        raise _conflict(slug, detail, event) from wrong


def _conflict(slug: str, detail: str, event: EventRow) -> Problem:
    return conflict(slug, detail, event_status=event.status)
