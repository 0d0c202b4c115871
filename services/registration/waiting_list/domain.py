"""The rules of the waiting list; pure, so that anybody can check them. Seats are people.

A family is seated whole or waits whole. The list is walked in the order of enrolling:

- A family that fits the free seats and the room of its district of origin is given seats.
- Where its district's cap leaves no room it waits; families of other districts may pass, under
  either rule, since no seat is kept from it.
- Where only the free seats are too few, `best_fit` lets smaller families pass, `strict_order`
  nobody. In the same way nobody passes, under strict order, the first of its own district that
  waits for room there.
- A family larger than the event, or than its district's cap, is no hindrance: it could wait for
  ever.
- A family that let an offer pass keeps its place but is skipped until seats become free anew.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, get_args
from uuid import UUID

from services.registration.calendar.domain import Event, Rule

Cause = Literal[
    "enrolled",
    "enrolment_cancelled",
    "person_left",
    "registrations_merged",
    "capacity_raised",
    "capacity_lowered",
    "rule_changed",
    "event_changed",
    "offer_expired",
    "offer_declined",
    "offer_accepted",
    "staff_decision",
    "event_completed",
]
"""What made the list be walked, or one family be considered."""

Reason = Literal[
    "seated",
    "offered",
    "no_free_seats",
    "too_large",
    "behind_in_order",
    "district_full",
    "capacity_lowered",
    "offer_missed",
    "event_closed",
]
"""What came of it for one family."""

CAUSES: tuple[Cause, ...] = get_args(Cause)
REASONS: tuple[Reason, ...] = get_args(Reason)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One family that waits and has no offer."""

    enrolment_id: UUID | None
    seats: int
    district: str
    offer_missed: bool = False


@dataclass(frozen=True, slots=True)
class Fullness:
    """How full an event is: `taken` are the people with seats and those with an offer of some."""

    capacity: int
    taken: int
    caps: Mapping[str, int] = field(default_factory=dict)
    taken_by_district: Mapping[str, int] = field(default_factory=dict)

    @property
    def free(self) -> int:
        """Seats for nobody yet; negative where the capacity was lowered below what is taken."""
        return self.capacity - self.taken

    @property
    def rooms(self) -> dict[str, int]:
        """How many more people each capped district may send."""
        return {
            district: cap - self.taken_by_district.get(district, 0)
            for district, cap in self.caps.items()
        }

    def could_seat(self, family: Waiting) -> bool:
        """Tell whether a family would fit if nobody else came."""
        cap = self.caps.get(family.district, self.capacity)
        return family.seats <= min(cap, self.capacity)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a walk decided for one family; without a refusal it gets seats."""

    enrolment_id: UUID | None
    free: int
    needed: int
    refusal: Reason | None


def walk(rule: Rule, fullness: Fullness, waiting: Iterable[Waiting]) -> list[Outcome]:
    """Decide for each family in the order of the list, by the rules above."""
    strict = rule == "strict_order"
    free, rooms = fullness.free, fullness.rooms
    blocked, blocked_districts = False, set[str]()
    outcomes: list[Outcome] = []
    for family in waiting:
        refusal: Reason | None = None
        if free <= 0:
            refusal = "no_free_seats" if free == 0 else "capacity_lowered"
        elif family.offer_missed:
            refusal = "offer_missed"
        elif blocked or family.district in blocked_districts:
            refusal = "behind_in_order"
        elif family.seats > rooms.get(family.district, family.seats):
            refusal = "district_full"
            if strict and fullness.could_seat(family):
                blocked_districts.add(family.district)
        elif family.seats > free:
            refusal = "too_large"
            blocked = strict and fullness.could_seat(family)
        outcomes.append(Outcome(family.enrolment_id, free, family.seats, refusal))
        if refusal is None:
            free -= family.seats
            if family.district in rooms:
                rooms[family.district] -= family.seats
    return outcomes


def consider(
    rule: Rule, fullness: Fullness, ahead: Iterable[Waiting], applicant: Waiting
) -> Outcome:
    """Decide for a family behind all those who wait, none of whom would get seats now.

    `ahead` are the kinds of families that wait, without those that let an offer pass: their order
    does not matter. The same as the last outcome of a walk.
    """
    outcome = walk(rule, fullness, [applicant])[0]
    if rule == "best_fit" or outcome.free <= 0:
        return outcome
    if any(_is_in_the_way(fullness, kind, applicant.district) for kind in ahead):
        return replace(outcome, refusal="behind_in_order")
    return outcome


def _is_in_the_way(fullness: Fullness, kind: Waiting, district: str) -> bool:
    # Who would fit if it were first is behind somebody else, who is in the way for both.
    if not fullness.could_seat(kind):
        return False
    if kind.seats > fullness.rooms.get(kind.district, kind.seats):
        return kind.district == district
    return kind.seats > fullness.free


def cause_of_change(before: Event | None, after: Event) -> tuple[Cause, bool]:
    """Tell why an event's change makes the list be walked, and whether that is a new round."""
    ruled = before is None or (before.rule, before.offer_hours, before.district_caps) != (
        after.rule,
        after.offer_hours,
        after.district_caps,
    )
    if before is None or before.capacity == after.capacity:
        return ("rule_changed" if ruled else "event_changed"), ruled
    if after.capacity > before.capacity:
        return "capacity_raised", True
    return "capacity_lowered", ruled
