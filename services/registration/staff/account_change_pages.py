"""The page of one account, for operators: what it may do, its password, its end."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request, Response
from starlette.datastructures import FormData

from services.registration.desk.formats import districts
from services.registration.desk.forms import body_of, texts_of, validated
from services.registration.desk.languages import language_of
from services.registration.desk.rendering import again, render
from services.registration.desk.routes import Form, page_router, see
from services.registration.desk.signed_in import signed_in
from services.registration.desk.words import choices
from services.registration.staff import accounts
from services.registration.staff.domain import Account, Staff
from services.registration.staff.schemas import WholeAccount
from shared.problems import Problem, invalid
from shared.transactions import Session

router = page_router()

Operator = Annotated[Staff, Depends(signed_in("operator"))]

_PAGE = "staff/account.html"
_FIELDS = ("name", "roles", "district", "language", "email")


@router.get("/staff/{staff_id}")
async def show_account(staff_id: UUID, request: Request, session: Session, _: Operator) -> Response:
    """One account, as a form."""
    account = await accounts.get(session, staff_id)
    return render(request, _PAGE, form=_typed(account), **_context(request, account))


@router.post("/staff/{staff_id}")
async def change_account(
    staff_id: UUID, request: Request, session: Session, form: Form, _: Operator
) -> Response:
    """Change an account, sign it out everywhere, disable or enable it, give it a new password."""
    wanted = form.get("do")
    if wanted == "save":
        return await _save(staff_id, request, session, form)
    if wanted == "password":
        account, shown = await accounts.set_password(session, staff_id, None)
        context = {**_context(request, account), "password": shown}
        return render(request, _PAGE, form=_typed(account), **context)
    if wanted == "sign-out":
        await accounts.sign_out_everywhere(session, staff_id)
    elif wanted in {"disable", "enable"}:
        changes = accounts.Changes(frozenset({"disabled"}), disabled=wanted == "disable")
        await accounts.change(session, staff_id, _version(form), changes)
    else:
        raise invalid("do", "is nothing that can be done here")
    return see("/staff", "changed")


async def _save(staff_id: UUID, request: Request, session: Session, form: FormData) -> Response:
    try:
        body = validated(WholeAccount, {"roles": [], **body_of(form, _FIELDS)})
        await accounts.change(session, staff_id, _version(form), body.to_changes())
    except Problem as problem:
        context = _context(request, await accounts.get(session, staff_id))
        context["chosen"] = form.getlist("roles[]")
        return again(request, _PAGE, problem, form=texts_of(form), **context)
    return see(f"/staff/{staff_id}", "changed")


def _typed(account: Account) -> dict[str, str]:
    staff = account.staff
    return {
        "version": str(account.version),
        "name": staff.name,
        "district": staff.district or "",
        "language": staff.language,
        "email": account.email or "",
    }


def _context(request: Request, account: Account) -> dict[str, Any]:
    language = language_of(request)
    return {
        "account": account,
        "chosen": sorted(account.staff.roles),
        "roles": choices("role", language),
        "tongues": choices("language", language),
        "districts": districts(language),
        "password": None,
    }


def _version(form: FormData) -> int:
    typed = form.get("version")
    if not isinstance(typed, str) or not typed.isascii() or not typed.isdigit() or len(typed) > 9:
        raise invalid("version", "is not a version")
    return int(typed)
