"""Telling what failed, and where, without personal data."""

import re
import traceback

from pydantic import ValidationError


def describe(failure: BaseException) -> str:
    """Say what failed without the values it failed on: those may be personal.

    A validation failure is told by field and rule, a database's by its first line, whose details
    (`DETAIL: Key (fin)=…`) stand in the lines behind. What Python and libraries quote is left out;
    the words of our own exceptions are ours, and quote nothing.
    """
    if isinstance(failure, ValidationError):
        return f"ValidationError: {rules_broken(failure)}"
    cause = getattr(failure, "orig", None)
    told = cause if isinstance(cause, BaseException) else failure
    ours = type(told).__module__.startswith(_OURS)
    line = first_line(str(told))
    return f"{type(failure).__name__}: {line if ours else without_values(line)}".removesuffix(": ")


def rules_broken(failure: ValidationError) -> str:
    """Name the fields that broke a rule, and the rules."""
    errors = failure.errors(include_input=False, include_url=False, include_context=False)
    return "; ".join(f"{_path(error['loc'])}: {error['msg']}" for error in errors)[:1000]


def first_line(text: str) -> str:
    """The first line of a text, and no more of it than anybody reads."""
    return (text.splitlines() or [""])[0][:300]


def without_values(line: str) -> str:
    """Take out of a line by somebody else what it may quote: values, FINs, phones, mailboxes."""
    line = _QUOTED_VALUE.sub(r"\1", line)
    return _VALUE.sub("…", line)


def where(failure: BaseException) -> str:
    """Name the place in our own code that failed: `module.py:line function`."""
    frames = traceback.extract_tb(failure.__traceback__)
    ours = [frame for frame in frames if "site-packages" not in frame.filename]
    if not ours:
        return "unknown"
    last = ours[-1]
    return f"{'/'.join(last.filename.split('/')[-3:])}:{last.lineno} {last.name}"


def _path(location: tuple[int | str, ...]) -> str:
    # What is no name of a field of ours is a key that came with the value.
    parts = (str(part) if _FIELD.fullmatch(str(part)) else "…" for part in location)
    return ".".join(parts) or "body"


_FIELD = re.compile(r"[a-z0-9_]{1,40}|\[key\]")
_OURS = ("services.", "shared.", "deploy.")

# Postgres and asyncpg quote the value that they could not read, behind a colon.
_QUOTED_VALUE = re.compile(r"(invalid input [^:]*|value out of range[^:]*|malformed [^:]*): .*")
_VALUE = re.compile(
    r"""(?<=: )".*"|b?'[^']*'"""  # quoted
    r"""|\b(?=[A-Z]*\d)[0-9A-Z]{7}\b"""  # a FIN
    r"""|\+?\d[\d ()-]{5,}\d|[^\s<>"'(,;]+@[^\s<>"'),;]+"""  # a phone, a mailbox
)
