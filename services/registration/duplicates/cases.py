"""Cases: two registrations that a person has to look at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.registration.duplicates.domain import Likeness, Record, State
from shared.sealing import Sealer

CLAIM = timedelta(minutes=30)
"""How long a case is one clerk's, unless they decide or give it back."""


@dataclass(frozen=True, slots=True)
class Case:
    """Two families, the smaller id first, or one family twice."""

    id: UUID
    family_a: UUID
    family_b: UUID
    state: State
    score: float
    pairs: list[dict[str, Any]]
    fingerprint: bytes
    version: int
    opened_at: datetime
    claimed_by: str | None
    claimed_at: datetime | None
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None

    def holder(self, now: datetime) -> str | None:
        """Who claimed the case, None where nobody did or it was long ago."""
        if self.claimed_at is None or now - self.claimed_at > CLAIM:
            return None
        return self.claimed_by


@dataclass(frozen=True, slots=True)
class Finding:
    """What comparing found about two families; `fingerprint` changes with what was compared."""

    family_a: UUID
    family_b: UUID
    score: float
    pairs: list[dict[str, Any]]
    fingerprint: bytes

    @property
    def families(self) -> tuple[UUID, UUID]:
        """Whom it is about."""
        return self.family_a, self.family_b


def finding_of(
    sealer: Sealer, likenesses: Sequence[Likeness], records: Mapping[UUID, Record]
) -> Finding:
    """Sum up all pairs of two families."""
    first, second = sorted(
        (records[likenesses[0].one].family_id, records[likenesses[0].other].family_id)
    )
    pairs = [
        {
            "persons": [str(person) for person in _sided(each, records, first)],
            "score": each.score,
            "reasons": [{"code": r.code, "weight": r.weight} for r in each.reasons],
        }
        for each in likenesses
    ]
    compared = sorted({id_ for each in likenesses for id_ in (each.one, each.other)}, key=str)
    text = "\n".join(_compared(records[id_]) for id_ in compared)
    fingerprint = sealer.index(text, "duplicates.fingerprint")
    return Finding(first, second, max(each.score for each in likenesses), pairs, fingerprint)


def _sided(likeness: Likeness, records: Mapping[UUID, Record], first: UUID) -> tuple[UUID, UUID]:
    """Put the person of the first family first."""
    if records[likeness.one].family_id == first:
        return likeness.one, likeness.other
    return likeness.other, likeness.one


def _compared(record: Record) -> str:
    names = (record.given, record.family, record.father)
    spelled = [name.spelling if name else "" for name in names]
    places = (record.district, *sorted(record.settlement))
    phone = record.phone.hex() if record.phone else ""
    parts = (record.person_id, *spelled, record.born, record.sex, *places, phone, record.fin or "")
    return "\0".join(map(str, parts))
