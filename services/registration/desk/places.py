"""Districts as people type them: any language, any case, with or without the right letters."""

from functools import cache

from services.registration.desk.formats import districts
from services.registration.desk.languages import LANGUAGES

_FOLD = str.maketrans("əğıöüşç", "egiousc")


def district_code(typed: str) -> str | None:
    """Find the ISO 3166-2 code of a district by its code or name; None for no or several."""
    typed = typed.strip()
    codes = _by_name().get(_folded(typed), frozenset())
    return next(iter(codes)) if len(codes) == 1 else None


@cache
def _by_name() -> dict[str, frozenset[str]]:
    names: dict[str, set[str]] = {}
    for language in LANGUAGES:
        for code, name in districts(language):
            names.setdefault(_folded(name), set()).add(code)
            names.setdefault(_folded(code), set()).add(code)
    return {name: frozenset(codes) for name, codes in names.items()}


def _folded(name: str) -> str:
    small = name.replace("İ", "i").replace("I", "i").casefold()
    return "".join(letter for letter in small.translate(_FOLD) if letter.isalnum())
