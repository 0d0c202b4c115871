"""`Idempotency-Key`: a repeated POST gets the first answer again and changes nothing.

The key is claimed and the answer kept in the transaction that does the work, so a crash leaves
neither. Where a service has sealing keys the answer is sealed, and what tells the same request is
a keyed index: a plain hash of a body would confirm a guessed one. Follows the IETF draft
`draft-ietf-httpapi-idempotency-key-header`.
"""

import hashlib
import json
from collections.abc import Callable, Coroutine, Sequence
from datetime import timedelta
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy import (
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from shared.auth import confirmed
from shared.problems import Problem, conflict, invalid
from shared.sealing import Sealer, sealed_as, sealer_if_any

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
FRESH = "x-answers-afresh"
"""Marks an operation of the OpenAPI document that does not hear the header."""

LONGEST_KEY = 255

IDEMPOTENCY_PARAMETER: dict[str, Any] = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "Makes a repeated call harmless: the same key and body gets the first answer.",
    "schema": {
        "type": "string",
        "minLength": 1,
        "maxLength": LONGEST_KEY,
        "pattern": "^[\\x20-\\x7e]+$",
    },
}
"""How the OpenAPI document describes the header."""

# The contexts of answers and requests; they never change.
BODY = "idempotency_keys.body"
REQUEST = "idempotency_keys.request"

_AT_ONCE = 500
_KEPT_HEADERS = ("location", "etag", "content-type")


def idempotency_table(metadata: MetaData) -> Table:
    """Add the table of keys and their answers to the metadata of a schema."""
    return Table(
        "idempotency_keys",
        metadata,
        Column("key", Text, primary_key=True),
        Column("request_hash", LargeBinary, nullable=False),
        Column("status", Integer, nullable=False),
        Column("headers", Text, nullable=False),
        Column("body", LargeBinary, nullable=False, info=sealed_as(BODY)),
        Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        Index("ix_idempotency_keys_created_at", "created_at"),
    )


KEYS = idempotency_table(MetaData())


def key_of(request: Request) -> str | None:
    """Return the key of a POST, None where there is none.

    Raises:
        Problem: 422, the key is empty, too long or not printable ASCII.
    """
    key = request.headers.get(HEADER)
    if request.method != "POST" or key is None:
        return None
    if not 1 <= len(key) <= LONGEST_KEY or not (key.isascii() and key.isprintable()):
        raise invalid(HEADER, f"must be 1 to {LONGEST_KEY} printable ASCII characters")
    return key


async def answer_once(
    session: AsyncSession,
    request: Request,
    key: str,
    endpoint: Callable[[Request], Coroutine[Any, Any, Response]],
) -> Response:
    """Answer a POST once per key and caller, in the caller's transaction.

    The same key and body gives the first answer with `Idempotent-Replayed: true`. An answer that
    refuses (404, 409 …) is kept too; one that was never understood (401, 403, 422) or failed on our
    side (503) is not, so that it can be tried again under the same key.

    Raises:
        Problem: 422 when the key came with another request, 409 while the first still runs.
    """
    scoped = await _scoped(request, key)
    if not await session.scalar(select(func.pg_try_advisory_xact_lock(_lock_number(scoped)))):
        raise conflict("still-running", "A request with this Idempotency-Key is still running.")
    sealer = sealer_if_any(session)
    request_hash = await _hash(sealer, request)
    known = (await session.execute(select(KEYS).where(KEYS.c.key == scoped))).one_or_none()
    if known is not None:
        return _replay(sealer, known, request_hash)
    response = await _answer(session, request, endpoint)
    await session.execute(
        insert(KEYS).values(
            key=scoped,
            request_hash=request_hash,
            status=response.status_code,
            headers=json.dumps(
                {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
            ),
            body=_sealed(sealer, bytes(response.body)),
        )
    )
    return response


async def forget_old_keys(session: AsyncSession, keep: timedelta) -> None:
    """Delete the keys that are older than they must be kept."""
    await session.execute(delete(KEYS).where(KEYS.c.created_at < func.now() - keep))


async def forget_answers(session: AsyncSession, mentions: Sequence[str]) -> None:
    """Replace kept answers that mention any of these texts: who repeats the call learns of that.

    Nothing is done again for a repeated call. The answers are sealed, so all are read, in batches.
    """
    sealer, after = sealer_if_any(session), ""
    gone = Problem(409, "erased", "What was answered to this call was erased since.").response()
    while True:
        statement = select(KEYS.c.key, KEYS.c.body).where(KEYS.c.key > after)
        rows = (await session.execute(statement.order_by(KEYS.c.key).limit(_AT_ONCE))).all()
        for row in rows:
            body = sealer.open_bytes(row.body, BODY) if sealer else row.body
            if any(each.encode() in body for each in mentions):
                await session.execute(
                    update(KEYS)
                    .where(KEYS.c.key == row.key)
                    .values(
                        status=gone.status_code,
                        headers=json.dumps({"content-type": gone.headers["content-type"]}),
                        body=_sealed(sealer, bytes(gone.body)),
                    )
                )
        if len(rows) < _AT_ONCE:
            return
        after = rows[-1].key


async def _answer(
    session: AsyncSession,
    request: Request,
    endpoint: Callable[[Request], Coroutine[Any, Any, Response]],
) -> Response:
    try:
        async with session.begin_nested():
            return await endpoint(request)
    except RequestValidationError:
        raise
    except Problem as problem:
        # What was never understood, or failed on our side, is to be tried again under its key.
        if problem.status in {401, 403, 422} or problem.status >= 500:
            raise
        return problem.response()


def _sealed(sealer: Sealer | None, body: bytes) -> bytes:
    return sealer.seal_bytes(body, BODY) if sealer else body


def request_index(sealer: Sealer, digest: bytes) -> bytes:
    """Make of a request's SHA-256 what is kept of it."""
    return sealer.index(digest.hex(), REQUEST)


def _replay(sealer: Sealer | None, known: Row[Any], request_hash: bytes) -> Response:
    if known.request_hash != request_hash:
        raise invalid(HEADER, "was used before with another request")
    headers = {**json.loads(known.headers), REPLAYED: "true"}
    body = sealer.open_bytes(known.body, BODY) if sealer else known.body
    return Response(body, known.status, headers)


async def _scoped(request: Request, key: str) -> str:
    """Keys of one caller never meet another's; a caller keeps them under a fresh token."""
    _, _, token = request.headers.get("Authorization", "").partition(" ")
    try:
        caller = (await confirmed(request, request.app.state.tokens.verify(token))).subject
    except Problem:
        caller = ""  # public, or about to be refused
    return f"{hashlib.sha256(caller.encode()).hexdigest()[:32]}:{key}"


def _lock_number(scoped: str) -> int:
    digest = hashlib.sha256(f"idempotency {scoped}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


async def _hash(sealer: Sealer | None, request: Request) -> bytes:
    body = await request.body()
    target = f"{request.url.path}?{request.url.query}\n"
    digest = hashlib.sha256(target.encode() + body).digest()
    return request_index(sealer, digest) if sealer else digest
