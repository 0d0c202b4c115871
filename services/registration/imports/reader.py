"""A process of its own that reads one file, so that a hostile one harms nothing else.

`python -m services.registration.imports.reader` takes a line of JSON and the file on standard
input and writes JSON lines: `headers`; then, after a line that says what they mean, `row` …,
`family` …, `end`; or `refused`, `unmapped`.
"""

import io
import json
import os
import resource
import sys
from collections.abc import Callable, Iterator
from typing import Any

from services.registration.imports import columns
from services.registration.imports.cells import Cell, text_of
from services.registration.imports.checking import CheckedFamily, CheckedRow, Checker, Faults
from services.registration.imports.domain import CSV, FileRefusedError, Limits
from services.registration.imports.files import PEEK, kind_of
from services.registration.imports.sheets import Sheet
from services.registration.imports.workbooks import Workbook

Line = dict[str, Any]


def main() -> None:
    """Read the job and the file, and write what was found."""
    take, give = sys.stdin.buffer, sys.stdout
    job = json.loads(take.readline())
    limits = Limits(**job["limits"])
    # What a file makes a parser ask for beyond this fails here, not in the service.
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.seconds, limits.seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(5)

    def planned() -> Line:
        give.flush()
        plan: Line = json.loads(take.readline())
        return plan

    for line in read(io.BytesIO(take.read(job["size"])), planned, limits):
        give.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
    give.flush()


def read(file: io.BytesIO, planned: Callable[[], Line], limits: Limits) -> Iterator[Line]:
    """Read and check a file; `planned` is asked for mapping and constants after the headers."""
    try:
        yield from _read(file, planned, limits)
    except FileRefusedError as refused:
        fault = refused.fault
        yield {"kind": "refused", "message": fault.message, "about": dict(fault.about)}
    except MemoryError:
        message = "The file takes more memory or time to read than it may. Split it."
        yield {"kind": "refused", "message": message, "about": {}}


def _read(file: io.BytesIO, planned: Callable[[], Line], limits: Limits) -> Iterator[Line]:
    kind = kind_of(file.read(PEEK))
    file.seek(0)
    table = Sheet(file, limits) if kind == CSV else Workbook(file, limits)
    rows = _filled(table.rows(), limits)
    first = next(rows, None)
    if first is None:
        raise FileRefusedError("The file is empty.")
    headers = _headers(first[1], limits)
    yield {
        "kind": "headers",
        "headers": headers,
        "format": kind,
        "encoding": table.encoding,
        "separator": table.separator,
        "mapping": columns.guess(headers),
    }
    plan = planned()
    mapping, constants = plan["mapping"], plan["constants"]
    if missing := columns.missing(mapping, constants):
        yield {"kind": "unmapped", "missing": missing}
        return
    checker, count = Checker(headers, mapping, constants, limits), 0
    for number, cells in rows:
        count += 1
        if count > limits.rows:
            raise FileRefusedError(
                "The list has more than %(limit)s rows. Split it.", limit=limits.rows
            )
        yield _row_line(checker.row(number, cells))
    if not count:
        raise FileRefusedError("The file has headers, but no rows.")
    yield from map(_family_line, checker.families())
    yield {"kind": "end", "rows": count}


def _filled(
    rows: Iterator[tuple[int, list[Cell]]], limits: Limits
) -> Iterator[tuple[int, list[Cell]]]:
    for number, cells in rows:
        if len(cells) > limits.columns:
            raise FileRefusedError(
                "Row %(row)s has more than %(limit)s columns.", row=number, limit=limits.columns
            )
        if any(cell not in (None, "") and text_of(cell) for cell in cells):
            yield number, cells


def _headers(cells: list[Cell], limits: Limits) -> list[str]:
    headers = [text_of(cell) for cell in cells]
    while headers and not headers[-1]:
        headers.pop()
    seen: dict[str, int] = {}
    for place, header in enumerate(headers, start=1):
        if len(header) > 200 or any(ord(letter) < 32 and letter != "\n" for letter in header):
            raise FileRefusedError("The header of column %(column)s cannot be read.", column=place)
        first = seen.setdefault(columns.plain(header), place) if header else place
        if first != place:
            raise FileRefusedError(
                "Columns %(first)s and %(second)s have the same header. Rename one of them.",
                first=first,
                second=place,
            )
    return headers


def _row_line(row: CheckedRow) -> Line:
    return {
        "kind": "row",
        "row": row.number,
        "family": row.family,
        "cells": row.cells,
        "person": row.person,
        "faults": _faults(row.faults),
    }


def _family_line(family: CheckedFamily) -> Line:
    return {
        "kind": "family",
        "family": family.number,
        "first_row": family.first_row,
        "good": family.good,
        "values": family.values,
        "digests": family.digests,
        "rows": family.rows,
        "faults": [
            [row, name, fault.message, dict(fault.about)] for row, name, fault in family.faults
        ],
    }


def _faults(faults: Faults) -> list[list[Any]]:
    return [[name, fault.message, dict(fault.about)] for name, fault in faults]


if __name__ == "__main__":
    main()
