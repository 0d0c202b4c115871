"""The use cases of search."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from services.registration.families.name_keys import Word, words_of
from services.registration.search import queries
from services.registration.search.domain import Candidate, Found, Match, Nearness, Term, judge, rank
from services.registration.search.numbers import met_by_number
from services.registration.search.resolving import by_likeness, by_spelling
from services.registration.search.terms import Typed, read

_OF_ONE_FAMILY = 3
"""Members of one family that are found by one name, usually."""


_ENOUGH = 10
"""Persons who meet all that was typed, so that nobody who meets it less nearly is looked for."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A person who may be meant, as registered, and why."""

    person: RowMapping
    found: Found


async def search(session: AsyncSession, text: str, limit: int) -> list[Hit]:
    """Find who is meant by what was typed: words in any order and spelling, FIN, phone, ticket.

    Who meets more of it comes first, then who meets it nearer (the same spelling, another one, a
    beginning, a typing slip), then by the alphabet. Who misses a word is given only where nobody
    meets them all. What is compared is bounded, so of very common beginnings some are given.
    """
    typed = read(text)
    met = await met_by_number(session, typed)
    typed = typed.without(*(match.term for matches in met.values() for match in matches))
    hunt = _Hunt(session, limit, met)
    await hunt.run(typed)
    found = rank(hunt.found.values(), limit)
    persons = await queries.read_persons(session, [each.person_id for each in found])
    return [Hit(persons[each.person_id], each) for each in found if each.person_id in persons]


async def search_by_family(session: AsyncSession, text: str, limit: int) -> list[Hit]:
    """As `search`, but of each family only who meets the most, or is met nearest."""
    best: dict[UUID, Hit] = {}
    for hit in await search(session, text, limit * _OF_ONE_FAMILY):
        best.setdefault(hit.person["family_id"], hit)
    return list(best.values())[:limit]


@dataclass
class _Hunt:
    """Looks ever further, until enough persons meet all that was typed."""

    session: AsyncSession
    limit: int
    met: Mapping[UUID, Sequence[Match]]
    found: dict[UUID, Found] = field(default_factory=dict)
    asked: int = 0

    async def run(self, typed: Typed) -> None:
        words = typed.words
        self.asked = len(words) + len({m.term for each in self.met.values() for m in each})
        terms = await by_spelling(self.session, words)
        if self.met:
            self._judge(await queries.keys_of(self.session, self.met), terms)
            if self._whole():
                return
        if words and not await self._by_nearness(terms, ("exact", "spelling")):
            await self._by_likeness(words, terms)

    async def _by_nearness(self, terms: Sequence[Term], steps: Sequence[Nearness]) -> bool:
        """Let every word be as near as the first step, then as the second; until enough."""
        for place, step in enumerate(steps):
            allowed = (step,) if len(terms) == 1 else steps[: place + 1]
            await self._meet(terms, [term.only(*allowed) for term in terms])
            if self._whole() >= min(self.limit, _ENOUGH):
                return True
        return False

    async def _by_likeness(self, words: Sequence[Word], known: Sequence[Term]) -> None:
        terms = await by_likeness(self.session, words, known)
        if self.met:
            self._judge(await queries.keys_of(self.session, self.met), terms)
        if len(terms) == 1:
            await self._by_nearness(terms, ("beginning", "typo", "typos"))
            return
        await self._meet(terms, [frozenset(term.words) for term in terms], ordered=False)
        if not self._whole():
            await self._meet_together(words, terms)
        if not self._whole():
            await self._meet_most(terms)

    async def _meet_together(self, words: Sequence[Word], terms: Sequence[Term]) -> None:
        """Two neighbours may be one name: Hacı Ağa is Hacıağa too."""
        for place in range(len(words) - 1):
            [both] = words_of(words[place].spelling + words[place + 1].spelling)[:1]
            [term] = await by_spelling(self.session, [both])
            if not term.words:
                continue
            halves = [Term(terms[at].text, term.words) for at in (place, place + 1)]
            merged = [*terms[:place], *halves, *terms[place + 2 :]]
            await self._meet(merged, [frozenset(each.words) for each in merged], ordered=False)

    async def _meet_most(self, terms: Sequence[Term]) -> None:
        """Look for those who meet all terms but one, else any."""
        known = [term for term in terms if term.words]
        if len(known) == len(terms) and len(terms) > 1:
            for left_out in range(len(terms)):
                rest = [each for place, each in enumerate(terms) if place != left_out]
                await self._meet(terms, [frozenset(each.words) for each in rest], ordered=False)
        elif known and len(known) < len(terms):
            await self._meet(terms, [frozenset(each.words) for each in known], ordered=False)
        if not self.found:
            for term in known:
                await self._meet(terms, [frozenset(term.words)])

    async def _meet(
        self, terms: Sequence[Term], sets: Sequence[Collection[int]], *, ordered: bool = True
    ) -> None:
        if not sets or not all(sets):
            return
        if len(sets) == 1:
            candidates = await queries.first_with(self.session, sets[0], self.limit)
        else:
            candidates = await queries.with_all(self.session, sets, self.limit if ordered else None)
        self._judge(candidates, terms)

    def _judge(self, candidates: Iterable[Candidate], terms: Sequence[Term]) -> None:
        for candidate in candidates:
            known = self.met.get(candidate.person_id, ())
            judged = judge(candidate, terms, self.asked, known)
            before = self.found.get(candidate.person_id)
            if before is None or (len(before.matches), before.score) < (
                len(judged.matches),
                judged.score,
            ):
                self.found[candidate.person_id] = judged

    def _whole(self) -> int:
        """How many persons meet all that was typed."""
        return sum(len(each.matches) >= self.asked for each in self.found.values())
