"""Writes the JSON Schema of every contract beside the code: `python -m shared.contracts.generate`.

Raises `OSError` where the folder cannot be written.
"""

import json
from pathlib import Path
from typing import Any

from shared.contracts import CONTRACTS
from shared.contracts.base import Contract

SCHEMAS = Path(__file__).parent / "schemas"
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_of(contract: type[Contract]) -> dict[str, Any]:
    """Give the JSON Schema (2020-12) of a contract's data; its `$id` is the message's dataschema.

    Unknown fields are allowed, since `v1` may gain some.
    """
    schema = contract.model_json_schema(mode="serialization")
    return {"$schema": DIALECT, "$id": contract.dataschema(), **schema}


def written(schema: dict[str, Any]) -> str:
    """Give a schema as the text of its file."""
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def generate(folder: Path = SCHEMAS) -> None:
    """Write every schema as `<routing key>.json` and remove those of contracts that are gone."""
    folder.mkdir(exist_ok=True)
    texts = {f"{each.routing_key}.json": written(schema_of(each)) for each in CONTRACTS}
    for stale in folder.glob("*.json"):
        if stale.name not in texts:
            stale.unlink()
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    generate()
