"""What is measured in every service; names and units as Prometheus wants them.

No label holds personal data or grows without a bound. Gauges read from the database or the broker
say the same in every replica of a service: take their `max`, never their `sum`.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from prometheus_client import Counter, Gauge, Histogram
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import SessionTransaction

LONG = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600)
"""Buckets, in seconds, of what takes milliseconds when all is well, and an hour when it is not."""

RELAY_PUBLISHED = Counter(
    "qayidis_relay_published_messages", "Messages that the broker confirmed.", ["service"]
)
RELAY_FAILURES = Counter(
    "qayidis_relay_failures", "Times the relay had to start again.", ["service"]
)
RELAY_LEADING = Gauge(
    "qayidis_relay_leading", "1 while this process publishes for its service.", ["service"]
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
CONSUMER_READING = Gauge(
    "qayidis_consumer_reading",
    "1 while this process reads the queue; 0 too while the broker does not tell of the queue and"
    " its dead letters.",
    ["queue"],
)
QUEUE_WAITING = Gauge(
    "qayidis_queue_messages",
    "Messages in a queue, dead letters' too: ready at the broker, and held by this process.",
    ["queue"],
)
QUEUE_AGE = Gauge(
    "qayidis_queue_oldest_age_seconds",
    "Age of the oldest message that this process holds, from when it happened; where it holds none,"
    " and for dead letters, the time since this process last saw the queue empty.",
    ["queue"],
)
SCRAPE_FAILURES = Counter(
    "qayidis_scrape_failures",
    "Times that something could not be measured; its metrics keep their last values.",
    ["service", "part"],
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
RELAY_LAG = Histogram(
    "qayidis_relay_lag_seconds",
    "Time from the change that a message tells of until the broker confirmed it.",
    ["service"],
    buckets=LONG,
)
INBOX_SECONDS = Histogram(
    "qayidis_inbox_handling_duration_seconds",
    "Time of one transaction that handled a group of messages, or failed.",
    ["queue"],
)
INBOX_AGE = Histogram(
    "qayidis_inbox_message_age_seconds",
    "Age of a message when it was handled, from the change that it tells of.",
    ["queue"],
    buckets=LONG,
)
INBOX_PARKED = Counter(
    "qayidis_inbox_parked_messages",
    "Messages that became dead letters, by the class of the exception.",
    ["queue", "exception"],
)
READY = Gauge(
    "qayidis_ready", "1 while a readiness check is well, as of this scrape.", ["service", "check"]
)
SCRAPED = Gauge(
    "qayidis_scrape_success",
    "1 where the metrics of this part are of this scrape, or of the last look at a queue, 0 where"
    " they are older.",
    ["service", "part"],
)
POOL_SIZE = Gauge(
    "qayidis_database_pool_connections_max", "Connections that a pool may have.", ["service"]
)
POOL_USED = Gauge(
    "qayidis_database_pool_connections_used", "Connections that are in use.", ["service"]
)
POOL_WAIT = Histogram(
    "qayidis_database_pool_wait_seconds",
    "Time to get a connection: waiting for a free one, or making one.",
    ["service"],
)
POOL_TIMEOUTS = Counter(
    "qayidis_database_pool_timeouts", "Times that no connection became free in time.", ["service"]
)
BUILD = Gauge(
    "qayidis_build_info", "1; which version and revision runs.", ["service", "version", "revision"]
)


def seconds_since(moment: datetime) -> float:
    """How long ago something was, by this machine's clock, in UTC where it has no offset."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max((datetime.now(UTC) - aware).total_seconds(), 0.0)


def when_committed(session: AsyncSession, count: Callable[[], None]) -> None:
    """Count something once the transaction that did it is committed, and never if it is not.

    The release of a savepoint is no commit; its rollback undoes what was done inside.
    """
    sync = session.sync_session
    around = set(_around(sync.get_nested_transaction()))
    waiting = [count]

    def committed(_: Any) -> None:
        if waiting and not sync.in_nested_transaction():
            waiting.pop()()

    def rolled_back(_: Any, ended: SessionTransaction) -> None:
        if ended.parent is None or ended in around:
            waiting.clear()

    event.listen(sync, "after_commit", committed)
    event.listen(sync, "after_soft_rollback", rolled_back)


def _around(nested: SessionTransaction | None) -> Iterator[SessionTransaction]:
    while nested is not None:
        yield nested
        nested = nested.parent
