"""The pages of what happens to a family in life."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Request, Response

from services.registration.desk.languages import language_of
from services.registration.desk.rendering import again, render
from services.registration.desk.routes import Form, page_router, see
from services.registration.desk.signed_in import signed_in
from services.registration.desk.words import choices
from services.registration.families import handlers as families
from services.registration.families.domain import Family
from services.registration.family_changes.domain import Seen
from services.registration.family_changes.forms import FORMS, typed_texts
from services.registration.staff.domain import Staff
from shared.problems import Problem
from shared.transactions import Session

router = page_router()

What = Literal["birth", "death", "move", "new_head", "split"]
Registrar = Annotated[Staff, Depends(signed_in("registrar"))]

_PAGE = "family_changes/change.html"


@router.get("/families/{family_id}/changes")
async def choose(request: Request, session: Session, family_id: UUID, _: Registrar) -> Response:
    """What happened? One link for each thing that can."""
    family = await families.get_family(session, family_id)
    return render(request, "family_changes/choose.html", family=family, kinds=list(FORMS))


@router.get("/families/{family_id}/changes/{what}")
async def ask(
    request: Request, session: Session, family_id: UUID, what: What, _: Registrar
) -> Response:
    """The form of one thing that happened."""
    family = await families.get_family(session, family_id)
    families.check_open(family)
    return render(request, _PAGE, **_context(request, family, what, family.version))


@router.post("/families/{family_id}/changes/{what}")
async def record(
    request: Request, session: Session, family_id: UUID, what: What, form: Form, _: Registrar
) -> Response:
    """Record what happened, as the family was seen."""
    seen = str(form.get("version", ""))
    version = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else 0
    try:
        async with session.begin_nested():
            next_id = await FORMS[what](session, Seen(family_id, version), form)
    except Problem as problem:
        family = await families.get_family(session, family_id)
        return again(
            request,
            _PAGE,
            problem,
            form=typed_texts(form),
            **_context(request, family, what, version),
        )
    return see(f"/families/{next_id}", done="changed")


def _context(request: Request, family: Family, what: What, version: int) -> dict[str, Any]:
    return {
        "family": family,
        "what": what,
        "version": version,
        "persons": [(str(person.id), _name(person.member)) for person in family.persons],
        **_names(family),
        "sexes": choices("sex", language_of(request)),
    }


def _names(family: Family) -> dict[str, str]:
    """What a child of this family is named after: the head's surname, and its father if known."""
    couple = [each.member for each in family.persons if each.member.relation in {"head", "spouse"}]
    return {
        "surname": next((each.family_name for each in couple if each.relation == "head"), ""),
        "father": next((each.given_name for each in couple if each.sex == "male"), ""),
    }


def _name(member: Any) -> str:
    return f"{member.family_name} {member.given_name}"
