"""The rules of an event."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.events.calendar.domain import end_of_day, start_of_day
from services.events.planning import domain
from services.events.planning.domain import Times

START = datetime(2026, 12, 1, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)
TIMES = Times(START, START + 3 * HOUR, START - 16 * HOUR)
WORDS = {"az": "Ə", "en": "E", "ru": "Э"}


def test_an_event_ends_after_it_starts() -> None:
    domain.check_times(TIMES)
    for end in (START, START - HOUR):
        with pytest.raises(domain.WrongFieldError) as wrong:
            domain.check_times(Times(START, end, START))
        assert wrong.value.field == "ends_at"


def test_enrolment_closes_at_the_start_at_the_latest() -> None:
    domain.check_times(Times(START, START + HOUR, START))
    with pytest.raises(domain.WrongFieldError) as wrong:
        domain.check_times(Times(START, START + HOUR, START + timedelta(microseconds=1)))
    assert wrong.value.field == "enrolment_closes_at"


@given(st.timedeltas(min_value=timedelta(days=-300), max_value=timedelta(days=3000)))
def test_a_moved_event_closes_as_long_before_its_start_as_before(shift: timedelta) -> None:
    moved = domain.move(TIMES, START + shift, START + shift + HOUR, None)
    assert moved.starts_at - moved.enrolment_closes_at == 16 * HOUR
    assert moved.ends_at == START + shift + HOUR


def test_a_closing_that_is_given_with_a_move_stands() -> None:
    moved = domain.move(TIMES, START + HOUR, START + 2 * HOUR, START)
    assert moved.enrolment_closes_at == START


def test_every_language_that_lacks_is_named() -> None:
    domain.check_words(WORDS, WORDS)
    with pytest.raises(domain.MissingWordsError) as missing:
        domain.check_words({**WORDS, "ru": ""}, {"az": "Ə"})
    assert missing.value.fields == ["title.ru", "summary.en", "summary.ru"]


def test_an_event_that_starts_now_has_started() -> None:
    domain.check_future(START, START - HOUR)
    with pytest.raises(domain.AlreadyStartedError):
        domain.check_future(START, START)


def test_only_an_allowed_status_passes() -> None:
    domain.check_status("draft", "draft", "published")
    with pytest.raises(domain.WrongStatusError):
        domain.check_status("cancelled", "draft", "published")


def test_days_are_those_of_baku() -> None:
    assert start_of_day(date(2026, 12, 1)) == datetime(2026, 11, 30, 20, tzinfo=UTC)
    assert end_of_day(date(2026, 12, 31)) == datetime(2026, 12, 31, 20, tzinfo=UTC)
