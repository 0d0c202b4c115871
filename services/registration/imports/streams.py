"""Answers of imports that go on for a while: the bad rows as a file, and live progress."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from uuid import UUID

from fastapi.responses import StreamingResponse

from services.registration.exports.csv_file import CsvFile
from services.registration.exports.sending import FileResponse, Slots
from services.registration.exports.workbook_file import WorkbookFile
from services.registration.imports import handlers
from services.registration.imports.domain import MOVING, XLSX, Import
from services.registration.imports.schemas import Import as Body
from services.registration.imports.texts import Language
from shared.database import Sessions

EVERY_SECONDS = 0.5
LONGEST_SECONDS = 600
ALIVE_LOOKS = 20
"""So many looks after another something is sent, though nothing changed."""
"""How long one connection is followed; a browser opens the next one by itself."""


async def bad_rows_file(
    sessions: Sessions, slots: Slots, id_: UUID, language: Language
) -> FileResponse:
    """Give the bad rows as a file of the same kind that was uploaded.

    Raises:
        Problem: 404, there is no such import.
    """
    async with sessions.begin() as session:
        found = await handlers.begin_bad_rows(session, id_)
    file = WorkbookFile() if found.format == XLSX else CsvFile(found.separator or ";")

    async def pieces() -> AsyncGenerator[bytes]:
        async with sessions() as session:
            async for rows in handlers.bad_rows(session, found, language):
                yield file.write(rows)
        yield file.end()

    return FileResponse(pieces(), slots, media_type=file.media_type, name=f"bad-rows.{file.ending}")


async def progress_events(sessions: Sessions, id_: UUID, language: Language) -> StreamingResponse:
    """Follow an import as server-sent events (HTML Living Standard, 9.2) until it rests.

    Each look has a connection of its own: who watches for minutes holds none.

    Raises:
        Problem: 404, there is no such import.
    """
    found = await _look(sessions, id_)

    async def events() -> AsyncIterator[bytes]:
        present, shown = found, None
        yield b"retry: 3000\n\n"
        for look in range(int(LONGEST_SECONDS / EVERY_SECONDS)):
            if look % ALIVE_LOOKS == ALIVE_LOOKS - 1:
                yield b":\n\n"  # a comment: whoever waits, or a proxy, sees that we are there
            if present != shown:
                shown = present
                text = Body.of(present, language).model_dump_json()
                yield f"event: {present.state}\ndata: {text}\n\n".encode()
            if present.state not in MOVING:
                return
            await asyncio.sleep(EVERY_SECONDS)
            present = await _look(sessions, id_)

    return StreamingResponse(
        events(), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
    )


async def _look(sessions: Sessions, id_: UUID) -> Import:
    async with sessions.begin() as session:
        return await handlers.get_import(session, id_)
