"""Reading CSV (RFC 4180) in the encodings and with the separators that office programs write."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from services.registration.imports.cells import Cell
from services.registration.imports.domain import FileRefusedError, Limits
from services.registration.imports.files import PEEK, looks_like_utf_16

SEPARATORS = ",;\t|"
_PIECE = 1 << 16
_UNREADABLE = "\ufffd"  # stands where bytes were no letter
_HIGH_WORD = re.compile(rb"[A-Za-z\x80-\xff]*[\x80-\xff][A-Za-z\x80-\xff]*")


class Sheet:
    """The rows of a CSV file, one after the other."""

    def __init__(self, file: BinaryIO, limits: Limits) -> None:
        self._limits = limits
        self.encoding = encoding_of(file)
        file.seek(0)
        self._text = io.TextIOWrapper(file, encoding=self.encoding, errors="replace", newline="")
        start = self._text.read(PEEK)
        self._skip = 1 if re.match(r"sep=.[\r\n]", start) else 0
        self.separator = start[4] if self._skip else separator_of(start)
        self._text.seek(0)

    def rows(self) -> Iterator[tuple[int, list[Cell]]]:
        """Give the number of each row as an office program counts it, and its cells.

        Raises:
            FileRefusedError: the quotes do not match, or the bytes are no text.
        """
        csv.field_size_limit(self._limits.cell * 4)
        reader = csv.reader(self._text, delimiter=self.separator, strict=True)
        number = 0
        try:
            for cells in reader:
                number += 1
                if any(_UNREADABLE in cell for cell in cells):
                    raise FileRefusedError(
                        "The letters of row %(row)s cannot be read. Save the file as CSV UTF-8.",
                        row=number,
                    )
                if number > self._skip:
                    yield number, list(cells)
        except csv.Error:
            raise FileRefusedError(
                "The quotes around the cells of row %(row)s do not match, or a cell is too long.",
                row=number + 1,
            ) from None


def encoding_of(file: BinaryIO) -> str:
    """Name the encoding: a mark, UTF-8 if all of it is, else one of the old code pages."""
    start = file.read(PEEK)
    if start.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if wide := looks_like_utf_16(start):
        return wide
    file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while piece := file.read(_PIECE):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        file.seek(0)
        return _code_page(file.read(16 * _PIECE))
    return "utf-8"


def _code_page(text: bytes) -> str:
    """Tell Cyrillic, whose words are high bytes throughout, from Latin with a few among them."""
    words = _HIGH_WORD.findall(text)
    high = sum(byte >= 0x80 for word in words for byte in word)
    letters = sum(map(len, words)) or 1
    return "cp1251" if high / letters > 0.6 else "cp1254"


def separator_of(start: str) -> str:
    """Name the separator that stands most often in the first line, outside quotes."""
    line = next((line for line in start.splitlines() if line.strip()), "")
    bare = re.sub(r'"[^"]*"', "", line)
    return max(SEPARATORS, key=lambda each: (bare.count(each), each == ","))
