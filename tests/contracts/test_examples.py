"""The example messages that other ministries start from."""

import copy
import json
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import jsonschema_rs
import pytest
from cloudevents.core.bindings.rabbitmq import RabbitMQMessage, from_rabbitmq_event

from shared import contracts
from shared.contracts import CONTRACTS
from shared.contracts.base import INTERNAL, PUBLIC, Contract
from shared.contracts.envelope import CONTENT_TYPE, Envelope, attributes
from shared.contracts.generate import SCHEMAS

EXAMPLES = Path(contracts.__file__).parent / "examples"

PERSONAL = {"given_name", "family_name", "patronymic", "fin", "phone", "email", "birth_date"}


@pytest.fixture(params=CONTRACTS, ids=lambda contract: contract.routing_key)
def contract(request: pytest.FixtureRequest) -> type[Contract]:
    chosen: type[Contract] = request.param
    return chosen


@pytest.fixture
def text(contract: type[Contract]) -> str:
    return (EXAMPLES / f"{contract.routing_key}.json").read_text(encoding="utf-8")


@pytest.fixture
def example(text: str) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(text)
    return message


def test_there_is_an_example_for_each_contract_and_none_besides() -> None:
    names = {file.name.removesuffix(".json") for file in EXAMPLES.iterdir()}
    assert names == {contract.routing_key for contract in CONTRACTS}


def test_it_is_what_the_contract_says(contract: type[Contract], text: str) -> None:
    envelope = Envelope.model_validate_json(text)
    data = contract.model_validate(envelope.data)
    # An optional field that came later may lack: a message from before is replayed without it.
    assert json.loads(data.model_dump_json(exclude_unset=True)) == envelope.data


def test_it_has_the_attributes_that_the_relay_gives(
    contract: type[Contract], example: dict[str, Any]
) -> None:
    data = example.pop("data")
    assert data
    assert example == attributes(
        id=UUID(example["id"]),
        contract_type=contract.type(),
        source=f"/{contract.service()}",
        subject=example["subject"],
        time=datetime.fromisoformat(example["time"]),
        dataschema=contract.dataschema(),
        sequence=int(example["sequence"]),
        subject_version=example["subjectversion"],
        correlation_id=example["correlationid"],
        causation_id=example.get("causationid"),
        traceparent=example["traceparent"],
    )


def test_its_schema_accepts_it_and_nothing_that_lacks(
    contract: type[Contract], example: dict[str, Any]
) -> None:
    schema = json.loads((SCHEMAS / f"{contract.routing_key}.json").read_text())
    validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    validator.validate(example["data"])
    for name in schema["required"]:
        lacking = copy.deepcopy(example["data"])
        del lacking[name]
        assert not validator.is_valid(lacking)


def test_the_cloudevents_sdk_reads_it(contract: type[Contract], text: str) -> None:
    event = from_rabbitmq_event(RabbitMQMessage({}, CONTENT_TYPE, text.encode()))
    assert event.get_type() == contract.type()
    assert event.get_source() == f"/{contract.service()}"
    assert event.get_dataschema() == contract.dataschema()
    assert event.get_extension("subjectversion") >= 1
    assert int(event.get_extension("sequence")) >= 1
    data = event.get_data()
    assert isinstance(data, dict)
    contract.model_validate(data)


def test_personal_data_stays_on_the_internal_exchange(contract: type[Contract], text: str) -> None:
    assert contract.exchange in {PUBLIC, INTERNAL}
    if contract.exchange == PUBLIC:
        names = set(contract.model_fields) | set(json.loads(text)["data"])
        assert names.isdisjoint(PERSONAL)
