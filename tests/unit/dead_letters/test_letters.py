"""A dead letter says what its headers say, whatever they hold."""

import json
from datetime import UTC, datetime
from typing import Any

import aio_pika
import pytest

from shared.messaging.dead_letters.headers import REPLAYS, without_failure
from shared.messaging.dead_letters.letters import read_letter
from shared.messaging.dead_letters.replaying import as_sent
from shared.messaging.suspects import ProcessDiedError

AT = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
PARKED: dict[str, Any] = {
    "x-qayidis-exception": "DBAPIError",
    "x-qayidis-failed-at": AT.isoformat(),
    "x-qayidis-attempts": 5,
    "x-qayidis-app-id": "registration",
    "x-qayidis-version": "0.4.0",
    "cloudEvents_subject": "x",
}
DIED: dict[str, Any] = {
    "x-death": [
        {
            "reason": "delivery_limit",
            "time": AT,
            "exchange": "qayidis.internal",
            "routing-keys": ["registration.contact_changed.v1"],
        }
    ],
    "x-first-death-reason": "delivery_limit",
    "x-delivery-count": 21,
}


def made(body: bytes = b"{}", **told: Any) -> aio_pika.Message:
    return aio_pika.Message(body, **{"message_id": "1", **told})


def test_a_parked_letter_tells_where_it_failed_and_with_what() -> None:
    letter = read_letter("a.b", made(headers=PARKED))
    assert (letter.kind, letter.exception, letter.attempts) == ("database", "DBAPIError", 5)
    assert (letter.failed_at, letter.version, letter.sender) == (AT, "0.4.0", "registration")


PHONE = "+994501234567"
TYPE = "az.gov.idp.registration.something_new.v12"
ID = "0192f3a4-0000-7000-8000-000000000001"


@pytest.mark.parametrize(
    "told", [PHONE, PHONE[1:], PHONE[4:], f"{PHONE[1:]:0>32}", "Elnur", "5zk21qb", "a b", ""]
)
def test_what_names_no_message_is_not_told_for_it_could_be_anybody(told: str) -> None:
    body = json.dumps({"type": told}).encode()
    letter = read_letter("a.b", made(body, message_id=told, type=told, app_id=told.upper()))
    assert (letter.message_id, letter.type, letter.sender) == (None, None, None)
    assert letter.ref != read_letter("a.b", made(body, message_id=f"{told}1")).ref


def test_a_type_and_an_id_are_told_whether_known_or_not() -> None:
    letter = read_letter("a.b", made(message_id=ID, type=TYPE, app_id="events"))
    assert (letter.message_id, letter.type, letter.sender) == (ID, TYPE, "events")
    assert read_letter("a.b", made(message_id=ID.replace("-", ""))).message_id
    assert read_letter("a.b", made(json.dumps({"type": TYPE}).encode())).type == TYPE


def test_what_rabbitmq_gave_up_tells_what_rabbitmq_wrote() -> None:
    letter = read_letter("a.b", made(headers=DIED))
    assert (letter.kind, letter.exception, letter.attempts) == ("killed", "delivery_limit", 20)
    assert (letter.failed_at, letter.exchange) == (AT, "qayidis.internal")
    assert letter.routing_key == "registration.contact_changed.v1"
    assert letter.service == "a"


def test_what_killed_its_process_is_told_from_what_failed() -> None:
    headers = {**PARKED, "x-qayidis-exception": ProcessDiedError.__name__}
    assert read_letter("a.b", made(headers=headers)).kind == "killed"


def test_what_was_put_there_by_hand_is_foreign() -> None:
    assert read_letter("a.b", made(message_id=None)).kind == "foreign"


@pytest.mark.parametrize(
    "headers",
    [
        {"x-qayidis-exception": 7, "x-qayidis-failed-at": 7, "x-qayidis-replays": "many"},
        {"x-qayidis-failed-at": "yesterday", "x-death": [1]},
        {"x-death": "none", "x-qayidis-attempts": "five"},
        {"x-death": [{"reason": None, "routing-keys": 3, "time": "x"}]},
        {"x-qayidis-exception": "\x1b[2J" * 1000},
    ],
)
def test_headers_that_make_no_sense_are_read_all_the_same(headers: dict[str, Any]) -> None:
    letter = read_letter("a.b", made(b'{"type": ["\xff"]}', headers=headers))
    assert letter.replays == 0
    assert letter.exception.isprintable()
    assert len(letter.exception) <= 300


def test_the_reference_stays_while_it_is_looked_at_and_differs_for_what_differs() -> None:
    letter = read_letter("a.b", made(headers=PARKED))
    looked_at = read_letter("a.b", made(headers={**PARKED, "x-delivery-count": 40}))
    assert letter.ref == looked_at.ref
    others = [
        read_letter("a.c", made(headers=PARKED)),
        read_letter("a.b", made(b"{ }", headers=PARKED)),
        read_letter("a.b", made(headers=PARKED, message_id="2")),
        read_letter("a.b", made(headers={**PARKED, "x-qayidis-failed-at": "2026-11-25T03:01Z"})),
    ]
    assert len({each.ref for each in [letter, *others]}) == 5


def test_a_replay_is_the_message_as_it_was_sent_with_its_replays_counted() -> None:
    parked = made(b"body", headers={**PARKED, **DIED, REPLAYS: 2}, app_id="notifications", type="t")
    sent = as_sent(parked)
    assert sent.headers == {"cloudEvents_subject": "x", REPLAYS: 3}
    assert (sent.body, sent.message_id, sent.type) == (b"body", "1", "t")
    assert sent.app_id == "registration"
    assert sent.delivery_mode == aio_pika.DeliveryMode.PERSISTENT
    assert without_failure(PARKED) == {"cloudEvents_subject": "x"}
