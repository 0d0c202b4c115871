"""The file of a `multipart/form-data` body (RFC 7578), given on in pieces as it comes."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email.message import Message

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser

from shared.problems import Problem, invalid

PIECE = 256 * 1024
"""Bytes that are kept at once."""

FIELD = "file"
_LONGEST_NAME = 200
_MOST_FIELDS = 20
_LONGEST_FIELD = 1_000


@dataclass
class Upload:
    """The part named `file` of a body; `name` is known once its first piece was given.

    `fields` are the short parts that came before it.
    """

    content_type: str
    stream: AsyncIterator[bytes]
    name: str = "?"
    fields: dict[str, str] = field(default_factory=dict)
    _buffer: bytearray = field(default_factory=bytearray)
    _headers: dict[str, str] = field(default_factory=dict)
    _header: tuple[bytearray, bytearray] = field(default_factory=lambda: (bytearray(), bytearray()))
    _field: str | None = None
    _taken: bool = False
    _seen: bool = False
    _ended: bool = False

    async def pieces(self) -> AsyncIterator[bytes]:
        """Give the file in pieces of `PIECE` bytes.

        Raises:
            Problem: 422, the body is no multipart, ends too early, or has no file.
        """
        parser = self._parser()
        try:
            async for data in self.stream:
                parser.write(data)
                while len(self._buffer) >= PIECE:
                    yield bytes(self._buffer[:PIECE])
                    del self._buffer[:PIECE]
            parser.finalize()
        except FormParserError:
            raise invalid("body", "is no multipart form") from None
        if not self._ended:
            raise invalid("body", "ends in the middle")
        if not self._seen:
            raise invalid(FIELD, "must be there: the list, as a file")
        if self._buffer:
            yield bytes(self._buffer)

    def _parser(self) -> MultipartParser:
        told = Message()
        told["Content-Type"] = self.content_type
        boundary = told.get_param("boundary")
        if told.get_content_type() != "multipart/form-data" or not isinstance(boundary, str):
            raise Problem(
                422, "invalid", "Send the file as multipart/form-data, in a part named `file`."
            )
        try:
            return MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin,
                    "on_header_field": lambda data, start, end: self._header[0].extend(
                        data[start:end]
                    ),
                    "on_header_value": lambda data, start, end: self._header[1].extend(
                        data[start:end]
                    ),
                    "on_header_end": self._end_header,
                    "on_headers_finished": self._look,
                    "on_part_data": self._data,
                    "on_end": self._end,
                },
            )
        except (FormParserError, UnicodeEncodeError):
            raise invalid("body", "is no multipart form") from None

    def _begin(self) -> None:
        self._headers = {}
        self._header = (bytearray(), bytearray())

    def _end_header(self) -> None:
        name, value = (bytes(each).decode("utf-8", "replace") for each in self._header)
        self._headers[name.lower()] = value
        self._header = (bytearray(), bytearray())

    def _look(self) -> None:
        told = Message()
        told["Content-Disposition"] = self._headers.get("content-disposition", "")
        name = told.get_param("name", header="Content-Disposition")
        self._field = None
        if isinstance(name, str) and name != FIELD and len(self.fields) < _MOST_FIELDS:
            self._field = name
            self.fields[name] = ""
        self._taken = name == FIELD and not self._seen
        if self._taken:
            self._seen = True
            self.name = plain_name(told.get_filename() or "?")

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._taken:
            self._buffer.extend(data[start:end])
        elif self._field is not None and len(self.fields[self._field]) < _LONGEST_FIELD:
            self.fields[self._field] += data[start:end].decode("utf-8", "replace")

    def _end(self) -> None:
        self._ended = True


def plain_name(name: str) -> str:
    """Take the last part of a file's name, without what a page or a header could not take."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(letter for letter in last if letter.isprintable()).strip()
    return kept[-_LONGEST_NAME:] or "?"
