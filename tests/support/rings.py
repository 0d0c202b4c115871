"""Rings of sealing keys for tests."""

import json
from pathlib import Path

from shared.sealing import Sealer, new_ring


def ring(path: Path) -> Sealer:
    """Make a new ring in a file, and the sealer that reads it."""
    path.write_text(json.dumps(new_ring()), encoding="utf-8")
    return Sealer.from_file(path)
