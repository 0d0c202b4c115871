"""What a page asks for: the labels of its fields, in the order in which they stand."""

from collections.abc import Mapping


class Asked:
    """The fields of one page, noted by their templates while the page is made.

    A summary of mistakes stands above the fields that it names, so a page with mistakes is made
    twice: the second time it is known what each field is called.
    """

    def __init__(self) -> None:
        self._labels: dict[str, str] = {}
        self._part = ""

    def within(self, part: str = "") -> str:
        """Name the part of the page that the next fields lie in; empty, so templates print it."""
        self._part = part
        return ""

    def note(self, name: str, label: str) -> str:
        """Note a field where it stands; empty, so templates print it."""
        self._labels.setdefault(name, f"{self._part}, {label}" if self._part else label)
        return ""

    def summed(self, errors: Mapping[str, str]) -> list[tuple[str, str]]:
        """List what is wrong by field, with its label, from the top of the page to its bottom.

        What belongs to no field that was noted comes first.
        """
        places = {name: place for place, name in enumerate(self._labels)}
        return [
            (name, self._said(name, errors[name]))
            for name in sorted(errors, key=lambda name: places.get(name, -1))
        ]

    def _said(self, name: str, text: str) -> str:
        label = self._labels.get(name)
        if label is None:
            return text
        return f"{label} {text}" if label.endswith("?") else f"{label}: {text}"
