"""The pages of erasures: who is to be erased, what is lost by it, and who has confirmed it."""

from typing import Annotated, Any, get_args
from uuid import UUID

from fastapi import Depends, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from services.registration.desk.forms import body_of, texts_of, validated
from services.registration.desk.languages import language_of
from services.registration.desk.rendering import again, render
from services.registration.desk.routes import Form, page_router, see
from services.registration.desk.signed_in import signed_in
from services.registration.desk.words import choices
from services.registration.erasures import asking, handlers
from services.registration.erasures.domain import Service
from services.registration.erasures.schemas import NewErasure
from services.registration.families import handlers as families
from services.registration.families.domain import Person
from services.registration.staff import accounts
from services.registration.staff.domain import Staff, staff_id_of
from shared.problems import Problem, invalid, not_found
from shared.transactions import Session
from shared.versions import check_version

router = page_router()

Reader = Annotated[Staff, Depends(signed_in("registrar", "auditor"))]
Registrar = Annotated[Staff, Depends(signed_in("registrar"))]

_PAGE = "erasures/erase.html"
_EVERYBODY = "family"


@router.get("/families/{family_id}/erase")
async def ask(request: Request, session: Session, family_id: UUID, _: Registrar) -> Response:
    """Who is to be erased, and why."""
    return render(request, _PAGE, **await _context(request, session, family_id))


@router.post("/families/{family_id}/erase")
async def erase(
    request: Request, session: Session, family_id: UUID, form: Form, _: Registrar
) -> Response:
    """Say what is lost; erase once that was confirmed, as the family was seen then."""
    context = await _context(request, session, family_id)
    family, left = context["family"], context["left"]
    try:
        asked = _asked(form, context).to_domain()
        foreseen = asking.foresee(family, left, asked)
        if form.get("do") != "erase":
            return render(request, _PAGE, form=texts_of(form), **{**context, "foreseen": foreseen})
        check_version(_version(form), family.version)
        async with session.begin_nested():
            erasure = await handlers.erase(session, asked)
    except Problem as problem:
        return again(request, _PAGE, problem, form=texts_of(form), **context)
    return see(f"/erasures/{erasure.id}", done="asked")


@router.get("/erasures/{erasure_id}")
async def show_erasure(request: Request, session: Session, erasure_id: UUID, _: Reader) -> Response:
    """How far an erasure is: who has confirmed it, and when."""
    erasure = await handlers.get_erasure(session, erasure_id)
    return render(
        request,
        "erasures/erasure.html",
        erasure=erasure,
        by=await _name_of(session, erasure.requested_by),
        services=[(name, erasure.confirmed_at(name)) for name in get_args(Service)],
    )


def _asked(form: FormData, context: dict[str, Any]) -> NewErasure:
    typed = body_of(form, ("who", "head_id", "reason", "basis"))
    who = typed.pop("who", None)
    if who == _EVERYBODY:
        return validated(NewErasure, {**typed, "family_id": context["family"].id})
    if who not in {code for code, _ in (*context["members"], *context["former"])}:
        raise invalid("who", "is not a member of this family" if who else "must not be null")
    return validated(NewErasure, {**typed, "person_id": who})


async def _context(request: Request, session: AsyncSession, family_id: UUID) -> dict[str, Any]:
    family = await families.get_family(session, family_id)
    families.check_open(family)
    left = await asking.who_left(session, family)
    if not (family.persons or left):
        raise not_found("family")
    language = language_of(request)
    return {
        "family": family,
        "left": left,
        "members": [_choice(person) for person in family.persons],
        "former": [_choice(person) for person in left],
        "bases": choices("erasure_basis", language),
        "everybody": _EVERYBODY,
        "foreseen": None,
    }


def _choice(person: Person) -> tuple[str, str]:
    return str(person.id), f"{person.member.family_name} {person.member.given_name}"


def _version(form: FormData) -> int:
    typed = form.get("version")
    readable = isinstance(typed, str) and typed.isascii() and typed.isdigit() and len(typed) < 10
    return int(str(typed)) if readable else 0


async def _name_of(session: AsyncSession, subject: str) -> str:
    staff_id = staff_id_of(subject)
    return subject if staff_id is None else (await accounts.get(session, staff_id)).staff.name
