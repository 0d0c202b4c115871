"""The outbox: a contract is put down in the transaction that changed the row."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared.contracts.base import PUBLIC, Contract
from shared.ids import new_id
from shared.messaging.tables import DATA, LOCAL
from shared.sealing import sealer_of
from shared.spans import PRODUCER, begin, recording
from shared.tracing import Cause, current_cause


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A contract, what it is about, the version of that subject after the change, and its cause.

    Without a cause of its own it is told for the work at hand.
    """

    contract: Contract
    subject: UUID
    version: int
    cause: Cause | None = None


def wake_channel(service: str) -> str:
    """Name the Postgres notification channel on which the outbox's trigger wakes the relay."""
    return f"{service}_outbox"


async def tell(session: AsyncSession, *outgoing: Outgoing) -> None:
    """Put contracts into the outbox, to be published after the commit, in this order.

    The row holds the finished data, so every try to publish sends the same bytes; what may carry
    personal data is sealed in it.

    Raises:
        LookupError: it must be sealed, and this service has no keys.
        sqlalchemy.exc.IntegrityError: the subject already told of this version by this contract.
    """
    if not outgoing:
        return
    cause = current_cause()
    if cause.begins and recording():
        # A loop tells, for nobody's request: the trace begins with what it tells.
        begun = begin("create", PRODUCER, cause, {"messaging.system": "rabbitmq"})
        begun.end()
        cause = begun.cause
    rows = [{**_row(each, cause), **_data(session, each.contract)} for each in outgoing]
    await session.execute(insert(LOCAL.outbox), rows)


def _data(session: AsyncSession, contract: Contract) -> dict[str, Any]:
    data = contract.model_dump_json()
    if contract.exchange == PUBLIC:
        return {"data": data, "sealed": None}
    return {"data": None, "sealed": sealer_of(session).seal(data, DATA)}


def _row(outgoing: Outgoing, current: Cause) -> dict[str, Any]:
    contract = outgoing.contract
    cause = outgoing.cause or current
    return {
        "id": new_id(),
        "type": contract.type(),
        "exchange": contract.exchange,
        "routing_key": contract.routing_key,
        "expects_route": contract.expects_route,
        "subject": str(outgoing.subject),
        "subject_version": outgoing.version,
        "correlation_id": cause.correlation_id,
        "causation_id": cause.causation_id,
        "traceparent": cause.traceparent,
    }
