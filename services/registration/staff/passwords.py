"""Passwords: hashed with Argon2id (RFC 9106), off the event loop, a few at a time."""

import asyncio
import secrets
import unicodedata
from collections.abc import Callable, Sequence
from typing import TypeVar

from pwdlib import PasswordHash
from zxcvbn import zxcvbn

from services.registration.staff.domain import LONGEST_PASSWORD
from shared.problems import Problem

_AT_ONCE = 2  # each takes 64 MiB of memory and a core
_MOST_WAITING = 40
_GUESSED = 72  # characters of a password that are tried to guess
_SAFE_SCORE = 3  # more than 10^8 guesses
_OWN_WORDS = ("qayidis", "qayıdış", "parol", "komitet")
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # none that look alike


T = TypeVar("T")


class WeakPasswordError(Exception):
    """A password is too short, too long or too easy to guess; its text says which."""


class Passwords:
    """Makes and checks hashes; the work is the same whether there is a hash or not."""

    def __init__(self) -> None:
        self._hash = PasswordHash.recommended()
        self._nobodys = self._hash.hash(secrets.token_urlsafe())
        self._turn = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0

    async def make(self, password: str) -> str:
        """Hash a new password.

        Raises:
            Problem: 503, too many wait for their turn.
        """
        return await self._in_turn(self._hash.hash, _normal(password))

    async def fits(self, password: str, known: str | None) -> bool:
        """Compare a password with a hash; without one it takes as long, and never fits.

        Raises:
            Problem: 503, too many wait for their turn.
        """
        right = await self._in_turn(self._hash.verify, _normal(password), known or self._nobodys)
        return right and known is not None

    async def _in_turn(self, work: Callable[..., T], *given: str) -> T:
        if self._waiting >= _MOST_WAITING:
            raise Problem(
                503,
                "busy",
                "Too many people sign in at once. Try again in a few seconds.",
                headers={"Retry-After": "5"},
            )
        self._waiting += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(work, *given)
        finally:
            self._waiting -= 1


def check_strength(password: str, shortest: int, own: Sequence[str] = ()) -> None:
    """Check a new password; `own` are words its person would think of first, such as the login.

    Raises:
        WeakPasswordError: it is too short, too long or too easy to guess (NIST SP 800-63B).
    """
    password = _normal(password)
    if not shortest <= len(password) <= LONGEST_PASSWORD:
        raise WeakPasswordError(f"must have {shortest} to {LONGEST_PASSWORD} characters")
    folded = password.casefold()
    if any(len(word) > 2 and word.casefold() in folded for word in own):
        raise WeakPasswordError("must not contain the login or the name")
    tried = zxcvbn(password[:_GUESSED], user_inputs=[*_OWN_WORDS, *own], max_length=_GUESSED)
    if tried["score"] < _SAFE_SCORE:
        raise WeakPasswordError("is too easy to guess; take several words that do not belong")


def temporary_password() -> str:
    """Make a password that can be read out: 20 letters and digits (98 bits), in groups."""
    letters = [secrets.choice(_LETTERS) for _ in range(20)]
    return "-".join("".join(letters[place : place + 5]) for place in range(0, 20, 5))


def _normal(password: str) -> str:
    return unicodedata.normalize("NFC", password)
