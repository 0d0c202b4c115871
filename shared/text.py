"""Text that people typed: trimmed, never empty where it must not be, storable in Postgres."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, StringConstraints


def _storable(value: str) -> str:
    """Normalise to NFC; refuse control characters, which Postgres or a page could not take."""
    if any(unicodedata.category(letter) == "Cc" and letter not in "\n\t" for letter in value):
        raise ValueError("must not contain control characters")
    return unicodedata.normalize("NFC", value)


Storable = AfterValidator(_storable)

Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), Storable
]
"""A name or a title: 1 to 200 characters."""

OptionalLine = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), Storable]
"""A line that may be empty."""

Paragraph = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000), Storable
]
"""A longer text: 1 to 2,000 characters."""
