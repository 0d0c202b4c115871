"""Writing down, before it happens, that a dead letter is replayed, dropped or read unmasked."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import Select, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared.actors import current_actor
from shared.ids import new_id
from shared.messaging.dead_letters.letters import Letter
from shared.messaging.dead_letters.tables import MESSAGE, RECORDS
from shared.sealing import sealer_of

Action = Literal["replayed", "dropped", "shown"]

_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Record:
    """Who did what to which dead letter, when and why; `kept` tells whether its message is here."""

    id: UUID
    at: datetime
    actor: str
    action: Action
    reason: str | None
    ref: str
    queue: str
    message_id: str | None
    type: str | None
    exception: str
    failure: str | None
    failed_at: datetime | None
    version: str | None
    replays: int
    kept: bool


async def record(
    session: AsyncSession, letters: Sequence[Letter], action: Action, reason: str | None
) -> None:
    """Write down what the current actor does to letters; their messages are kept, sealed.

    Raises:
        LookupError: this service has no sealing keys.
    """
    sealer, actor = sealer_of(session), current_actor().subject
    rows = []
    for letter in letters:
        told = letter.told
        rows.append(
            {
                "id": new_id(),
                "actor": actor,
                "action": action,
                "reason": reason,
                "ref": told.ref,
                "queue": told.queue,
                "message_id": told.message_id,
                "type": told.type,
                "exception": told.exception,
                "failure": told.reason,
                "failed_at": told.failed_at,
                "version": told.version,
                "replays": told.replays,
                "message": None if action == "shown" else sealer.seal(_whole(letter), MESSAGE),
            }
        )
    await session.execute(insert(RECORDS), rows)


async def list_records(
    session: AsyncSession, limit: int, before: UUID | None = None, ref: str | None = None
) -> list[Record]:
    """List records, the newest first, from behind one."""
    statement = _records()
    if before is not None:
        statement = statement.where(RECORDS.c.id < before)
    if ref is not None:
        statement = statement.where(RECORDS.c.ref == ref)
    rows = await session.execute(statement.order_by(RECORDS.c.id.desc()).limit(limit))
    return [Record(**row) for row in rows.mappings()]


async def forget_messages(session: AsyncSession, mentions: Sequence[str]) -> None:
    """Empty kept messages that mention any of these texts, such as the id of an erased person.

    That something was dropped or replayed stays. The messages are sealed, so all are opened, in
    batches.
    """
    sealer, after = sealer_of(session), UUID(int=0)
    while True:
        statement = select(RECORDS.c.id, RECORDS.c.message).where(
            RECORDS.c.message.is_not(None), RECORDS.c.id > after
        )
        rows = (await session.execute(statement.order_by(RECORDS.c.id).limit(_AT_ONCE))).all()
        gone = [row.id for row in rows if _mentions(sealer.open(row.message, MESSAGE), mentions)]
        if gone:
            await session.execute(
                update(RECORDS).where(RECORDS.c.id.in_(gone)).values(message=None)
            )
        if len(rows) < _AT_ONCE:
            return
        after = rows[-1].id


def _records() -> Select[tuple[object, ...]]:
    columns = (RECORDS.c[name] for name in Record.__dataclass_fields__ if name != "kept")
    return select(*columns, RECORDS.c.message.is_not(None).label("kept"))


def _whole(letter: Letter) -> str:
    message = letter.message
    kept = {
        **_body(message.body),
        "headers": message.headers,
        "properties": {
            "message_id": message.message_id,
            "type": message.type,
            "correlation_id": message.correlation_id,
            "content_type": message.content_type,
            "app_id": message.app_id,
            "timestamp": message.timestamp,
        },
    }
    return json.dumps(kept, default=str, ensure_ascii=False)


def _body(body: bytes) -> dict[str, str]:
    try:
        return {"body": body.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode()}


def _mentions(whole: str, mentions: Sequence[str]) -> bool:
    kept = json.loads(whole)
    if "base64" in kept:
        whole += base64.b64decode(kept["base64"]).decode(errors="replace")
    return any(each in whole for each in mentions)
