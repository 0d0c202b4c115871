"""The pages of staff accounts, for operators: all of them, and a new one."""

from typing import Annotated, Any

from fastapi import Depends, Query, Request, Response

from services.registration.desk.formats import districts
from services.registration.desk.forms import body_of, texts_of, validated
from services.registration.desk.languages import language_of
from services.registration.desk.rendering import again, render
from services.registration.desk.routes import Form, page_router
from services.registration.desk.signed_in import signed_in
from services.registration.desk.words import choices
from services.registration.staff import accounts
from services.registration.staff.domain import LONGEST_LOGIN, Staff
from services.registration.staff.schemas import NewStaff
from shared.problems import Problem
from shared.text import Storable
from shared.transactions import Session

router = page_router()

Operator = Annotated[Staff, Depends(signed_in("operator"))]
After = Annotated[str, Query(max_length=LONGEST_LOGIN), Storable]

_SHOWN = 50
_PAGE = "staff/accounts.html"
_FIELDS = ("login", "name", "roles", "district", "email")


@router.get("/staff")
async def list_accounts(
    request: Request, session: Session, _: Operator, after: After = ""
) -> Response:
    """Every account, and the form of a new one."""
    return render(request, _PAGE, **await _context(request, session, after))


@router.post("/staff")
async def add_account(request: Request, session: Session, form: Form, _: Operator) -> Response:
    """Make an account and show its temporary password, this once."""
    try:
        body = validated(NewStaff, body_of(form, _FIELDS))
        account, shown = await accounts.add(session, body.to_account())
    except Problem as problem:
        context = await _context(request, session, "")
        context["chosen"] = form.getlist("roles[]")
        if problem.slug == "staff-exists":
            context["known"] = await accounts.look_up(session, str(form.get("login", "")))
        return again(request, _PAGE, problem, form=texts_of(form), **context)
    context = await _context(request, session, "")
    return render(request, _PAGE, **{**context, "password": shown, "made": account})


async def _context(request: Request, session: Session, after: str) -> dict[str, Any]:
    found = await accounts.list_(session, after, _SHOWN + 1)
    language = language_of(request)
    return {
        "accounts": found[:_SHOWN],
        "next_after": found[_SHOWN - 1].staff.login if len(found) > _SHOWN else None,
        "roles": choices("role", language),
        "chosen": [],
        "districts": districts(language),
        "password": None,
        "made": None,
        "known": None,
    }
