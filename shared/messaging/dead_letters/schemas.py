"""HTTP bodies of dead letters."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.messaging.dead_letters import grouping, letters, moving, records
from shared.messaging.dead_letters.advice import ADVICE, command_of
from shared.messaging.dead_letters.grouping import Which
from shared.messaging.dead_letters.office import Opened, Overview
from shared.paging import Page
from shared.text import Storable

LONGEST = letters.LONGEST
MOST_AT_ONCE = 1_000
MOST_NAMED = 100

Why = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500), Storable
]
"""Why a letter is not needed: 3 to 500 characters, without personal data, for it is kept."""

Name = Annotated[str, StringConstraints(max_length=LONGEST)]


class DeadLetter(BaseModel):
    """One message that could not be handled; null is what nobody wrote down."""

    model_config = ConfigDict(from_attributes=True)

    ref: str = Field(description="names the letter as long as it lies there")
    queue: str = Field(description="the queue where it failed")
    kind: letters.Kind
    message_id: str | None
    type: str | None
    exception: str
    reason: str | None
    where: str | None
    exchange: str | None
    routing_key: str | None
    attempts: int | None
    failed_at: datetime | None
    service: str
    version: str | None = Field(description="of the code that failed")
    sender: str | None
    replays: int
    size: int


class Sight(BaseModel):
    """When dead letters were seen. A look that takes long goes on by itself, the last is given."""

    seen_at: datetime | None = Field(description="when the first of the queues was looked at")
    outdated: bool = Field(description="a new look is under way; ask again in some seconds")


class DeadLetterPage(Page[DeadLetter], Sight):
    """One page of dead letters."""


class DeadLetterGroup(BaseModel):
    """Letters of one queue, message type and exception, and what to do about them."""

    model_config = ConfigDict(from_attributes=True)

    queue: str
    type: str | None
    exception: str
    kind: letters.Kind
    count: int
    first: datetime | None
    last: datetime | None
    versions: tuple[str, ...]
    most_replays: int
    example: DeadLetter
    advice: str
    command: str

    @classmethod
    def of(cls, group: grouping.Group) -> "DeadLetterGroup":
        """The same as a body."""
        facts = {name: getattr(group, name) for name in group.__dataclass_fields__}
        facts["example"] = DeadLetter.model_validate(group.example)
        return cls(**facts, advice=ADVICE[group.kind], command=command_of(group))


class DeadLetterGroups(Sight):
    """Every group; `looked_at` is less than `depth` when the queues are longer than the bound."""

    groups: list[DeadLetterGroup]
    depth: int
    looked_at: int

    @classmethod
    def of(cls, overview: Overview) -> "DeadLetterGroups":
        """The same as a body."""
        groups = [DeadLetterGroup.of(each) for each in overview.groups]
        return cls(
            groups=groups,
            depth=overview.depth,
            looked_at=overview.looked_at,
            seen_at=overview.seen_at,
            outdated=overview.outdated,
        )


class OpenedDeadLetter(DeadLetter):
    """A letter with its headers and its message; personal data masked unless asked for."""

    headers: dict[str, Any]
    message: str
    advice: str

    @classmethod
    def of(cls, opened: Opened) -> "OpenedDeadLetter":
        """The same as a body."""
        told = DeadLetter.model_validate(opened.told).model_dump()
        return cls(
            **told,
            headers=dict(opened.headers),
            message=opened.text,
            advice=ADVICE[opened.told.kind],
        )


class DeadLetterMoved(BaseModel):
    """What became of one letter."""

    ref: str
    action: records.Action


class DeadLetterDrop(BaseModel):
    """Why a letter is not needed."""

    reason: Why


class DeadLetterReplay(BaseModel):
    """Which letters are put back: one group or part of it, at most so many by one call."""

    queue: Name
    type: Name | None = Field(None, description="empty: letters without a type")
    exception: Name | None = None
    limit: int = Field(500, ge=1, le=MOST_AT_ONCE, description="at most so many leave")

    def to_domain(self) -> Which:
        """The same as a filter."""
        return Which(self.queue, self.type, self.exception)


class DeadLetterRefusal(BaseModel):
    """A letter that stays, and why."""

    model_config = ConfigDict(from_attributes=True)

    ref: str
    why: moving.Why
    detail: str


class DeadLettersReplayed(BaseModel):
    """What became of a group; `left` are those that are still there and were not dealt with."""

    replayed: int
    refused: list[DeadLetterRefusal] = Field(
        max_length=MOST_NAMED, description="the first hundred of those that stay"
    )
    stay: int = Field(description="how many were refused, named here or not")
    left: int
    outdated: bool = Field(
        description="`left` is of the last look: letters parked since are not counted"
    )


class DeadLetterRecord(BaseModel):
    """Who did what to which letter, when and why."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    at: datetime
    actor: str
    action: records.Action
    reason: str | None
    ref: str
    queue: str
    message_id: str | None
    type: str | None
    exception: str
    failure: str | None
    failed_at: datetime | None
    version: str | None
    replays: int
    kept: bool = Field(description="its message is kept, sealed")
