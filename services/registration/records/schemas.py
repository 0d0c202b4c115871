"""HTTP bodies of records."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.registration.consents.schemas import Consent
from services.registration.families.schemas import Origin, RegisteredMember, Residence
from services.registration.history.domain import Version
from services.registration.records import domain


class RecordedVersion(BaseModel):
    """The person as the register had it from a moment on."""

    at: datetime
    kind: str
    actor: str
    member: RegisteredMember


class RecordedEnrolment(BaseModel):
    """Seats, or a place in a waiting list."""

    id: UUID
    event_id: UUID
    status: str
    created_at: datetime


class RecordedAttendance(BaseModel):
    """That the person was there."""

    event_id: UUID
    enrolment_id: UUID
    at: datetime


class RecordedAct(BaseModel):
    """Who did or saw something of the person or the family, and why."""

    at: datetime
    actor: str
    action: str
    reason: str | None
    details: dict[str, Any]


class Record(BaseModel):
    """All that registration keeps of a person, each list with the newest first.

    What was written to the person is kept by notifications: `GET /v1/notifications?person_id=…`.
    """

    made_at: datetime
    person: RegisteredMember
    family_id: UUID
    members: int
    origin: Origin
    residence: Residence
    history: list[RecordedVersion]
    consents: list[Consent]
    enrolments: list[RecordedEnrolment]
    attendance: list[RecordedAttendance]
    audit: list[RecordedAct]

    @classmethod
    def of(cls, record: domain.Record, now: datetime, today: date) -> "Record":
        """Make it of an entity."""
        family = record.family
        return cls(
            made_at=now,
            person=RegisteredMember.of(record.person),
            family_id=family.id,
            members=len(family.persons),
            origin=Origin.model_construct(
                district=family.origin.district, settlement=family.origin.settlement
            ),
            residence=Residence.model_construct(
                district=family.residence.district,
                settlement=family.residence.settlement,
                address=family.residence.address,
            ),
            history=[
                _version(each, person)
                for each in record.versions
                for person in each.family.persons
                if person.id == record.person.id
            ],
            consents=[Consent.of(each, today) for each in record.consents],
            enrolments=[
                RecordedEnrolment(
                    id=each.id,
                    event_id=each.event_id,
                    status=each.status,
                    created_at=each.created_at,
                )
                for each in reversed(record.enrolments)
            ],
            attendance=[
                RecordedAttendance(
                    event_id=each.event_id, enrolment_id=each.enrolment_id, at=each.at
                )
                for each in record.attendance
            ],
            audit=[
                RecordedAct(
                    at=each.at,
                    actor=each.actor,
                    action=each.action,
                    reason=each.reason,
                    details=each.details,
                )
                for each in record.acts
            ],
        )


def _version(version: Version, person: Any) -> RecordedVersion:
    return RecordedVersion(
        at=version.at,
        kind=version.change.kind,
        actor=version.actor,
        member=RegisteredMember.of(person),
    )
