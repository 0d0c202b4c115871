"""The route of the one search box."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from services.registration.search import handlers
from services.registration.search.schemas import FoundPerson, SearchResult
from shared.auth import require
from shared.text import Storable
from shared.transactions import Session, TransactionRoute

router = APIRouter(prefix="/v1/search", route_class=TransactionRoute, tags=["search"])

_reads = Depends(require("registrar", "auditor"))

Text = Annotated[
    str,
    Query(
        min_length=1,
        max_length=200,
        description="Words of names and villages in any order and spelling, a FIN, a phone or its "
        "last four digits, or a whole ticket.",
    ),
    Storable,
]
Limit = Annotated[int, Query(ge=1, le=50, description="How many persons at most.")]


@router.get("", dependencies=[_reads])
async def search(session: Session, q: Text, limit: Limit = 20) -> SearchResult:
    """Find a person; who meets more of what was typed, and nearer, comes first.

    One or two letters wrong, swapped or missing still find a word of four letters and more. There
    is no next page: type more instead.
    """
    hits = await handlers.search(session, q, limit)
    return SearchResult(items=[FoundPerson.of(hit) for hit in hits])
