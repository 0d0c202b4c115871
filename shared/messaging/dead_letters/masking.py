"""Showing a message without telling whose it is: the shape of every text, not its letters."""

import json
import re
from collections.abc import Mapping
from typing import Any

from shared.contracts.base import PUBLIC, Contract
from shared.messaging.inbox import UnreadableMessageError, read

LONGEST_SHOWN = 20_000

_KEPT = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # UUID
    r"|\d{4}-\d\d-\d\dT[\d:.]{5,15}(Z|[+-]\d\d:\d\d)"  # RFC 3339, never a date of birth
    r"|AZ-[A-Z]{2,3}",  # ISO 3166-2
)
_ATTRIBUTE = re.compile(r"[a-z][a-z0-9_]{0,39}")
_CONTEXT = {
    "specversion": r"\d\.\d",
    "source": r"/[a-z]{1,30}",
    "type": r"[a-z][a-z0-9_.]{0,99}",
    "datacontenttype": r"application/json",
    "dataschema": r"urn:qayidis:schema:[a-z0-9_.]{1,99}",
    "sequence": r"\d{20}",
    "correlationid": r"[0-9a-f-]{36}",
    "traceparent": r"[0-9a-f-]{55}",
}
"""CloudEvents attributes that name no person, each with what it may look like."""

_LONGEST_NUMBER = 6


def shown(body: bytes, contracts: Mapping[str, type[Contract]], *, unmasked: bool = False) -> str:
    """Make the text of a message to be shown, of at most 20,000 characters.

    A public contract that validates holds no personal data and is shown as it is. Of everything
    else, what cannot be decoded too, only the shape is shown: `Əli` becomes `Xxx`.
    """
    try:
        content = json.loads(body)
        if not unmasked and not is_public(body, contracts):
            content = masked(content)
        text = json.dumps(content, ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        text = body.decode(errors="replace")
        text = text if unmasked else shape(text)
    # A lone surrogate is JSON, and no UTF-8.
    return text[:LONGEST_SHOWN].encode(errors="replace").decode()


def is_public(body: bytes, contracts: Mapping[str, type[Contract]]) -> bool:
    """Tell whether a body is, and only is, a message of a contract of the public exchange."""
    try:
        message = read(body, contracts)
    except UnreadableMessageError:
        return False
    # A field that the contract does not know could hold anything.
    known = message.data.model_dump(mode="json", exclude_unset=True)
    return message.data.exchange == PUBLIC and _has_no_more(message.envelope.data, known)


def masked(content: Any) -> Any:
    """Mask a message: the CloudEvents attributes that name nobody stay, `data` is masked whole."""
    if not isinstance(content, dict):
        return _mask(content)
    return {
        _key(name): value if _names_nobody(name, value) else _mask(value)
        for name, value in content.items()
    }


def masked_headers(headers: Mapping[str, Any]) -> dict[str, Any]:
    """Mask the headers of a message; ours and RabbitMQ's own say nothing of a person."""
    return {
        str(name): _plain(value) if _is_ours(str(name), value) else _mask(_plain(value))
        for name, value in headers.items()
    }


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
    pattern = _CONTEXT.get(name)
    if name == "subjectversion":
        return isinstance(value, int)
    return pattern is not None and isinstance(value, str) and bool(re.fullmatch(pattern, value))


def _is_ours(name: str, value: Any) -> bool:
    return name.startswith("x-") or _names_nobody(name.removeprefix("cloudEvents_"), value)


def _plain(value: Any) -> Any:
    """Give a header's value, which AMQP knows more kinds of than JSON."""
    return json.loads(json.dumps(value, default=str))
