"""The page of staff accounts, for operators."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Request, Response

from services.registration.desk.formats import districts
from services.registration.desk.forms import body_of, texts_of, validated
from services.registration.desk.languages import language_of
from services.registration.desk.rendering import again, render
from services.registration.desk.routes import Form, page_router, see
from services.registration.desk.signed_in import signed_in
from services.registration.desk.words import choices
from services.registration.staff import accounts
from services.registration.staff.domain import LONGEST_LOGIN, Staff
from services.registration.staff.schemas import NewStaff
from shared.problems import Problem, invalid
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
        return again(request, _PAGE, problem, form=texts_of(form), **context)
    return await _show_password(request, session, account.staff.login, shown)


@router.post("/staff/{staff_id}")
async def change_account(
    staff_id: UUID, request: Request, session: Session, form: Form, _: Operator
) -> Response:
    """Sign somebody out everywhere, disable or enable them, or give them a new password."""
    wanted = form.get("do")
    if wanted == "password":
        account, shown = await accounts.set_password(session, staff_id, None)
        return await _show_password(request, session, account.staff.login, shown)
    if wanted == "sign-out":
        await accounts.sign_out_everywhere(session, staff_id)
    elif wanted in {"disable", "enable"}:
        changes = accounts.Changes(frozenset({"disabled"}), disabled=wanted == "disable")
        await accounts.change(session, staff_id, _version(form.get("version")), changes)
    else:
        raise invalid("do", "is nothing that can be done here")
    return see("/staff", "changed")


async def _show_password(
    request: Request, session: Session, login: str, password: str | None
) -> Response:
    context = await _context(request, session, "")
    return render(request, _PAGE, **{**context, "password": password, "shown_for": login})


async def _context(request: Request, session: Session, after: str) -> dict[str, Any]:
    found = await accounts.list_(session, after, _SHOWN + 1)
    language = language_of(request)
    roles = [(code, text) for code, text in choices("role", language) if code != "system"]
    return {
        "accounts": found[:_SHOWN],
        "next_after": found[_SHOWN - 1].staff.login if len(found) > _SHOWN else None,
        "roles": roles,
        "chosen": [],
        "districts": districts(language),
        "password": None,
        "shown_for": None,
    }


def _version(typed: object) -> int:
    if not isinstance(typed, str) or not typed.isascii() or not typed.isdigit() or len(typed) > 9:
        raise invalid("version", "is not a version")
    return int(typed)
