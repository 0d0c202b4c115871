"""CSV (RFC 4180) that Excel opens right: UTF-8 with its mark, formulas as text."""

import csv
import io
from collections.abc import Iterable, Sequence

from services.registration.exports.formulas import escaped

MARK = "\ufeff"


class CsvFile:
    """A file of lines, written piece by piece."""

    media_type = "text/csv; charset=utf-8"
    ending = "csv"

    def __init__(self, separator: str = ";", *, mark: bool = True) -> None:
        self._text = io.StringIO()
        self._writer = csv.writer(self._text, delimiter=separator)
        if mark:
            self._text.write(MARK)

    def write(self, rows: Iterable[Sequence[str]]) -> bytes:
        """Write rows and give what is to be sent of them."""
        self._writer.writerows([escaped(cell) for cell in row] for row in rows)
        return self._taken()

    def end(self) -> bytes:
        """Give what is left."""
        return self._taken()

    def _taken(self) -> bytes:
        text = self._text.getvalue()
        self._text.seek(0)
        self._text.truncate()
        return text.encode()
