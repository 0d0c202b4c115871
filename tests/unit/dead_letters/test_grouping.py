"""Dead letters that failed alike stand together."""

from datetime import UTC, datetime, timedelta
from typing import Any

from shared.messaging.dead_letters.advice import ADVICE, command_of
from shared.messaging.dead_letters.grouping import Which, group, in_order
from shared.messaging.dead_letters.letters import DeadLetter

AT = datetime(2026, 11, 25, tzinfo=UTC)


def letter(ref: str, **told: Any) -> DeadLetter:
    facts: dict[str, Any] = {
        "queue": "a.b",
        "kind": "failed",
        "message_id": None,
        "type": "t",
        "exception": "KeyError",
        "reason": None,
        "where": None,
        "exchange": None,
        "routing_key": None,
        "attempts": None,
        "failed_at": AT,
        "service": "a",
        "version": "1",
        "sender": None,
        "replays": 0,
        "size": 1,
        **told,
    }
    return DeadLetter(ref=ref, **facts)


def test_letters_are_grouped_by_queue_type_and_exception_the_largest_first() -> None:
    groups = group(
        [
            letter("1", exception="ValueError"),
            letter("2", failed_at=AT + timedelta(hours=2), version="2", replays=3),
            letter("3", failed_at=None, version=None),
            letter("4", failed_at=AT + timedelta(hours=1)),
            letter("5", queue="a.c"),
            letter("6", type=None),
        ]
    )
    first = groups[0]
    assert (first.count, first.exception) == (3, "KeyError")
    assert (first.first, first.last) == (AT + timedelta(hours=1), AT + timedelta(hours=2))
    assert (first.versions, first.most_replays, first.example.ref) == (("1", "2"), 3, "2")
    assert [each.count for each in groups] == [3, 1, 1, 1]


def test_letters_are_listed_by_when_they_failed_those_of_an_unknown_time_last() -> None:
    listed = in_order(
        [letter("z", failed_at=None), letter("b"), letter("a"), letter("c", failed_at=AT - _HOUR)]
    )
    assert [each.ref for each in listed] == ["c", "a", "b", "z"]


_HOUR = timedelta(hours=1)


def test_a_filter_means_what_it_says_and_nothing_else() -> None:
    assert Which().holds(letter("1"))
    assert Which(queue="a.b", type="t", exception="KeyError").holds(letter("1"))
    assert not Which(queue="a.c").holds(letter("1"))
    assert not Which(exception="ValueError").holds(letter("1"))
    assert Which(type="").holds(letter("1", type=None))
    assert not Which(type="").holds(letter("1"))
    assert not Which(refs=frozenset()).holds(letter("1"))


def test_each_kind_has_its_advice_and_the_command_is_quoted() -> None:
    (one,) = group([letter("1", exception="it's; rm -rf", type=None)])
    assert command_of(one) == (
        "qayidis dead replay --queue a.b --type '' --exception 'it'\"'\"'s; rm -rf'"
    )
    (unreadable,) = group([letter("1", kind="unreadable")])
    assert command_of(unreadable) == "qayidis dead show 1"
    assert set(ADVICE) == {"unreadable", "killed", "database", "failed", "foreign"}
