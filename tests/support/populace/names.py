"""Names and places to draw from: common ones first, each about as much rarer as in real lists.

The lists lie beside: one word a name; of places a district with its weight, then its settlements.
"""

from pathlib import Path
from random import Random

_FOLDER = Path(__file__).parent


def _words(file: str) -> list[str]:
    return (_FOLDER / file).read_text(encoding="utf-8").split()


def _places(file: str) -> dict[str, tuple[int, list[str]]]:
    places: dict[str, tuple[int, list[str]]] = {}
    settlements: list[str] = []
    for line in (_FOLDER / file).read_text(encoding="utf-8").splitlines():
        if not line.startswith(" "):
            district, weight = line.split()
            settlements = []
            places[district] = (int(weight), settlements)
        settlements += [name.replace("-", " ") for name in line.split() if line.startswith(" ")]
    return places


MEN = _words("men.txt")
WOMEN = _words("women.txt")
VILLAGES = _places("origins.txt")
RESIDENCES = _places("residences.txt")
_STEMS = _words("stems.txt")
_FIRST = _words("first_parts.txt")


class Drawn:
    """Draws by Zipf's law: the n-th of a list comes about 1/n as often as the first."""

    def __init__(self, values: list[str], steepness: float) -> None:
        self._values = values
        self._sums: list[float] = []
        total = 0.0
        for place in range(1, len(values) + 1):
            total += 1 / (place + 4) ** steepness
            self._sums.append(total)

    def draw(self, chance: Random) -> str:
        """Draw one."""
        return chance.choices(self._values, cum_weights=self._sums)[0]


def family_stems() -> list[str]:
    """The masculine family names: the usual ones first, thousands of rare ones behind."""
    usual = [_surname(stem, 0) for stem in _STEMS]
    rare = [_surname(stem, way) for way in (1, 2) for stem in (*_STEMS, *MEN)]
    compound = [
        _surname(first + second.lower(), 0)
        for first in (
            "Hacı",
            "Ağa",
            "Mir",
            "Şah",
            "Xan",
            "Bəy",
            "Gül",
            "Nur",
            "Ali",
            "Qara",
            "Dəli",
        )
        for second in (*MEN, *_STEMS)
    ]
    return list(dict.fromkeys([*usual, *rare, *(_surname(stem, 0) for stem in MEN), *compound]))


def feminine(family_name: str) -> str:
    """The family name as a woman of that family bears it."""
    return f"{family_name}a" if family_name.endswith(("ov", "yev")) else family_name


def _surname(stem: str, way: int) -> str:
    if stem.endswith(("yev", "zadə")):
        return stem
    if way == 1:
        return f"{stem}zadə"
    if way == 2:
        return f"{stem}{_harmonic(stem)}"
    return f"{stem}yev" if stem[-1] in "aəeiıouöü" else f"{stem}ov"


def _harmonic(stem: str) -> str:
    last = next((letter for letter in reversed(stem.lower()) if letter in "aəeiıouöü"), "a")
    return {"a": "lı", "ı": "lı", "o": "lu", "u": "lu", "ö": "lü", "ü": "lü"}.get(last, "li")
