"""The pages of merges: two registrations side by side, made one field by field; and undone."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from starlette.datastructures import FormData

from services.registration.desk.forms import body_of, texts_of, validated
from services.registration.desk.languages import language_of
from services.registration.desk.rendering import again, render
from services.registration.desk.routes import Form, page_router, see
from services.registration.desk.signed_in import signed_in
from services.registration.desk.words import choices
from services.registration.duplicates import handlers as duplicates
from services.registration.duplicates.handlers import SideBySide
from services.registration.families.domain import Family, Person
from services.registration.family_changes.domain import Seen
from services.registration.merges import handlers
from services.registration.merges.domain import FAMILY_FIELDS, MEMBER_FIELDS
from services.registration.merges.schemas import NewMerge, Undo
from services.registration.staff.domain import Staff
from shared.problems import Problem, conflict
from shared.transactions import Session

router = page_router()

Reader = Annotated[Staff, Depends(signed_in("registrar", "auditor"))]
Registrar = Annotated[Staff, Depends(signed_in("registrar"))]
Keep = Annotated[Literal["first", "second"], Query()]

_FORM = "merges/merge.html"
_PARTS = ("scope", "kept_version", "merged_version", "pairs", "family_fields", "relations")


@dataclass(frozen=True, slots=True)
class Sides:
    """Who stays and who goes, and the pairs of persons who are likely one."""

    kept: Family
    merged: Family
    pairs: list[tuple[Person, Person]]

    @property
    def unpaired(self) -> list[Person]:
        """Who goes over as they are."""
        paired = {other.id for _, other in self.pairs}
        return [person for person in self.merged.persons if person.id not in paired]


@router.get("/duplicates/{case_id}/merge")
async def compare(
    request: Request, session: Session, case_id: UUID, _: Registrar, keep: Keep = "first"
) -> Response:
    """Both registrations, to choose which side each field is taken from."""
    sides = _sides(await duplicates.get_case(session, case_id), keep)
    return render(request, _FORM, **_context(request, case_id, sides, keep))


@router.post("/duplicates/{case_id}/merge")
async def merge(
    request: Request,
    session: Session,
    case_id: UUID,
    form: Form,
    _: Registrar,
    keep: Keep = "first",
) -> Response:
    """Make one registration of two, as it was chosen."""
    sides = _sides(await duplicates.get_case(session, case_id), keep)
    try:
        body = validated(NewMerge, _body(form, sides, case_id))
        async with session.begin_nested():
            made = await handlers.merge(
                session,
                Seen(body.kept_family_id, body.kept_version),
                Seen(body.merged_family_id, body.merged_version),
                body.plan(),
                reason=body.reason,
                case_id=case_id,
            )
    except Problem as problem:
        context = _context(request, case_id, sides, keep)
        return again(request, _FORM, problem, form=texts_of(form), **context)
    return see(f"/merges/{made.id}", done="merged")


@router.get("/merges/{merge_id}")
async def show_merge(request: Request, session: Session, merge_id: UUID, _: Reader) -> Response:
    """A merge that was made, and the way back."""
    made = await handlers.get_merge(session, merge_id)
    return render(request, "merges/made.html", merge=made)


@router.post("/merges/{merge_id}/undo")
async def undo(
    request: Request, session: Session, merge_id: UUID, form: Form, _: Registrar
) -> Response:
    """Make two registrations again."""
    try:
        reason = validated(Undo, body_of(form, ("reason",))).reason
        async with session.begin_nested():
            await handlers.undo_merge(session, merge_id, reason)
    except Problem as problem:
        made = await handlers.get_merge(session, merge_id)
        return again(request, "merges/made.html", problem, form=texts_of(form), merge=made)
    return see(f"/merges/{merge_id}", done="undone")


def _sides(beside: SideBySide, keep: Literal["first", "second"]) -> Sides:
    first, second = beside.families
    if first is None or second is None or first.successor_id or second.successor_id:
        raise conflict("family-closed", "One of these families is not there any more.")
    known = {person.id: person for family in (first, second) for person in family.persons}
    pairs = [
        (known[UUID(one)], known[UUID(other)])
        for one, other in (pair["persons"] for pair in beside.case.pairs)
        if UUID(one) in known and UUID(other) in known
    ]
    if keep == "first":
        return Sides(first, second, pairs)
    return Sides(second, first, [(other, one) for one, other in pairs])


def _body(form: FormData, sides: Sides, case_id: UUID) -> dict[str, Any]:
    typed = body_of(form, (*_PARTS, "reason"))
    same = {value for value in form.getlist("same") if isinstance(value, str)}
    pairs = typed.get("pairs")
    numbered = enumerate(pairs if isinstance(pairs, list) else [])
    chosen = [pair for number, pair in numbered if str(number) in same]
    return {
        **typed,
        "pairs": chosen,
        "kept_family_id": sides.kept.id,
        "merged_family_id": sides.merged.id,
        "case_id": case_id,
    }


def _context(
    request: Request, case_id: UUID, sides: Sides, keep: Literal["first", "second"]
) -> dict[str, Any]:
    relations = choices("relation", language_of(request))
    return {
        "case_id": case_id,
        "keep": keep,
        "sides": sides,
        "member_fields": MEMBER_FIELDS,
        "family_fields": FAMILY_FIELDS,
        "relations": [(code, text) for code, text in relations if code != "head"],
    }
