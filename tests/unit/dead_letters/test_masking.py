"""A masked message keeps its shape and tells nobody who somebody is."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.events import EventPublished
from shared.contracts.registration import ContactChanged
from shared.messaging.dead_letters.masking import masked, masked_headers, shape, shown
from tests.support.injection import message
from tests.support.story import Story

CONTRACTS = {each.type(): each for each in (ContactChanged, EventPublished)}


def test_a_contact_keeps_its_shape_alone() -> None:
    story = Story(phone="+994501234567")
    made = message(story.contact(), story.person, 1)
    text = shown(made.body, CONTRACTS)
    content = json.loads(text)
    assert content["data"]["given_name"] == "Xxxxx"
    assert content["data"]["phone"] == "+000000000000"
    assert content["data"]["person_id"] == str(story.person)
    assert content["data"]["origin_district"] == story.at.origin
    assert content["data"]["may_notify"] is True
    assert content["type"] == ContactChanged.type()
    assert content["subject"] == str(story.person)
    assert story.phone in shown(made.body, CONTRACTS, unmasked=True)


def test_a_public_contract_that_validates_is_shown_as_it_is() -> None:
    story = Story()
    body = message(story.published(), story.event, 1).body
    assert json.loads(shown(body, CONTRACTS))["data"]["venue"]["address"] == "Nizami 1"


@pytest.mark.parametrize(
    "told",
    [
        {"subject": "+994501234567"},
        {"correlationid": "+994501234567"},
        {"correlationid": "000000000000000000000000994501234567"},
        {"causationid": "994501234567"},
        {"source": "Elnur +994501234567"},
        {"source": "/aytenquliyeva"},
        {"sequence": "99450123456700000000"},
        {"subjectversion": 994501234567},
        {"dataschema": "urn:qayidis:schema:994501234567"},
        {"note": "Elnur Quliyev"},
        {"+994501234567": "x"},
        {"traceparent": "0000000000000000000000000000000000000000000994501234567"},
    ],
    ids=str,
)
def test_the_envelope_of_a_public_contract_is_masked_all_the_same(told: dict[str, Any]) -> None:
    story = Story()
    content = json.loads(message(story.published(), story.event, 1).body)
    text = shown(json.dumps({**content, **told}).encode(), CONTRACTS)
    assert "Nizami 1" in text
    for personal in ("994501234567", "Elnur", "ayten", "99450123456700000000"):
        assert personal not in text


@pytest.mark.parametrize("type_", ["994501234567", "+994501234567", "5zk21qb", "ayten", "a.b.c"])
def test_what_is_no_type_is_masked(type_: str) -> None:
    assert type_ not in shown(json.dumps({"type": type_}).encode(), CONTRACTS)


@pytest.mark.parametrize("where", ["top", "inside"])
def test_a_field_that_a_public_contract_does_not_know_is_masked(where: str) -> None:
    story = Story()
    content = json.loads(message(story.published(), story.event, 1).body)
    target = content["data"] if where == "top" else content["data"]["venue"]
    target["phone_of"] = "Əli Həsənov"
    text = shown(json.dumps(content).encode(), CONTRACTS)
    assert "Həsənov" not in text
    assert "Xxx Xxxxxxx" in text


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("1961-03-02", "0000-00-00"),
        ("2026-11-25T10:00:00Z", "2026-11-25T10:00:00Z"),
        ("2026-11-25T10:00:00.123456+04:00", "2026-11-25T10:00:00.123456+04:00"),
        ("5ZK21QB", "0XX00XX"),
        ("AZ-AGM", "AZ-AGM"),
        ("AZ-AGM Əli", "XX-XXX Xxx"),
        (994501234567, "000000000000"),
        (60, 60),
        ([None, True, {"Əli": 1}], [None, True, {"Xxx": 1}]),
        ("a.b@c.az", "x.x@x.xx"),
    ],
)
def test_what_stays_and_what_goes(content: Any, expected: Any) -> None:
    assert masked({"data": content}) == {"data": expected}


def test_what_is_no_json_has_its_shape_shown() -> None:
    assert shown(b"\xff Elnur +99450", {}) == "\N{REPLACEMENT CHARACTER} Xxxxx +00000"
    assert shown(b'["Elnur"]', {}) == '[\n  "Xxxxx"\n]'
    deep = b'{"a":' * 5_000 + b'"Elnur"' + b"}" * 5_000
    assert "Elnur" not in shown(deep, {})
    assert shown(b'"\\ud800"', {}, unmasked=True) == '"?"'


def test_headers_of_others_are_masked_ours_are_not() -> None:
    shown_ = masked_headers(
        {
            "x-qayidis-reason": "KeyError",
            "x-delivery-count": 7_654_321,
            "x-of-whom": "Elnur",
            "994501234567": 1,
            "cloudEvents_type": ContactChanged.type(),
            "cloudEvents_subject": "Elnur",
            "note": "Elnur",
            "n": 3,
        }
    )
    assert shown_ == {
        "x-qayidis-reason": "KeyError",
        "x-delivery-count": 7_654_321,
        "x-of-whom": "Xxxxx",
        "000000000000": 1,
        "cloudEvents_type": ContactChanged.type(),
        "cloudEvents_subject": "Xxxxx",
        "note": "Xxxxx",
        "n": 3,
    }


@given(st.text(alphabet=st.characters(categories=("L", "N")), min_size=1))
def test_no_letter_and_no_digit_survives(text: str) -> None:
    assert set(shape(text)) <= {"x", "X", "0"}
    assert len(shape(text)) == len(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(JSON | st.binary())
def test_anything_can_be_shown(content: Any) -> None:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    shown(body, CONTRACTS).encode()
