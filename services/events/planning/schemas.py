"""HTTP bodies of planning."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from services.events.planning.domain import Kind, Rule, Status
from shared.districts import District
from shared.moments import Moment
from shared.text import Line, OptionalLine, Storable


def _unique(values: list[str]) -> list[str]:
    if len(set(values)) != len(values):
        raise ValueError("must not name a district twice")
    return values


OptionalParagraph = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=2000), Storable
]
ReasonText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), Storable
]
Districts = Annotated[
    list[District],
    Field(max_length=100, json_schema_extra={"uniqueItems": True}),
    AfterValidator(_unique),
]
Capacity = Annotated[int, Field(strict=True, ge=1, le=100_000)]
OfferHours = Annotated[int, Field(strict=True, ge=1, le=168)]


def _absent() -> Any:
    return None


ABSENT = Field(default_factory=_absent)
"""A field of a PATCH that may be left out, but not be null."""


class Body(BaseModel):
    """What callers send: an unknown field is an error, since it may be a misspelt one."""

    model_config = ConfigDict(extra="forbid")


class TitleBody(Body):
    """A title as far as it is written; a draft may lack languages."""

    az: OptionalLine | None = None
    en: OptionalLine | None = None
    ru: OptionalLine | None = None


class SummaryBody(Body):
    """A summary as far as it is written; a draft may lack languages."""

    az: OptionalParagraph | None = None
    en: OptionalParagraph | None = None
    ru: OptionalParagraph | None = None


class ReasonBody(Body):
    """Why something changes, in all three languages."""

    az: ReasonText
    en: ReasonText
    ru: ReasonText


class VenueBody(Body):
    """Where an event is held."""

    name: Line
    district: District
    address: Line


class AudienceBody(Body):
    """Whom an event is for, by district; an empty list means any."""

    origins: Districts = Field(default_factory=list)
    residences: Districts = Field(default_factory=list)


class SeatingBody(Body):
    """The rule by which seats are given; it is published with the event.

    `strict_order`: nobody passes the family that waits longest; `best_fit`: a smaller family may
    where the larger does not fit. With `offer_hours` freed seats are offered to the next family
    and kept for it so long. `district_caps`: the most people from a district of origin.
    """

    rule: Rule = "best_fit"
    offer_hours: OfferHours | None = None
    district_caps: Annotated[dict[District, Capacity], Field(max_length=100)] = Field(
        default_factory=dict
    )


class NewEvent(Body):
    """A draft."""

    kind: Kind
    title: TitleBody = Field(default_factory=TitleBody)
    summary: SummaryBody = Field(default_factory=SummaryBody)
    starts_at: Moment
    ends_at: Moment
    venue: VenueBody
    capacity: Capacity
    audience: AudienceBody = Field(default_factory=AudienceBody)
    enrolment_closes_at: Moment
    seating: SeatingBody = Field(default_factory=SeatingBody)


class VenuePatch(Body):
    """What changes of a venue."""

    name: Line = ABSENT
    district: District = ABSENT
    address: Line = ABSENT


class AudiencePatch(Body):
    """What changes of an audience; a list that is sent replaces the one before."""

    origins: Districts = ABSENT
    residences: Districts = ABSENT


class SeatingPatch(Body):
    """What changes of the rule of seating; a district's cap that is null is taken away."""

    rule: Rule = ABSENT
    offer_hours: OfferHours | None = None
    district_caps: Annotated[dict[District, Capacity | None], Field(max_length=100)] = ABSENT


class EventPatch(Body):
    """What changes, as a JSON Merge Patch (RFC 7396): what is left out stays as it is."""

    kind: Kind = ABSENT
    title: TitleBody = ABSENT
    summary: SummaryBody = ABSENT
    starts_at: Moment = ABSENT
    ends_at: Moment = ABSENT
    venue: VenuePatch = ABSENT
    capacity: Capacity = ABSENT
    audience: AudiencePatch = ABSENT
    enrolment_closes_at: Moment = ABSENT
    seating: SeatingPatch = ABSENT
    reason: ReasonBody | None = Field(None, description="Published events only: told with it.")


class Rescheduling(Body):
    """Another time, and why."""

    starts_at: Moment
    ends_at: Moment
    enrolment_closes_at: Moment | None = Field(
        None, description="Left out: as long before the start as it was before."
    )
    reason: ReasonBody


class Cancellation(Body):
    """Why an event will not be held."""

    reason: ReasonBody


class Completion(Body):
    """That an event was held, and what there is to say about it."""

    reason: ReasonBody | None = None


class Words(BaseModel):
    """One text in the three languages; empty where it is not written yet."""

    az: str
    en: str
    ru: str


class Venue(BaseModel):
    """Where an event is held."""

    name: str
    district: str
    address: str


class Audience(BaseModel):
    """Whom an event is for, by district; an empty list means any."""

    origins: list[str]
    residences: list[str]


class Seating(BaseModel):
    """The rule by which seats are given."""

    rule: Rule
    offer_hours: int | None
    district_caps: dict[str, int]


class EventFacts(BaseModel):
    """What organisers and the public see alike."""

    id: UUID
    kind: Kind
    title: Words
    summary: Words
    starts_at: datetime
    ends_at: datetime
    venue: Venue
    capacity: int
    audience: Audience
    enrolment_closes_at: datetime
    seating: Seating
    reason: Words | None = Field(description="The last that was given for a change.")


class Event(EventFacts):
    """An event as its organisers see it."""

    version: int
    status: Status
    created_at: datetime
    published_at: datetime | None
