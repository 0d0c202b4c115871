"""Dead letters as a terminal shows them."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from shared.messaging.dead_letters.advice import ADVICE, command_of
from shared.messaging.dead_letters.grouping import Group
from shared.messaging.dead_letters.letters import DeadLetter
from shared.messaging.dead_letters.office import Opened, Overview
from shared.messaging.dead_letters.records import Record

_BAKU = ZoneInfo("Asia/Baku")


def moment(at: datetime | None) -> str:
    """A moment in Baku, with its offset."""
    return at.astimezone(_BAKU).isoformat(" ", "seconds") if at else "unknown"


def overview_lines(overview: Overview) -> Iterator[str]:
    """Every group with since when, from where, why and what to do."""
    for group in overview.groups:
        yield from _group_lines(group)
        yield ""
    if overview.looked_at < overview.depth:
        yield f"Only {overview.looked_at} of {overview.depth} dead letters were looked at."


def _group_lines(group: Group) -> Iterator[str]:
    example = group.example
    yield f"{group.queue}  {group.type or 'no type'}  {group.exception}  x {group.count}"
    yield f"  failed   first {moment(group.first)}, last {moment(group.last)}"
    versions = ", ".join(group.versions) or "unknown"
    sender = f", sent by {example.sender}" if example.sender else ""
    yield f"  service  {example.service}, version {versions}{sender}"
    if group.most_replays:
        yield f"  replays  up to {group.most_replays} so far"
    yield f"  reason   {example.reason or 'nobody wrote one down'}"
    yield f"  example  qayidis dead show {example.ref}"
    yield f"  to do    {ADVICE[group.kind]}"
    yield f"           {command_of(group)}"


def letter_lines(letters: Sequence[DeadLetter]) -> Iterator[str]:
    """One line a letter: reference, when, queue, type, exception, replays."""
    for each in letters:
        yield "\t".join(
            (
                each.ref,
                moment(each.failed_at),
                each.queue,
                each.type or "no type",
                each.exception,
                f"{each.replays} replays",
            )
        )


def opened_lines(opened: Opened) -> Iterator[str]:
    """All that is known of one letter, its headers, and its message."""
    told = opened.told
    facts = {
        "reference": told.ref,
        "queue": told.queue,
        "message id": told.message_id,
        "type": told.type,
        "failed": moment(told.failed_at),
        "exception": told.exception,
        "reason": told.reason,
        "where": told.where,
        "attempts": told.attempts,
        "replays": told.replays,
        "service": f"{told.service}, version {told.version or 'unknown'}",
        "sent by": told.sender,
        "came by": f"{told.exchange or '?'} {told.routing_key or '?'}",
        "bytes": told.size,
        "to do": ADVICE[told.kind],
    }
    yield from (
        f"{name:<11}{'unknown' if value is None else value}" for name, value in facts.items()
    )
    yield ""
    yield "headers"
    yield from (f"  {name}: {value}" for name, value in sorted(opened.headers.items()))
    yield ""
    yield opened.text


def record_lines(records: Sequence[Record]) -> Iterator[str]:
    """One line a record: when, who, what, which letter, why."""
    for each in records:
        yield "\t".join(
            (
                moment(each.at),
                each.actor,
                each.action,
                each.ref,
                each.queue,
                each.type or "no type",
                each.exception,
                each.message_id or "no id",
                each.reason or "",
            )
        )


def as_json(what: Any) -> str:
    """The same for programs."""
    return json.dumps(what, default=_plain, ensure_ascii=False, indent=1)


def group_facts(group: Group) -> dict[str, Any]:
    """A group for programs, with what to do."""
    return {**asdict(group), "advice": ADVICE[group.kind], "command": command_of(group)}


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
