"""An SMS provider that answers after 20 ms and costs as little processor time as can be.

Run as a process of its own: `python -m tests.bench.provider PORT`. `GET /` answers one line a
text: the notification's id and when it was called (seconds of the system's monotonic clock).
"""

import asyncio
import json
import sys
import time
from typing import cast

ANSWER_AFTER = 0.02
_ACCEPTED = b'{"reference":"r"}'


class Provider(asyncio.Protocol):
    """One connection; requests come one after the other."""

    calls: list[tuple[str, float]] = []  # noqa: RUF012  shared by all connections on purpose

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection."""
        self._transport = cast(asyncio.Transport, transport)
        self._received = b""

    def data_received(self, data: bytes) -> None:
        """Read one request, whole or in pieces."""
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found:
            return
        if head.startswith(b"GET"):
            self._received = b""
            self._answer("\n".join(f"{id_} {at}" for id_, at in self.calls).encode())
            return
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        if len(body) < length:
            return
        self._received = body[length:]
        self.calls.append((json.loads(body[:length])["to"], time.monotonic()))
        asyncio.get_running_loop().call_later(ANSWER_AFTER, self._answer, _ACCEPTED)

    def _answer(self, body: bytes) -> None:
        head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}"
        self._transport.write(f"{head}\r\n\r\n".encode() + body)


async def serve(port: int) -> None:
    """Answer for ever."""
    server = await asyncio.get_running_loop().create_server(Provider, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    import uvloop

    uvloop.run(serve(int(sys.argv[1])))
