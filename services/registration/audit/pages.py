"""The auditor's page: searching the log."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Depends, Request, Response
from pydantic import BaseModel, StringConstraints

from services.registration.audit import handlers
from services.registration.audit.domain import Wanted
from services.registration.audit.handlers import BAKU
from services.registration.audit.schemas import LONGEST_WORD, before
from services.registration.desk.forms import texts_of, validated
from services.registration.desk.rendering import again, render
from services.registration.desk.routes import Form, page_router, see
from services.registration.desk.signed_in import signed_in
from services.registration.staff.domain import Staff
from shared.paging import encode_cursor
from shared.problems import Problem
from shared.transactions import Session

router = page_router()

Auditor = Annotated[Staff, Depends(signed_in("auditor"))]

Name = Annotated[str, StringConstraints(max_length=LONGEST_WORD, pattern=r"^[a-z][a-z0-9_.:@-]*$")]
"""A name that the log gives to an actor or an act: no FIN, no phone, and nobody's own name."""

_SHOWN = 50
_FIELDS = ("actor", "action", "subject_id", "from", "to")


class Search(BaseModel):
    """What is looked for; days are those of Baku, the last one included."""

    actor: Name | None = None
    action: Name | None = None
    subject_id: UUID | None = None
    first: date | None = None
    last: date | None = None

    def to_domain(self) -> Wanted:
        """The same as an entity."""
        return Wanted(
            actor=self.actor,
            action=self.action,
            subject_id=self.subject_id,
            since=_midnight(self.first) if self.first else None,
            until=_midnight(self.last + timedelta(days=1)) if self.last else None,
        )


@router.get("/audit")
async def search_log(request: Request, session: Session, _: Auditor) -> Response:
    """Show who did or saw what, the newest first; the search itself is written down."""
    typed, asked = _read(request.query_params)
    try:
        wanted = _wanted(asked)
        place = before(request.query_params.get("cursor"))
    except Problem as problem:
        return _again(request, problem, typed)
    found = await handlers.search(session, wanted, place, _SHOWN + 1)
    shown, more = found[:_SHOWN], None
    if len(found) > _SHOWN:
        cursor = encode_cursor(str(shown[-1].entry.entry))
        more = f"/audit?{urlencode({**asked, 'cursor': cursor})}"
    return render(request, "audit/log.html", form=typed, found=shown, more=more)


@router.post("/audit")
async def look(request: Request, form: Form, _: Auditor) -> Response:
    """Go to what is found; ids, names of acts and days alone get into the address."""
    typed, asked = _read(texts_of(form))
    try:
        _wanted(asked)
    except Problem as problem:
        return _again(request, problem, typed)
    return see(f"/audit?{urlencode(asked)}" if asked else "/audit")


def _read(given: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Give every field as it was typed, and those that hold something."""
    typed = {name: given.get(name, "").strip() for name in _FIELDS}
    return typed, {name: text for name, text in typed.items() if text}


def _wanted(asked: Mapping[str, str]) -> Wanted:
    names = {"from": "first", "to": "last"}
    try:
        return validated(
            Search, {names.get(name, name): text for name, text in asked.items()}
        ).to_domain()
    except OverflowError:
        raise handlers.bad_day() from None


def _again(request: Request, problem: Problem, typed: Mapping[str, str]) -> Response:
    return again(request, "audit/log.html", problem, form=typed, found=[], more=None)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), BAKU)
