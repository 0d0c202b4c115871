"""The engine room that every service has: database, broker, relay, consumers, loops, app."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from importlib.metadata import version
from typing import Any

import structlog
import uvicorn
from fastapi import APIRouter, FastAPI
from faststream.rabbit import Channel, RabbitBroker
from sqlalchemy import text

from shared import http
from shared.auth import Tokens
from shared.database import create_engine, create_sessions
from shared.exporting import Traces
from shared.health import Check, Refresh
from shared.logs import configure_logging, log_failures_of
from shared.loops import Loop, running
from shared.messaging.consumer import Consumer, ConsumerLimits
from shared.messaging.dead_letters.looking import Servers
from shared.messaging.dead_letters.moving import Witness
from shared.messaging.dead_letters.office import Office
from shared.messaging.dead_letters.parking import DeadLetters
from shared.messaging.dead_letters.passing import PassLimits
from shared.messaging.gauges import refresh_outbox_gauges
from shared.messaging.inbox import Handlers
from shared.messaging.publishing import BROKER_AWAY
from shared.messaging.relay import Relay, RelayLimits
from shared.messaging.suspects import Suspects
from shared.messaging.topology import Queue
from shared.metrics import BUILD
from shared.retention import Retention, forget_for_ever
from shared.schema_revision import SchemaRevision
from shared.sealing import Sealer
from shared.settings import ServiceSettings, part, stop

log = structlog.get_logger()


class Service:
    """The parts of one service's process, wired by its `main`."""

    def __init__(
        self, name: str, settings: ServiceSettings, *, sealer: Sealer | None = None
    ) -> None:
        self.name = name
        self.settings = settings
        self.engine = create_engine(
            settings.database_url.get_secret_value(), service=name, pool_size=settings.pool_size
        )
        self._carried: dict[str, Any] = {"sealer": sealer}
        self.sessions = create_sessions(self.engine, self._carried)
        self.broker = RabbitBroker(
            settings.amqp_url.get_secret_value(),
            default_channel=Channel(on_return_raises=True),
            app_id=name,
            # Its type conversion passes each message through a thread; contracts validate ours.
            apply_types=False,
            fail_fast=False,
            reconnect_interval=1.0,
            logger=None,
        )
        self.relay = Relay(
            name,
            database_url=settings.database_url.get_secret_value(),
            amqp_url=settings.amqp_url.get_secret_value(),
            limits=RelayLimits(
                batch=settings.relay_batch,
                poll=settings.relay_poll_seconds,
                confirm=settings.relay_confirm_seconds,
                hand_over=settings.relay_hand_over_seconds,
            ),
            sealer=sealer,
        )
        self._suspects = Suspects(self.sessions)
        self._consumers: list[Consumer] = []
        self._loops: dict[str, Loop] = {}
        self._refreshes: dict[str, Refresh] = {"outbox": self._refresh_outbox}
        self.loop("relay", self.relay.run)
        self.loop("retention", self._forget)

    def carry(self, name: str, part: Any) -> None:
        """Let every session carry a part of the service along, in its `info`."""
        self._carried[name] = part
        self.sessions.configure(info=self._carried)

    def consume(self, queue: Queue, handlers: Handlers) -> Consumer:
        """Read a queue with these handlers."""
        consumer = Consumer(
            queue,
            handlers,
            broker=self.broker,
            sessions=self.sessions,
            dead_letters=DeadLetters(self.name, self.broker),
            suspects=self._suspects,
            limits=ConsumerLimits(
                prefetch=self.settings.consumer_prefetch,
                group=self.settings.consumer_group,
                attempts=self.settings.consumer_attempts,
                watch=self.settings.queue_watch_seconds,
                starving=self.settings.queue_starving_seconds,
            ),
        )
        self._consumers.append(consumer)
        self.loop(queue.name, consumer.run)
        self.loop(f"{queue.name} watch", consumer.watch.run)
        return consumer

    def loop(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Run some work for ever beside the requests."""
        self._loops[name] = Loop(name, work)

    def refresh(self, name: str, refresh: Refresh) -> None:
        """Bring some gauges up to date whenever the metrics are read."""
        self._refreshes[name] = refresh

    def office(self, witness: Witness | None = None) -> Office:
        """The dead letters of all queues that are read by now; `witness` sees what is done."""
        settings = self.settings
        return Office(
            [consumer.queue for consumer in self._consumers],
            self.sessions,
            Servers(
                amqp_url=settings.amqp_url.get_secret_value(),
                database_url=settings.database_url.get_secret_value(),
                wait_seconds=settings.dead_letters_wait_seconds,
            ),
            PassLimits(most=settings.dead_letters_most),
            fresh_seconds=settings.dead_letters_fresh_seconds,
            stale_seconds=settings.dead_letters_stale_seconds,
            witness=witness,
        )

    def app(
        self,
        *,
        title: str,
        description: str,
        routers: Sequence[APIRouter],
        body_limits: Mapping[str, int] | None = None,
    ) -> FastAPI:
        """Make the app; the parts start and stop with it.

        `body_limits` are those of single paths, where files are uploaded.
        """
        release = version("qayidis")
        BUILD.labels(self.name, release, self.settings.revision).set(1)
        app = http.create_app(
            self.name,
            title=title,
            description=description,
            version=release,
            routers=routers,
            checks=self._checks(),
            refreshes=self._refreshes,
            ready_seconds=self.settings.ready_seconds,
            body_limit=self.settings.body_limit,
            body_limits=body_limits or {},
            lifespan=self._lifespan,
        )
        app.state.sessions = self.sessions
        app.state.tokens = part(self.settings, "token_keys_file", Tokens.from_file)
        return app

    @asynccontextmanager
    async def _lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        # The broker may come up later than we do: requests are served meanwhile.
        starting = asyncio.create_task(self._start_broker())
        log_failures_of(asyncio.get_running_loop())
        traces = self._traces()
        async with running(self._loops):
            yield
            starting.cancel()
            await self.broker.stop()
        await self.engine.dispose()
        if traces is not None:
            await traces.stop()

    def _traces(self) -> Traces | None:
        if not self.settings.otlp_url:
            return None
        return Traces(
            self.name,
            version("qayidis"),
            url=self.settings.otlp_url,
            headers=self.settings.collector_headers(),
            ratio=self.settings.trace_ratio,
        )

    async def _start_broker(self) -> None:
        while True:
            try:
                await self.broker.start()
            except BROKER_AWAY as failure:
                log.warning("broker_away", error=type(failure).__name__)
                await self.broker.stop()
                await asyncio.sleep(1)
            else:
                return

    def _checks(self) -> Mapping[str, Check]:
        checks: dict[str, Check] = {"database": self._check_database}
        checks["migration"] = SchemaRevision(self.name, self.engine).check
        checks["broker"] = self._check_broker
        for consumer in self._consumers:
            checks[f"queue {consumer.queue.name}"] = consumer.watch.check
        checks.update({f"loop {name}": loop.check for name, loop in self._loops.items()})
        checks["relay"] = self._check_relay
        return checks

    async def _check_database(self) -> str | None:
        async with self.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
        return None

    async def _check_broker(self) -> str | None:
        if not await self.broker.ping(self.settings.ready_seconds / 2):
            return "not connected"
        # A connection can look open long after the other end went silent: it has to answer.
        connection = await self.broker.connect()
        async with connection.channel():
            return None

    async def _check_relay(self) -> str | None:
        return await self.relay.check(self.sessions)

    async def _refresh_outbox(self) -> None:
        await refresh_outbox_gauges(self.name, self.sessions)

    async def _forget(self) -> None:
        retention = Retention(
            idempotency=timedelta(hours=self.settings.idempotency_hours),
            inbox=timedelta(days=self.settings.inbox_days),
            outbox=timedelta(days=self.settings.outbox_days),
        )
        await forget_for_ever(self.sessions, retention)


def serve(name: str, settings: ServiceSettings, build: Callable[[], FastAPI]) -> None:
    """Run a service until it is told to stop."""
    configure_logging(name, settings.log_level)
    listening = _listen(settings)
    log.info("starting", host=settings.host, port=settings.port)
    config = uvicorn.Config(
        build(),
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        proxy_headers=True,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=settings.shutdown_seconds,
    )
    server = uvicorn.Server(config)
    with suppress(KeyboardInterrupt):  # an orderly stop, which uvicorn raises again at the end
        server.run(sockets=[listening])
    if not server.started:
        raise SystemExit(3)


def _listen(settings: ServiceSettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as failure:
        prefix = settings.model_config.get("env_prefix", "")
        place = f"{settings.host}:{settings.port}"
        stop(f"{prefix}PORT: cannot listen on {place}: {os.strerror(failure.errno or 0)}")
