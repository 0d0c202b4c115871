"""What speaks for one person and what against, without a database."""

from datetime import date
from uuid import UUID

import pytest

from services.registration.duplicates.blocks import name_of
from services.registration.duplicates.domain import Record, match_families

_ids = iter(range(1, 10_000))


def record(**other: object) -> Record:
    values: dict[str, object] = {
        "given": "Əli",
        "family": "Həsənov",
        "father": "Vaqif oğlu",
        "born": date(1961, 3, 2),
        "sex": "male",
        "district": "AZ-AGM",
        "village": "Novruzlu",
        "home": 1,
        "fin": None,
        **other,
    }
    return Record(
        person_id=UUID(int=next(_ids)),
        family_id=UUID(int=int(str(values["home"]))),
        given=name_of(str(values["given"])),
        family=name_of(str(values["family"])),
        father=name_of(str(values["father"])) if values["father"] else None,
        born=values["born"],  # type: ignore[arg-type]
        sex=str(values["sex"]),
        district=str(values["district"]),
        settlement=name_of(str(values["village"])).readings,
        phone=None,
        fin=values["fin"],  # type: ignore[arg-type]
    )


def score(**other: object) -> float:
    found = match_families([record(fin="5ZK21QB")], [record(home=2, **other)])
    return found[0].score if found else 0.0


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"given": "Али", "family": "Гасанов", "father": "Вагиф оглы", "village": "Новрузлу"},
        {"given": "Ali", "family": "Hasanov", "father": "Vagif oglu"},
        {"father": None},
        {"born": date(1961, 2, 3)},
        {"born": date(1962, 3, 2)},
        {"family": "Həsənvo"},
        {"village": "Ağdam"},
        {"fin": "5ZK12QB"},
    ],
)
def test_one_person_written_differently_is_likely_the_same(other: dict[str, object]) -> None:
    assert score(**other) > 0.5


@pytest.mark.parametrize(
    "other",
    [
        {"given": "Vüqar"},
        {"born": date(1985, 11, 20)},
        {"father": "Tural oğlu", "born": date(1961, 9, 17)},
        {"sex": "female", "given": "Əliyə"},
        {"fin": "7QQ9XYZ"},
        {"family": "Quliyev", "father": "Rauf oğlu"},
        {"born": date(1961, 12, 30)},
    ],
)
def test_somebody_else_is_not(other: dict[str, object]) -> None:
    assert score(**other) == 0.0


def test_more_in_common_makes_a_higher_score() -> None:
    same, father_missing, year_off = score(), score(father=None), score(born=date(1962, 3, 2))
    assert same > father_missing
    assert same > year_off


def test_twins_in_one_family_are_two_people_however_alike_their_names() -> None:
    twins = [
        record(given=name, family="Həsənova", sex="female", father="Əli qızı")
        for name in ("Lalə", "Jalə", "Halə")
    ]
    assert match_families(twins, twins) == []
    twice = [*twins, record(given="Лала", family="Гасанова", sex="female", father="Али кызы")]
    assert len(match_families(twice, twice)) == 1
