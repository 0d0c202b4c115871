"""The envelope of a message: CloudEvents 1.0 in structured JSON mode."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.contracts.base import Contract

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
SEQUENCE_DIGITS = 20

T = TypeVar("T", bound=Contract)


class Envelope(BaseModel):
    """A message as it was received, its data not looked at yet.

    Required is what CloudEvents requires and what a subscriber needs; the rest may be absent, so
    that a message mended by hand can be replayed.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    specversion: Annotated[str, StringConstraints(pattern=r"^1\.0$")]
    id: UUID
    source: str
    type: str
    subject: str
    time: datetime
    subjectversion: Annotated[int, Field(ge=1)]
    sequence: Annotated[str, StringConstraints(pattern=r"^[0-9]{20}$")] | None = None
    correlationid: str | None = None
    causationid: str | None = None
    traceparent: str | None = None
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Message(Generic[T]):
    """A message whose data was validated against its contract."""

    envelope: Envelope
    data: T

    @property
    def version(self) -> int:
        """The version of the subject: a lower one than already seen is stale."""
        return self.envelope.subjectversion

    def under(self, traceparent: str) -> "Message[T]":
        """The same message, with the span that handles it as the parent of what follows."""
        return replace(self, envelope=self.envelope.model_copy(update={"traceparent": traceparent}))


def attributes(  # one argument an attribute: CloudEvents names them all
    *,
    id: UUID,
    contract_type: str,
    source: str,
    subject: str,
    time: datetime,
    dataschema: str,
    sequence: int,
    subject_version: int,
    correlation_id: str,
    causation_id: str | None,
    traceparent: str | None,
) -> dict[str, str | int]:
    """Name the context attributes of one message in a fixed order; absent ones are left out."""
    named: dict[str, str | int | None] = {
        "specversion": "1.0",
        "id": str(id),
        "source": source,
        "type": contract_type,
        "subject": subject,
        "time": time.isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "dataschema": dataschema,
        "sequence": f"{sequence:0{SEQUENCE_DIGITS}d}",
        "subjectversion": subject_version,
        "correlationid": correlation_id,
        "causationid": causation_id,
        "traceparent": traceparent,
    }
    return {name: value for name, value in named.items() if value is not None}


def encode(context: Mapping[str, str | int], data: str) -> bytes:
    """Join attributes and finished JSON data; the same input always gives the same bytes."""
    head = json.dumps(context, ensure_ascii=False, separators=(",", ":"))
    return f'{head[:-1]},"data":{data}}}'.encode()
