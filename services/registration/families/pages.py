"""The pages of families: search, record, new family, correction."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request, Response

from services.registration.desk.forms import Typed as Fields
from services.registration.desk.forms import validated
from services.registration.desk.languages import language_of
from services.registration.desk.navigation import Place, places_of
from services.registration.desk.rendering import again, render
from services.registration.desk.routes import Form, page_router, see
from services.registration.desk.signed_in import signed_in
from services.registration.desk.words import choices
from services.registration.enrolments import handlers as enrolments
from services.registration.families import handlers
from services.registration.families.family_form import (
    Typed,
    blank,
    typed_from,
    typed_of,
    with_member,
    without_member,
)
from services.registration.families.schemas import (
    FamilyChange,
    NewFamily,
    consent_of,
    origin_of,
    residence_of,
)
from services.registration.search import box
from services.registration.search.handlers import Hit, search_by_family
from services.registration.staff.domain import Staff
from shared.problems import Problem
from shared.transactions import Session

router = page_router()

Reader = Annotated[Staff, Depends(signed_in("registrar", "auditor"))]
Registrar = Annotated[Staff, Depends(signed_in("registrar"))]
_SHOWN = 20
_FORM = "families/form.html"


@router.get("/")
async def search(request: Request, session: Session, _: Reader, s: box.Sealed = "") -> Response:
    """One box that finds a family by anybody of it."""
    text = box.opened(session, s)
    found = await _found(session, text or "")
    return render(request, "families/search.html", q=text or "", lost=text is None, found=found)


@router.post("/")
async def look(session: Session, form: Form, _: Reader) -> Response:
    """Go to what is found; the address does not tell what was typed."""
    return see(box.address_of(session, "/", box.text_of(form)))


@router.post("/search")
async def results(request: Request, session: Session, form: Form, _: Reader) -> Response:
    """The results alone, for the box to show while one types, and the address of the page."""
    text = box.text_of(form)
    found = await _found(session, text)
    response = render(request, "families/found.html", q=text, found=found)
    response.headers[box.ADDRESS_HEADER] = box.address_of(session, "/", text)
    return response


async def _found(session: Session, text: str) -> list[Hit]:
    return (await search_by_family(session, text, _SHOWN + 1)) if text else []


@router.get("/families/new")
async def new_family(request: Request, _: Registrar) -> Response:
    """The form of a new family."""
    return _show(request, blank())


@router.post("/families/new")
async def register_family(request: Request, session: Session, form: Form, _: Registrar) -> Response:
    """Register a family, or add and remove a row where there are no scripts to do it."""
    typed = typed_of(form)
    if form.get("do") == "add":
        return _show(request, with_member(typed), added=True)
    if "remove" in form:
        return _show(request, without_member(typed, str(form["remove"])))
    try:
        body = validated(NewFamily, typed.body())
        family = await handlers.register_family(
            session,
            origin_of(body.origin),
            residence_of(body.residence),
            [member.to_domain() for member in body.members],
            consent_of(body.consent),
        )
    except Problem as problem:
        return _show_again(request, problem, typed)
    return see(f"/families/{family.id}", done="registered")


@router.get("/families/{family_id}")
async def record(request: Request, session: Session, family_id: UUID, _: Reader) -> Response:
    """A family's record; of one that went into another family, that one's."""
    family = await handlers.get_family(session, family_id)
    if family.successor_id is not None:
        return see(f"/families/{family.successor_id}", done="went-into")
    enrolled = await enrolments.list_of_family(session, family_id)
    return render(
        request,
        "families/record.html",
        family=family,
        enrolled=enrolled,
        places=places_of(request, Place.FAMILY, family_id=family_id),
    )


@router.get("/families/{family_id}/edit")
async def edit_family(
    request: Request, session: Session, family_id: UUID, _: Registrar
) -> Response:
    """The form of a family as it is."""
    family = await handlers.get_family(session, family_id)
    return _show(request, typed_from(family), family_id=family_id, version=family.version)


@router.post("/families/{family_id}/edit")
async def correct_family(
    request: Request, session: Session, family_id: UUID, form: Form, _: Registrar
) -> Response:
    """Correct a family as it was seen."""
    typed, seen = typed_of(form), str(form.get("version", ""))
    version = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else 0
    of = {"family_id": family_id, "version": version}
    if form.get("do") == "add":
        return _show(request, with_member(typed), added=True, **of)
    if "remove" in form:
        return _show(request, without_member(typed, str(form["remove"])), **of)
    try:
        body = validated(FamilyChange, {"consent": None, **typed.body()})
        await handlers.change_family(session, family_id, version, _changes(body))
    except Problem as problem:
        return _show_again(request, problem, typed, **of)
    return see(f"/families/{family_id}", done="changed")


def _changes(body: FamilyChange) -> handlers.Changes:
    return handlers.Changes(
        origin=origin_of(body.origin) if body.origin else None,
        residence=residence_of(body.residence) if body.residence else None,
        members=[(member.id, member.to_domain()) for member in body.members or ()] or None,
        consent=consent_of(body.consent),
        withdraws_consent=body.consent is None,
    )


def _show(request: Request, typed: Typed, **more: Any) -> Response:
    return render(request, _FORM, **_context(request, typed, more))


def _show_again(request: Request, problem: Problem, typed: Typed, **more: Any) -> Response:
    taken = problem.more.get("existing_family_id")
    return again(
        request, _FORM, problem, existing_family_id=taken, **_context(request, typed, more)
    )


def _context(request: Request, typed: Typed, more: dict[str, Any]) -> dict[str, Any]:
    language = language_of(request)
    return {
        "origin": Fields(typed.origin),
        "residence": Fields(typed.residence),
        "consent": Fields(typed.consent),
        "members": [Fields(row) for row in typed.members],
        "relations": choices("relation", language),
        "sexes": choices("sex", language),
        "tongues": choices("language", language),
        "purposes": choices("purpose", language),
        "family_id": None,
        "version": None,
        "added": False,
        **more,
    }
