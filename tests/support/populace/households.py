"""Households, drawn one after the other; the same seed always draws the same ones."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from uuid import UUID

from services.registration.families.domain import (
    Consent,
    Family,
    Member,
    Origin,
    Person,
    Relation,
    Residence,
    Sex,
)
from tests.support.populace.names import (
    MEN,
    RESIDENCES,
    VILLAGES,
    WOMEN,
    Drawn,
    family_stems,
    feminine,
)
from tests.support.populace.spelling import bare, english, russian, slip

PEOPLE_A_FAMILY = 660 / 175

_LETTERS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_BEGAN = datetime(2026, 1, 5, tzinfo=UTC)
_CHILDREN = [0, 1, 2, 3, 4, 5, 6]
_HOW_OFTEN = [18, 20, 31, 18, 8, 3, 2]


class Populace:
    """Draws families; FINs and phones of one populace never repeat by chance."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self._men, self._women = Drawn(MEN, 0.9), Drawn(WOMEN, 0.9)
        self._stems = Drawn(family_stems(), 1.1)
        self._count = 0
        self._fins = self.chance.randrange(34**6)

    def families(self, many: int) -> Iterator[Family]:
        """Draw so many families."""
        for _ in range(many):
            yield self.family()

    def family(self) -> Family:
        """Draw one family."""
        chance = self.chance
        origin, residence = self._places()
        members = [self._spelled(member) for member in self._members()]
        self._count += 1
        return Family(
            id=self.new_id(),
            version=1,
            created_at=_BEGAN + timedelta(seconds=self._count),
            origin=origin,
            residence=residence,
            consent=Consent("consent", ("event_notifications",), "head", date(2026, 1, 5))
            if chance.random() < 0.9
            else None,
            persons=tuple(Person(self.new_id(), 1, member) for member in members),
        )

    def new_id(self) -> UUID:
        """Make an id that sorts behind all before, as UUIDv7 does."""
        moment = int(_BEGAN.timestamp() * 1000) + self._count * 1000
        return UUID(int=(moment << 80) | (7 << 76) | (2 << 62) | self.chance.getrandbits(60))

    def fin(self) -> str:
        """Make the next FIN; neighbours do not look alike."""
        self._fins = (self._fins + 1_000_003) % 34**6
        number, letters = self._fins, self.chance.choice("1234567")
        for _ in range(6):
            number, place = divmod(number, 34)
            letters += _LETTERS[place]
        return letters

    def phone(self) -> str:
        """Draw a mobile number."""
        prefix = self.chance.choice(("50", "51", "55", "70", "77", "99"))
        return f"+994{prefix}{self.chance.randrange(2_000_000, 9_999_999)}"

    def given(self, sex: Sex) -> str:
        """Draw a given name."""
        return (self._men if sex == "male" else self._women).draw(self.chance)

    def stem(self) -> str:
        """Draw a family name as a man bears it."""
        return self._stems.draw(self.chance)

    def born(self, earliest: int, latest: int) -> date:
        """Draw a birth date; of the old, every eighth is known by the year alone."""
        year = self.chance.randrange(earliest, latest + 1)
        if year < 1950 and self.chance.random() < 0.125:
            return date(year, 1, 1)
        return date(year, 1, 1) + timedelta(days=self.chance.randrange(365))

    def member(
        self, family_name: str, father: str, relation: Relation, sex: Sex, born: date
    ) -> Member:
        """Make a person of this family and father."""
        son = sex == "male"
        return Member(
            given_name=self.given(sex),
            family_name=family_name if son else feminine(family_name),
            patronymic=f"{father} {'oğlu' if son else 'qızı'}",
            sex=sex,
            birth_date=born,
            fin=self.fin() if self.chance.random() < 0.85 else None,
            phone=None,
            email=None,
            language="az",
            relation=relation,
        )

    def _members(self) -> list[Member]:
        chance = self.chance
        stem, year = self.stem(), chance.randrange(1942, 2003)
        sex: Sex = "male" if chance.random() < 0.8 else "female"
        head = self.member(stem, self.given("male"), "head", sex, self.born(year, year))
        members = [head]
        father = head.given_name if sex == "male" else self.given("male")
        if chance.random() < 0.78:
            members.append(self._spouse(stem, sex, year))
        latest = min(2025, year + 42)
        for _ in range(chance.choices(_CHILDREN, _HOW_OFTEN)[0]):
            kind: Sex = "male" if chance.random() < 0.52 else "female"
            born = self.born(min(year + 20, latest), latest)
            members.append(self.member(stem, father, "child", kind, born))
            if chance.random() < 0.012:
                members.append(self.member(stem, father, "child", kind, born))
        if chance.random() < 0.12:
            members.append(
                self.member(
                    stem, self.given("male"), "parent", "female", self.born(year - 34, year - 19)
                )
            )
        return self._with_phones(members)

    def _spouse(self, stem: str, sex: Sex, year: int) -> Member:
        other: Sex = "female" if sex == "male" else "male"
        name = stem if self.chance.random() < 0.5 else self.stem()
        born = self.born(max(1930, year - 6), year + 6)
        return self.member(name, self.given("male"), "spouse", other, born)

    def _with_phones(self, members: list[Member]) -> list[Member]:
        shared = self.phone() if self.chance.random() < 0.92 else None
        return [
            replace(member, phone=self.phone() if self.chance.random() < 0.2 else shared)
            if member.birth_date.year < 2014
            else member
            for member in members
        ]

    def _spelled(self, member: Member) -> Member:
        """Some clerks write plain Latin or Russian, and some mistype."""
        lot = self.chance.random()
        way = english if lot < 0.04 else bare if lot < 0.06 else russian if lot < 0.09 else None
        if way is None and lot > 0.985:
            return replace(member, family_name=slip(member.family_name, self.chance))
        if way is None:
            return member
        return replace(
            member,
            given_name=way(member.given_name, self.chance),
            family_name=way(member.family_name, self.chance),
            patronymic=way(member.patronymic or "", self.chance) or None,
        )

    def _places(self) -> tuple[Origin, Residence]:
        district, village = self._place(VILLAGES)
        home, settlement = self._place(RESIDENCES)
        address = f"Bina {self.chance.randrange(1, 200)}, mənzil {self.chance.randrange(1, 90)}"
        return Origin(district, village), Residence(home, settlement, address)

    def _place(self, places: dict[str, tuple[int, list[str]]]) -> tuple[str, str]:
        weights = [weight for weight, _ in places.values()]
        district = self.chance.choices(list(places), weights)[0]
        return district, self.chance.choice(places[district][1])
