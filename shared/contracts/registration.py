"""What the registration service tells."""

from datetime import date, datetime
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.base import INTERNAL, Contract


class Origin(BaseModel):
    """Where a family was displaced from."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    district: str
    settlement: str


class Residence(BaseModel):
    """Where a family lives now, without the address: that is personal."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    district: str


class _Family(Contract):
    family_id: UUID
    origin: Origin
    residence: Residence
    members: int


class FamilyRegistered(_Family):
    """A family is on the register."""

    routing_key: ClassVar[str] = "registration.family_registered.v1"
    expects_route: ClassVar[bool] = False


class FamilyChanged(_Family):
    """Something of a family changed: where it lives, or who belongs to it."""

    routing_key: ClassVar[str] = "registration.family_changed.v1"
    expects_route: ClassVar[bool] = False


class _Enrolment(Contract):
    enrolment_id: UUID
    event_id: UUID
    family_id: UUID
    person_ids: list[UUID]
    seats: int
    origin_district: str


class EnrolmentConfirmed(_Enrolment):
    """A family has seats."""

    routing_key: ClassVar[str] = "registration.enrolment_confirmed.v1"


class EnrolmentWaitlisted(_Enrolment):
    """A family waits whole, because it did not fit."""

    routing_key: ClassVar[str] = "registration.enrolment_waitlisted.v1"

    waiting_position: int


class EnrolmentPromoted(_Enrolment):
    """A family that waited has seats now."""

    routing_key: ClassVar[str] = "registration.enrolment_promoted.v1"


class EnrolmentChanged(_Enrolment):
    """Other persons than before are meant: somebody died, or was registered twice."""

    routing_key: ClassVar[str] = "registration.enrolment_changed.v1"

    status: Literal["confirmed", "waitlisted"]


class EnrolmentCancelled(_Enrolment):
    """A family's seats, or its place in the waiting list, are given up."""

    routing_key: ClassVar[str] = "registration.enrolment_cancelled.v1"

    by: Literal["family", "staff", "event"]


class SeatsOffered(_Enrolment):
    """Seats are kept for a family that waits, until it accepts or its time has passed."""

    routing_key: ClassVar[str] = "registration.seats_offered.v1"

    expires_at: datetime


class OfferEnded(_Enrolment):
    """A family did not take the seats that were kept for it: it waits on, at its place.

    An offer that is accepted ends with `enrolment_promoted`.
    """

    routing_key: ClassVar[str] = "registration.offer_ended.v1"

    reason: Literal["expired", "declined", "withdrawn"]


class Replacement(BaseModel):
    """Which of two registrations of a person stands for both."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    kept_person_id: UUID
    merged_person_id: UUID


class PersonsMerged(Contract):
    """Two registrations of the same people are one: what named the merged now means the kept."""

    routing_key: ClassVar[str] = "registration.persons_merged.v1"
    expects_route: ClassVar[bool] = False

    merge_id: UUID
    kept_family_id: UUID
    merged_family_id: UUID
    family_closed: bool
    persons: list[Replacement]


class PersonsUnmerged(PersonsMerged):
    """They are two registrations again."""

    routing_key: ClassVar[str] = "registration.persons_unmerged.v1"


class AttendanceRecorded(Contract):
    """Some members of a family were there."""

    routing_key: ClassVar[str] = "registration.attendance_recorded.v1"
    expects_route: ClassVar[bool] = False

    event_id: UUID
    family_id: UUID
    person_ids: list[UUID]
    origin_district: str
    at: datetime


class ContactChanged(Contract):
    """How to reach a person, and whether we may."""

    routing_key: ClassVar[str] = "registration.contact_changed.v1"
    exchange: ClassVar[str] = INTERNAL

    person_id: UUID
    family_id: UUID
    given_name: str
    family_name: str
    phone: str | None
    email: str | None
    language: Literal["az", "en", "ru"]
    origin_district: str
    residence_district: str
    may_notify: bool


class ContactErased(Contract):
    """A person is to be forgotten.

    With an `erasure_id` also what was written to the person; who has done so confirms it.
    """

    routing_key: ClassVar[str] = "registration.contact_erased.v1"
    exchange: ClassVar[str] = INTERNAL

    person_id: UUID
    erasure_id: UUID | None = None


class PersonErased(Contract):
    """Who a person was is removed; whoever keeps something under this id has to remove it too."""

    routing_key: ClassVar[str] = "registration.person_erased.v1"
    expects_route: ClassVar[bool] = False

    person_id: UUID
    erasure_id: UUID


class AuditHeadPublished(Contract):
    """The last place of the audit log's chain when a day of Baku had ended.

    Who keeps it can prove later that nothing before it was changed or removed.
    """

    routing_key: ClassVar[str] = "registration.audit_head_published.v1"
    expects_route: ClassVar[bool] = False

    day: date
    position: int
    digest: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


CONTRACTS: tuple[type[Contract], ...] = (
    FamilyRegistered,
    FamilyChanged,
    EnrolmentConfirmed,
    EnrolmentWaitlisted,
    EnrolmentPromoted,
    EnrolmentChanged,
    EnrolmentCancelled,
    SeatsOffered,
    OfferEnded,
    PersonsMerged,
    PersonsUnmerged,
    AttendanceRecorded,
    ContactChanged,
    ContactErased,
    PersonErased,
    AuditHeadPublished,
)
