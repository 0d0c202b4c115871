"""What bodies are understood, and which field is named when one is not."""

from typing import Any

import pytest
from pydantic import ValidationError

from services.events.planning.schemas import EventPatch, NewEvent, ReasonBody, Rescheduling

BODY: dict[str, Any] = {
    "kind": "seminar",
    "title": {"az": "Böyük Qayıdış"},
    "starts_at": "2026-12-01T10:00:00+04:00",
    "ends_at": "2026-12-01T13:00:00+04:00",
    "venue": {"name": "Mərkəz", "district": "AZ-BAR", "address": "Bərdə"},
    "capacity": 60,
    "enrolment_closes_at": "2026-11-30T18:00:00+04:00",
}
WORDS = {"az": "Ə", "en": "E", "ru": "Э"}


def fields(failure: ValidationError) -> list[str]:
    return [".".join(str(part) for part in error["loc"]) for error in failure.errors()]


def test_a_draft_may_lack_languages_and_name_no_audience() -> None:
    draft = NewEvent.model_validate(BODY)
    assert draft.title.ru is None
    assert draft.audience.origins == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "party"}, "kind"),
        ({"capacity": 0}, "capacity"),
        ({"capacity": 100_001}, "capacity"),
        ({"capacity": True}, "capacity"),
        ({"capacity": "60"}, "capacity"),
        ({"capacity": None}, "capacity"),
        ({"starts_at": "2026-12-01T10:00:00"}, "starts_at"),
        ({"starts_at": "2026-12-01"}, "starts_at"),
        ({"starts_at": 1_800_000_000}, "starts_at"),
        ({"starts_at": "1800000000"}, "starts_at"),
        ({"starts_at": "1999-12-31T23:59:59Z"}, "starts_at"),
        ({"ends_at": "2100-01-01T00:00:00Z"}, "ends_at"),
        ({"ends_at": "9999-12-31T23:59:59-23:59"}, "ends_at"),
        ({"ends_at": "0001-01-01T00:00:00+23:59"}, "ends_at"),
        ({"title": {"az": "x" * 201}}, "title.az"),
        ({"title": {"az": "nul\0"}}, "title.az"),
        ({"title": {"az": "\ud800"}}, "title.az"),
        ({"title": {"de": "Rückkehr"}}, "title.de"),
        ({"summary": {"ru": "x" * 2001}}, "summary.ru"),
        ({"venue": {"name": " ", "district": "AZ-BAR", "address": "x"}}, "venue.name"),
        ({"venue": {"name": "x", "district": "AZ-ZZZ", "address": "x"}}, "venue.district"),
        ({"venue": {"name": "x", "district": "AZ-BAR"}}, "venue.address"),
        ({"audience": {"origins": ["AZ-AGM", "AZ-XX"]}}, "audience.origins.1"),
        ({"audience": {"origins": ["AZ-AGM", "AZ-AGM"]}}, "audience.origins"),
        ({"audience": {"residences": ["AZ-BAR"] * 101}}, "audience.residences"),
        ({"capcity": 3}, "capcity"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, Any], field: str) -> None:
    for schema, body in ((NewEvent, {**BODY, **change}), (EventPatch, change)):
        if schema is EventPatch and field == "venue.address":
            continue  # a patch may leave it out
        with pytest.raises(ValidationError) as failure:
            schema.model_validate(body)
        assert field in fields(failure.value)


@pytest.mark.parametrize(
    "field",
    ["kind", "starts_at", "ends_at", "venue", "capacity", "audience", "title", "summary"],
)
def test_a_patch_leaves_out_but_never_takes_away(field: str) -> None:
    assert EventPatch.model_validate({}).model_dump(exclude_unset=True) == {}
    with pytest.raises(ValidationError) as failure:
        EventPatch.model_validate({field: None})
    assert fields(failure.value) == [field]


def test_a_reason_is_given_in_all_three_languages() -> None:
    ReasonBody.model_validate(WORDS)
    with pytest.raises(ValidationError) as failure:
        Rescheduling.model_validate(
            {
                "starts_at": BODY["starts_at"],
                "ends_at": BODY["ends_at"],
                "reason": {"az": "Ə", "ru": "  "},
            }
        )
    assert fields(failure.value) == ["reason.en", "reason.ru"]


def test_times_are_kept_in_utc() -> None:
    assert NewEvent.model_validate(BODY).starts_at.isoformat() == "2026-12-01T06:00:00+00:00"
