"""Every text of the pages is in a catalogue, translated in all three languages."""

import re
from pathlib import Path

import pytest

from services.registration.desk.languages import CAPABILITIES, LANGUAGES, Language
from tests.texts import TEMPLATES, catalogue, literals, used

_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language: Language) -> None:
    known = {message.id: message for _, message in catalogue(language)}
    missing = [f"{where}: {text!r}" for text, where in used().items() if text not in known]
    assert not missing, "\n".join(missing)
    empty = [
        str(message.id)
        for message in known.values()
        if message.fuzzy
        or not message.string
        or (isinstance(message.string, tuple) and not all(message.string))
    ]
    assert not empty


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_left_over_or_translated_twice(language: Language) -> None:
    wanted, spoken = used(), literals()
    seen: dict[object, tuple[Path, object]] = {}
    for path, message in catalogue(language):
        assert message.id in wanted or message.id in spoken, f"{path}: nothing uses {message.id!r}"
        other, said = seen.setdefault(message.id, (path, message.string))
        assert said == message.string, f"{path} and {other} say {message.id!r} differently"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_keeps_what_is_filled_in(language: Language) -> None:
    for path, message in catalogue(language):
        wanted = {name for text in parts(message.id) for name in _PLACEHOLDER.findall(text)}
        for text in parts(message.string):
            assert set(_PLACEHOLDER.findall(text)) == wanted, f"{path}: {message.id!r}"


def parts(text: object) -> list[str]:
    """Give the forms of a text: one, or several where it counts."""
    return [str(each) for each in text] if isinstance(text, list | tuple) else [str(text)]


_ELSEWHERE = re.compile(
    r"\{%\s*trans\b.*?\{%\s*endtrans\s*%\}|\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}"
    r"|\saria-(?!label=)[\w-]+=\"[^\"]*\"|<script\b[^>]*>|<style\b|<!doctype[^>]*>|<code>.*?</code>",
    re.DOTALL,
)
_SPOKEN = re.compile(r"\b(?:alt|title|placeholder|aria-label|content)=\"([^\"]*)\"")
_NOT_SAID = {"width=device-width, initial-scale=1", "Qayıdış"}


@pytest.mark.parametrize(
    "template", TEMPLATES, ids=lambda path: str(path.relative_to(CAPABILITIES))
)
def test_no_template_has_bare_text(template: Path) -> None:
    text = _ELSEWHERE.sub(" ", template.read_text(encoding="utf-8"))
    said = [found for found in _SPOKEN.findall(text) if found not in _NOT_SAID]
    said += [each.strip() for each in re.sub(r"<[^>]*>", "\n", text).splitlines()]
    words = [re.sub(r"&\w+;|[–:]", "", each).strip() for each in said]
    assert [
        each for each in words if re.search(r"[^\W\d_]{2,}", each) and each not in _NOT_SAID
    ] == []


@pytest.mark.parametrize(
    "template", TEMPLATES, ids=lambda path: str(path.relative_to(CAPABILITIES))
)
def test_no_template_has_inline_script_or_style(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", text)


@pytest.mark.parametrize(
    "template", TEMPLATES, ids=lambda path: str(path.relative_to(CAPABILITIES))
)
def test_no_form_puts_what_is_typed_into_an_address(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    for form in re.findall(r"<form\b.*?</form>", text, re.DOTALL):
        # One without named fields is read by a script alone.
        sends = re.search(r"\sname=|\{\{ (?!_\()\w+\(", form)
        assert 'method="post"' in form.partition(">")[0] or not sends, form
