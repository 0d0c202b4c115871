"""What is wrong with a field is said exactly, in each language, and never in English by chance."""

from typing import Any

import pytest
from pydantic import BaseModel, Field
from starlette.datastructures import FormData, UploadFile

from services.registration.desk.errors import InvalidForm, errors_of, explain, sentence_of
from services.registration.desk.forms import body_of, validated
from services.registration.desk.languages import LANGUAGES, texts
from services.registration.desk.places import district_code
from services.registration.desk.sentences import SLUGS
from services.registration.families.schemas import NewFamily
from shared.problems import Problem

GENERAL = "This is not right. Check what was typed."


def family(**member: Any) -> dict[str, Any]:
    """A body with one thing changed in its only member."""
    return {
        "origin": {"district": "AZ-AGM", "settlement": "Novruzlu"},
        "residence": {"district": "AZ-BAR", "settlement": "Bərdə"},
        "members": [
            {
                "given_name": "Əli",
                "family_name": "Həsənov",
                "sex": "male",
                "birth_date": "1961-03-02",
                "relation": "head",
                **member,
            }
        ],
    }


def wrong_with(body: dict[str, Any]) -> InvalidForm:
    """Give what a body is refused for."""
    with pytest.raises(InvalidForm) as refused:
        validated(NewFamily, body)
    return refused.value


@pytest.mark.parametrize(
    ("member", "field", "said"),
    [
        ({"fin": "5ZK21OB"}, "fin", "FİN-də O və I hərfləri olmur. Bəlkə 5ZK210B?"),
        (
            {"fin": "12"},
            "fin",
            "FİN 7 simvoldan ibarətdir: rəqəmlər və latın hərfləri, O və I olmadan.",
        ),
        (
            {"phone": "12345678"},
            "phone",
            "Azərbaycan telefon nömrəsi yazın, məsələn 050 123 45 67.",
        ),
        ({"email": "ali@"}, "email", "E-poçt ünvanı yazın, məsələn ali@example.az."),
        ({"birth_date": "31.02.1980"}, "birth_date", "Mövcud olan tarix yazın: gün, ay, il."),
        ({"birth_date": "1980-02-31"}, "birth_date", "Mövcud olan tarix yazın: gün, ay, il."),
        ({"birth_date": "1880-02-01"}, "birth_date", "Tarix 1900-cü ildən əvvəl ola bilməz."),
        ({"birth_date": "2999-02-01"}, "birth_date", "Tarix gələcəkdə ola bilməz."),
        ({"sex": "x"}, "sex", "Siyahıdan birini seçin."),
        ({"given_name": " "}, "given_name", "Ən azı 1 simvol yazın."),
        ({"given_name": "a" * 201}, "given_name", "Ən çoxu 200 simvol yazın."),
        ({"given_name": None}, "given_name", "Bu xananı doldurun."),
        (
            {"given_name": "a\x07"},
            "given_name",
            "Burada saxlanıla bilməyən simvollar var. Yenidən yazın.",
        ),
        ({"surname": "x"}, "surname", "Burada belə xana yoxdur."),
    ],
)
def test_a_wrong_field_is_said(member: dict[str, Any], field: str, said: str) -> None:
    problem = wrong_with(family(**member))
    assert errors_of(problem, "az") == {f"members.0.{field}": said}
    everywhere = {errors_of(problem, language)[f"members.0.{field}"] for language in LANGUAGES}
    assert len(everywhere) == 3


def test_a_missing_part_and_a_wrong_place_are_said() -> None:
    body = {**family(), "origin": {"district": "Mars"}}
    assert errors_of(wrong_with(body), "ru") == {
        "origin.district": "Выберите район из списка.",
        "origin.settlement": "Заполните это поле.",
    }


def test_what_nobody_foresaw_is_general_in_the_language_asked_for() -> None:
    assert explain("frobnicated", "az") == texts("az").gettext(GENERAL)
    assert explain({"type": "new_in_pydantic", "msg": "Odd"}, "ru") == texts("ru").gettext(GENERAL)
    assert sentence_of(Problem(418, "teapot", "short and stout"), "en") == (
        "Something went wrong. Try again."
    )


def test_numbers_in_sentences_follow_the_plural_of_the_language() -> None:
    class Two(BaseModel):
        names: list[str] = Field(min_length=2, max_length=2)
        word: str = Field(min_length=3)

    with pytest.raises(InvalidForm) as refused:
        validated(Two, {"names": [], "word": "ab"})
    assert errors_of(refused.value, "ru")["word"] == "Введите не менее 3 символов."


@pytest.mark.parametrize("slug", SLUGS)
def test_every_problem_has_a_sentence_in_each_language(slug: str) -> None:
    said = {sentence_of(Problem(409, slug, "…"), language) for language in LANGUAGES}
    assert len(said) == 3


def test_a_form_becomes_the_body_of_the_api() -> None:
    fields: list[tuple[str, UploadFile | str]] = [
        ("csrf", "x"),
        ("origin.district", "AZ-AGM"),
        ("members.0.given_name", "Əli"),
        ("members.0.fin", ""),
        ("members.7.given_name", "Aytən"),
        ("consent.purposes[]", "photographs"),
        ("consent.purposes[]", "event_notifications"),
        ("members", "not a list"),
        ("a.b.c.d.e.f.g", "too deep"),
    ]
    assert body_of(FormData(fields[:-2]), ("origin", "members", "consent")) == {
        "origin": {"district": "AZ-AGM"},
        "members": [{"given_name": "Əli"}, {"given_name": "Aytən"}],
        "consent": {"purposes": ["photographs", "event_notifications"]},
    }
    body_of(FormData(fields + fields), ("origin", "members", "consent", "a"))


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Ağdam", "AZ-AGM"),
        (" agdam ", "AZ-AGM"),
        ("AĞDAM", "AZ-AGM"),
        ("Aghdam", "AZ-AGM"),
        ("Агдам", "AZ-AGM"),
        ("İmişli", "AZ-IMI"),
        ("imisli", "AZ-IMI"),
        ("az-bar", "AZ-BAR"),
        ("Lənkəran (şəhər)", "AZ-LA"),
        ("Lənkəran", None),
        ("", None),
        ("Mars", None),
    ],
)
def test_a_district_is_known_however_it_is_typed(typed: str, code: str | None) -> None:
    assert district_code(typed) == code
