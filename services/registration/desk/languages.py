"""The three languages of the pages: catalogues, and which one a request is answered in.

Every capability keeps its own `texts/{az,en,ru}.po` (GNU gettext, the English text as msgid);
they are read at start and merged.
"""

import io
from collections.abc import Iterable, Mapping
from functools import cache
from gettext import GNUTranslations
from pathlib import Path
from typing import Literal, get_args

from babel import negotiate_locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from fastapi import Request

Language = Literal["az", "en", "ru"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
OWN_NAMES: Mapping[Language, str] = {"az": "Azərbaycan dili", "en": "English", "ru": "Русский"}
COOKIE = "qayidis_language"

CAPABILITIES = Path(__file__).parents[1]


def msgid(text: str) -> str:
    """Mark a text that is translated where it is shown; the test of the catalogues finds it."""
    return text


def catalogue_files(language: Language, root: Path = CAPABILITIES) -> list[Path]:
    """Find every capability's catalogue of one language."""
    return sorted(root.glob(f"*/texts/{language}.po"))


@cache
def texts(language: Language) -> GNUTranslations:
    """Read and merge the catalogues of one language; nothing has to be compiled before."""
    merged = Catalog(locale=language)
    for file in catalogue_files(language):
        with file.open("rb") as content:
            for message in read_po(content, locale=language):
                if message.id and message.string and not message.fuzzy:
                    merged[message.id] = message
    compiled = io.BytesIO()
    write_mo(compiled, merged)
    compiled.seek(0)
    return GNUTranslations(compiled)


def translate(text: str, language: Language) -> str:
    """Say a marked text in a language; one without a translation stays English."""
    return texts(language).gettext(text)


def known(code: object) -> Language | None:
    """Return the language of a code, None where it is not one of ours."""
    return next((language for language in LANGUAGES if language == code), None)


def language_of(request: Request) -> Language:
    """Choose: what was picked in the header, else the person's own, else what the browser asks."""
    staff = getattr(request.state, "staff", None)
    return (
        known(request.cookies.get(COOKIE))
        or known(getattr(staff, "language", None))
        or _asked(request.headers.get("Accept-Language", ""))
        or "az"
    )


def _asked(header: str) -> Language | None:
    codes = [code for code, _ in sorted(_weighted(header[:200]), key=lambda each: -each[1])]
    return known(negotiate_locale(codes, LANGUAGES, sep="-"))


def _weighted(header: str) -> Iterable[tuple[str, float]]:
    for part in header.split(","):
        code, _, weight = part.strip().partition(";q=")
        try:
            yield code, float(weight or 1)
        except ValueError:
            continue
