"""Reading what was typed into the search box: words, and what may be a FIN, a phone or a ticket."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from services.registration.families.fields import international
from services.registration.families.name_keys import Word, words_of
from services.registration.families.sealed import TAIL_DIGITS
from services.registration.search.keys import telling

MOST_WORDS = 8
"""Words that count; what is typed behind them is not looked for."""

_FIN = re.compile(r"[0-9A-HJ-NP-Z]{7}")
_DIALLED = re.compile(r"[0-9+()./-]*[0-9][0-9+()./-]*")
_TICKET = re.compile(r"[0-9A-Za-z._~:/+=-]{26,}")


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed: words, and what may be numbers; whatever is no number after all is a word."""

    words: tuple[Word, ...]
    fins: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    tickets: tuple[str, ...] = ()

    def without(self, *met: str) -> "Typed":
        """Leave out the words of what was met as a number."""
        gone = {word.spelling for text in met for word in words_of(text)}
        return replace(self, words=tuple(word for word in self.words if word.spelling not in gone))


def read(text: str) -> Typed:
    """Read what was typed; signs alone are nothing."""
    chunks = text.split()
    words = {word.spelling: word for word in telling(words_of(text))}
    return Typed(
        words=tuple(words.values())[:MOST_WORDS],
        fins=tuple(chunk.upper() for chunk in chunks if _is_fin(chunk))[:MOST_WORDS],
        phones=tuple(_phones(chunks))[:MOST_WORDS],
        tickets=tuple(chunk for chunk in chunks if _TICKET.fullmatch(chunk))[:1],
    )


def full_number(dialled: str) -> str | None:
    """The phone in E.164, None where it is no whole number."""
    digits = re.sub(r"[^0-9]", "", dialled)
    if digits.startswith("00994"):
        digits = digits[2:]
    try:
        return international(f"+{digits}" if digits.startswith("994") else digits)
    except ValueError:
        return None


def last_digits(dialled: str) -> str:
    """The digits that a phone must end in."""
    return re.sub(r"[^0-9]", "", dialled)


def _is_fin(chunk: str) -> bool:
    return chunk.isascii() and _FIN.fullmatch(chunk.upper()) is not None


def _phones(chunks: list[str]) -> Iterator[str]:
    """Put together what stands in groups: 050 123 45 67."""
    run: list[str] = []
    for chunk in [*chunks, ""]:
        if _DIALLED.fullmatch(chunk):
            run.append(chunk)
            continue
        dialled = " ".join(run)
        if TAIL_DIGITS <= len(last_digits(dialled)) <= 15:
            yield dialled
        run = []
