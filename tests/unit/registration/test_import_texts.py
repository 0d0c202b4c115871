"""Every sentence that an import can say is there in Azerbaijani and Russian, with what it names."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.registration.families import fields
from services.registration.imports import texts
from services.registration.imports.domain import Fault

IMPORTS = Path(texts.__file__).parents[1]


def said() -> Iterator[str]:
    """All first arguments of faults and refusals, and the messages of the desk's own rules."""
    for module in IMPORTS.glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                place = {"Fault": 0, "FileRefusedError": 0, "note": 1}.get(node.func.id)
                texts_at = node.args[place : place + 1] if place is not None else []
                yield from (str(each.value) for each in texts_at if isinstance(each, ast.Constant))
    for node in ast.walk(ast.parse(Path(fields.__file__).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and str(node.value).startswith("must "):
            yield str(node.value)
    yield from (each for each in texts.FIELD_NAMES.values() if each != "FIN")


@pytest.mark.parametrize("language", ["az", "ru"])
def test_every_sentence_is_translated(language: texts.Language) -> None:
    every = set(said())
    assert len(every) > 60
    for english in every - {"must be a date, like 1961-03-02"}:
        names = re.findall(r"%\((\w+)\)s", english)
        other = texts.say(Fault(english, dict.fromkeys(names, "X1")), language)
        assert other != Fault(english, dict.fromkeys(names, "X1")).in_english(), english
        assert other.count("X1") == len(names), english
