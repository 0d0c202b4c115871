"""The routes of exports."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse

from services.registration.exports import handlers
from services.registration.exports.csv_file import CsvFile
from services.registration.exports.domain import Format, List, Separator
from services.registration.exports.queries import Wanted
from services.registration.exports.sending import BUSY, FileResponse, Slot
from services.registration.exports.workbook_file import WorkbookFile
from shared.auth import require
from shared.database import Sessions
from shared.text import Line

router = APIRouter(prefix="/v1/exports", tags=["exports"])
"""Without a transaction a request: an export is read long after its headers left."""

_readers = Depends(require("registrar", "organiser", "auditor"))

_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The list as a file.",
        "content": {
            CsvFile.media_type: {"schema": {"type": "string"}},
            WorkbookFile.media_type: {"schema": {"type": "string", "format": "binary"}},
        },
        "headers": {
            "Content-Disposition": {
                "description": "The name of the file.",
                "schema": {"type": "string"},
            }
        },
    },
    **BUSY,
}


@router.get("/{list}", dependencies=[_readers], response_class=StreamingResponse, responses=_FILE)
async def export_list(
    request: Request,
    slots: Slot,
    list: List,
    *,
    reason: Annotated[Line, Query(description="Why the list is taken out; kept in the audit log.")],
    format: Format = "csv",
    separator: Separator = ";",
    event_id: Annotated[UUID | None, Query(description="For the lists of an event.")] = None,
) -> StreamingResponse:
    """Take a list out as a file.

    FIN, phone, e-mail and address are left out for everybody but registrars, names and birth dates
    for organisers, who get the lists of events alone. Staff who are bound to a district get the
    families of their district. Some lists are sent at once, no more: else 503 and `Retry-After`.
    Who does not read on for a while is cut off.
    """
    sessions: Sessions = request.app.state.sessions
    async with sessions.begin() as session:
        export_id, wanted = await handlers.begin(session, list, event_id, format, reason)
    file = CsvFile(separator) if format == "csv" else WorkbookFile()
    return FileResponse(
        _pieces(sessions, export_id, wanted, file),
        slots,
        media_type=file.media_type,
        name=f"{list}.{file.ending}",
    )


async def _pieces(
    sessions: Sessions, export_id: UUID, wanted: Wanted, file: CsvFile | WorkbookFile
) -> AsyncGenerator[bytes]:
    count, whole = -1, False
    try:
        async with sessions.begin() as session:
            async for rows in handlers.rows(session, wanted):
                count += len(rows)
                yield file.write(rows)
        yield file.end()
        whole = True
    finally:
        # Shielded: who goes away in the middle has seen what was sent.
        await asyncio.shield(_end(sessions, export_id, wanted, max(count, 0), whole=whole))


async def _end(
    sessions: Sessions, export_id: UUID, wanted: Wanted, count: int, *, whole: bool
) -> None:
    async with sessions.begin() as session:
        await handlers.end(session, export_id, wanted, count, whole=whole)
