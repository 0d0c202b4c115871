"""Which kind of file was uploaded: told by its first bytes, never by its name."""

from services.registration.imports.domain import CSV, XLSX, FileRefusedError

PEEK = 4096
"""Bytes that are looked at."""

_PROGRAM = "This is a program, not a CSV or XLSX file."
_PDF = "This is a PDF, not a CSV or XLSX file."
_PICTURE = "This is a picture, not a CSV or XLSX file."
_COMPRESSED = "This is a compressed file, not a CSV or XLSX file."
_DOCUMENT = "This is a text document, not a CSV or XLSX file."
_OTHER_KINDS = {
    b"MZ": _PROGRAM,
    b"\x7fELF": _PROGRAM,
    b"%PDF": _PDF,
    b"\x89PNG": _PICTURE,
    b"\xff\xd8\xff": _PICTURE,
    b"GIF8": _PICTURE,
    b"\x1f\x8b": _COMPRESSED,
    b"BZh": _COMPRESSED,
    b"7z\xbc\xaf": _COMPRESSED,
    b"Rar!": _COMPRESSED,
    b"{\\rtf": _DOCUMENT,
}
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def kind_of(start: bytes) -> str:
    """Tell a CSV file from an XLSX one by the first `PEEK` bytes.

    Raises:
        FileRefusedError: it is neither, or empty.
    """
    if not start.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0"):
        raise FileRefusedError("The file is empty.")
    if start.startswith(_OLD_OFFICE):
        raise FileRefusedError(
            "This is an old .xls workbook, or one with a password. "
            "Save it as .xlsx without a password, or as CSV, and upload it again."
        )
    if start.startswith((_ZIP, _EMPTY_ZIP)):
        if b"mimetypeapplication/vnd.oasis.opendocument" in start[:200]:
            raise FileRefusedError(
                "This is an OpenDocument file. Save it as .xlsx or CSV and upload it again."
            )
        return XLSX
    for magic, message in _OTHER_KINDS.items():
        # A header may well begin with letters such as MZ; text has no NUL.
        if start.startswith(magic) and (b"\0" in start or not magic.isalpha()):
            raise FileRefusedError(message)
    if start.lstrip()[:200].lower().startswith((b"<html", b"<!doctype", b"<?xml", b"<table")):
        raise FileRefusedError("This is a web page, not a CSV or XLSX file.")
    if _is_binary(start):
        raise FileRefusedError("This is not a CSV or XLSX file.")
    return CSV


def _is_binary(start: bytes) -> bool:
    """Tell what is no text by its control characters; UTF-16 has a NUL in every second byte."""
    if start.startswith(_UTF_16) or looks_like_utf_16(start):
        return False
    odd = sum(byte < 32 and byte not in b"\t\r\n\f\x1a" for byte in start)
    return odd > len(start) // 20


def looks_like_utf_16(start: bytes) -> str | None:
    """Name the UTF-16 that a file without a mark is in, by where its NULs stand."""
    half = len(start) // 2
    if half < 4:
        return None
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if odd > half // 2 and even < half // 20:
        return "utf-16-le"
    if even > half // 2 and odd < half // 20:
        return "utf-16-be"
    return None
