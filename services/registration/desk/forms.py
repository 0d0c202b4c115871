"""Forms into bodies: `members.0.fin` becomes what the API's own schema checks."""

from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData

from services.registration.desk.errors import InvalidForm
from services.registration.desk.forgery import FIELD as CSRF
from services.registration.desk.once import FIELD as ONCE

M = TypeVar("M", bound=BaseModel)

_DEEPEST = 6
_LONGEST_LIST = 200


class Typed(dict[str, Any]):
    """What was typed into a form; a field that was not sent is empty."""

    def __missing__(self, _: str) -> str:
        return ""


def texts_of(form: FormData) -> dict[str, str]:
    """Give every text field as it was typed, to show the form again."""
    return {
        name: value
        for name, value in form.multi_items()
        if isinstance(value, str) and name not in {CSRF, ONCE}
    }


def body_of(form: FormData, names: Iterable[str]) -> dict[str, Any]:
    """Make the body of the fields that lie under these names, by the dots of their names.

    A part that is a number counts a list; `purposes[]` is a list of every value. An empty field is
    left out.
    """
    wanted = tuple(names)
    body: dict[str, Any] = {}
    for name, value in form.multi_items():
        path = name.removesuffix("[]").split(".")
        if path[0] not in wanted or len(path) > _DEEPEST or not isinstance(value, str):
            continue
        if not value.strip():
            continue
        if name.endswith("[]"):
            _at(body, path[:-1]).setdefault(path[-1], []).append(value)
        else:
            _at(body, path[:-1])[path[-1]] = value
    return {name: _listed(value) for name, value in body.items()}


def validated(schema: type[M], body: dict[str, Any]) -> M:
    """Check a body by a schema.

    Raises:
        InvalidForm: 422 with what is wrong by field.
    """
    try:
        return schema.model_validate(body)
    except ValidationError as failure:
        raise InvalidForm(
            [(".".join(map(str, error["loc"])), error) for error in failure.errors()]
        ) from None


def _at(body: dict[str, Any], path: list[str]) -> dict[str, Any]:
    for part in path:
        inner = body.setdefault(part, {})
        if not isinstance(inner, dict):
            inner = body[part] = {}
        body = inner
    return body


def _listed(value: Any) -> Any:
    """Turn what is numbered into lists, without the gaps that removed rows left."""
    if not isinstance(value, dict):
        return value
    if value and all(key.isascii() and key.isdigit() for key in value):
        return [_listed(value[key]) for key in sorted(value, key=int)[:_LONGEST_LIST]]
    return {key: _listed(inner) for key, inner in value.items()}
