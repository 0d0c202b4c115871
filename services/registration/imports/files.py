"""Which kind of file was uploaded: told by its first bytes, never by its name."""

from services.registration.imports.domain import CSV, XLSX, FileRefusedError

PEEK = 4096
"""Bytes that are looked at."""

_OTHER_KINDS = {
    b"MZ": "a Windows program",
    b"\x7fELF": "a program",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x1f\x8b": "a compressed file",
    b"BZh": "a compressed file",
    b"7z\xbc\xaf": "a compressed file",
    b"Rar!": "a compressed file",
    b"{\\rtf": "a text document",
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
    for magic, name in _OTHER_KINDS.items():
        if start.startswith(magic):
            raise FileRefusedError("This is %(kind)s, not a CSV or XLSX file.", kind=name)
    if start.lstrip()[:200].lower().startswith((b"<html", b"<!doctype", b"<?xml", b"<table")):
        raise FileRefusedError("This is a web page, not a CSV or XLSX file.")
    if _is_binary(start):
        raise FileRefusedError("This is not a CSV or XLSX file.")
    return CSV


def _is_binary(start: bytes) -> bool:
    """Tell text from what only looks like a file of lines; UTF-16 has a NUL in every second byte."""
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
