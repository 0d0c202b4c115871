"""What is asked of dead letters, answered in the API's bodies: for its routes and for pages."""

from dataclasses import dataclass
from uuid import UUID

from shared.messaging.dead_letters.answers import check_left, said_plainly
from shared.messaging.dead_letters.grouping import Which, place
from shared.messaging.dead_letters.office import Office
from shared.messaging.dead_letters.schemas import (
    MOST_NAMED,
    DeadLetter,
    DeadLetterGroups,
    DeadLetterMoved,
    DeadLetterPage,
    DeadLetterRecord,
    DeadLetterRefusal,
    DeadLetterReplay,
    DeadLettersReplayed,
    OpenedDeadLetter,
)
from shared.paging import Page, bad_cursor, decode_cursor, page
from shared.problems import not_found


@dataclass(frozen=True, slots=True)
class DeadLetterDesk:
    """The dead letters of one service; a call may raise a Problem, 503 where a server is away."""

    office: Office

    async def groups(self, which: Which) -> DeadLetterGroups:
        """Group what failed."""
        with said_plainly():
            return DeadLetterGroups.of(await self.office.overview(which))

    async def letters(self, which: Which, limit: int, cursor: str | None) -> DeadLetterPage:
        """List letters, those that failed first at the top."""
        behind = tuple(decode_cursor(cursor, 2)) if cursor else ("", "")
        with said_plainly():
            found = await self.office.listing(which)
        rest = [each for each in found.letters if place(each) > behind]
        shown = page(rest[: limit + 1], limit, DeadLetter.model_validate, place)
        return DeadLetterPage(
            items=shown.items, next=shown.next, seen_at=found.seen_at, outdated=found.outdated
        )

    async def letter(self, ref: str, *, unmasked: bool = False) -> OpenedDeadLetter:
        """Open one letter. Raises a Problem: 404, it is not there any more."""
        with said_plainly():
            opened = await self.office.show(ref, unmasked=unmasked)
        if opened is None:
            raise not_found("dead letter")
        return OpenedDeadLetter.of(opened)

    async def replay(self, ref: str) -> DeadLetterMoved:
        """Put one letter back. Raises a Problem: 404, it is gone; 409, it was refused."""
        with said_plainly():
            check_left(await self.office.replay(Which(refs=frozenset([ref]))))
        return DeadLetterMoved(ref=ref, action="replayed")

    async def drop(self, ref: str, reason: str) -> DeadLetterMoved:
        """Take one letter away. Raises a Problem: 404, it is gone."""
        with said_plainly():
            check_left(await self.office.drop(Which(refs=frozenset([ref])), reason))
        return DeadLetterMoved(ref=ref, action="dropped")

    async def replay_group(self, body: DeadLetterReplay) -> DeadLettersReplayed:
        """Put letters of a group back, at most so many."""
        which = body.to_domain()
        with said_plainly():
            moved = await self.office.replay(which, most=body.limit)
            still = await self.office.listing(which)
        stay = len(moved.refused)
        named = [DeadLetterRefusal.model_validate(each) for each in moved.refused[:MOST_NAMED]]
        return DeadLettersReplayed(
            replayed=len(moved.gone),
            refused=named,
            stay=stay,
            left=max(len(still.letters) - stay, 0),
            outdated=still.outdated,
        )

    async def records(self, limit: int, cursor: str | None) -> Page[DeadLetterRecord]:
        """List what left and why, the newest first."""
        before = _before(cursor)
        with said_plainly():
            found = await self.office.records(limit + 1, before)
        return page(found, limit, DeadLetterRecord.model_validate, lambda each: [str(each.id)])


def _before(cursor: str | None) -> UUID | None:
    if cursor is None:
        return None
    try:
        return UUID(decode_cursor(cursor, 1)[0])
    except ValueError:
        raise bad_cursor() from None
