"""The routes of dead letters, the same in every service that reads queues."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi import Path as InPath

from shared.auth import Principal, require
from shared.messaging.dead_letters.answers import check_left, said_plainly
from shared.messaging.dead_letters.grouping import Which, place
from shared.messaging.dead_letters.office import Office
from shared.messaging.dead_letters.schemas import (
    LONGEST,
    DeadLetter,
    DeadLetterDrop,
    DeadLetterGroups,
    DeadLetterMoved,
    DeadLetterRecord,
    DeadLetterRefusal,
    DeadLetterReplay,
    DeadLettersReplayed,
    OpenedDeadLetter,
)
from shared.paging import DEFAULT_LIMIT, Cursor, Limit, Page, bad_cursor, decode_cursor, page
from shared.problems import Problem, not_found
from shared.transactions import TransactionRoute

Ref = Annotated[str, InPath(pattern="^[0-9a-f]{12}$", description="The letter's reference.")]
Filter = Annotated[str | None, Query(max_length=LONGEST)]

_Reader = Annotated[Principal, Depends(require("operator", "auditor"))]
_operates = Depends(require("operator"))


def dead_letters_router(office: Office) -> APIRouter:
    """Make the routes: an operator or auditor looks, an operator replays and drops.

    Reading a message unmasked needs both roles, and is written down.
    """
    router = APIRouter(route_class=TransactionRoute, prefix="/v1/dead-letters", tags=["operator"])
    _reading(router, office)
    _moving(router, office)
    return router


def _reading(router: APIRouter, office: Office) -> None:
    @router.get("/groups")
    async def list_dead_letter_groups(
        _: _Reader, queue: Filter = None, type: Filter = None, exception: Filter = None
    ) -> DeadLetterGroups:
        """Group what failed by queue, message type and exception, and say what to do."""
        with said_plainly():
            return DeadLetterGroups.of(await office.overview(Which(queue, type, exception)))

    @router.get("")
    async def list_dead_letters(
        _: _Reader,
        queue: Filter = None,
        type: Filter = None,
        exception: Filter = None,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> Page[DeadLetter]:
        """List dead letters, those that failed first at the top."""
        behind = tuple(decode_cursor(cursor, 2)) if cursor else ("", "")
        with said_plainly():
            found = await office.letters(Which(queue, type, exception))
        rest = [each for each in found if place(each) > behind]
        return page(rest[: limit + 1], limit, DeadLetter.model_validate, place)

    @router.get("/records")
    async def list_dead_letter_records(
        _: _Reader, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
    ) -> Page[DeadLetterRecord]:
        """List who replayed, dropped or read unmasked what, and why; the newest first."""
        with said_plainly():
            found = await office.records(limit + 1, _before(cursor))
        return page(found, limit, DeadLetterRecord.model_validate, lambda each: [str(each.id)])

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
        with said_plainly():
            opened = await office.show(ref, unmasked=unmasked)
        if opened is None:
            raise not_found("dead letter")
        return OpenedDeadLetter.of(opened)


def _moving(router: APIRouter, office: Office) -> None:
    @router.post("/replay", dependencies=[_operates])
    async def replay_dead_letters(body: DeadLetterReplay) -> DeadLettersReplayed:
        """Put letters of a group back on their queue; call again while some are left."""
        which = body.to_domain()
        with said_plainly():
            moved = await office.replay(which, most=body.limit)
            left = len(await office.letters(which))
        refused = [DeadLetterRefusal.model_validate(each) for each in moved.refused]
        return DeadLettersReplayed(
            replayed=len(moved.gone), refused=refused, left=max(left - len(refused), 0)
        )

    @router.post("/{ref}/replay", dependencies=[_operates])
    async def replay_dead_letter(ref: Ref) -> DeadLetterMoved:
        """Put one letter back on the queue it failed in, under its own id."""
        with said_plainly():
            check_left(await office.replay(Which(refs=frozenset([ref]))))
        return DeadLetterMoved(ref=ref, action="replayed")

    @router.post("/{ref}/drop", dependencies=[_operates])
    async def drop_dead_letter(ref: Ref, body: DeadLetterDrop) -> DeadLetterMoved:
        """Take one letter away for a reason; the record keeps it, sealed."""
        with said_plainly():
            check_left(await office.drop(Which(refs=frozenset([ref])), body.reason))
        return DeadLetterMoved(ref=ref, action="dropped")


def _before(cursor: str | None) -> UUID | None:
    if cursor is None:
        return None
    try:
        return UUID(decode_cursor(cursor, 1)[0])
    except ValueError:
        raise bad_cursor() from None
