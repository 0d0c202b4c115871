"""The routes of families."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.registration.families import handlers
from services.registration.families.handlers import Changes
from services.registration.families.schemas import (
    Family,
    FamilyChange,
    NewFamily,
    consent_of,
    origin_of,
    residence_of,
)
from services.registration.families.search import Wanted
from shared.auth import require
from shared.districts import District
from shared.http import path_of
from shared.moments import Moment
from shared.paging import DEFAULT_LIMIT, Cursor, Limit, Page, bad_cursor, decode_cursor, page
from shared.text import Storable
from shared.transactions import Session, TransactionRoute
from shared.versions import IfMatch, set_etag

router = APIRouter(prefix="/v1/families", route_class=TransactionRoute, tags=["families"])

_writes = Depends(require("registrar"))
_reads = Depends(require("registrar", "auditor"))

_ETAG = {"ETag": {"description": "The version.", "schema": {"type": "string"}}}
_LOCATION = {"Location": {"description": "The new family.", "schema": {"type": "string"}}}
_CREATED: dict[int | str, dict[str, Any]] = {201: {"headers": {**_ETAG, **_LOCATION}}}
_VERSIONED: dict[int | str, dict[str, Any]] = {200: {"headers": _ETAG}}

Text = Annotated[
    str | None,
    Query(max_length=200, description="Any spelling of a member's name, a FIN or a phone."),
    Storable,
]


AsOf = Annotated[Moment | None, Query(description="A moment: the family as it stood then.")]


@router.post("", status_code=201, dependencies=[_writes], responses=_CREATED)
async def register_family(
    body: NewFamily, request: Request, response: Response, session: Session
) -> Family:
    """Put a family on the register; 409 with `existing_family_id` when a FIN is there already."""
    family = await handlers.register_family(
        session,
        origin_of(body.origin),
        residence_of(body.residence),
        [member.to_domain() for member in body.members],
        consent_of(body.consent),
    )
    response.headers["Location"] = path_of(request, "get_family", family_id=family.id)
    set_etag(response, family.version)
    return Family.of(family)


@router.get("", dependencies=[_reads])
async def list_families(
    session: Session,
    *,
    q: Text = None,
    origin: Annotated[District | None, Query()] = None,
    residence: Annotated[District | None, Query()] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[Family]:
    """List families, the newest first; `q` finds a member by any spelling of the name."""
    families = await handlers.list_families(
        session, Wanted(q, origin, residence), _before(cursor), limit + 1
    )
    return page(families, limit, Family.of, lambda family: (str(family.id),))


@router.get("/{family_id}", dependencies=[_reads], responses=_VERSIONED)
async def get_family(
    family_id: UUID, response: Response, session: Session, as_of: AsOf = None
) -> Family:
    """Read one family, as it is or as it stood in the register at a moment."""
    family = await handlers.get_family(session, family_id, as_of)
    set_etag(response, family.version)
    return Family.of(family)


@router.patch("/{family_id}", dependencies=[_writes], responses=_VERSIONED)
async def change_family(
    family_id: UUID, body: FamilyChange, version: IfMatch, response: Response, session: Session
) -> Family:
    """Change a family; what is left out stays, and `consent: null` withdraws it."""
    changes = Changes(
        origin=origin_of(body.origin) if body.origin else None,
        residence=residence_of(body.residence) if body.residence else None,
        members=[(member.id, member.to_domain()) for member in body.members]
        if body.members
        else None,
        consent=consent_of(body.consent),
        withdraws_consent="consent" in body.model_fields_set and body.consent is None,
    )
    family = await handlers.change_family(session, family_id, version, changes)
    set_etag(response, family.version)
    return Family.of(family)


def _before(cursor: str | None) -> UUID | None:
    if cursor is None:
        return None
    try:
        return UUID(decode_cursor(cursor, 1)[0])
    except ValueError:
        raise bad_cursor() from None
