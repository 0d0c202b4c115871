"""What each phone and mailbox received, and how the seats stand, for a screen of 100 columns."""

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import phonenumbers

from deploy.local.demo.desk import Family
from deploy.local.demo.texts import Notification

WIDTH = 100
_COLUMNS = (24, 12, 6, 14)
_TEXT = WIDTH - sum(_COLUMNS)
_MOST_LINES = 3


@dataclass(frozen=True)
class Line:
    """One text, or one notification that has not become a text, with its status as its words."""

    kind: str
    words: str


@dataclass(frozen=True)
class Received:
    """An address, the family it belongs to, and what came there, in order."""

    address: str
    family: Family
    lines: tuple[Line, ...]


def received(
    address: str, family: Family, inbox: dict[str, Any], notifications: list[Notification]
) -> Received:
    """Join what a phone has with what the notifications service says about it."""
    people = {person.id for person in family.people if person.address == address}
    expected = [item for item in notifications if people & set(item["person_ids"])]
    shown: set[str] = set()
    lines = []
    for text in inbox["texts"]:
        item = _origin(text, [item for item in expected if item["id"] not in shown])
        lines.append(Line(item["kind"] if item else "unlisted", _words(text)))
        if item:
            shown.add(item["id"])
    lines += [
        Line(item["kind"], f"[{item['status']}]") for item in expected if item["id"] not in shown
    ]
    return Received(address, family, tuple(lines))


def print_received(all_received: Iterable[Received]) -> None:
    """Print the table: one row a text, the address and its family beside the first."""
    print()
    print(_row("PHONE OR MAILBOX", "FAMILY", "READS", "RECEIVED", ""))
    for one in all_received:
        print("─" * WIDTH)
        for line in _rows(one):
            print(line)
    print("─" * WIDTH)


def print_seats(seats: dict[str, int]) -> None:
    """Print how many people are seated, wait and came."""
    print(
        f"Seats: {seats['capacity']}   confirmed: {seats['confirmed']}   "
        f"waiting: {seats['waitlisted']}   attended: {seats['attended']}"
    )


def _rows(one: Received) -> Iterator[str]:
    household = one.family.household
    first: tuple[str, ...] = (_readable(one.address), household.name, household.language)
    if not one.lines:
        yield _row(*first, "nothing", "")
    for line in one.lines:
        kind = line.kind
        for words in _wrapped(line.words):
            yield _row(*first, kind, words)
            first, kind = ("", "", ""), ""


def _row(*cells: str) -> str:
    widths = (*_COLUMNS, 0)
    return "".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _wrapped(words: str) -> list[str]:
    return textwrap.wrap(words, _TEXT, max_lines=_MOST_LINES, placeholder=" …") or [""]


def _words(text: dict[str, Any]) -> str:
    subject = f"{text['subject']} — " if text["subject"] else ""
    lost = "[failed on delivery] " if text["outcome"] == "failed" else ""
    return " ".join(f"{lost}{subject}{text['text']}".split())


def _origin(text: dict[str, Any], expected: list[Notification]) -> Notification | None:
    # A text's id is its notification's, and an e-mail's Message-ID may hold it; else words tell.
    by_id = (item for item in expected if item["id"] in text["id"])
    by_words = (item for item in expected if item["text"].split() == text["text"].split())
    return next(by_id, None) or next(by_words, None)


def _readable(address: str) -> str:
    if "@" in address:
        return address
    number = phonenumbers.parse(address)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
