"""The service's end of the reader process: the file in, its lines out, both in pieces."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from services.registration.imports.domain import FileRefusedError, Limits

LONGEST_LINE = 16_000_000

Line = dict[str, Any]


class ReaderFailedError(Exception):
    """The reader died in a way that no file should make it die."""


class Reader:
    """One file being read; `lines` may be asked for once, after the plan was sent."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, limits: Limits, size: int, pieces: AsyncIterator[bytes]) -> "Reader":
        """Start the process and hand it the file."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",  # nothing of the service's environment, its secrets least of all
            "-m",
            "services.registration.imports.reader",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            limit=LONGEST_LINE,
            env={"LANG": "C.UTF-8"},
        )
        reader = cls(process)
        try:
            await reader._send({"limits": asdict(limits), "size": size})
            async for piece in pieces:
                await reader._write(piece)
        except BaseException:
            await reader.stop()
            raise
        return reader

    async def headers(self) -> Line:
        """Wait for the headers, and what they are guessed to mean.

        Raises:
            FileRefusedError: the file cannot be read.
        """
        return await self._line()

    async def plan(self, mapping: object, constants: object) -> None:
        """Say which field stands under which header."""
        await self._send({"mapping": mapping, "constants": constants})

    async def lines(self) -> AsyncIterator[Line]:
        """Give rows, then families, until the end.

        Raises:
            FileRefusedError: the file cannot be read to its end.
        """
        while True:
            line = await self._line()
            yield line
            if line["kind"] in {"end", "unmapped"}:
                return

    async def stop(self) -> None:
        """End the process, whatever it does."""
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()

    async def _line(self) -> Line:
        assert self._process.stdout is not None  # noqa: S101  it was asked for
        text = await self._process.stdout.readline()
        if not text:
            raise _died(await self._process.wait())
        line: Line = json.loads(text)
        if line["kind"] == "refused":
            raise FileRefusedError(line["message"], **line["about"])
        return line

    async def _send(self, line: Line) -> None:
        await self._write(json.dumps(line).encode() + b"\n")

    async def _write(self, data: bytes) -> None:
        assert self._process.stdin is not None  # noqa: S101  it was asked for
        with suppress(ConnectionError):  # it refused the file already: its lines say why
            self._process.stdin.write(data)
            await self._process.stdin.drain()


def _died(code: int) -> Exception:
    """A limit of memory or time ends the process from outside (SIGABRT, SIGKILL, SIGXCPU, …)."""
    if code < 0:
        return FileRefusedError("The file takes more memory or time to read than it may. Split it.")
    return ReaderFailedError(f"the reader ended with code {code}")
