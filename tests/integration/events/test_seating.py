"""The rule of seating: chosen by the organiser, published, told and shown to everybody."""

import json
from typing import Any

import httpx
import pytest

from tests.integration.events.conftest import Told
from tests.integration.events.making import SEMINAR, drafted, fields, published

DEFAULT: dict[str, Any] = {"rule": "best_fit", "offer_hours": None, "district_caps": {}}
RULED = {"rule": "strict_order", "offer_hours": 24, "district_caps": {"AZ-AGM": 20}}


async def test_without_a_word_whoever_fits_is_seated(organiser: httpx.AsyncClient) -> None:
    unsaid = {name: value for name, value in SEMINAR.items() if name != "seating"}
    assert (await organiser.post("/v1/events", json=unsaid)).json()["seating"] == DEFAULT
    only_rule = await drafted(organiser, seating={"rule": "strict_order"})
    assert only_rule["seating"] == {**DEFAULT, "rule": "strict_order"}


async def test_the_rule_is_published_told_and_in_the_calendar(
    organiser: httpx.AsyncClient, anyone: httpx.AsyncClient, told: Told
) -> None:
    event = await published(organiser, seating=RULED)
    entry = (await anyone.get(f"/v1/calendar/{event['id']}")).json()
    assert event["seating"] == entry["seating"] == RULED
    [message] = await told.of(event["id"], 1)
    assert json.loads(message.body)["data"]["seating"] == RULED


async def test_what_is_left_out_of_a_change_stays_and_null_takes_away(
    organiser: httpx.AsyncClient, told: Told
) -> None:
    event = await published(organiser, seating=RULED)
    changed = await change(organiser, event, {"district_caps": {"AZ-LAC": 5}})
    assert changed["seating"]["district_caps"] == {"AZ-AGM": 20, "AZ-LAC": 5}
    changed = await change(
        organiser, changed, {"offer_hours": None, "district_caps": {"AZ-AGM": None}}
    )
    last = {"rule": "strict_order", "offer_hours": None, "district_caps": {"AZ-LAC": 5}}
    assert (changed["seating"], changed["version"]) == (last, 4)
    same = await change(organiser, changed, {"rule": "strict_order"})
    assert same["version"] == 4, "a patch that changes nothing is no change"
    messages = await told.of(event["id"], 3)
    assert json.loads(messages[-1].body)["data"]["seating"] == last


@pytest.mark.parametrize(
    ("seating", "field"),
    [
        ({"rule": "lottery"}, "seating.rule"),
        ({"offer_hours": 0}, "seating.offer_hours"),
        ({"offer_hours": 169}, "seating.offer_hours"),
        ({"offer_hours": True}, "seating.offer_hours"),
        ({"district_caps": {"AZ-AGM": 0}}, "seating.district_caps.AZ-AGM"),
        ({"district_caps": {"AZ-NOWHERE": 3}}, "seating.district_caps.AZ-NOWHERE.[key]"),
        ({"colour": "red"}, "seating.colour"),
        (None, "seating"),
    ],
)
async def test_a_rule_that_makes_no_sense_is_refused(
    organiser: httpx.AsyncClient, seating: Any, field: str
) -> None:
    event = await drafted(organiser)
    patched = await organiser.patch(
        f"/v1/events/{event['id']}", json={"seating": seating}, headers={"If-Match": '"1"'}
    )
    assert fields(patched) == [field]


async def change(organiser: httpx.AsyncClient, event: Any, seating: Any) -> Any:
    answer = await organiser.patch(
        f"/v1/events/{event['id']}",
        json={"seating": seating},
        headers={"If-Match": f'"{event["version"]}"'},
    )
    assert answer.status_code == 200, answer.text
    return answer.json()
