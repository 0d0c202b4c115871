"""The texts of the pages: where each is used, and what the catalogues say of it.

`python -m tests.texts` adds to every capability's catalogues the texts that are new, for the
translator to fill in (English is filled in already), and takes away those that nothing uses.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir, extract_from_file
from babel.messages.pofile import read_po, write_po

from services.registration.desk.languages import CAPABILITIES, LANGUAGES, Language, catalogue_files

TEMPLATES = sorted(CAPABILITIES.glob("*/templates/**/*.html"))

_KEYWORDS: dict[str, tuple[int | tuple[int, int], ...] | None] = {
    "_": None,
    "gettext": None,
    "msgid": None,
    "ngettext": (1, 2),
    "counted": (2, 3),
}
_OPTIONS = {"trimmed": "false", "newstyle_gettext": "true", "silent": "false"}


def used() -> dict[str | tuple[str, ...], str]:
    """Give every text that code and templates mark, with a place that uses it."""
    found: dict[str | tuple[str, ...], str] = {}
    for template in TEMPLATES:
        for line, text, _, _ in extract_from_file(
            "jinja2.ext:babel_extract", template, keywords=_KEYWORDS, options=_OPTIONS
        ):
            found[text] = f"{template.relative_to(CAPABILITIES)}:{line}"
    for file, line, text, _, _ in extract_from_dir(
        CAPABILITIES, [("**.py", "python")], keywords=_KEYWORDS
    ):
        found[text] = f"{file}:{line}"
    return found


def literals() -> set[str]:
    """Give every string that stands in code: some texts are chosen by tables of their own."""
    return {
        node.value
        for file in CAPABILITIES.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def catalogue(language: Language) -> Iterator[tuple[Path, Message]]:
    """Give every message of a language, with its file."""
    for path in catalogue_files(language):
        with path.open("rb") as content:
            messages: Catalog = read_po(content, locale=language, abort_invalid=True)
        yield from ((path, message) for message in messages if message.id)


def complete() -> None:
    """Bring the files up to date."""
    wanted, spoken = used(), literals()
    for language in LANGUAGES:
        known = {message.id for _, message in catalogue(language)}
        capabilities = {where.partition("/")[0] for where in wanted.values()}
        for capability in sorted(
            capabilities | {f.parents[1].name for f in catalogue_files(language)}
        ):
            path = CAPABILITIES / capability / "texts" / f"{language}.po"
            kept = Catalog(locale=language)
            if path.exists():
                with path.open("rb") as content:
                    for message in read_po(content, locale=language):
                        if message.id in wanted or message.id in spoken:
                            english = message.id if language == "en" else None
                            kept.add(message.id, message.string or english)
            for text, where in wanted.items():
                if where.partition("/")[0] == capability and text not in known:
                    kept.add(text, text if language == "en" else None)
            if len(kept):
                _write(path, kept)


def _write(path: Path, messages: Catalog) -> None:
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as content:
        write_po(content, messages, width=0, omit_header=True, sort_output=True)


if __name__ == "__main__":
    complete()
