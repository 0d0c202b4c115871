"""The committed JSON Schemas: current, and never a break for who reads `v1`."""

import copy
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

import pytest
from pydantic import BaseModel

from shared.contracts import CONTRACTS
from shared.contracts.base import Contract
from shared.contracts.generate import SCHEMAS, generate, schema_of, written
from tests.contracts.breaking import breaks

RELEASED = Path(__file__).parent / "released"
"""What consumers were last given. A release copies `shared/contracts/schemas` over it."""


def keys(folder: Path) -> set[str]:
    return {file.name.removesuffix(".json") for file in folder.iterdir()}


@pytest.fixture(params=CONTRACTS, ids=lambda contract: contract.routing_key)
def contract(request: pytest.FixtureRequest) -> type[Contract]:
    chosen: type[Contract] = request.param
    return chosen


def released(contract: type[Contract]) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((RELEASED / f"{contract.routing_key}.json").read_text())
    return schema


def test_the_committed_schema_is_current(contract: type[Contract]) -> None:
    committed = (SCHEMAS / f"{contract.routing_key}.json").read_text(encoding="utf-8")
    assert committed == written(schema_of(contract)), "run python -m shared.contracts.generate"
    assert json.loads(committed)["$id"] == contract.dataschema()


def test_there_is_a_schema_for_each_contract_and_none_besides() -> None:
    assert keys(SCHEMAS) == {contract.routing_key for contract in CONTRACTS}


def test_every_released_contract_is_still_there() -> None:
    assert keys(RELEASED) == {contract.routing_key for contract in CONTRACTS}


def test_no_reader_of_a_released_contract_is_broken(contract: type[Contract]) -> None:
    assert breaks(released(contract), schema_of(contract)) == []


def test_generating_writes_all_and_removes_what_is_gone(tmp_path: Path) -> None:
    (tmp_path / "events.event_forgotten.v1.json").write_text("{}")
    generate(tmp_path)
    assert keys(tmp_path) == keys(SCHEMAS)


Change = Callable[[dict[str, Any]], object]

ALLOWED: dict[str, Change] = {
    "nothing": lambda schema: None,
    "an optional field": lambda schema: schema["properties"].update(
        livestream={"type": "string", "format": "uri"}
    ),
    "an optional field that may be null": lambda schema: schema["properties"].update(
        hall={"anyOf": [{"type": "integer"}, {"type": "null"}], "default": None}
    ),
    "an optional object with required fields": lambda schema: schema["properties"].update(
        photo={"type": "object", "properties": {"url": {"type": "string"}}, "required": ["url"]}
    ),
    "an optional field inside": lambda schema: schema["$defs"]["Venue"]["properties"].update(
        floor={"type": "integer"}
    ),
    "another description": lambda schema: schema.update(description="An event."),
}

BREAKING: dict[str, Change] = {
    "a field removed": lambda schema: schema["properties"].pop("capacity"),
    "a field removed and no longer required": lambda schema: (
        schema["properties"].pop("capacity"),
        schema["required"].remove("capacity"),
    ),
    "another type": lambda schema: schema["properties"]["capacity"].update(type="string"),
    "another type inside": lambda schema: schema["$defs"]["Words"]["properties"]["ru"].update(
        type="integer"
    ),
    "a wider type": lambda schema: schema["properties"]["capacity"].update(type="number"),
    "null where it was never": lambda schema: schema["properties"].update(
        capacity={"anyOf": [{"type": "integer"}, {"type": "null"}]}
    ),
    "a field that may lack": lambda schema: schema["required"].remove("capacity"),
    "a field that may lack inside": lambda schema: schema["$defs"]["Venue"]["required"].remove(
        "address"
    ),
    "another name": lambda schema: schema["properties"].update(
        seats=schema["properties"].pop("capacity")
    ),
    "another format": lambda schema: schema["properties"]["starts_at"].update(format="date"),
    "no format": lambda schema: schema["properties"]["event_id"].pop("format"),
    "a required field": lambda schema: (
        schema["properties"].update(hall={"type": "string"}),
        schema["required"].append("hall"),
    ),
    "a required field inside": lambda schema: (
        schema["$defs"]["Venue"]["properties"].update(floor={"type": "integer"}),
        schema["$defs"]["Venue"]["required"].append("floor"),
    ),
}


@pytest.mark.parametrize("change", ALLOWED)
def test_a_contract_may_gain(change: str) -> None:
    assert breaks(*before_and_after(ALLOWED[change])) == []


@pytest.mark.parametrize("change", BREAKING)
def test_a_contract_may_not_become(change: str) -> None:
    assert breaks(*before_and_after(BREAKING[change])) != []


class Words(BaseModel):
    """A text of the contract below."""

    az: str
    ru: str


class Venue(BaseModel):
    """A place of the contract below."""

    name: str
    address: str


class EventImagined(Contract):
    """A contract that nobody publishes, to change at will."""

    routing_key: ClassVar[str] = "events.event_imagined.v1"

    event_id: UUID
    title: Words
    starts_at: datetime
    venue: Venue
    capacity: int


def before_and_after(change: Change) -> tuple[dict[str, Any], dict[str, Any]]:
    before = schema_of(EventImagined)
    after = copy.deepcopy(before)
    change(after)
    return before, after
