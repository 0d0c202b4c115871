"""The rules of an event: its statuses, its times, what it needs before it is published."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

Kind = Literal[
    "seminar",
    "training",
    "tour",
    "draw",
    "campaign",
    "concert",
    "conference",
    "discussion",
    "film",
    "flash_mob",
    "staff_training",
]
KINDS: tuple[Kind, ...] = get_args(Kind)

Status = Literal["draft", "published", "cancelled", "completed"]
STATUSES: tuple[Status, ...] = get_args(Status)

Rule = Literal["best_fit", "strict_order"]

LANGUAGES = ("az", "en", "ru")


class WrongFieldError(Exception):
    """One field does not go with the rest."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field} {message}")
        self.field = field
        self.message = message


class MissingWordsError(Exception):
    """Some texts are not written in every language; `fields` as `title.ru`."""

    def __init__(self, fields: list[str]) -> None:
        super().__init__(", ".join(fields))
        self.fields = fields


class WrongStatusError(Exception):
    """The event's status does not allow this."""


class AlreadyStartedError(Exception):
    """The event has begun."""


@dataclass(frozen=True, slots=True)
class Times:
    """When an event is held and until when families can enrol."""

    starts_at: datetime
    ends_at: datetime
    enrolment_closes_at: datetime


def check_times(times: Times) -> None:
    """Raise WrongFieldError unless closing, start and end follow each other."""
    if times.ends_at <= times.starts_at:
        raise WrongFieldError("ends_at", "must be after starts_at")
    if times.enrolment_closes_at > times.starts_at:
        raise WrongFieldError("enrolment_closes_at", "must not be after starts_at")


def check_future(starts_at: datetime, now: datetime) -> None:
    """Raise AlreadyStartedError when a start has passed."""
    if starts_at <= now:
        raise AlreadyStartedError


def move(
    times: Times, starts_at: datetime, ends_at: datetime, enrolment_closes_at: datetime | None
) -> Times:
    """Give an event's times after it moved.

    Without a closing of its own, enrolment closes as long before the start as it did before.
    """
    closes_at = enrolment_closes_at or starts_at - (times.starts_at - times.enrolment_closes_at)
    return Times(starts_at, ends_at, closes_at)


def check_words(title: Mapping[str, str], summary: Mapping[str, str]) -> None:
    """Raise MissingWordsError unless title and summary are written in all three languages."""
    texts = {"title": title, "summary": summary}
    missing = [
        f"{name}.{language}"
        for name, words in texts.items()
        for language in LANGUAGES
        if not words.get(language)
    ]
    if missing:
        raise MissingWordsError(missing)


def change_seating(before: Mapping[str, Any], sent: Mapping[str, Any]) -> dict[str, Any]:
    """Merge what was sent into a rule of seating (RFC 7396): a cap that is null is taken away."""
    caps = {**before["district_caps"], **sent.get("district_caps", {})}
    kept = {district: cap for district, cap in sorted(caps.items()) if cap is not None}
    return {**before, **sent, "district_caps": kept}


def check_status(status: str, *allowed: Status) -> None:
    """Raise WrongStatusError unless an event is in one of these statuses."""
    if status not in allowed:
        raise WrongStatusError
