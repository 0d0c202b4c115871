"""Names and other values made fit for one line of a text."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.texts.domain import Language, list_names, one_line


@pytest.mark.parametrize(
    ("language", "names", "listed"),
    [
        ("az", ["Əli", "Aygün", "Vaqif"], "Əli, Aygün və Vaqif"),
        ("en", ["Ali", "Aygun", "Vagif"], "Ali, Aygun and Vagif"),
        ("ru", ["Али", "Айгюн", "Вагиф"], "Али, Айгюн и Вагиф"),
        ("az", ["Əli", "Aygün"], "Əli və Aygün"),
        ("az", ["Əli Həsənov"], "Əli Həsənov"),
        ("az", ["Əli", " ", "Vaqif\n"], "Əli və Vaqif"),
        ("az", [], ""),
    ],
)
def test_names_are_listed_as_that_language_does(
    language: Language, names: Sequence[str], listed: str
) -> None:
    assert list_names(names, language) == listed


@given(st.text(st.characters()))
def test_one_line_is_stable_and_printable(value: str) -> None:
    line = one_line(value)
    assert one_line(line) == line
    assert len(line.splitlines()) <= 1
    assert line == line.strip()
    line.encode()


def test_a_direction_mark_cannot_turn_a_text_round() -> None:
    assert one_line("Əli\u202e ilE") == "Əli ilE"
