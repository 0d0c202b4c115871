"""How much a measurement does: all of it, or with `--short` just enough to see that it works."""

import sys

SHORT = "--short" in sys.argv


def sized(full: int, short: int) -> int:
    """Choose the amount for this run."""
    return short if SHORT else full
