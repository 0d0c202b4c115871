"""The routes of staff accounts."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Query, Request, Response

from services.registration.staff import accounts
from services.registration.staff.doors import Me as MyId
from services.registration.staff.schemas import (
    Account,
    AccountWithPassword,
    Ended,
    Me,
    NewPassword,
    NewStaff,
    StaffChange,
)
from shared.auth import require
from shared.http import path_of
from shared.paging import DEFAULT_LIMIT, Cursor, Limit, Page, decode_cursor, page
from shared.transactions import FreshRoute, Session
from shared.versions import IfMatch, set_etag

router = APIRouter(prefix="/v1/staff", route_class=FreshRoute, tags=["staff"])

_operator = Depends(require("operator"))

_ETAG = {"ETag": {"description": "The version.", "schema": {"type": "string"}}}
_LOCATION = {"Location": {"description": "The new account.", "schema": {"type": "string"}}}
_CREATED: dict[int | str, dict[str, Any]] = {201: {"headers": {**_ETAG, **_LOCATION}}}
_VERSIONED: dict[int | str, dict[str, Any]] = {200: {"headers": _ETAG}}


@router.post("", status_code=201, dependencies=[_operator], responses=_CREATED)
async def add_staff(
    body: NewStaff, request: Request, response: Response, session: Session
) -> AccountWithPassword:
    """Give a person an account; a temporary password is shown in this answer alone."""
    account, shown = await accounts.add(session, body.to_account(), body.password)
    response.headers["Location"] = path_of(request, "get_staff", staff_id=account.staff.id)
    set_etag(response, account.version)
    return AccountWithPassword.with_password(account, shown)


@router.get("", dependencies=[_operator])
async def list_staff(
    session: Session,
    *,
    disabled: Annotated[bool | None, Query()] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[Account]:
    """List accounts in the order of their logins."""
    after = "" if cursor is None else decode_cursor(cursor, 1)[0]
    found = await accounts.list_(session, after, limit + 1, disabled=disabled)
    return page(found, limit, Account.from_account, lambda account: (account.staff.login,))


@router.get("/me")
async def get_me(staff_id: MyId, session: Session) -> Me:
    """Read who is signed in."""
    return Me.of((await accounts.get(session, staff_id)).staff)


@router.get("/{staff_id}", dependencies=[_operator], responses=_VERSIONED)
async def get_staff(staff_id: UUID, response: Response, session: Session) -> Account:
    """Read one account."""
    account = await accounts.get(session, staff_id)
    set_etag(response, account.version)
    return Account.from_account(account)


@router.patch("/{staff_id}", dependencies=[_operator], responses=_VERSIONED)
async def change_staff(
    staff_id: UUID, body: StaffChange, version: IfMatch, response: Response, session: Session
) -> Account:
    """Change an account; disabled, or with other roles or another district, it is signed out."""
    account = await accounts.change(session, staff_id, version, body.to_changes())
    set_etag(response, account.version)
    return Account.from_account(account)


@router.post("/{staff_id}/password", dependencies=[_operator], responses=_VERSIONED)
async def set_password(
    staff_id: UUID,
    response: Response,
    session: Session,
    body: Annotated[NewPassword | None, Body()] = None,
) -> AccountWithPassword:
    """Give an account another password, unlock it and sign it out everywhere."""
    password = None if body is None else body.password
    account, shown = await accounts.set_password(session, staff_id, password)
    set_etag(response, account.version)
    return AccountWithPassword.with_password(account, shown)


@router.post("/{staff_id}/sign-out", dependencies=[_operator])
async def sign_out_staff(staff_id: UUID, session: Session) -> Ended:
    """End every session of an account."""
    return Ended(sessions=await accounts.sign_out_everywhere(session, staff_id))
