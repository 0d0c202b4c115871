"""The use cases of erasures."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.audit import handlers as audit
from services.registration.calendar import queries as calendar
from services.registration.enrolments import leaving, people
from services.registration.erasures import domain, queries, traces
from services.registration.erasures.asking import foresee, who_left
from services.registration.erasures.domain import Asked, Erased, Erasure
from services.registration.families import handlers as families
from services.registration.families.domain import Family, Person
from services.registration.families.queries import lock_family
from services.registration.history import handlers as history
from services.registration.history import queries as versions
from services.registration.history.domain import Change
from shared.actors import current_actor
from shared.contracts.registration import ContactErased, PersonErased
from shared.idempotency import forget_answers
from shared.ids import new_id
from shared.messaging.dead_letters.records import forget_messages
from shared.messaging.outbox import Outgoing, tell
from shared.problems import not_found


async def erase(session: AsyncSession, asked: Asked) -> Erasure:
    """Remove who a person, or every member of a family, was; each service confirms it later.

    The last member of a family is erased with it, and so is who left the family before: a person
    who died is no member any more. Seats not used yet are free for others.

    Raises:
        Problem: 404, nobody such; 409, the family went into another one; 422, a head is missing.
    """
    family = await _lock(session, asked)
    taken = foresee(family, await who_left(session, family), asked)
    ids = [each.id for each in taken.persons]
    homes = sorted({family.id, *await traces.families_of(session, ids)})
    words = await traces.words_of(session, homes, ids)
    erasure_id = new_id()
    await queries.insert_erasure(
        session, erasure_id, asked, family, by=current_actor().subject, whole=taken.whole
    )
    if taken.members:
        change = Change("erased")
        await families.save_change(session, family, taken.family, change, erasure_id=erasure_id)
        await leaving.give_up_seats(session, *ids)
    others = await traces.forget_merges(session, homes, ids)
    await queries.insert_erased(session, erasure_id, family, taken.persons, others)
    await traces.forget_words(session, words)
    await _forget_history(
        session, homes, taken.persons, others, whole=family.id if taken.whole else None
    )
    await traces.forget_staged(session, homes)
    named = [*ids, *(each.person_id for each in others), *([family.id] if taken.whole else [])]
    mentions = [str(each) for each in named]
    await forget_answers(session, mentions)
    await forget_messages(session, mentions)
    contacts = [*(Erased(each.id, each.version + 1) for each in taken.gone), *others]
    await tell(session, *_told(erasure_id, taken.persons, contacts))
    await audit.record(
        session,
        "erasure.requested",
        "erasure",
        erasure_id,
        reason=asked.reason,
        basis=asked.basis,
        family_id=family.id,
        person_ids=ids,
    )
    return await _find(session, erasure_id)


async def get_erasure(session: AsyncSession, erasure_id: UUID) -> Erasure:
    """Read an erasure, and who confirmed it.

    Raises:
        Problem: 404, there is none.
    """
    erasure = await _find(session, erasure_id)
    await audit.record(session, "erasure.read", "erasure", erasure_id)
    return erasure


async def confirm(session: AsyncSession, erasure_id: UUID, person_id: UUID, at: datetime) -> None:
    """Keep that notifications has nothing of a person any more; once is enough."""
    if await queries.confirm_notifications(session, erasure_id, person_id, at):
        await audit.record(
            session,
            "erasure.confirmed",
            "erasure",
            erasure_id,
            person_id=person_id,
            service="notifications",
        )


async def sweep(session: AsyncSession, limit: int) -> int:
    """Blank what was told of erased persons, once it is published; return who is done with."""
    swept = [
        person
        for person in await queries.list_unswept(session, limit)
        if await traces.scrub_outbox(session, person)
    ]
    if swept:
        await queries.confirm_registration(session, swept)
    return len(swept)


async def _lock(session: AsyncSession, asked: Asked) -> Family:
    family_id = asked.family_id
    if asked.person_id is not None:
        family_id = await queries.find_family_of(session, asked.person_id)
        family_id = family_id or await traces.family_left(session, asked.person_id)
    family = None if family_id is None else await lock_family(session, family_id)
    if family is None:
        raise not_found("person" if asked.person_id else "family")
    if asked.person_id in {None, *(each.id for each in family.persons)}:
        families.check_open(family)
    # All of them now, in one order for everybody: the persons' own orders may differ.
    for event_id in await _events(session, family.persons):
        await calendar.lock_event(session, event_id)
    return family


async def _events(session: AsyncSession, persons: Sequence[Person]) -> list[UUID]:
    enrolled = [
        each for person in persons for each in await people.list_active_of(session, person.id)
    ]
    return sorted({each.event_id for each in enrolled})


async def _forget_history(
    session: AsyncSession,
    homes: Sequence[UUID],
    persons: Sequence[Person],
    others: Sequence[Erased],
    *,
    whole: UUID | None,
) -> None:
    for home in homes:
        for person in persons:
            same = frozenset({person.id, *(each.person_id for each in others)})
            await history.forget_persons(session, home, same, domain.nobody(person.member))
    if whole is not None:
        kept = await versions.list_versions(session, whole, None, traces.MOST_VERSIONS)
        blank = (
            replace(
                each,
                family=domain.nowhere(each.family),
                change=replace(each.change, reason=None),
            )
            for each in kept
        )
        await versions.rewrite(session, blank)


def _told(erasure_id: UUID, persons: Sequence[Person], others: Sequence[Erased]) -> list[Outgoing]:
    return [
        *(
            Outgoing(
                PersonErased(person_id=person.id, erasure_id=erasure_id),
                person.id,
                person.version + 1,
            )
            for person in persons
        ),
        *(
            Outgoing(
                ContactErased(person_id=each.person_id, erasure_id=erasure_id),
                each.person_id,
                each.version,
            )
            for each in others
        ),
    ]


async def _find(session: AsyncSession, erasure_id: UUID) -> Erasure:
    erasure = await queries.find_erasure(session, erasure_id)
    if erasure is None:
        raise not_found("erasure")
    return erasure
