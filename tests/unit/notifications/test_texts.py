"""Texts: every kind in every language, read as the family reads it."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.notifications.channels.sms_parts import count_parts
from services.notifications.texts import rendering
from services.notifications.texts.domain import (
    KINDS,
    LANGUAGES,
    Addressee,
    CancelledBy,
    EventFacts,
    Kind,
    Language,
    Text,
    list_names,
    one_line,
)
from services.notifications.texts.rendering import TEMPLATES_VERSION
from shared.places import UnknownDistrictError

GOLDEN = Path(__file__).parent / "golden"
UPDATE = "QAYIDIS_UPDATE_GOLDEN"

BAKU = timezone(timedelta(hours=4))
ANSWER_BY = datetime(2026, 11, 30, 14, tzinfo=UTC)
render = partial(rendering.render, answer_by=ANSWER_BY)
TITLE = {
    "az": "Böyük Qayıdış haqqında məlumat seminarı",
    "en": "Information seminar on the Great Return",
    "ru": "Информационный семинар о Большом возвращении",
}
REASON = {"az": "hava şəraiti", "en": "bad weather", "ru": "погодные условия"}
SEMINAR = EventFacts(
    title=TITLE,
    starts_at=datetime(2026, 12, 1, 10, tzinfo=BAKU),
    ends_at=datetime(2026, 12, 1, 13, tzinfo=BAKU),
    venue_name="Mədəniyyət Mərkəzi",
    venue_district="AZ-BAR",
    venue_address="Nizami küç. 5",
    reason=REASON,
)
TOUR = replace(
    SEMINAR,
    starts_at=datetime(2026, 12, 4, 8, tzinfo=BAKU),
    ends_at=datetime(2026, 12, 6, 19, 30, tzinfo=BAKU),
    venue_district="AZ-SUS",
    reason=None,
)
IN_LATIN_LETTERS_ONLY = replace(
    SEMINAR, venue_name="Heydar Aliyev Centre", venue_address="5 Nizami St"
)
NAMES: dict[Language, tuple[str, ...]] = {
    "az": ("Əli", "Aygün", "Vaqif"),
    "en": ("Ali", "Aygun", "Vagif"),
    "ru": ("Али", "Айгюн", "Вагиф"),
}
DAY: dict[Language, str] = {
    "az": "1 dekabr 2026, 10:00",
    "en": "1 December 2026, 10:00",
    "ru": "1 декабря 2026 г., 10:00",
}
DISTRICT: dict[Language, str] = {"az": "Bərdə", "en": "Barda", "ru": "Барда"}
BY: tuple[CancelledBy | None, ...] = (None, "event", "family", "staff")

every_kind = pytest.mark.parametrize("kind", KINDS)
every_language = pytest.mark.parametrize("language", LANGUAGES)


def _for(language: Language, *names: str) -> Addressee:
    return Addressee(language, names or NAMES[language])


@every_kind
@every_language
def test_every_text_says_to_whom_what_when_and_where(kind: Kind, language: Language) -> None:
    text = render(kind, SEMINAR, _for(language), waiting_position=3)
    greeting = text.body.splitlines()[0]
    assert list_names(NAMES[language], language) in greeting
    assert TITLE[language] in text.subject
    assert len(text.subject.splitlines()) == 1
    for fact in (TITLE[language], DAY[language], DISTRICT[language]):
        assert fact in text.body


@every_kind
@every_language
def test_no_line_is_empty_or_has_loose_spaces(kind: Kind, language: Language) -> None:
    for event in (SEMINAR, TOUR):
        for by in BY:
            text = render(kind, event, _for(language), by=by)
            for line in (text.subject, *text.body.split("\n")):
                assert line
                assert line == " ".join(line.split())


@every_kind
@every_language
def test_the_day_is_the_one_in_baku(kind: Kind, language: Language) -> None:
    night = replace(
        SEMINAR,
        starts_at=datetime(2026, 12, 31, 20, 30, tzinfo=UTC),
        ends_at=datetime(2026, 12, 31, 22, tzinfo=UTC),
    )
    expected = {"az": "1 yanvar 2027, 00:30–02:00", "en": "1 January 2027, 00:30-02:00"}
    expected["ru"] = "1 января 2027 г., 00:30–02:00"
    assert expected[language] in render(kind, night, _for(language)).body


@pytest.mark.parametrize(
    ("ends_at", "expected"),
    [
        (datetime(2026, 12, 1, 19, 59, tzinfo=UTC), "1 dekabr 2026, 23:30–23:59"),
        (datetime(2026, 12, 1, 20, 0, tzinfo=UTC), "1 dekabr 2026, 23:30 – 2 dekabr 2026, 00:00"),
    ],
)
def test_both_days_are_written_when_the_event_passes_midnight(
    ends_at: datetime, expected: str
) -> None:
    starts_at = datetime(2026, 12, 1, 19, 30, tzinfo=UTC)
    event = replace(SEMINAR, starts_at=starts_at, ends_at=ends_at)
    assert expected in render("reminder", event, _for("az")).body


@every_language
@pytest.mark.parametrize("kind", ["rescheduled", "cancelled"])
def test_the_reason_is_given_in_their_language_when_there_is_one(
    kind: Kind, language: Language
) -> None:
    assert REASON[language] in render(kind, SEMINAR, _for(language)).body
    blank = replace(SEMINAR, reason={"az": " ", "en": "", "ru": "\n"})
    without = render(kind, replace(SEMINAR, reason=None), _for(language))
    assert render(kind, blank, _for(language)) == without
    assert not any(word in without.body for word in ("Səbəb", "Reason", "Причина"))


@every_language
def test_a_cancelled_enrolment_does_not_read_as_a_cancelled_event(language: Language) -> None:
    event_cancelled = render("cancelled", SEMINAR, _for(language))
    assert render("cancelled", SEMINAR, _for(language), by="event") == event_cancelled
    by_family = render("cancelled", SEMINAR, _for(language), by="family")
    by_staff = render("cancelled", SEMINAR, _for(language), by="staff")
    assert len({event_cancelled.body, by_family.body, by_staff.body}) == 3
    assert by_family.subject == by_staff.subject != event_cancelled.subject
    for text in (by_family, by_staff):
        assert REASON[language] not in text.body


@every_language
def test_the_place_in_the_waiting_list_is_told_when_known(language: Language) -> None:
    assert " 17" in render("waiting", SEMINAR, _for(language), waiting_position=17).body
    assert "None" not in render("waiting", SEMINAR, _for(language)).body


@every_language
def test_until_when_an_offer_stands_is_told_in_baku_time(language: Language) -> None:
    expected = {"az": "30 noyabr 2026, 18:00", "en": "30 November 2026, 18:00"}
    expected["ru"] = "30 ноября 2026 г., 18:00"
    assert expected[language] in render("offer", SEMINAR, _for(language)).body


@every_language
def test_a_declined_offer_does_not_read_as_one_that_was_missed(language: Language) -> None:
    missed = render("offer_ended", SEMINAR, _for(language), by="expired")
    declined = render("offer_ended", SEMINAR, _for(language), by="declined")
    assert missed.subject != declined.subject
    assert missed.body != declined.body


@every_language
def test_without_a_name_the_greeting_is_still_polite(language: Language) -> None:
    greetings = {"az": "Salam!", "en": "Hello,", "ru": "Здравствуйте!"}
    text = render("reminder", SEMINAR, Addressee(language, [" "]))
    assert text.body.splitlines()[0] == greetings[language]


@every_kind
def test_azerbaijani_texts_fit_in_three_sms(kind: Kind) -> None:
    for by in BY:
        text = render(kind, SEMINAR, _for("az"), waiting_position=12, by=by)
        assert count_parts(text.body).parts <= 3


@every_kind
def test_english_texts_cost_no_letter_outside_gsm_of_their_own(kind: Kind) -> None:
    for by in BY:
        text = render(kind, IN_LATIN_LETTERS_ONLY, _for("en"), waiting_position=12, by=by)
        assert count_parts(text.body).encoding == "gsm7"


_ANYTHING = st.text(st.characters(), max_size=40) | st.sampled_from(
    [
        "{{ title }}",
        "{% raw %}",
        "{{ 7*7 }}",
        "{#",
        "%s %(names)s",
        "{0}",
        "A & B <c>",
        "a\r\nBcc: b@c",
        "\ud800",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(KINDS), st.sampled_from(LANGUAGES), st.lists(_ANYTHING, max_size=5))
@example("reminder", "az", ["{{ 7*7 }}", "{% for"])
@example("reminder", "az", ["{{ ''.__class__.__mro__ }}"])
def test_any_name_is_shown_as_written_and_changes_nothing_else(
    kind: Kind, language: Language, names: list[str]
) -> None:
    text = render(kind, SEMINAR, Addressee(language, names))
    plain = render(kind, SEMINAR, Addressee(language, ["Vaqif"]))
    greeting, rest = text.body.split("\n", 1)
    assert rest == plain.body.split("\n", 1)[1]
    assert text.subject == plain.subject
    assert all(one_line(name) in greeting for name in names)
    text.body.encode()


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(KINDS), st.sampled_from(LANGUAGES), _ANYTHING)
def test_any_title_reason_or_venue_is_inserted_as_data_on_one_line(
    kind: Kind, language: Language, anything: str
) -> None:
    in_all: dict[str, str] = dict.fromkeys(LANGUAGES, anything)
    event = replace(
        SEMINAR, title=in_all, reason=in_all, venue_name=anything, venue_address=anything
    )
    text = render(kind, event, _for(language))
    assert one_line(anything) in text.subject
    assert one_line(anything) in text.body
    assert len(text.subject.splitlines()) == 1
    assert len(text.body.splitlines()) <= 5
    (text.subject + text.body).encode()


@pytest.mark.parametrize("field", ["title", "reason"])
def test_a_missing_language_is_refused_before_anything_is_sent(field: str) -> None:
    with pytest.raises(ValueError, match=f"{field} is missing in ru"):
        replace(SEMINAR, **{field: {"az": "a", "en": "b"}})  # type: ignore[arg-type]


@pytest.mark.parametrize("field", ["starts_at", "ends_at"])
def test_a_time_without_a_zone_is_refused(field: str) -> None:
    naive = datetime(2026, 12, 1, 10)  # noqa: DTZ001
    with pytest.raises(ValueError, match="time zone"):
        replace(SEMINAR, **{field: naive})  # type: ignore[arg-type]


def test_an_unknown_district_is_an_error_not_a_code_in_a_text() -> None:
    with pytest.raises(UnknownDistrictError, match="AZ-ZZZ"):
        render("reminder", replace(SEMINAR, venue_district="AZ-ZZZ"), _for("az"))


@every_language
def test_texts_are_the_ones_that_were_read_and_approved(language: Language) -> None:
    """Texts change on purpose only: set QAYIDIS_UPDATE_GOLDEN=1 to write them anew, then read them.

    The version stands in the files, so that a changed text and the same TEMPLATES_VERSION
    show up side by side in a review.
    """
    path = GOLDEN / f"{language}.txt"
    shown = "\n".join(_golden(language))
    if os.environ.get(UPDATE):
        path.write_text(shown, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == shown


def _golden(language: Language) -> Iterator[str]:
    yield f"TEMPLATES_VERSION {TEMPLATES_VERSION}"
    yield ""
    several = _for(language)
    for kind in KINDS:
        yield from _entry(kind, render(kind, SEMINAR, several, waiting_position=3))
    declined = render("offer_ended", SEMINAR, several, by="declined")
    yield from _entry("offer_ended, declined", declined)
    for by in ("family", "staff"):
        yield from _entry(f"cancelled by {by}", render("cancelled", SEMINAR, several, by=by))
    yield from _entry("waiting, position unknown", render("waiting", SEMINAR, several))
    yield from _entry("reminder, no names", render("reminder", SEMINAR, Addressee(language, [])))
    one = Addressee(language, ["Əli Həsənov"])
    yield from _entry("confirmation, one person", render("confirmation", SEMINAR, one))
    for kind in ("invitation", "rescheduled", "cancelled"):
        yield from _entry(f"{kind}, several days, no reason", render(kind, TOUR, several))
    plain = IN_LATIN_LETTERS_ONLY
    yield from _entry("invitation, venue in Latin letters", render("invitation", plain, several))


def _entry(label: str, text: Text) -> Iterator[str]:
    size = count_parts(text.body)
    yield f"== {label}: {size.encoding}, {size.units} units, {size.parts} parts"
    yield f"[{text.subject}]"
    yield text.body
    yield ""
