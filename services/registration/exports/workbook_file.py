"""XLSX (ECMA-376), streamed: every cell is text, so nothing is calculated and a phone stays one.

Written here because the libraries keep a whole sheet, in memory or on the disk, until it is done;
ours holds one piece of it.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from typing import IO
from xml.sax.saxutils import escape

MOST_ROWS = 1_000_000
"""Rows of one sheet; what is more goes on in the next one (a sheet has 1,048,576 at most)."""

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LONGEST_CELL = 32_767


class WorkbookFile:
    """A workbook, written piece by piece."""

    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    ending = "xlsx"

    def __init__(self, most_rows: int = MOST_ROWS) -> None:
        self._sent = _Sent()
        self._package = zipfile.ZipFile(self._sent, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self._most_rows = most_rows
        self._sheets = 0
        self._rows = 0
        self._sheet = self._next_sheet()

    def write(self, rows: Iterable[Sequence[str]]) -> bytes:
        """Write rows and give what is to be sent of them."""
        lines: list[str] = []
        for row in rows:
            if self._rows == self._most_rows:
                self._sheet.write("".join(lines).encode())
                lines = []
                self._end_sheet()
                self._sheet = self._next_sheet()
            self._rows += 1
            lines.append(f"<row>{''.join(map(_cell, row))}</row>")
        self._sheet.write("".join(lines).encode())
        return self._sent.taken()

    def end(self) -> bytes:
        """Give what is left: the end of the sheet and the parts that name it."""
        self._end_sheet()
        numbers = range(1, self._sheets + 1)
        for name, text in _parts(numbers).items():
            self._package.writestr(name, _HEAD + text)
        self._package.close()
        return self._sent.taken()

    def _next_sheet(self) -> IO[bytes]:
        self._sheets += 1
        self._rows = 0
        sheet = self._package.open(f"xl/worksheets/sheet{self._sheets}.xml", "w", force_zip64=True)
        sheet.write(f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
        return sheet

    def _end_sheet(self) -> None:
        self._sheet.write(b"</sheetData></worksheet>")
        self._sheet.close()


class _Sent(io.RawIOBase):
    """What a zip is written to that is on its way already: it only ever goes on."""

    def __init__(self) -> None:
        self._pieces = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._pieces.extend(data)
        return len(data)

    def taken(self) -> bytes:
        pieces = bytes(self._pieces)
        self._pieces.clear()
        return pieces


def _cell(text: str) -> str:
    if not text:
        return "<c/>"
    kept = escape(_UNWRITABLE.sub("", text)[:_LONGEST_CELL])
    return f'<c t="inlineStr"><is><t xml:space="preserve">{kept}</t></is></c>'


def _parts(numbers: range) -> dict[str, str]:
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml" '
        f'ContentType="{_SHEET_TYPE}.worksheet+xml"/>'
        for number in numbers
    )
    sheets = "".join(f'<sheet name="{n}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers)
    relations = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/worksheet" '
        f'Target="worksheets/sheet{number}.xml"/>'
        for number in numbers
    )
    return {
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
        f"<sheets>{sheets}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_RELATIONS}">{relations}'
        "</Relationships>",
        "_rels/.rels": f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "[Content_Types].xml": f'<Types xmlns="{_TYPES}"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/xl/workbook.xml" '
        f'ContentType="{_SHEET_TYPE}.sheet.main+xml"/>{types}</Types>',
    }
