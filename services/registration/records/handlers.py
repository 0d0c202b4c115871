"""The use case of records."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.audit import handlers as audit
from services.registration.audit import queries as log
from services.registration.audit.domain import Entry, Wanted
from services.registration.consents import queries as consents
from services.registration.enrolments import people
from services.registration.families.queries import find_family
from services.registration.history import queries as history
from services.registration.records import queries
from services.registration.records.domain import MOST, Record
from shared.actors import current_actor
from shared.problems import invalid, not_found


async def read_record(session: AsyncSession, person_id: UUID) -> Record:
    """Gather all that is kept of a person; who asked, and why, is written down and part of it.

    Raises:
        Problem: 404, there is no such person; 422, no reason was given.
    """
    if current_actor().reason is None:
        raise invalid("X-Reason", "say why the whole record is asked for")
    family_id = await queries.find_family_of(session, person_id)
    family = None if family_id is None else await find_family(session, family_id)
    person = (
        next((each for each in family.persons if each.id == person_id), None) if family else None
    )
    if family is None or person is None:
        raise not_found("person")
    await audit.record(session, "person.record_read", "person", person_id, family_id=family.id)
    enrolments = await people.list_of(session, persons=[person_id], families={})
    enrolments = enrolments[-MOST:]
    events = {each.event_id for each in enrolments}
    return Record(
        person=person,
        family=family,
        versions=await history.list_versions(session, family.id, None, MOST),
        consents=await consents.list_decisions(session, family.id, None, MOST),
        enrolments=enrolments,
        attendance=await queries.list_attendance(session, person_id, events),
        acts=await _acts(session, person_id, family.id),
    )


async def _acts(session: AsyncSession, *subjects: UUID) -> list[Entry]:
    found = [
        placed.entry
        for subject in subjects
        for placed in await log.list_entries(session, Wanted(subject_id=subject), None, MOST)
    ]
    return sorted(found, key=lambda entry: entry.entry, reverse=True)[:MOST]
