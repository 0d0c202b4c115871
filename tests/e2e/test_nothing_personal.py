"""The whole demo and much that goes wrong, and nobody in the logs, the metrics or the spans."""

from collections.abc import Iterator

import httpx
import pytest

from deploy.bootstrap.accounts import SERVICES, Administrator, Passwords
from tests.support import mishaps
from tests.support.collector import Collector
from tests.support.desk import Desk, answered
from tests.support.needles import Needles, as_text, log_lines, secrets_of
from tests.system import System, unique_name, whole_system

OF_THE_PROCESS = {
    "starting",
    "broker_away",
    "relay_failed",
    "loop_failed",
    "deliveries_lost",
    "Invalid HTTP request received.",  # a scanner's, and no request
    "group_failed",  # names all of its messages instead
}
"""Lines that concern no single request or message."""


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    collector = Collector()
    with collector.listening():
        yield collector


@pytest.fixture(scope="module")
def watched(
    administrator: Administrator,
    passwords: Passwords,
    template: str,
    collector: Collector,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[System]:
    """A system that says all it can, with the framework's own telemetry asked for as well."""
    prefixes = [service.upper() for service in SERVICES]
    settings = {f"{prefix}_LOG_LEVEL": "DEBUG" for prefix in prefixes}
    settings |= {f"{prefix}_OTLP_URL": collector.url for prefix in prefixes}
    root, name = tmp_path_factory.mktemp("watched"), unique_name("watched")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
        environment.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        with whole_system(
            administrator, passwords, root, name, template=template, settings=settings
        ) as system:
            yield system


async def test_the_whole_demo_leaves_nobody_in_logs_metrics_and_spans(
    watched: System, collector: Collector
) -> None:
    desk, needles = Desk(watched), Needles(values=secrets_of(watched))
    assert len(needles.values) > 12
    await mishaps.play_demo(watched)
    await mishaps.use_the_desk(desk, needles)
    await mishaps.refuse(desk, needles)
    await mishaps.trouble_the_provider(desk, needles)
    await mishaps.poison(desk, needles)
    await mishaps.break_the_database(desk, needles)
    await mishaps.see_to_dead_letters(desk, needles)
    async with watched.database() as database:
        ids = await database.fetch("SELECT id FROM registration.families")
    needles.add_people(
        [await answered(desk.registration.get(f"/v1/families/{row['id']}")) for row in ids]
    )
    needles.values |= {str(client.headers["authorization"])[7:] for client in _clients(desk)}
    assert len(ids) > 15

    said = [
        await httpx.AsyncClient(trust_env=False).get(f"{watched.urls[service]}/metrics")
        for service in SERVICES
    ]
    for service in SERVICES:
        await watched.stop(service)
    lines = {service: log_lines(watched, service) for service in SERVICES}
    everything = {f"log of {service}": as_text(lines[service]) for service in SERVICES}
    everything |= {
        f"metrics of {name}": each.text for name, each in zip(SERVICES, said, strict=True)
    }
    everything["spans"] = "\n".join(collector.raw)
    found = {where: needles.found_in(text) for where, text in everything.items()}
    assert {where: what for where, what in found.items() if what} == {}
    assert collector.strays == []

    # It was looked for where something is: each kind of line and span is there.
    events = {line["event"] for each in lines.values() for line in each}
    assert {
        "request_answered",
        "request_failed",
        "message_published",
        "message_handled",
        "message_parked",
        "group_failed",
        "notification_handed_over",
        "loop_failed",
    } <= events
    assert {"POST /v1/check-ins", "deliver sms", "deliver email", "POST /sign-in"} <= {
        span.name for span in collector.spans
    }
    for service in SERVICES:
        for line in lines[service]:
            assert {"service", "level", "timestamp", "event"} <= line.keys(), line
            assert line["service"] == service
            if line["event"] not in OF_THE_PROCESS:
                assert {"correlation_id", "trace_id"} <= line.keys(), line


def _clients(desk: Desk) -> tuple[httpx.AsyncClient, ...]:
    return desk.registration, desk.events, desk.notifications
