"""Who is told of something, at which address, and in which language; pure rules."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

_ADDRESS = re.compile(r"\+?[0-9](?:[ ()-]{0,2}[0-9]){6,}|[^\s<>\"'(,;]+@[^\s<>\"'),;]+")


class Cause(Protocol):
    """What made a notice necessary, for tracing."""

    @property
    def correlation_id(self) -> str: ...
    @property
    def causation_id(self) -> str | None: ...
    @property
    def traceparent(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell the enrolled members of one family, before it is known at which phones.

    `version` is that of what happened, so the same thing is never told twice; `seated` says that
    they hold seats and so want a reminder; by `answer_by` they must say whether they take an offer.
    """

    kind: str
    enrolment_id: UUID
    version: int
    event_id: UUID
    family_id: UUID
    person_ids: tuple[UUID, ...]
    seated: bool
    waiting_position: int | None
    by: str | None
    cause: Cause
    answer_by: datetime | None = None


class Reachable(Protocol):
    """A person as far as telling them needs."""

    @property
    def person_id(self) -> UUID: ...
    @property
    def erased(self) -> bool: ...
    @property
    def given_name(self) -> str | None: ...
    @property
    def family_name(self) -> str | None: ...
    @property
    def phone(self) -> str | None: ...
    @property
    def email(self) -> str | None: ...
    @property
    def language(self) -> str | None: ...
    @property
    def may_notify(self) -> bool: ...


@dataclass(slots=True)
class Recipient:
    """One phone or mailbox and everyone told there."""

    channel: str
    address: str
    language: str
    may_notify: bool = False
    persons: list[Reachable] = field(default_factory=list)

    def add(self, person: Reachable) -> None:
        """Tell one more person at this address."""
        self.persons.append(person)
        self.may_notify = self.may_notify or person.may_notify

    @property
    def names(self) -> list[str]:
        """Given names in order; the full name when it is one person."""
        if len(self.persons) == 1:
            person = self.persons[0]
            return [f"{person.given_name or ''} {person.family_name or ''}".strip()]
        return [person.given_name or "" for person in self.persons]

    @property
    def person_ids(self) -> list[UUID]:
        """The persons told, in order."""
        return [person.person_id for person in self.persons]


def recipients(told: Sequence[Reachable], family: Iterable[Reachable]) -> list[Recipient]:
    """Group the persons to be told by the address that reaches them: one text a phone.

    A phone goes before a mailbox. Who has neither is told at the first address of those told
    together, else at the first of the family; the language is that of the first person there.
    """
    found: dict[str, Recipient] = {}
    without: list[Reachable] = []
    for person in told:
        if person.erased:
            continue
        recipient = _at(found, person)
        if recipient is None:
            without.append(person)
        else:
            recipient.add(person)
    if without and not found:
        for member in family:
            if not member.erased and _at(found, member) is not None:
                break
    first = next(iter(found.values()), None)
    if first is not None:
        for person in without:
            first.add(person)
    return list(found.values())


def _at(found: dict[str, Recipient], person: Reachable) -> Recipient | None:
    address = person.phone or person.email
    if address is None:
        return None
    channel = "sms" if person.phone else "email"
    return found.setdefault(address, Recipient(channel, address, person.language or "az"))


def without_addresses(text: str) -> str:
    """Take phones and mailboxes out of what a provider says: it is kept, and told to others."""
    return _ADDRESS.sub("…", text)


def mask(address: str) -> str:
    """Hide an address but for its last two characters."""
    return "*" * max(0, len(address) - 2) + address[-2:]
