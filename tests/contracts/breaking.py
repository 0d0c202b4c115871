"""What would break a consumer of `v1`, found by comparing two JSON Schemas of one contract."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jsoncompat

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Field:
    """One field of a contract: must it be there, and which format does it promise?"""

    required: bool
    format: str | None


def breaks(released: Schema, current: Schema) -> list[str]:
    """Name what consumers of the released schema could stumble over; nothing when all is well.

    jsoncompat finds what the publisher may send now and did not before. It looks at neither
    formats nor at fields that are new: a new one must be optional, or replayed messages lack it.
    """
    found = []
    if not jsoncompat.check_compat(_plain(released), _plain(current), "serializer"):
        found.append("a field is gone, has another type or may lack now")
    before, now = dict(_fields(released)), dict(_fields(current))
    for path, field in now.items():
        if path in before and before[path].format != field.format:
            found.append(f"{path} has another format")
        if path not in before and field.required and _parent(path) in {"", *before}:
            found.append(f"{path} is new and not optional")
    return found


def _plain(schema: Schema) -> str:
    # jsoncompat follows local references alone, and an $id makes them global.
    return json.dumps({name: part for name, part in schema.items() if name != "$id"})


def _fields(root: Schema) -> Iterator[tuple[str, Field]]:
    def walk(schema: Schema, path: str) -> Iterator[tuple[str, Field]]:
        if "$ref" in schema:
            yield from walk(root["$defs"][schema["$ref"].rpartition("/")[2]], path)
        for choice in schema.get("anyOf", ()):
            yield from walk(choice, path)
        if "items" in schema:
            yield f"{path}[]", Field(required=False, format=schema["items"].get("format"))
            yield from walk(schema["items"], f"{path}[]")
        for name, part in schema.get("properties", {}).items():
            inner = f"{path}.{name}"
            yield inner, Field(name in schema.get("required", ()), part.get("format"))
            yield from walk(part, inner)

    return walk(root, "")


def _parent(path: str) -> str:
    return path.rpartition(".")[0]
