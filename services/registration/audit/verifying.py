"""Verifying the audit log: every digest is computed again, in order, and each fault named.

What it can prove: an entry changed, removed, or added later with a time from before; a seal
changed, removed or out of order; and, given a head that somebody else kept, that the end of the
log, or all of it, was written anew.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from services.registration.audit.chain import BEGINNING, digest
from services.registration.audit.domain import Entry, Head, Seal

LATE = timedelta(minutes=1)
"""How long after its time an entry may still be committed and sealed."""

_BAKU = ZoneInfo("Asia/Baku")


@dataclass(frozen=True, slots=True)
class Held:
    """A head that the log must still agree with, and whose it is."""

    whose: str
    position: int
    digest: bytes


class Verification:
    """One pass over the chain, place by place; keeps only the place before, and the heads."""

    def __init__(self, published: Iterable[Head], held: Iterable[Held], now: datetime) -> None:
        self.position = 0
        self.digest = BEGINNING
        self._now = now
        self._latest: datetime | None = None
        self._doubt: tuple[Seal, bytes] | None = None
        self._heads: dict[int, list[Held]] = defaultdict(list)
        self._day_ended: dict[date, int] = {}
        for head in published:
            self._day_ended[head.day] = head.position
            whose = f"published head of {head.day}"
            self._heads[head.position].append(Held(whose, head.position, head.digest))
        for each in held:
            self._heads[each.position].append(each)

    def look(self, seal: Seal, entry: Entry | None) -> Iterator[str]:
        """Check the next place of the chain; yields a line for each fault."""
        follows = seal.position == self.position + 1
        yield from self._settle_doubt(seal if follows else None)
        if not follows:
            yield f"seals {self.position + 1} to {seal.position - 1} are missing"
        elif seal.previous != self.digest:
            yield f"seal {seal.position} is broken: it does not follow the one before it"
        if entry is None:
            yield f"entry {seal.entry} (seal {seal.position}) was removed"
        else:
            self._compare(seal, entry)
            yield from self._date(seal, entry)
        for head in self._heads.pop(seal.position, []):
            if head.digest != seal.digest:
                yield f"{head.whose}: seal {seal.position} is another than it was then"
        self.position, self.digest = seal.position, seal.digest

    def end(self) -> Iterator[str]:
        """Check what can be checked only when no place is left."""
        yield from self._settle_doubt(None)
        for position, heads in sorted(self._heads.items()):
            for head in heads:
                where = "was removed" if position > self.position else "is missing"
                yield (
                    f"{head.whose}: the log ends at seal {self.position}, "
                    f"and what there was up to seal {position} {where}"
                )

    def _compare(self, seal: Seal, entry: Entry) -> None:
        computed = digest(entry, seal.position, seal.previous)
        if computed == seal.digest or seal.digest == digest(entry, seal.position, self.digest):
            return
        # Whether entry or seal was changed shows at the next place, which follows the true digest.
        self._doubt = seal, computed

    def _settle_doubt(self, follower: Seal | None) -> Iterator[str]:
        if self._doubt is None:
            return
        seal, computed = self._doubt
        self._doubt = None
        if follower is not None and follower.previous == computed:
            self.digest = computed
            yield f"seal {seal.position} is broken: it is not that of entry {seal.entry}"
        else:
            yield f"entry {seal.entry} (seal {seal.position}) was changed"

    def _date(self, seal: Seal, entry: Entry) -> Iterator[str]:
        ended = self._day_ended.get(entry.at.astimezone(_BAKU).date())
        after = self._latest is not None and entry.at < self._latest - LATE
        if entry.at > self._now + LATE:
            yield f"entry {entry.entry} (seal {seal.position}) is dated in the future: {entry.at}"
        elif after or (ended is not None and ended < seal.position):
            yield (
                f"entry {entry.entry} (seal {seal.position}) was added later: it is dated "
                f"{entry.at}, before what was sealed ahead of it"
            )
        elif self._doubt is None and (self._latest is None or entry.at > self._latest):
            self._latest = entry.at
