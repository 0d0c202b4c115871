"""The pages of imports: upload, what the columns mean, the dry run's result, writing, progress."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from services.registration.desk import forgery
from services.registration.desk.headers import protect
from services.registration.desk.languages import language_of
from services.registration.desk.rendering import again, problem_page, render
from services.registration.desk.routes import Form, page_router, see
from services.registration.desk.signed_in import (
    password_url,
    present,
    sign_in_url,
    signed_in,
)
from services.registration.exports.csv_file import CsvFile
from services.registration.exports.sending import Slot
from services.registration.imports import columns, handlers
from services.registration.imports.domain import CHANGEABLE, MOVING, Import
from services.registration.imports.receiving import receive
from services.registration.imports.streams import bad_rows_file, progress_events
from services.registration.imports.texts import field_name, say
from services.registration.imports.uploads import Upload
from services.registration.staff.domain import Staff
from shared.problems import Problem
from shared.transactions import Session

UPLOAD_PATH = "/imports/upload"
router = page_router()
uploads = APIRouter(include_in_schema=False)
"""Beside the others: a file is read in pieces, not as a form."""

Reader = Annotated[Staff, Depends(signed_in("registrar", "operator"))]
Registrar = Annotated[Staff, Depends(signed_in("registrar"))]

_SHOWN = 50
_ACTS = {
    "commit": handlers.commit,
    "pause": handlers.pause,
    "resume": handlers.resume,
    "cancel": handlers.cancel,
}


@router.get("/imports")
async def show_imports(request: Request, session: Session, _: Reader) -> Response:
    """The lists that were uploaded last, and the form for another one."""
    found = await handlers.list_imports(session, None, _SHOWN)
    return render(request, "imports/imports.html", imports=found)


@router.get("/imports/empty-list.csv")
async def empty_list(request: Request, _: Reader) -> Response:
    """A list without rows, whose columns are known by their names."""
    language, file = language_of(request), CsvFile()
    headers = [field_name(name, language) for name in columns.FIELDS if name != "full_name"]
    return Response(
        file.write([headers]),
        media_type=file.media_type,
        headers={"Content-Disposition": 'attachment; filename="families.csv"'},
    )


@uploads.post(UPLOAD_PATH)
async def upload_list(request: Request) -> Response:
    """Take a list; the form's token stands before the file, and is checked before it is kept."""
    try:
        response = await _upload(request)
    except Problem as problem:
        response = problem_page(request, problem)
    return protect(request, response)


@router.get("/imports/{import_id}")
async def show_import(
    request: Request, session: Session, import_id: UUID, _: Reader, after: str = ""
) -> Response:
    """One list: its state and counts, what its columns mean, and what is wrong with it."""
    found = await handlers.get_import(session, import_id)
    return await _page(request, session, found, after)


@router.post("/imports/{import_id}/columns")
async def change_columns(
    request: Request, session: Session, import_id: UUID, form: Form, _: Registrar
) -> Response:
    """Say which field stands under which header."""
    found = await handlers.get_import(session, import_id)
    typed = {name: str(form.get(f"column.{name}") or "") for name in columns.FIELDS}
    mapping = {name: header for name, header in typed.items() if header}
    version = str(form.get("version") or "")
    try:
        async with session.begin_nested():
            await handlers.change_plan(session, import_id, _number(version) or 0, mapping, None)
    except Problem as problem:
        return again(
            request, "imports/import.html", problem, **await _shown(request, session, found, "")
        )
    return see(f"/imports/{import_id}")


@router.post("/imports/{import_id}/{act}")
async def move(session: Session, import_id: UUID, act: str, _: Registrar) -> Response:
    """Write, pause, resume or cancel; a second click changes nothing."""
    if act in _ACTS:
        await _ACTS[act](session, import_id)
    return see(f"/imports/{import_id}")


@router.get("/imports/{import_id}/bad-rows")
async def take_bad_rows(request: Request, import_id: UUID, _: Registrar, slots: Slot) -> Response:
    """The rows that are not good, as a file."""
    sessions = request.app.state.sessions
    return await bad_rows_file(sessions, slots, import_id, language_of(request))


@router.get("/imports/{import_id}/progress")
async def follow(request: Request, import_id: UUID, _: Reader) -> Response:
    """Live progress, for the page's script."""
    return await progress_events(request.app.state.sessions, import_id, language_of(request))


async def _upload(request: Request) -> Response:
    sessions = request.app.state.sessions
    async with sessions.begin() as session:
        person = await present(request, session)
    if person is None:
        return RedirectResponse(sign_in_url(request), 303)
    if person.must_change_password:
        return RedirectResponse(password_url(request), 303)
    if "registrar" not in person.roles:
        raise Problem(403, "forbidden", "Your roles do not include this page.")

    def admit(upload: Upload) -> None:
        forgery.check(request, FormData(upload.fields))

    upload = Upload(request.headers.get("content-type", ""), request.stream())
    found, _ = await receive(sessions, upload, admit)
    return see(f"/imports/{found.id}")


async def _page(request: Request, session: Session, found: Import, after: str) -> Response:
    return render(request, "imports/import.html", **await _shown(request, session, found, after))


async def _shown(
    request: Request, session: Session, found: Import, after: str
) -> dict[str, object]:
    staff: Staff = request.state.staff
    language = language_of(request)
    writes = "registrar" in staff.roles
    faults = []
    if writes and found.counts.bad_rows:
        row, place = (_number(part) for part in (after.partition("-")[0], after.partition("-")[2]))
        behind = (0, -1) if row is None or place is None else (row, place)
        faults = await handlers.list_faults(session, found.id, behind, _SHOWN + 1)
    shown = faults[:_SHOWN]
    return {
        "found": found,
        "writes": writes,
        "moving": found.state in MOVING,
        "changeable": writes and found.state in CHANGEABLE and found.plan.headers,
        "names": [(name, field_name(name, language)) for name in columns.FIELDS],
        "needed": columns.NEEDED,
        "refusal": say(found.fault, language) if found.fault else None,
        "faults": [
            (each.row, field_name(each.field, language), say(each.fault, language))
            for each in shown
        ],
        "next": f"{shown[-1].row}-{shown[-1].place}" if len(faults) > _SHOWN else None,
    }


def _number(typed: str) -> int | None:
    """Read what an address or a form holds; None for what is no number of ours."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None
