"""Logs: JSON lines on standard output, each with its cause; none ever holds personal data.

Our own lines hold ids and words of ours. What a library says is cut down to its template and the
numbers in it, and what failed is told by `describe`, since both could quote a value.
"""

import asyncio
import logging
import sys
import threading
from types import TracebackType
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from shared.observability import describe, first_line, where, without_values
from shared.tracing import cause_at_hand

log = structlog.get_logger()

_detailed = False


def configure_logging(service: str, level: str) -> None:
    """Log JSON lines, library logs from WARNING and uncaught failures too, naming the service."""
    global _detailed  # noqa: PLW0603  one log a process
    number = logging.getLevelNamesMapping()[level]
    _detailed = number <= logging.DEBUG

    def name_service(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        return {**event, "service": service}

    shared: list[Processor] = [
        _name_cause,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        name_service,
    ]
    to_json = structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        processors=[*shared, to_json],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_cut_down, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, to_json],
            use_get_message=False,
            pass_foreign_args=True,
        )
    )
    logging.basicConfig(level=max(logging.WARNING, number), handlers=[handler], force=True)
    logging.captureWarnings(True)
    sys.excepthook = _on_uncaught
    sys.unraisablehook = lambda given: _say("unraisable", given.exc_value)
    threading.excepthook = lambda given: _say("thread_failed", given.exc_value)


def detailed() -> bool:
    """Tell whether lines about each single message are wanted (DEBUG): making them costs."""
    return _detailed


def log_failures_of(loop: asyncio.AbstractEventLoop) -> None:
    """Log what no task of this loop took care of; asyncio's own words quote the exception."""
    loop.set_exception_handler(_on_loop_failure)


def _on_loop_failure(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    _say("task_failed", context.get("exception"), said=without_values(context["message"]))


def _on_uncaught(
    kind: type[BaseException], failure: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    _say("uncaught", failure.with_traceback(trace))


def _say(event: str, failure: BaseException | None, **more: str) -> None:
    if failure is not None:
        more |= {"error": describe(failure), "where": where(failure)}
    log.error(event, **more)


def _name_cause(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    cause = cause_at_hand()
    if cause is not None:
        event.setdefault("correlation_id", cause.correlation_id)
        event.setdefault("trace_id", cause.trace_id)
    return event


def _cut_down(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    template, given = first_line(str(event["event"])), event.pop("positional_args", ())
    cut = {**event, "event": _filled(without_values(template), given)}
    cut["logger"] = event["_record"].name
    cut.pop("stack_info", None)
    _, failure, _ = cut.pop("exc_info", None) or (None, None, None)
    if isinstance(failure, BaseException):
        cut |= {"error": describe(failure), "where": where(failure)}
    return cut


def _filled(template: str, given: Any) -> str:
    if not isinstance(given, tuple) or not given:
        return template
    kept = tuple(each if isinstance(each, int | float | None) else "…" for each in given)
    try:
        return template % kept
    except (TypeError, ValueError):
        return template
