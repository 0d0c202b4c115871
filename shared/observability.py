"""Logs and metrics; neither ever holds personal data."""

import logging
import re
import sys
import traceback

import structlog
from prometheus_client import Counter, Gauge, Histogram
from pydantic import ValidationError
from structlog.typing import EventDict, Processor, WrappedLogger

from shared.tracing import cause_at_hand

RELAY_PUBLISHED = Counter(
    "qayidis_relay_published_messages", "Messages that the broker confirmed.", ["service"]
)
RELAY_FAILURES = Counter(
    "qayidis_relay_failures", "Times the relay had to start again.", ["service"]
)
OUTBOX_WAITING = Gauge(
    "qayidis_outbox_waiting_messages", "Messages not published yet.", ["service"]
)
OUTBOX_AGE = Gauge(
    "qayidis_outbox_oldest_age_seconds", "Age of the oldest message not published.", ["service"]
)
INBOX_HANDLED = Counter(
    "qayidis_inbox_messages",
    "Messages by what became of them: handled, seen (a repeat), retried, parked.",
    ["queue", "outcome"],
)
HTTP_SECONDS = Histogram(
    "qayidis_http_request_duration_seconds",
    "Time to answer, by route and status.",
    ["service", "method", "route", "status"],
)
LOOP_FAILURES = Counter(
    "qayidis_loop_failures", "Unexpected failures of a background loop.", ["loop"]
)
SPANS = Counter("qayidis_trace_spans", "Spans by what became of them: exported, lost.", ["outcome"])


def configure_logging(service: str, level: str) -> None:
    """Log JSON lines to standard output, library logs too, each naming the service."""
    number = logging.getLevelNamesMapping()[level]

    def name_service(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        return {**event, "service": service}

    shared: list[Processor] = [
        _name_cause,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        name_service,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(ensure_ascii=False)],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _without_traceback],
            processor=structlog.processors.JSONRenderer(ensure_ascii=False),
        )
    )
    logging.basicConfig(level=max(logging.WARNING, number), handlers=[handler], force=True)


def describe(failure: BaseException) -> str:
    """Say what failed without the values it failed on: those may be personal.

    A validation failure is told by field and rule, a database's by its first line, whose details
    (`DETAIL: Key (fin)=…`) stand in the lines behind.
    """
    if isinstance(failure, ValidationError):
        rules = (f"{_path(error['loc'])}: {error['msg']}" for error in failure.errors())
        return f"ValidationError: {'; '.join(rules)}"
    cause = getattr(failure, "orig", None)
    if isinstance(cause, BaseException):
        return f"{type(failure).__name__}: {_first_line(cause)}"
    return f"{type(failure).__name__}: {_first_line(failure)}"


def where(failure: BaseException) -> str:
    """Name the place in our own code that failed: `module.py:line function`."""
    frames = traceback.extract_tb(failure.__traceback__)
    ours = [frame for frame in frames if "site-packages" not in frame.filename]
    if not ours:
        return "unknown"
    last = ours[-1]
    return f"{'/'.join(last.filename.split('/')[-3:])}:{last.lineno} {last.name}"


def _path(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location) or "body"


# Postgres and asyncpg quote the value that they could not read, behind a colon.
_QUOTED_VALUE = re.compile(r"(invalid input [^:]*|value out of range[^:]*|malformed [^:]*): .*")


def _first_line(failure: BaseException) -> str:
    line = (str(failure).splitlines() or [""])[0]
    return _QUOTED_VALUE.sub(r"\1", line)[:300]


def _name_cause(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    cause = cause_at_hand()
    if cause is not None:
        event.setdefault("correlation_id", cause.correlation_id)
        event.setdefault("trace_id", cause.trace_id)
    return event


def _without_traceback(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    event.pop("exc_info", None)
    return event
