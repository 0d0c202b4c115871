"""The pages of consents: what a family allows, given and taken back, and its receipts."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from services.registration.consents import handlers, receipts
from services.registration.consents.domain import Recorded
from services.registration.consents.schemas import NewConsent, Withdrawal
from services.registration.desk.formats import today
from services.registration.desk.forms import body_of, texts_of, validated
from services.registration.desk.languages import known, language_of
from services.registration.desk.rendering import again, render
from services.registration.desk.routes import Form, page_router, see
from services.registration.desk.signed_in import signed_in
from services.registration.desk.words import choices
from services.registration.families import handlers as families
from services.registration.families.domain import Purpose
from services.registration.families.family_form import dated
from services.registration.staff.domain import Staff
from shared.problems import Problem, invalid
from shared.transactions import Session

router = page_router()

Reader = Annotated[Staff, Depends(signed_in("registrar", "auditor"))]
Registrar = Annotated[Staff, Depends(signed_in("registrar"))]
Before = Annotated[int | None, Query(ge=1, le=2**63 - 1)]

_PAGE = "consents/consents.html"
_SHOWN = 20


class _Given(BaseModel):
    give: NewConsent


class _TakenBack(Withdrawal):
    purpose: Purpose


class _Withdrawn(BaseModel):
    withdraw: _TakenBack


@router.get("/families/{family_id}/consents")
async def show_consents(
    request: Request, session: Session, family_id: UUID, _: Reader, before: Before = None
) -> Response:
    """What a family allows, since when and on which basis, and all it ever decided."""
    context = await _context(request, session, family_id, before)
    family = context["family"]
    if family.successor_id is not None:
        return see(f"/families/{family.successor_id}/consents")
    form = {"give.given_on": f"{today():%d.%m.%Y}", "give.given_by": "head"}
    return render(request, _PAGE, form=form, **context)


@router.post("/families/{family_id}/consents")
async def decide(
    request: Request, session: Session, family_id: UUID, form: Form, _: Registrar
) -> Response:
    """Record what a family allows or takes back, and show the receipt of it."""
    try:
        async with session.begin_nested():
            recorded = await _decide(session, family_id, form)
    except Problem as problem:
        context = await _context(request, session, family_id, None)
        return again(request, _PAGE, problem, form=texts_of(form), **context)
    done = "given" if recorded.decision.kind == "given" else "withdrawn"
    return see(f"/families/{family_id}/consents/{recorded.id}", done)


@router.get("/families/{family_id}/consents/{consent_id}")
async def show_receipt(
    request: Request,
    session: Session,
    family_id: UUID,
    consent_id: UUID,
    _: Reader,
    language: Annotated[str, Query(alias="in", max_length=2)] = "",
) -> Response:
    """The receipt of a decision, to print; in the family's language unless another is asked."""
    recorded, family = await handlers.get_receipt(session, family_id, consent_id)
    own = next((each for each in family.persons if each.member.relation == "head"), None)
    chosen = known(language) or (own.member.language if own else language_of(request))
    return render(
        request,
        "consents/receipt.html",
        family_id=family_id,
        recorded=recorded,
        chosen=chosen,
        tongues=choices("language", language_of(request)),
        receipt=receipts.write(recorded, family, chosen, handlers.today()).text,
    )


async def _decide(session: AsyncSession, family_id: UUID, form: FormData) -> Recorded:
    wanted = form.get("do")
    if wanted == "give":
        typed = body_of(form, ("give",)).get("give")
        typed = dated(dated(typed, "given_on"), "valid_until") if isinstance(typed, dict) else {}
        given = validated(_Given, {"give": typed}).give
        return await handlers.give(session, family_id, given.to_domain())
    if wanted == "withdraw":
        body = validated(_Withdrawn, {"withdraw": {}, **body_of(form, ("withdraw",))})
        taken = body.withdraw
        return await handlers.withdraw(
            session, family_id, taken.purpose, taken.reason, taken.channel
        )
    raise invalid("do", "is nothing that can be done here")


async def _context(
    request: Request, session: AsyncSession, family_id: UUID, before: int | None
) -> dict[str, Any]:
    family = await families.get_family(session, family_id)
    found = await handlers.list_decisions(session, family_id, before, _SHOWN + 1)
    standing: dict[str, Recorded] = {
        each.decision.purpose: each for each in await handlers.list_standing(session, family_id)
    }
    language = language_of(request)
    purposes = choices("purpose", language)
    now = handlers.today()
    return {
        "family": family,
        "found": found[:_SHOWN],
        "more": found[_SHOWN - 1].number if len(found) > _SHOWN else None,
        "standing": [(purpose, text, standing.get(purpose)) for purpose, text in purposes],
        "held": [
            (purpose, text)
            for purpose, text in purposes
            if purpose in standing and standing[purpose].holds(now)
        ],
        "now": now,
        "purposes": purposes,
        "bases": choices("basis", language),
        "relations": choices("relation", language),
        "channels": choices("channel", language),
    }
