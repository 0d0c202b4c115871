"""HTTP bodies of families."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

from services.registration.families import domain
from services.registration.families.domain import Basis, Language, Purpose, Relation, Sex
from services.registration.families.fields import Email, Fin, PastDate, Phone
from shared.districts import District
from shared.text import Line


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


def _unique(purposes: list[Purpose]) -> list[Purpose]:
    if len(set(purposes)) != len(purposes):
        raise ValueError("must not name a purpose twice")
    return purposes


def _not_null(value: Any) -> Any:
    if value is None:
        raise ValueError("must not be null; leave it out to keep what is there")
    return value


class Origin(_Strict):
    """Where a family was displaced from."""

    district: District
    settlement: Line


class Residence(_Strict):
    """Where a family lives now."""

    district: District
    settlement: Line
    address: Line | None = None


class Consent(_Strict):
    """On which basis personal data is used, and for what."""

    basis: Basis
    purposes: Annotated[list[Purpose], Field(max_length=3), AfterValidator(_unique)]
    given_by: Relation
    given_on: PastDate


class Member(_Strict):
    """One person."""

    given_name: Line
    family_name: Line
    patronymic: Line | None = None
    sex: Sex
    birth_date: PastDate
    fin: Fin | None = None
    phone: Phone | None = None
    email: Email | None = None
    language: Language = "az"
    relation: Relation

    def to_domain(self) -> domain.Member:
        """The same as an entity."""
        return domain.Member(**{name: getattr(self, name) for name in Member.model_fields})


class ChangedMember(Member):
    """One person of the whole list; without an id it is a new one."""

    id: UUID | None = None
    unreachable: str | None = Field(
        None, description="Ignored, so that a list may be sent back as it was read."
    )


class RegisteredMember(Member):
    """One registered person."""

    id: UUID
    unreachable: str | None = Field(description="Why phone or e-mail cannot be reached.")

    @classmethod
    def of(cls, person: domain.Person) -> "RegisteredMember":
        """Make it of an entity; what is stored was checked when it came."""
        member = person.member
        reasons = [why for why in (person.unreachable.sms, person.unreachable.email) if why]
        return RegisteredMember.model_construct(
            **{name: getattr(member, name) for name in Member.model_fields},
            id=person.id,
            unreachable="; ".join(reasons) or None,
        )


Members = Annotated[list[Member], Field(min_length=1, max_length=30)]


class NewFamily(_Strict):
    """A family to register."""

    origin: Origin
    residence: Residence
    members: Members
    consent: Consent | None = None


class FamilyChange(_Strict):
    """What of a family changes; what is left out stays as it is.

    `members` is the whole list: one without an id is new, one left out is removed.
    """

    origin: Annotated[Origin | SkipJsonSchema[None], AfterValidator(_not_null)] = None
    residence: Annotated[Residence | SkipJsonSchema[None], AfterValidator(_not_null)] = None
    members: Annotated[
        Annotated[list[ChangedMember], Field(min_length=1, max_length=30)] | SkipJsonSchema[None],
        AfterValidator(_not_null),
    ] = None
    consent: Consent | None = None


class Family(BaseModel):
    """A registered family."""

    id: UUID
    version: int
    created_at: datetime
    origin: Origin
    residence: Residence
    members: list[RegisteredMember]
    consent: Consent | None
    successor_id: UUID | None = Field(description="The family that this one went into.")

    @classmethod
    def of(cls, family: domain.Family) -> "Family":
        """Make it of an entity; what is stored was checked when it came."""
        origin, residence, consent = family.origin, family.residence, family.consent
        return Family.model_construct(
            id=family.id,
            version=family.version,
            created_at=family.created_at,
            origin=Origin.model_construct(district=origin.district, settlement=origin.settlement),
            residence=Residence.model_construct(
                district=residence.district,
                settlement=residence.settlement,
                address=residence.address,
            ),
            members=[RegisteredMember.of(person) for person in family.persons],
            consent=consent_body(consent),
            successor_id=family.successor_id,
        )


def consent_body(consent: domain.Consent | None) -> Consent | None:
    """Make the body of a consent."""
    if consent is None:
        return None
    return Consent.model_construct(
        basis=consent.basis,
        purposes=list(consent.purposes),
        given_by=consent.given_by,
        given_on=consent.given_on,
    )


def origin_of(origin: Origin) -> domain.Origin:
    """Make the entity of a body."""
    return domain.Origin(origin.district, origin.settlement)


def residence_of(residence: Residence) -> domain.Residence:
    """Make the entity of a body."""
    return domain.Residence(residence.district, residence.settlement, residence.address)


def consent_of(consent: Consent | None) -> domain.Consent | None:
    """Make the entity of a body."""
    if consent is None:
        return None
    return domain.Consent(
        consent.basis, tuple(consent.purposes), consent.given_by, consent.given_on
    )
