"""Inviting everyone in an event's audience, one text a phone."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.tracing import Cause, current_cause

_AUDIENCE = 0x494E5649  # any number that no other advisory lock of this database has

# One statement, so that a hundred thousand people are expanded in about a second. Of priority 1: a
# broadcast must not keep the desk's confirmations waiting. Who shares a phone gets one text; the
# first of them (ids sort in the order of the family) sets the language.
_INVITE = """
INSERT INTO notifications (id, kind, version, event_id, family_id, person_ids, names, channel,
    address_sealed, address_index, language, status, due_at, priority, attempts, correlation_id,
    causation_id, traceparent)
SELECT gen_random_uuid(), 'invitation', e.facts_version, e.id,
    (array_agg(c.family_id ORDER BY c.person_id))[1],
    array_agg(c.person_id ORDER BY c.person_id),
    CASE WHEN count(*) = 1
        THEN array_agg(trim(c.given_name || ' ' || c.family_name))
        ELSE array_agg(c.given_name ORDER BY c.person_id) END,
    CASE WHEN bool_or(c.phone_sealed IS NOT NULL) THEN 'sms' ELSE 'email' END,
    (array_agg(coalesce(c.phone_sealed, c.email_sealed) ORDER BY c.person_id))[1],
    c.address_index,
    (array_agg(c.language ORDER BY c.person_id))[1],
    CASE WHEN bool_or(c.may_notify) THEN 'pending' ELSE 'suppressed' END,
    now(), 1, 0, {cause}
FROM events e
JOIN contacts c ON NOT c.erased
    AND c.address_index IS NOT NULL
    AND c.known_since <= e.published_at
    AND (jsonb_array_length(e.audience -> 'origins') = 0
        OR e.audience -> 'origins' ? c.origin_district)
    AND (jsonb_array_length(e.audience -> 'residences') = 0
        OR e.audience -> 'residences' ? c.residence_district)
{due}
WHERE e.status = 'published' AND e.published_at IS NOT NULL AND e.enrolment_closes_at > now()
    AND {which}
GROUP BY e.id, e.facts_version, c.address_index
ON CONFLICT (event_id, address_index) WHERE kind = 'invitation' DO NOTHING
"""

_INVITE_AUDIENCE = text(
    _INVITE.format(
        cause=":correlation_id, :causation_id, :traceparent", due="", which="e.id = :event_id"
    )
)

_INVITE_NEWLY_KNOWN = text(
    _INVITE.format(
        cause="""(array_agg(due.correlation_id ORDER BY c.person_id))[1],
    (array_agg(due.causation_id ORDER BY c.person_id))[1],
    (array_agg(due.traceparent ORDER BY c.person_id))[1]""",
        due="""JOIN unnest(CAST(:person_id AS uuid[]), CAST(:correlation_id AS text[]),
        CAST(:causation_id AS text[]), CAST(:traceparent AS text[]))
    AS due(person_id, correlation_id, causation_id, traceparent) USING (person_id)""",
        which="TRUE",
    )
)


async def close_audience(session: AsyncSession) -> None:
    """Wait for the contacts that are being written, and keep others out until the commit.

    Otherwise an event and a contact that are handled at once would not see each other, and nobody
    would be invited.
    """
    await session.execute(select(func.pg_advisory_xact_lock(_AUDIENCE)))


async def join_audience(session: AsyncSession) -> None:
    """Wait for the event whose audience is being invited, before contacts are written."""
    await session.execute(select(func.pg_advisory_xact_lock_shared(_AUDIENCE)))


async def invite_audience(session: AsyncSession, event_id: UUID) -> None:
    """Invite all who were registered when the event was published and belong to its audience."""
    values = {"event_id": event_id, **_columns(current_cause())}
    await session.execute(_INVITE_AUDIENCE, values)


async def invite_newly_known(session: AsyncSession, persons: Mapping[UUID, Cause]) -> None:
    """Invite persons whose contact reached us after an event that they should have known of.

    Each is invited because of the message that brought the contact.
    """
    if persons:
        columns = [{"person_id": id_, **_columns(persons[id_])} for id_ in sorted(persons)]
        values = {name: [each[name] for each in columns] for name in columns[0]}
        await session.execute(_INVITE_NEWLY_KNOWN, values)


def _columns(cause: Cause) -> dict[str, object]:
    return {
        "correlation_id": cause.correlation_id,
        "causation_id": cause.causation_id,
        "traceparent": cause.traceparent,
    }
