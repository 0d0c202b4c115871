"""Where else a person leaves traces in this service, and removing them.

A capability that comes to keep who somebody is belongs here too; the test of the whole system
searches every table for what must be gone.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import bindparam, delete, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Uuid

from services.registration.erasures.domain import Erased
from services.registration.erasures.tables import ERASED
from services.registration.families.domain import Person
from services.registration.families.tables import FAMILIES, PERSONS
from services.registration.history import queries as versions
from services.registration.history.domain import Version
from services.registration.history.tables import FAMILY_VERSIONS
from services.registration.merges import queries as merges
from services.registration.merges.domain import Merge
from services.registration.merges.tables import MERGES
from services.registration.search.keys import keys_of
from services.registration.search.tables import PERSON_KEYS, WORDS
from shared.contracts.registration import ContactChanged
from shared.messaging.tables import DATA, LOCAL
from shared.sealing import sealer_of

MOST_VERSIONS = 10_000
_MOST_MERGES = 1_000

_UUIDS = ARRAY(Uuid())

# What nobody else is called is no word of the dictionary any more.
_FORGET_WORDS = (
    text(
        "DELETE FROM word_folds f WHERE f.word_id = ANY(:words) AND NOT EXISTS "
        "(SELECT FROM person_words p WHERE p.word_id = f.word_id)"
    ),
    text(
        "DELETE FROM words w WHERE w.id = ANY(:words) AND NOT EXISTS "
        "(SELECT FROM person_words p WHERE p.word_id = w.id)"
    ),
)

# The files they came from go with them; what is wrong with other rows stays to be downloaded.
_FORGET_STAGED = tuple(
    text(statement).bindparams(bindparam("families", type_=_UUIDS))
    for statement in (
        "DELETE FROM import_pieces WHERE import_id IN "
        "(SELECT import_id FROM import_families WHERE family_id = ANY(:families))",
        "DELETE FROM import_rows r USING import_families f WHERE r.import_id = f.import_id "
        "AND r.family = f.number AND f.family_id = ANY(:families)",
        "DELETE FROM import_families WHERE family_id = ANY(:families)",
    )
)


async def families_of(session: AsyncSession, persons: Sequence[UUID]) -> list[UUID]:
    """Find the families that persons came to or left."""
    named = [f"members.{person}" for person in persons]
    statement = select(FAMILY_VERSIONS.c.family_id).where(FAMILY_VERSIONS.c.changed.overlap(named))
    return sorted(set(await session.scalars(statement)))


async def family_left(session: AsyncSession, person_id: UUID) -> UUID | None:
    """Find the family that somebody left last; None for who never left one."""
    named = FAMILY_VERSIONS.c.changed.contains([f"members.{person_id}"])
    statement = select(FAMILY_VERSIONS.c.family_id).where(named)
    return await session.scalar(statement.order_by(FAMILY_VERSIONS.c.at.desc()).limit(1))


async def departed(session: AsyncSession, family_id: UUID) -> list[Person]:
    """Read who left a family, or one that went into it, and is registered nowhere since.

    Each with the version that told of it. Who was merged into somebody else did not leave.
    """
    went_into = select(FAMILIES.c.id).where(FAMILIES.c.successor_id == family_id)
    homes = [family_id, *await session.scalars(went_into)]
    known = {
        person.id: replace(person, version=person.version + 1)
        for version in await _versions_of(session, homes)
        for person in version.family.persons
    }
    here = set(await session.scalars(select(PERSONS.c.id).where(PERSONS.c.id.in_(known))))
    here |= set(
        await session.scalars(select(ERASED.c.person_id).where(ERASED.c.person_id.in_(known)))
    )
    here |= {
        gone
        for home in homes
        for made in await _merges_of(session, home)
        if made.undone_at is None
        for gone in made.replaced
    }
    return [known[id_] for id_ in sorted(known.keys() - here)]


async def words_of(
    session: AsyncSession, homes: Sequence[UUID], persons: Sequence[UUID]
) -> list[int]:
    """Name the words by which persons are found, or were before they were corrected or left."""
    statement = select(PERSON_KEYS.c.words).where(PERSON_KEYS.c.person_id.in_(persons))
    words = {word for words in await session.scalars(statement) for word in words}
    spellings = {
        word.spelling
        for version in await _versions_of(session, homes)
        for keys in keys_of(version.family)
        if keys.person_id in persons
        for word in keys.words
    }
    written = select(WORDS.c.id).where(WORDS.c.spelling.in_(spellings))
    return sorted(words | set(await session.scalars(written)))


async def forget_words(session: AsyncSession, words: Sequence[int]) -> None:
    """Remove words from the dictionary that nobody has any more."""
    for statement in _FORGET_WORDS:
        await session.execute(statement, {"words": list(words)})


async def forget_staged(session: AsyncSession, families: Sequence[UUID]) -> None:
    """Remove what lists that were imported say of families, members who stay too."""
    for statement in _FORGET_STAGED:
        await session.execute(statement, {"families": list(families)})


async def forget_merges(
    session: AsyncSession, families: Sequence[UUID], persons: Collection[UUID]
) -> list[Erased]:
    """Remove the records of merges of persons; gives the other ids that they were known by."""
    others: dict[UUID, Erased] = {}
    for family_id in families:
        for made in await _merges_of(session, family_id):
            known = {
                person.id: person
                for family in (made.kept_before, made.merged_before, made.kept_after)
                for person in family.persons
            }
            if known.keys() & set(persons):
                await session.execute(delete(MERGES).where(MERGES.c.id == made.id))
            if made.undone_at is not None:
                continue
            for gone, stays in made.replaced.items():
                if stays in persons:
                    # The merge itself told of the version after the last one.
                    others[gone] = Erased(gone, known[gone].version + 2)
    return list(others.values())


async def _versions_of(session: AsyncSession, families: Sequence[UUID]) -> list[Version]:
    """Read all versions of families, the oldest first."""
    kept = [
        version
        for family_id in families
        for version in await versions.list_versions(session, family_id, None, MOST_VERSIONS)
    ]
    return sorted(kept, key=lambda version: version.at)


async def _merges_of(session: AsyncSession, family_id: UUID) -> list[Merge]:
    return await merges.list_merges(session, family_id, None, _MOST_MERGES, everywhere=True)


async def scrub_outbox(session: AsyncSession, person_id: UUID) -> bool:
    """Blank the messages of a person's contact once they were published; False while one was not.

    They keep their place and numbers, so that nobody misses one.
    """
    outbox = LOCAL.outbox
    rows = (
        await session.execute(
            select(outbox.c.entry, outbox.c.sealed, outbox.c.published_at).where(
                outbox.c.type == ContactChanged.type(), outbox.c.subject == str(person_id)
            )
        )
    ).all()
    sealer = sealer_of(session)
    for row in rows:
        if row.published_at is None:
            continue
        told = ContactChanged.model_validate_json(sealer.open(row.sealed, DATA))
        blank = told.model_copy(
            update={
                "given_name": "",
                "family_name": "",
                "phone": None,
                "email": None,
                "may_notify": False,
            }
        )
        await session.execute(
            outbox.update()
            .where(outbox.c.entry == row.entry)
            .values(sealed=sealer.seal(blank.model_dump_json(), DATA))
        )
    return all(row.published_at is not None for row in rows)
