"""The routes of imports."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse

from services.registration.exports.csv_file import CsvFile
from services.registration.exports.sending import BUSY, Slot
from services.registration.exports.workbook_file import WorkbookFile
from services.registration.imports import handlers
from services.registration.imports.receiving import receive
from services.registration.imports.schemas import UPLOAD_BODY, Import, ImportChange, RowError
from services.registration.imports.streams import bad_rows_file, progress_events
from services.registration.imports.texts import Language
from services.registration.imports.uploads import Upload
from shared.auth import require
from shared.http import path_of
from shared.paging import DEFAULT_LIMIT, Cursor, Limit, Page, bad_cursor, decode_cursor, page
from shared.transactions import Session, TransactionRoute
from shared.versions import IfMatch, set_etag

PATH = "/v1/imports"
router = APIRouter(prefix=PATH, route_class=TransactionRoute, tags=["imports"])
uploads = APIRouter(prefix=PATH, tags=["imports"])
"""Beside the others: an upload takes minutes, so its pieces have transactions of their own."""

_writes = Depends(require("registrar"))
_reads = Depends(require("registrar", "auditor"))

_ETAG = {"ETag": {"description": "The version.", "schema": {"type": "string"}}}
_LOCATION = {"Location": {"description": "The import.", "schema": {"type": "string"}}}
_ACCEPTED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The first import of the same content.",
        "model": Import,
        "headers": _LOCATION,
    },
    201: {"headers": _LOCATION},
}
_VERSIONED: dict[int | str, dict[str, Any]] = {200: {"headers": _ETAG}}

_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The rows as a file.",
        "content": {
            CsvFile.media_type: {"schema": {"type": "string"}},
            WorkbookFile.media_type: {"schema": {"type": "string", "format": "binary"}},
        },
    }
}
_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Server-sent events.",
        "content": {"text/event-stream": {}},
    }
}

In = Annotated[Language, Query(alias="language", description="The language of what is said.")]


@uploads.post(
    "", status_code=201, dependencies=[_writes], responses=_ACCEPTED, openapi_extra=UPLOAD_BODY
)
async def upload_import(request: Request, response: Response, *, language: In = "az") -> Import:
    """Upload a list of families, CSV or XLSX; its dry run begins at once.

    The same content again is the same import (200): nothing is ever imported twice.
    """
    upload = Upload(request.headers.get("content-type", ""), request.stream())
    found, new = await receive(request.app.state.sessions, upload)
    response.status_code = 201 if new else 200
    response.headers["Location"] = path_of(request, "get_import", import_id=found.id)
    return Import.of(found, language)


@router.get("", dependencies=[_reads])
async def list_imports(
    session: Session, *, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None, language: In = "az"
) -> Page[Import]:
    """List imports, the newest first."""
    found = await handlers.list_imports(session, _before(cursor), limit + 1)
    return page(found, limit, lambda each: Import.of(each, language), lambda each: (str(each.id),))


@router.get("/{import_id}", dependencies=[_reads], responses=_VERSIONED)
async def get_import(
    import_id: UUID, response: Response, session: Session, *, language: In = "az"
) -> Import:
    """Read one import: its state, its counts and what its columns mean."""
    found = await handlers.get_import(session, import_id)
    set_etag(response, found.version)
    return Import.of(found, language)


@router.patch("/{import_id}", dependencies=[_writes], responses=_VERSIONED)
async def change_import(
    import_id: UUID,
    body: ImportChange,
    version: IfMatch,
    response: Response,
    session: Session,
    *,
    language: In = "az",
) -> Import:
    """Say which field stands under which header; the dry run begins again."""
    found = await handlers.change_plan(session, import_id, version, body.mapping, body.constants)
    set_etag(response, found.version)
    return Import.of(found, language)


@router.get("/{import_id}/errors", dependencies=[_writes])
async def list_errors(
    import_id: UUID,
    session: Session,
    *,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
    language: In = "az",
) -> Page[RowError]:
    """List all that is wrong with a list, by row and field."""
    found = await handlers.list_faults(session, import_id, _behind(cursor), limit + 1)
    return page(
        found,
        limit,
        lambda each: RowError.of(each, language),
        lambda each: (str(each.row), str(each.place)),
    )


@uploads.get(
    "/{import_id}/bad-rows",
    dependencies=[_writes],
    response_class=StreamingResponse,
    responses=_FILE | BUSY,
)
async def get_bad_rows(
    import_id: UUID, request: Request, slots: Slot, *, language: In = "az"
) -> StreamingResponse:
    """Take out the rows that are not good, as such a file, with what is wrong behind each."""
    return await bad_rows_file(request.app.state.sessions, slots, import_id, language)


@uploads.get(
    "/{import_id}/progress",
    dependencies=[_reads],
    response_class=StreamingResponse,
    responses=_EVENTS,
)
async def get_progress(
    import_id: UUID, request: Request, *, language: In = "az"
) -> StreamingResponse:
    """Follow an import as server-sent events, each the import as it is, until it rests."""
    return await progress_events(request.app.state.sessions, import_id, language)


@router.post("/{import_id}/commit", dependencies=[_writes])
async def commit_import(import_id: UUID, session: Session, *, language: In = "az") -> Import:
    """Put the good families on the register; a second click changes nothing."""
    return Import.of(await handlers.commit(session, import_id), language)


@router.post("/{import_id}/pause", dependencies=[_writes])
async def pause_import(import_id: UUID, session: Session, *, language: In = "az") -> Import:
    """Stop writing after the batch under way."""
    return Import.of(await handlers.pause(session, import_id), language)


@router.post("/{import_id}/resume", dependencies=[_writes])
async def resume_import(import_id: UUID, session: Session, *, language: In = "az") -> Import:
    """Go on writing, or try again what failed."""
    return Import.of(await handlers.resume(session, import_id), language)


@router.post("/{import_id}/cancel", dependencies=[_writes])
async def cancel_import(import_id: UUID, session: Session, *, language: In = "az") -> Import:
    """Write no more; what is written stays, and the counts say how much that is."""
    return Import.of(await handlers.cancel(session, import_id), language)


def _before(cursor: str | None) -> UUID | None:
    if cursor is None:
        return None
    try:
        return UUID(decode_cursor(cursor, 1)[0])
    except ValueError:
        raise bad_cursor() from None


def _behind(cursor: str | None) -> tuple[int, int]:
    if cursor is None:
        return 0, -1
    try:
        row, place = (int(part) for part in decode_cursor(cursor, 2))
    except ValueError:
        raise bad_cursor() from None
    if not (0 <= row < 2**31 and 0 <= place < 2**31):
        raise bad_cursor()
    return row, place
