"""What is said of a failure names no value: it may be personal."""

import pytest

from services.notifications.deliveries.domain import without_addresses
from shared.observability import describe


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "duplicate key value violates unique constraint\nDETAIL: Key (fin)=(5ZK21QA) exists.",
            "ValueError: duplicate key value violates unique constraint",
        ),
        (
            'invalid input syntax for type uuid: "5ZK21QA"',
            "ValueError: invalid input syntax for type uuid",
        ),
        (
            "invalid input for query argument $3: '+994501234567' (a date is expected)",
            "ValueError: invalid input for query argument $3",
        ),
        ("cannot reach 127.0.0.1: refused", "ValueError: cannot reach 127.0.0.1: refused"),
    ],
)
def test_a_database_failure_is_told_without_the_value(said: str, told: str) -> None:
    assert describe(ValueError(said)) == told


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("+994501234567 is not in service", "… is not in service"),
        ("050 123 45 67 switched off", "… switched off"),
        ("(050) 123-45-67: absent", "(…: absent"),
        ("550 <ali@example.az>: no such mailbox", "550 <…>: no such mailbox"),
        ("answered 503 after 30 s", "answered 503 after 30 s"),
        ("absent subscriber", "absent subscriber"),
    ],
)
def test_what_a_provider_says_is_kept_without_the_address(said: str, kept: str) -> None:
    assert without_addresses(said) == kept
