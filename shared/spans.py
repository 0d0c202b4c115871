"""Spans: what is done for a cause, timed, for whoever collects traces (OpenTelemetry).

Off until `record_with` is told of a tracer; then nothing is made and nothing measured. A span
holds ids, names of our own and numbers: never an address, a query, a body or an error's text.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from opentelemetry import trace
from opentelemetry.trace import (
    INVALID_SPAN,
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    Tracer,
)

from shared.tracing import Cause, working_for

CLIENT, CONSUMER, INTERNAL = SpanKind.CLIENT, SpanKind.CONSUMER, SpanKind.INTERNAL
PRODUCER, SERVER = SpanKind.PRODUCER, SpanKind.SERVER

CORRELATION = "qayidis.correlation_id"

Attributes = Mapping[str, str | int]

_tracer: Tracer | None = None


def record_with(tracer: Tracer | None) -> None:
    """Record spans from now on with this tracer; None turns it off."""
    global _tracer  # noqa: PLW0603  one tracer a process, like one log
    _tracer = tracer


def recording() -> bool:
    """Tell whether spans are made at all."""
    return _tracer is not None


@dataclass(frozen=True, slots=True)
class Begun:
    """A span under way, and the cause of what happens within: the same, with it as the parent."""

    span: Span
    cause: Cause

    def end(self, failure: BaseException | None = None) -> None:
        """End the span; a failure is told by its type, since its text may be personal."""
        if failure is not None:
            name = type(failure).__name__
            self.span.set_attribute("error.type", name)
            self.span.set_status(Status(StatusCode.ERROR))
        self.span.end()


def begin(name: str, kind: SpanKind, cause: Cause, attributes: Attributes) -> Begun:
    """Begin a span for a cause; whoever begins it ends it."""
    if _tracer is None:
        return Begun(INVALID_SPAN, cause)
    parent = trace.set_span_in_context(NonRecordingSpan(_context(cause)))
    own = {CORRELATION: cause.correlation_id, **attributes}
    span = _tracer.start_span(name, parent, kind, own)
    context = span.get_span_context()
    if not context.is_valid:  # OTEL_SDK_DISABLED
        return Begun(span, cause)
    return Begun(span, replace(cause, traceparent=_traceparent(context), begins=False))


@contextmanager
def span(
    name: str, kind: SpanKind, cause: Cause, attributes: Attributes | None = None
) -> Iterator[Span]:
    """Work for a cause inside a span of its own."""
    begun = begin(name, kind, cause, attributes or {})
    try:
        with working_for(begun.cause):
            yield begun.span
    except BaseException as failure:
        begun.end(failure)
        raise
    begun.end()


def _context(cause: Cause) -> SpanContext:
    if cause.begins:
        return trace.INVALID_SPAN_CONTEXT
    _, trace_id, span_id, flags = cause.traceparent.split("-")
    return SpanContext(
        int(trace_id, 16), int(span_id, 16), is_remote=True, trace_flags=TraceFlags(int(flags, 16))
    )


def _traceparent(context: SpanContext) -> str:
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"
