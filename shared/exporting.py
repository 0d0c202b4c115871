"""Sending spans to a collector by OTLP over HTTP, in the background and within bounds."""

import asyncio
import logging
import os
import socket
import threading
import time
from collections.abc import Mapping, Sequence

import requests
import structlog
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

from shared import spans
from shared.metrics import SPANS

log = structlog.get_logger()

WAITING = 4096
"""Most spans in memory; what comes when that many wait for a collector is let go."""

_BATCH = 512
_SECONDS = 5.0
_LAST_SECONDS = 3.0
_SAY_AGAIN = 3600.0


class Traces:
    """The spans of one process, on their way to a collector."""

    def __init__(
        self,
        service: str,
        version: str,
        *,
        url: str,
        headers: Mapping[str, str],
        ratio: float,
    ) -> None:
        """Prepare; `url` is the collector's base URL, `ratio` the share of new traces kept.

        A trace that somebody else began is kept or left as its traceparent says.
        """
        # Its own words come with every batch; ours come once.
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
        resource = Resource.create(
            {
                "service.name": service,
                "service.version": version,
                "service.instance.id": f"{socket.gethostname()}:{os.getpid()}",
            }
        )
        exporter = _Exporter(f"{url.rstrip('/')}/v1/traces", headers)
        self._provider = TracerProvider(
            sampler=ParentBased(TraceIdRatioBased(ratio)), resource=resource, shutdown_on_exit=False
        )
        self._provider.add_span_processor(
            BatchSpanProcessor(
                exporter,
                max_queue_size=WAITING,
                max_export_batch_size=_BATCH,
                schedule_delay_millis=1000,
            )
        )
        # Not the global one: libraries would begin to trace addresses and queries with it.
        spans.record_with(self._provider.get_tracer("qayidis", version))

    async def stop(self) -> None:
        """Send what waits, but for no longer than a few seconds."""
        spans.record_with(None)
        last = threading.Thread(target=self._provider.shutdown, daemon=True)
        last.start()
        await asyncio.to_thread(last.join, _LAST_SECONDS)


class _Exporter(SpanExporter):
    """The exporter, counting, and saying once when the collector goes and comes back."""

    def __init__(self, endpoint: str, headers: Mapping[str, str]) -> None:
        session = requests.Session()
        # Straight to the collector, whatever proxy the machine has for the world outside.
        session.trust_env = False
        self._inner = OTLPSpanExporter(
            endpoint, headers=dict(headers), timeout=_SECONDS, session=session
        )
        self._said = -_SAY_AGAIN
        self._away = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = self._inner.export(spans)
        taken = result is SpanExportResult.SUCCESS
        SPANS.labels("exported" if taken else "lost").inc(len(spans))
        if taken and self._away:
            self._away = False
            log.info("traces_taken_again")
        if not taken and time.monotonic() - self._said > _SAY_AGAIN:
            self._said = time.monotonic()
            self._away = True
            log.warning("traces_not_taken", lost=len(spans))
        return result

    def shutdown(self) -> None:
        self._inner.shutdown()  # type: ignore[no-untyped-call]
