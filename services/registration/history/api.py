"""The route of families' history."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from services.registration.families import handlers as families
from services.registration.history import handlers
from services.registration.history.schemas import FamilyVersion
from shared.auth import require
from shared.paging import DEFAULT_LIMIT, Cursor, Limit, Page, bad_cursor, decode_cursor, page
from shared.transactions import Session, TransactionRoute

router = APIRouter(prefix="/v1/families", route_class=TransactionRoute, tags=["families"])

_reads = Annotated[object, Depends(require("registrar", "auditor"))]
_HIGHEST_VERSION = 2**31 - 1


@router.get("/{family_id}/history")
async def list_versions(
    family_id: UUID,
    _: _reads,
    session: Session,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[FamilyVersion]:
    """List the versions of a family, the newest first: what changed it, when, by whom and why."""
    await families.get_family(session, family_id)
    versions = await handlers.list_versions(session, family_id, _before(cursor), limit + 1)
    return page(versions, limit, FamilyVersion.of, lambda each: (str(each.family.version),))


def _before(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    version = decode_cursor(cursor, 1)[0]
    if not (version.isascii() and version.isdigit() and int(version[:20]) <= _HIGHEST_VERSION):
        raise bad_cursor()
    return int(version)
