"""What is wrong, said to a person: kind, exact, in their language."""

import re
from collections.abc import Mapping
from typing import Any

from services.registration.desk.languages import Language, msgid, texts, translate
from services.registration.desk.sentences import PATTERNS, PYDANTIC, SLUGS
from shared.problems import FieldError, Problem

_UNKNOWN = msgid("This is not right. Check what was typed.")
_UNEXPECTED = msgid("Something went wrong. Try again.")


class InvalidForm(Problem):
    """422 with pydantic's own errors, by the name of the field."""

    def __init__(self, failures: list[tuple[str, Mapping[str, Any]]]) -> None:
        fields = [FieldError(field=name, message=error["msg"]) for name, error in failures]
        super().__init__(422, "invalid", "Some fields are not valid.", errors=fields)
        self.failures = failures


def explain(error: Mapping[str, Any] | FieldError | str, language: Language) -> str:
    """Turn what is wrong with a field into a sentence.

    `error` is pydantic's (`type`, `ctx`, `msg`), one of a Problem's `errors`, or our own message.
    What nobody foresaw becomes a general sentence, never English among Azerbaijani.
    """
    if isinstance(error, FieldError):
        return explain(error.message, language)
    if isinstance(error, str):
        return _ours(error, language) or translate(_UNKNOWN, language)
    kind, values = str(error.get("type")), dict(error.get("ctx") or {})
    if kind == "value_error":
        return explain(str(error["msg"]).removeprefix("Value error, "), language)
    text = PYDANTIC.get(kind)
    if isinstance(text, tuple):
        name, singular, plural = text
        count = int(values[name])
        return texts(language).ngettext(singular, plural, count) % {"count": count}
    if text is None:
        return explain(str(error.get("msg")), language)
    return translate(text, language) % values if values else translate(text, language)


def errors_of(problem: Problem, language: Language) -> dict[str, str]:
    """Give a sentence for each field that is wrong; a FIN that is taken is one too."""
    if isinstance(problem, InvalidForm):
        return {name: explain(error, language) for name, error in reversed(problem.failures)}
    errors = {error.field: explain(error, language) for error in reversed(problem.errors)}
    field = problem.more.get("field")
    if isinstance(field, str):
        errors[field] = sentence_of(problem, language)
    return errors


def sentence_of(problem: Problem, language: Language) -> str:
    """Say a whole problem in a sentence."""
    text = SLUGS.get(problem.slug)
    if text is None:
        return translate(_UNEXPECTED, language)
    return translate(text, language)


def _ours(message: str, language: Language) -> str | None:
    for pattern, text in PATTERNS.items():
        found = re.fullmatch(pattern, message)
        if found:
            return translate(text, language) % found.groupdict()
    return None
