"""What the registration desk and the organiser do, each as one call of the public API."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

from deploy.local.demo.client import Api
from deploy.local.demo.families import BARDA, Household, Member
from deploy.local.demo.identities import Identities
from deploy.local.demo.seminar import Days, move


@dataclass(frozen=True)
class Person:
    """A registered member and the one address they are reached at, if any."""

    id: str
    given_name: str
    address: str | None


@dataclass(frozen=True)
class Family:
    """A registered household."""

    id: str
    household: Household
    people: tuple[Person, ...]

    @property
    def name(self) -> str:
        """The head's family name."""
        return self.household.name


@dataclass(frozen=True)
class Enrolment:
    """A family's place at the seminar: seated, or waiting."""

    id: str
    family: Family
    status: str
    waiting_position: int | None
    ticket: str

    @property
    def is_seated(self) -> bool:
        """Whether the family has its seats."""
        return self.status == "confirmed"


class _Addresses:
    """The phones of one household: the same name is the same phone."""

    def __init__(self, identities: Identities) -> None:
        self._identities = identities
        self._phones: dict[str, str] = {}

    def phone(self, member: Member) -> str | None:
        if member.phone is None:
            return None
        if member.phone not in self._phones:
            self._phones[member.phone] = self._identities.phone()
        return self._phones[member.phone]

    def mailbox(self, member: Member) -> str | None:
        return self._identities.mailbox(member.mailbox) if member.mailbox else None


class Desk:
    """The registration desk, which a registrar works at."""

    def __init__(self, registration: Api, identities: Identities) -> None:
        self._registration = registration
        self._identities = identities

    def register(self, household: Household, today: date) -> Family:
        """Register a family: `POST /v1/families`."""
        reached = _Addresses(self._identities)
        members = [self._member(household, member, reached) for member in household.members]
        answer = self._registration.post(
            "/v1/families",
            {
                "origin": {"district": household.district, "settlement": household.village},
                "residence": {
                    "district": BARDA,
                    "settlement": "Bərdə",
                    "address": household.address,
                },
                "members": members,
                "consent": {
                    "basis": "consent",
                    "purposes": ["event_notifications"],
                    "given_by": "head",
                    "given_on": today.isoformat(),
                },
            },
        )
        return Family(answer["id"], household, tuple(map(_person, answer["members"])))

    def enrol(self, family: Family, event_id: str) -> Enrolment:
        """Enrol every member: `POST /v1/enrolments`. Seated whole, or waiting whole."""
        answer = self._registration.post(
            "/v1/enrolments", {"event_id": event_id, "family_id": family.id}
        )
        return Enrolment(
            id=answer["id"],
            family=family,
            status=answer["status"],
            waiting_position=answer["waiting_position"],
            ticket=answer["ticket"],
        )

    def cancel(self, enrolment: Enrolment) -> Enrolment:
        """Free a family's seats: `POST /v1/enrolments/{id}/cancel`."""
        answer = self._registration.post(f"/v1/enrolments/{enrolment.id}/cancel")
        return replace(enrolment, status=answer["status"])

    def check_in(self, enrolment: Enrolment) -> None:
        """Check the whole family in: `POST /v1/check-ins`, twice as a weak network would.

        The same nonce makes the second call change nothing.
        """
        check_in = {
            "ticket": enrolment.ticket,
            "person_ids": [person.id for person in enrolment.family.people],
            "nonce": str(uuid4()),
            "at": datetime.now(UTC).isoformat(),
        }
        self._registration.post("/v1/check-ins", check_in)
        self._registration.post("/v1/check-ins", check_in)

    def seats(self, event_id: str) -> dict[str, int]:
        """Count people: `GET /v1/events/{id}/seats`."""
        seats: dict[str, int] = self._registration.get(f"/v1/events/{event_id}/seats")
        return seats

    def _member(self, household: Household, member: Member, reached: _Addresses) -> dict[str, Any]:
        return {
            "given_name": member.given_name,
            "family_name": member.family_name,
            "patronymic": member.patronymic,
            "sex": member.sex,
            "birth_date": f"{member.born}-{self._identities.day()}",
            "fin": self._identities.fin() if member.has_fin else None,
            "phone": reached.phone(member),
            "email": reached.mailbox(member),
            "language": household.language,
            "relation": member.relation,
        }


class Organiser:
    """The organiser, who plans the seminar and moves it."""

    def __init__(self, events: Api) -> None:
        self._events = events

    def publish(self, body: dict[str, Any]) -> str:
        """Draft and publish an event: `POST /v1/events`, `…/publish`. Return its id."""
        event_id: str = self._events.post("/v1/events", body)["id"]
        self._events.post(f"/v1/events/{event_id}/publish")
        return event_id

    def reschedule(self, event_id: str, days: Days) -> None:
        """Move it to its other day, with the reason: `POST /v1/events/{id}/reschedule`."""
        self._events.post(f"/v1/events/{event_id}/reschedule", move(days))


def _person(member: dict[str, Any]) -> Person:
    return Person(member["id"], member["given_name"], member["phone"] or member["email"])
