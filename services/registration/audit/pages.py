"""The auditor's page: searching the log."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Depends, Request, Response
from pydantic import BaseModel, StringConstraints

from services.registration.audit import handlers
from services.registration.audit.domain import Wanted
from services.registration.audit.handlers import BAKU
from services.registration.audit.schemas import LONGEST_WORD, before
from services.registration.desk.forms import validated
from services.registration.desk.rendering import again, render
from services.registration.desk.routes import page_router
from services.registration.desk.signed_in import signed_in
from services.registration.staff.domain import Staff
from shared.paging import encode_cursor
from shared.problems import Problem
from shared.text import Storable
from shared.transactions import Session

router = page_router()

Auditor = Annotated[Staff, Depends(signed_in("auditor"))]

Word = Annotated[str, StringConstraints(max_length=LONGEST_WORD), Storable]

_SHOWN = 50
_FIELDS = ("actor", "action", "subject_id", "from", "to")


class Search(BaseModel):
    """What is looked for; days are those of Baku, the last one included."""

    actor: Word | None = None
    action: Word | None = None
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
    typed = {name: request.query_params.get(name, "").strip() for name in _FIELDS}
    asked: dict[str, Any] = {name: text for name, text in typed.items() if text}
    names = {"from": "first", "to": "last"}
    try:
        search = validated(Search, {names.get(name, name): asked[name] for name in asked})
        place = before(request.query_params.get("cursor"))
        wanted = search.to_domain()
    except (Problem, OverflowError) as wrong:
        problem = wrong if isinstance(wrong, Problem) else handlers.bad_day()
        return again(request, "audit/log.html", problem, form=typed, found=[], more=None)
    found = await handlers.search(session, wanted, place, _SHOWN + 1)
    shown, more = found[:_SHOWN], None
    if len(found) > _SHOWN:
        cursor = encode_cursor(str(shown[-1].entry.entry))
        more = f"/audit?{urlencode({**asked, 'cursor': cursor})}"
    return render(request, "audit/log.html", form=typed, found=shown, more=more)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), BAKU)
