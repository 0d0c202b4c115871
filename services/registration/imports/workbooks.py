"""Reading XLSX (ECMA-376): the package is checked before anything is unpacked."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from services.registration.imports.cells import Cell
from services.registration.imports.domain import FileRefusedError, Limits

_PIECE = 1 << 20
_CELL = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Za-z]{1,3})([0-9]{1,7})"')
_DECLARATION = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
_LONGEST_TAG = 512
# What zipfile raises for packages that are damaged, encrypted or packed in ways it does not know.
_BROKEN = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
)


class Workbook:
    """The rows of the first visible sheet of a workbook."""

    encoding = None
    separator = None

    def __init__(self, file: BinaryIO, limits: Limits) -> None:
        check_package(file, limits)
        file.seek(0)
        try:
            book = CalamineWorkbook.from_filelike(file)
            self._sheet = book.get_sheet_by_name(_first_visible(book))
        except CalamineError as failure:
            raise _broken() from failure

    def rows(self) -> Iterator[tuple[int, list[Cell]]]:
        """Give the number of each row as Excel counts it, and its cells.

        Cells are values: a formula is what it came to when the file was saved.
        """
        start = self._sheet.start
        if start is None:
            return
        # What stands left of the first used column would shift no header: rows begin at it.
        for number, cells in enumerate(self._sheet.iter_rows(), start=1):
            yield number, list(cells)  # type: ignore[arg-type]


def check_package(file: BinaryIO, limits: Limits) -> None:
    """Check what a workbook would unpack to.

    Raises:
        FileRefusedError: it is broken, a zip bomb, declares entities, or spans too many cells.
    """
    try:
        with zipfile.ZipFile(file) as package:
            entries = package.infolist()
            _check_sizes(entries, limits)
            if not any(entry.filename.lower() == "xl/workbook.xml" for entry in entries):
                raise FileRefusedError("This is a zip archive, not a CSV or XLSX file.")
            for entry in entries:
                if entry.filename.lower().endswith((".xml", ".rels", ".vml")):
                    _check_entry(package, entry, limits)
    except _BROKEN as failure:
        raise _broken() from failure


def _check_sizes(entries: list[zipfile.ZipInfo], limits: Limits) -> None:
    expanded = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries) or 1
    bomb = (
        len(entries) > limits.entries
        or expanded > limits.expanded
        or (expanded > 10_000_000 and expanded / packed > limits.ratio)
    )
    if bomb:
        raise _too_large()


def _check_entry(package: zipfile.ZipFile, entry: zipfile.ZipInfo, limits: Limits) -> None:
    """Unpack an entry in pieces: what its directory says of its size may be a lie."""
    is_sheet = entry.filename.lower().startswith("xl/worksheets/")
    seen, tail = 0, b""
    with package.open(entry) as unpacked:
        while piece := unpacked.read(_PIECE):
            seen += len(piece)
            if seen > limits.expanded:
                raise _too_large()
            text = tail + piece
            if _DECLARATION.search(text):
                raise FileRefusedError(
                    "The workbook declares entities, which no office program does."
                )
            if is_sheet:
                _check_span(text, limits)
            tail = text[-_LONGEST_TAG:]


def _check_span(text: bytes, limits: Limits) -> None:
    for column, row in set(_CELL.findall(text)):
        if _column_number(column) > limits.columns:
            raise FileRefusedError(
                "The list has more than %(limit)s columns (there is a cell %(cell)s).",
                limit=limits.columns,
                cell=f"{column.decode()}{row.decode()}",
            )
        if int(row) > limits.rows + 1_000:
            raise FileRefusedError(
                "The list has more than %(limit)s rows (there is a cell %(cell)s). Split it.",
                limit=limits.rows,
                cell=f"{column.decode()}{row.decode()}",
            )


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _first_visible(book: CalamineWorkbook) -> str:
    for sheet in book.sheets_metadata:
        if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet:
            return sheet.name
    raise FileRefusedError("The workbook has no sheet to read.")


def _broken() -> FileRefusedError:
    return FileRefusedError(
        "The workbook is broken. Open it in the program it comes from, save it and upload it again."
    )


def _too_large() -> FileRefusedError:
    return FileRefusedError("The workbook unpacks to more than may be read. Split the list.")
