"""A form that is sent twice is done once: the idempotency of the API, for pages."""

import hashlib
import json
from collections.abc import Awaitable, Callable

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData, UploadFile

from services.registration.desk.forgery import FIELD as CSRF_FIELD
from services.registration.desk.forgery import SESSION_COOKIE
from shared.idempotency import BODY, KEYS, request_index
from shared.problems import conflict, invalid
from shared.sealing import Sealer, sealer_if_any

FIELD = "once"
AFRESH = frozenset({"/sign-in", "/password"})
"""Forms that are done each time: proving a password counts tries in connections of its own, so that
whoever sends keys could make the requests wait for each other's."""

_LONGEST = 64


async def do_once(
    session: AsyncSession,
    request: Request,
    form: FormData,
    work: Callable[[], Awaitable[Response]],
) -> Response:
    """Do what a form asks, once for each form that was shown; a second click goes where the first
    went.

    Only a redirect is kept: a form that comes back with mistakes is a new form. The second waits
    for the first, because a browser shows the answer to the last click.

    Raises:
        Problem: 409, this very form was sent before with other content; 422, its key is no key.
    """
    key = form.get(FIELD)
    if key is None or request.url.path in AFRESH:
        return await work()
    if not isinstance(key, str) or not 16 <= len(key) <= _LONGEST or not key.isalnum():
        raise invalid(FIELD, "is not a key of a form")
    scoped = _scoped(request, key)
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(scoped, 0))))
    sealer = sealer_if_any(session)
    content = _hash(sealer, request, form)
    known = (await session.execute(select(KEYS).where(KEYS.c.key == scoped))).one_or_none()
    if known is not None:
        if known.request_hash != content:
            raise conflict("form-used", "This form was sent before, with other content.")
        return RedirectResponse(json.loads(known.headers)["location"], known.status)
    response = await work()
    if response.status_code == 303:
        await session.execute(
            insert(KEYS).values(
                key=scoped,
                request_hash=content,
                status=response.status_code,
                headers=json.dumps({"location": response.headers["location"]}),
                body=sealer.seal_bytes(b"", BODY) if sealer else b"",
            )
        )
    return response


def _scoped(request: Request, key: str) -> str:
    caller = request.cookies.get(SESSION_COOKIE, "")
    return f"{hashlib.sha256(caller.encode()).hexdigest()[:32]}:page:{key}"


def _hash(sealer: Sealer | None, request: Request, form: FormData) -> bytes:
    fields = [
        [name, f"{value.filename} {value.size}" if isinstance(value, UploadFile) else value]
        for name, value in form.multi_items()
        if name != CSRF_FIELD
    ]
    digest = hashlib.sha256(json.dumps([request.url.path, fields]).encode()).digest()
    return request_index(sealer, digest) if sealer else digest
