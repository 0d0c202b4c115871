"""A collector of traces: OTLP over HTTP, as the services send it, kept for a test to look at."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from google.protobuf.text_format import MessageToString
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.support.waiting import eventually


@dataclass(frozen=True)
class Seen:
    """One span as it was exported; `parent` is empty for the first of a trace."""

    service: str
    name: str
    kind: str
    trace: str
    id: str
    parent: str
    attributes: dict[str, Any]
    resource: dict[str, Any]
    failed: bool


@dataclass
class Collector:
    """What was exported to `url`; `raw` is every request as text, with all its fields.

    `strays` are the paths of what is no trace.
    """

    port: int = 0
    spans: list[Seen] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    strays: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The base URL to export to."""
        return f"http://127.0.0.1:{self.port}"

    def of(self, trace: str) -> list[Seen]:
        """The spans of one trace, as they came."""
        return [span for span in self.spans if span.trace == trace]

    async def until(self, trace: str, found: Callable[[list[Seen]], bool]) -> list[Seen]:
        """Wait until what came of a trace is enough."""

        async def look() -> list[Seen]:
            spans = self.of(trace)
            assert found(spans), [(span.service, span.name) for span in spans]
            return spans

        return await eventually(look)

    def take(self, body: bytes, headers: dict[str, str]) -> None:
        """Take one export."""
        request = ExportTraceServiceRequest.FromString(body)
        self.raw.append(MessageToString(request, as_utf8=True))
        self.headers.append(headers)
        for exported in request.resource_spans:
            resource = _values(exported.resource.attributes)
            for scope in exported.scope_spans:
                self.spans += [_seen(span, resource) for span in scope.spans]

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Listen while inside, again on the same port the next time."""
        server = ThreadingHTTPServer(("127.0.0.1", self.port), _handler(self))
        self.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def _handler(collector: Collector) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == "/v1/traces":
                collector.take(body, {name.lower(): value for name, value in self.headers.items()})
            else:
                collector.strays.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.end_headers()
            self.wfile.write(ExportTraceServiceResponse().SerializeToString())

        def log_message(self, *_: Any) -> None:
            pass

    return Handler


def _seen(span: Span, resource: dict[str, Any]) -> Seen:
    return Seen(
        service=resource["service.name"],
        name=span.name,
        kind=Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_").lower(),
        trace=span.trace_id.hex(),
        id=span.span_id.hex(),
        parent=span.parent_span_id.hex(),
        attributes=_values(span.attributes),
        resource=resource,
        failed=span.status.code == 2,
    )


def _values(attributes: Any) -> dict[str, Any]:
    return {
        each.key: getattr(each.value, each.value.WhichOneof("value") or "string_value")
        for each in attributes
    }
