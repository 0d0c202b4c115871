"""Showing a message without telling whose it is: the shape of every text, not its letters."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from shared.contracts.base import PUBLIC, Contract, is_schema, is_type
from shared.messaging.dead_letters.headers import is_ours
from shared.messaging.inbox import UnreadableMessageError, read
from shared.messaging.topology import SERVICES

LONGEST_SHOWN = 20_000

_KEPT = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # UUID
    r"|\d{4}-\d\d-\d\dT[\d:.]{5,15}(Z|[+-]\d\d:\d\d)"  # RFC 3339, never a date of birth
    r"|AZ-[A-Z]{2,3}",  # ISO 3166-2
)
_ATTRIBUTE = re.compile(r"[a-z][a-z0-9_]{0,39}")
_HEADER = re.compile(r"[A-Za-z][A-Za-z_-]{0,39}")


def _looks(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda text: compiled.fullmatch(text) is not None


_CONTEXT: Mapping[str, Callable[[str], bool]] = {
    "specversion": _looks(r"\d\.\d"),
    "source": _looks("|".join(f"/{service}" for service in SERVICES)),
    "type": is_type,
    "datacontenttype": _looks(r"application/json"),
    "dataschema": is_schema,
    "sequence": _looks(r"0{4}\d{16}"),
    "traceparent": _looks(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}"),
}
"""CloudEvents attributes that name no person, each with what it may look like; every other one is
masked as data is, where an id and a moment stay."""

_LONGEST_NUMBER = 6


def shown(body: bytes, contracts: Mapping[str, type[Contract]], *, unmasked: bool = False) -> str:
    """Make the text of a message to be shown, of at most 20,000 characters.

    The data of a public contract that validates holds no personal data and is shown as it is. Of
    everything else, what cannot be decoded too, only the shape is shown: `Əli` becomes `Xxx`.
    """
    try:
        content = json.loads(body)
        if not unmasked:
            content = masked(content, spare_data=is_public(body, contracts))
        text = json.dumps(content, ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        text = body.decode(errors="replace")
        text = text if unmasked else shape(text)
    # A lone surrogate is JSON, and no UTF-8.
    return text[:LONGEST_SHOWN].encode(errors="replace").decode()


def is_public(body: bytes, contracts: Mapping[str, type[Contract]]) -> bool:
    """Tell whether the data of a body is, and only is, that of a contract of the public exchange.

    Says nothing of the envelope around it.
    """
    try:
        message = read(body, contracts)
    except UnreadableMessageError:
        return False
    # A field that the contract does not know could hold anything.
    known = message.data.model_dump(mode="json", exclude_unset=True)
    return message.data.exchange == PUBLIC and _has_no_more(message.envelope.data, known)


def masked(content: Any, *, spare_data: bool = False) -> Any:
    """Mask a message: of the envelope what names nobody stays, of `data` nothing unless spared."""
    if not isinstance(content, dict):
        return _mask(content)
    return {
        _key(name): value
        if _names_nobody(name, value) or (spare_data and name == "data")
        else _mask(value)
        for name, value in content.items()
    }


def masked_headers(headers: Mapping[str, Any]) -> dict[str, Any]:
    """Mask the headers of a message; ours and RabbitMQ's own say nothing of a person."""
    return dict(_masked_header(str(name), _plain(value)) for name, value in headers.items())


def _has_no_more(content: Any, known: Any) -> bool:
    if isinstance(content, dict) and isinstance(known, dict):
        return content.keys() <= known.keys() and all(
            _has_no_more(value, known[name]) for name, value in content.items()
        )
    if isinstance(content, list) and isinstance(known, list):
        return len(content) == len(known) and all(map(_has_no_more, content, known))
    return not isinstance(content, dict | list)


def shape(text: str) -> str:
    """Replace letters by x and digits by 0; signs and blanks stay."""
    return "".join(map(_shape_of, text))


def _shape_of(letter: str) -> str:
    if letter.isalpha():
        return "X" if letter.isupper() else "x"
    if letter.isnumeric():
        return "0"
    return letter if letter.isprintable() or letter in "\n\t" else "\N{REPLACEMENT CHARACTER}"


def _mask(content: Any) -> Any:
    if isinstance(content, str):
        return content if _KEPT.fullmatch(content) else shape(content)
    if isinstance(content, bool) or content is None:
        return content
    if isinstance(content, int | float):
        digits = str(content)
        # A phone may have come as a number.
        return content if len(digits.lstrip("-")) <= _LONGEST_NUMBER else shape(digits)
    if isinstance(content, list):
        return [_mask(each) for each in content]
    if isinstance(content, dict):
        return {_key(name): _mask(value) for name, value in content.items()}
    return shape(str(content))


def _key(name: str) -> str:
    return name if _ATTRIBUTE.fullmatch(name) else shape(name)


def _names_nobody(name: str, value: Any) -> bool:
    looks_so = _CONTEXT.get(name)
    return looks_so is not None and isinstance(value, str) and looks_so(value)


def _masked_header(name: str, value: Any) -> tuple[str, Any]:
    if is_ours(name):
        return name, value
    shown_name = name if _HEADER.fullmatch(name) else shape(name)
    spared = _names_nobody(name.removeprefix("cloudEvents_"), value)
    return shown_name, value if spared else _mask(value)


def _plain(value: Any) -> Any:
    """Give a header's value, which AMQP knows more kinds of than JSON."""
    return json.loads(json.dumps(value, default=str))
