"""The routes of duplicates."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from services.registration.duplicates import checking, handlers
from services.registration.duplicates.domain import State
from services.registration.duplicates.paging import after, place
from services.registration.duplicates.schemas import (
    Dismissal,
    DuplicateCase,
    FamilyCheck,
    SideBySideCase,
)
from services.registration.families.schemas import NewFamily, origin_of, residence_of
from shared.auth import require
from shared.paging import DEFAULT_LIMIT, Cursor, Limit, Page, page
from shared.transactions import Session, TransactionRoute

router = APIRouter(route_class=TransactionRoute, tags=["duplicates"])

_writes = Depends(require("registrar"))
_reads = Depends(require("registrar", "auditor"))


@router.post("/v1/families/check", dependencies=[_writes])
async def check_family(
    body: NewFamily,
    session: Session,
    family_id: Annotated[
        UUID | None, Query(description="The family that this would change; left out, a new one.")
    ] = None,
) -> FamilyCheck:
    """Tell, before a family is saved, whose FIN is registered and who looks the same."""
    return await checking.check(
        session,
        family_id,
        origin_of(body.origin),
        residence_of(body.residence),
        [member.to_domain() for member in body.members],
    )


@router.get("/v1/duplicates", dependencies=[_reads])
async def list_duplicates(
    session: Session,
    *,
    state: Annotated[State, Query(description="`lapsed`: nothing is alike any more.")] = "open",
    family_id: Annotated[UUID | None, Query(description="Cases of one family.")] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[DuplicateCase]:
    """List cases of likely duplicates, the likeliest first."""
    cases = await handlers.list_cases(session, state, family_id, after(cursor), limit + 1)
    return page(cases, limit, DuplicateCase.of, place)


@router.get("/v1/duplicates/{case_id}", dependencies=[_reads])
async def get_duplicate(case_id: UUID, session: Session) -> SideBySideCase:
    """Read a case with both records side by side, field by field."""
    return SideBySideCase.of(await handlers.get_case(session, case_id))


@router.post("/v1/duplicates/{case_id}/claim", dependencies=[_writes])
async def claim_duplicate(case_id: UUID, session: Session) -> SideBySideCase:
    """Keep a case for half an hour, so that nobody else decides it meanwhile."""
    return SideBySideCase.of(await handlers.claim_case(session, case_id))


@router.post("/v1/duplicates/{case_id}/release", dependencies=[_writes])
async def release_duplicate(case_id: UUID, session: Session) -> SideBySideCase:
    """Give a claimed case back."""
    return SideBySideCase.of(await handlers.release_case(session, case_id))


@router.post("/v1/duplicates/{case_id}/dismiss", dependencies=[_writes])
async def dismiss_duplicate(case_id: UUID, body: Dismissal, session: Session) -> SideBySideCase:
    """Decide that they are different people; not proposed again unless something changes."""
    return SideBySideCase.of(await handlers.decide(session, case_id, "dismissed", body.reason))
