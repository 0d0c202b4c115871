"""The routes of what happens to a family in life; each needs the version that was seen."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from services.registration.families.schemas import Family, residence_of
from services.registration.family_changes import handlers
from services.registration.family_changes.domain import (
    Circumstances,
    Leaving,
    Seen,
    Succession,
)
from services.registration.family_changes.schemas import (
    Birth,
    Death,
    Join,
    Move,
    NewHead,
    Split,
    SplitFamilies,
)
from shared.auth import require
from shared.transactions import Session, TransactionRoute
from shared.versions import IfMatch, set_etag

router = APIRouter(
    prefix="/v1/families/{family_id}",
    route_class=TransactionRoute,
    tags=["family changes"],
    dependencies=[Depends(require("registrar"))],
)

_ETAG = {"ETag": {"description": "The version.", "schema": {"type": "string"}}}
_VERSIONED: dict[int | str, dict[str, Any]] = {200: {"headers": _ETAG}}


@router.post("/births", responses=_VERSIONED)
async def record_birth(
    family_id: UUID, body: Birth, version: IfMatch, response: Response, session: Session
) -> Family:
    """Add a child to a family."""
    seen = Seen(family_id, version)
    family = await handlers.record_birth(session, seen, body.member.to_domain(), body.reason)
    set_etag(response, family.version)
    return Family.of(family)


@router.post("/deaths", responses=_VERSIONED)
async def record_death(
    family_id: UUID, body: Death, version: IfMatch, response: Response, session: Session
) -> Family:
    """Let a member who died leave the family; seats not used yet are free for others."""
    family = await handlers.record_death(
        session,
        Seen(family_id, version),
        body.person_id,
        Succession(body.head_id, body.relations),
        Circumstances(body.died_on, body.reason),
    )
    set_etag(response, family.version)
    return Family.of(family)


@router.post("/moves", responses=_VERSIONED)
async def record_move(
    family_id: UUID, body: Move, version: IfMatch, response: Response, session: Session
) -> Family:
    """Keep where a family lives now."""
    family = await handlers.record_move(
        session,
        Seen(family_id, version),
        residence_of(body.residence),
        Circumstances(body.moved_on, body.reason),
    )
    set_etag(response, family.version)
    return Family.of(family)


@router.post("/head", responses=_VERSIONED)
async def name_head(
    family_id: UUID, body: NewHead, version: IfMatch, response: Response, session: Session
) -> Family:
    """Make another member the head; the others' relations are restated towards it."""
    seen = Seen(family_id, version)
    family = await handlers.name_head(session, seen, body.person_id, body.relations, body.reason)
    set_etag(response, family.version)
    return Family.of(family)


@router.post("/split", responses=_VERSIONED)
async def split_family(
    family_id: UUID, body: Split, version: IfMatch, response: Response, session: Session
) -> SplitFamilies:
    """Let members form a family of their own; they keep their ids, and seats taken together."""
    leaving = Leaving(
        person_ids=tuple(body.person_ids),
        head_id=body.head_id,
        staying_head_id=body.staying_head_id,
        residence=residence_of(body.residence) if body.residence else None,
        relations=body.relations,
    )
    stay, left = await handlers.split_family(
        session, Seen(family_id, version), leaving, Circumstances(body.split_on, body.reason)
    )
    set_etag(response, stay.version)
    return SplitFamilies(family=Family.of(stay), new_family=Family.of(left))


@router.post("/join", responses=_VERSIONED)
async def join_families(
    family_id: UUID, body: Join, version: IfMatch, response: Response, session: Session
) -> Family:
    """Take another family's members in; the other one is closed and says where they went."""
    family = await handlers.join_families(
        session,
        Seen(family_id, version),
        body.other_family_id,
        body.relations,
        Circumstances(body.joined_on, body.reason),
    )
    set_etag(response, family.version)
    return Family.of(family)
