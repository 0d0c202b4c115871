"""`python -m deploy.local.handset`: listen until SIGTERM or Ctrl-C."""

import asyncio
import logging
import socket
from types import FrameType

import uvicorn
import uvloop

from deploy.local.handset.app import make_app
from deploy.local.handset.config import Settings
from shared.settings import load, stop


class _Server(uvicorn.Server):
    """A server whose open pages end at once when it is told to stop, not when they are closed."""

    def __init__(self, config: uvicorn.Config, stopping: asyncio.Event) -> None:
        super().__init__(config)
        self._stopping = stopping
        self._loop = asyncio.get_running_loop()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        super().handle_exit(sig, frame)


def main() -> None:
    """Read the settings and run. A wrong setting or an occupied port: one line, exit 2."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    settings = load(Settings)
    http = _listen("HANDSET_PORT", settings.host, settings.port)
    smtp = _listen("HANDSET_SMTP_PORT", settings.host, settings.smtp_port)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings, http, smtp))


async def _serve(settings: Settings, http: socket.socket, smtp: socket.socket) -> None:
    stopping = asyncio.Event()
    config = uvicorn.Config(
        make_app(settings, smtp, stopping),
        http="httptools",
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=2,
    )
    logging.getLogger("handset").info(
        "page and SMS API on http://%s:%d, SMTP on port %d",
        settings.host,
        settings.port,
        settings.smtp_port,
    )
    await _Server(config, stopping).serve(sockets=[http])


def _listen(variable: str, host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        # Python's own text says the address a second time.
        reason = (error.strerror or str(error)).partition(" (while")[0]
        stop(f"{variable}: cannot listen on {host}:{port}: {reason}")
    listening.setblocking(False)
    return listening


if __name__ == "__main__":
    main()
