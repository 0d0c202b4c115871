"""The routes of dead letters, the same in every service that reads queues."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi import Path as InPath

from shared.auth import Principal, require
from shared.messaging.dead_letters.grouping import Which
from shared.messaging.dead_letters.handlers import DeadLetterDesk
from shared.messaging.dead_letters.office import Office
from shared.messaging.dead_letters.schemas import (
    LONGEST,
    DeadLetterDrop,
    DeadLetterGroups,
    DeadLetterMoved,
    DeadLetterPage,
    DeadLetterRecord,
    DeadLetterReplay,
    DeadLettersReplayed,
    OpenedDeadLetter,
)
from shared.paging import DEFAULT_LIMIT, Cursor, Limit, Page
from shared.problems import Problem
from shared.transactions import TransactionRoute

PATH = "/v1/dead-letters"

Ref = Annotated[str, InPath(pattern="^[0-9a-f]{12}$", description="The letter's reference.")]
Filter = Annotated[str | None, Query(max_length=LONGEST)]

_Reader = Annotated[Principal, Depends(require("operator", "auditor"))]
_operates = Depends(require("operator"))


def dead_letters_router(office: Office) -> APIRouter:
    """Make the routes: an operator or auditor looks, an operator replays and drops.

    Reading a message unmasked needs both roles, and is written down.
    """
    router = APIRouter(route_class=TransactionRoute, prefix=PATH, tags=["dead letters"])
    _reading(router, DeadLetterDesk(office))
    _moving(router, DeadLetterDesk(office))
    return router


def _reading(router: APIRouter, desk: DeadLetterDesk) -> None:
    @router.get("/groups")
    async def list_dead_letter_groups(
        _: _Reader, queue: Filter = None, type: Filter = None, exception: Filter = None
    ) -> DeadLetterGroups:
        """Group what failed by queue, message type and exception, and say what to do."""
        return await desk.groups(Which(queue, type, exception))

    @router.get("")
    async def list_dead_letters(
        _: _Reader,
        queue: Filter = None,
        type: Filter = None,
        exception: Filter = None,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> DeadLetterPage:
        """List dead letters, those that failed first at the top."""
        return await desk.letters(Which(queue, type, exception), limit, cursor)

    @router.get("/records")
    async def list_dead_letter_records(
        _: _Reader, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
    ) -> Page[DeadLetterRecord]:
        """List who replayed, dropped or read unmasked what, and why; the newest first."""
        return await desk.records(limit, cursor)

    @router.get("/{ref}")
    async def get_dead_letter(
        ref: Ref,
        caller: _Reader,
        unmasked: Annotated[
            bool, Query(description="With personal data: needs operator and auditor both.")
        ] = False,
    ) -> OpenedDeadLetter:
        """Read one dead letter with its headers and its message."""
        if unmasked and not caller.roles >= {"operator", "auditor"}:
            detail = "Reading personal data needs the roles operator and auditor both."
            raise Problem(403, "forbidden", detail)
        return await desk.letter(ref, unmasked=unmasked)


def _moving(router: APIRouter, desk: DeadLetterDesk) -> None:
    @router.post("/replay", dependencies=[_operates])
    async def replay_dead_letters(body: DeadLetterReplay) -> DeadLettersReplayed:
        """Put letters of a group back on their queue; call again while some leave and are left.

        What is refused stays, is met again by each call, and does not count against the limit.
        """
        return await desk.replay_group(body)

    @router.post("/{ref}/replay", dependencies=[_operates])
    async def replay_dead_letter(ref: Ref) -> DeadLetterMoved:
        """Put one letter back on the queue it failed in, under its own id."""
        return await desk.replay(ref)

    @router.post("/{ref}/drop", dependencies=[_operates])
    async def drop_dead_letter(ref: Ref, body: DeadLetterDrop) -> DeadLetterMoved:
        """Take one letter away for a reason; the record keeps it, sealed."""
        return await desk.drop(ref, body.reason)
