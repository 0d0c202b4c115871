"""HTTP bodies of the door."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.registration.door import handlers, queries
from services.registration.enrolments.domain import Status


class Event(BaseModel):
    """The event of the desk."""

    id: UUID
    status: str
    title: dict[str, str]
    starts_at: datetime | None
    ends_at: datetime | None


class Member(BaseModel):
    """A person with a seat."""

    person_id: UUID
    name: str
    attended: bool


class Line(BaseModel):
    """An enrolment: its short code, the serial of the ticket that counts, and its members."""

    enrolment_id: UUID
    status: Status
    code: str
    serial: int
    members: list[Member]


class Sheet(BaseModel):
    """A page of what a desk needs without the network; `next` is null on the last one.

    Of a person it holds the name and the id alone. Tickets are verified by `keys`.
    """

    event: Event
    keys: list[dict[str, Any]]
    items: list[Line]
    next: str | None

    @classmethod
    def of(cls, sheet: handlers.Sheet, lines: list[queries.Line], next_: str | None) -> "Sheet":
        """Make it of an entity."""
        event = sheet.event
        return cls(
            event=Event(
                id=event.id,
                status=event.status,
                title=event.title,
                starts_at=event.starts_at,
                ends_at=event.ends_at,
            ),
            keys=sheet.keys,
            items=[
                Line(
                    enrolment_id=line.enrolment_id,
                    status=line.status,
                    code=line.code,
                    serial=sheet.serials[line.enrolment_id],
                    members=[
                        Member(person_id=each.person_id, name=each.name, attended=each.attended)
                        for each in line.members
                    ],
                )
                for line in lines
            ],
            next=next_,
        )
