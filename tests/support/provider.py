"""An SMS provider that takes everything and keeps the headers it was called with."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Provider:
    """The posts that came to `url`, each with its body and headers (names in lower case)."""

    url: str = ""
    posts: list[tuple[dict[str, Any], dict[str, str]]] = field(default_factory=list)

    def traced(self, phone: str, trace: str) -> list[str]:
        """The traceparents, of one trace, of the posts for a phone."""
        return [headers["traceparent"] for _, headers in self._posts(phone, trace)]

    def ids(self, phone: str, trace: str) -> list[str]:
        """The ids of the same posts."""
        return [body["id"] for body, _ in self._posts(phone, trace)]

    def _posts(self, phone: str, trace: str) -> list[tuple[dict[str, Any], dict[str, str]]]:
        posts = [(body, headers) for body, headers in self.posts if body["to"] == phone]
        return [each for each in posts if each[1]["traceparent"].split("-")[1] == trace]

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take texts while inside."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            headers = {name.lower(): value for name, value in self.headers.items()}
            provider.posts.append((body, headers))
            answer = json.dumps({"reference": f"r-{len(provider.posts)}"}).encode()
            self.send_response(202)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            pass

    return Handler
