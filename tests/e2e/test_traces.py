"""One enrolment is one trace: from the desk's call through outbox and broker to the provider."""

import asyncio
import json
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import aio_pika
import pytest

from deploy.bootstrap.accounts import Administrator, Passwords
from shared.contracts.base import PUBLIC
from tests.support import bodies
from tests.support.bodies import Body, person
from tests.support.collector import Collector, Seen
from tests.support.desk import Desk, answered
from tests.support.provider import Provider
from tests.support.waiting import eventually
from tests.system import System, unique_name, whole_system


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    collector = Collector()
    with collector.listening():
        yield collector


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    provider = Provider()
    with provider.listening():
        yield provider


@pytest.fixture(scope="module")
def traced(  # noqa: PLR0917  pytest passes them by name
    administrator: Administrator,
    passwords: Passwords,
    template: str,
    collector: Collector,
    provider: Provider,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[System]:
    """A system that exports its traces, with a provider that shows how it was called."""
    settings = {f"{name}_OTLP_URL": collector.url for name in ("REGISTRATION", "NOTIFICATIONS")}
    settings |= {
        "EVENTS_OTLP_URL": f"{collector.url}/",
        "EVENTS_OTLP_HEADERS": "x-key=a=b, x-team=ids",
        "NOTIFICATIONS_SMS_URL": provider.url,
    }
    root, name = tmp_path_factory.mktemp("traced"), unique_name("traced")
    with whole_system(
        administrator, passwords, root, name, template=template, settings=settings
    ) as system:
        yield system


@pytest.fixture(scope="module")
def desk(traced: System) -> Desk:
    return Desk(traced)


def caller(flags: str = "01") -> tuple[str, str, str]:
    """Make a caller's own trace and span, and the header that says so."""
    trace, span = secrets.token_hex(16), secrets.token_hex(8)
    return trace, span, f"00-{trace}-{span}-{flags}"


async def enrolled(desk: Desk, traceparent: str | None, **who: object) -> tuple[Body, Body, str]:
    """Register and invite a person, then enrol them under a traceparent; the correlation too."""
    at = bodies.place()
    family = await desk.register(bodies.family(at, person(**who)))
    event = await desk.publish(bodies.event(at))
    headers = {"traceparent": traceparent} if traceparent else {}
    body = {"event_id": event["id"], "family_id": family["id"]}
    answer = await desk.registration.post("/v1/enrolments", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return family, answer.json(), answer.headers["x-correlation-id"]


def one(spans: list[Seen], service: str, name: str) -> Seen:
    [found] = [span for span in spans if (span.service, span.name) == (service, name)]
    return found


async def test_an_enrolment_is_one_trace_from_the_desk_to_the_provider(
    traced: System, desk: Desk, collector: Collector, provider: Provider
) -> None:
    trace, span, traceparent = caller()
    async with traced.broker() as channel:
        queue = await channel.declare_queue(exclusive=True)
        await queue.bind(PUBLIC, "registration.enrolment_confirmed.v1")
        family, enrolment, correlation = await enrolled(desk, traceparent)
        message = await eventually(lambda: _next(queue))

    # Each process exports by itself, so that any may come last.
    names = {"POST /v1/enrolments", f"send {PUBLIC}", "deliver sms"}
    names.add("process notifications.enrolments")
    spans = await collector.until(trace, lambda seen: names <= {each.name for each in seen})
    request = one(spans, "registration", "POST /v1/enrolments")
    publish = one(spans, "registration", f"send {PUBLIC}")
    process = one(spans, "notifications", "process notifications.enrolments")
    call = one(spans, "notifications", "deliver sms")
    assert [each.kind for each in (request, publish, process, call)] == [
        "server",
        "producer",
        "consumer",
        "client",
    ]
    assert request.parent == span
    assert publish.parent == process.parent == request.id
    assert call.parent == process.id
    assert {each.trace for each in spans} == {trace}
    assert {each.attributes["qayidis.correlation_id"] for each in spans} == {correlation}
    assert request.attributes["http.route"] == "/v1/enrolments"
    assert request.attributes["http.response.status_code"] == 201

    # The traceparent of the request is what the row, the message and its headers carry.
    told = f"00-{trace}-{request.id}-01"
    async with traced.database() as database:
        row = await database.fetchval(
            "SELECT traceparent FROM registration.outbox WHERE correlation_id = $1", correlation
        )
    assert row == message.headers["cloudEvents_traceparent"] == told
    assert json.loads(message.body)["traceparent"] == told
    assert publish.attributes["messaging.message.id"] == message.message_id

    phone = family["members"][0]["phone"]
    assert provider.traced(phone, trace) == [f"00-{trace}-{call.id}-01"]
    assert enrolment["status"] == "confirmed"

    # What the provider says later belongs there too, whatever its own call's trace is.
    [id_] = provider.ids(phone, trace)
    at = datetime.now(UTC).isoformat()
    await desk.receipt({"id": id_, "status": "failed", "reason": "absent", "at": at})
    last = {"receipt failed", "process registration.contacts"}  # of two services, in any order
    spans = await collector.until(trace, lambda seen: last <= {each.name for each in seen})
    receipt = one(spans, "notifications", "receipt failed")
    assert receipt.parent == process.id
    assert one(spans, "registration", "process registration.contacts").parent == receipt.id


async def test_a_call_without_a_traceparent_begins_a_trace_and_a_wrong_one_is_replaced(
    desk: Desk, collector: Collector
) -> None:
    for header in (None, "00-" + "0" * 32 + "-" + "1" * 16 + "-01", "ff-not-one"):
        _, _, correlation = await enrolled(desk, header)

        async def begun(wanted: str = correlation) -> Seen:
            first = [
                span
                for span in collector.spans
                if span.name == "POST /v1/enrolments"
                and span.attributes["qayidis.correlation_id"] == wanted
            ]
            assert len(first) == 1
            return first[0]

        first = await eventually(begun)
        assert first.parent == ""
        await collector.until(first.trace, lambda seen: any(s.kind == "client" for s in seen))


async def test_an_e_mail_belongs_to_the_trace_too(desk: Desk, collector: Collector) -> None:
    trace, _, traceparent = caller()
    mailbox = bodies.email()
    await enrolled(desk, traceparent, phone=None, email=mailbox)
    spans = await collector.until(
        trace,
        lambda seen: (
            {"deliver email", "process notifications.enrolments"} <= {each.name for each in seen}
        ),
    )
    process = one(spans, "notifications", "process notifications.enrolments")
    assert one(spans, "notifications", "deliver email").parent == process.id


async def test_what_the_caller_does_not_trace_is_not_traced(
    desk: Desk, collector: Collector, provider: Provider
) -> None:
    trace, _, traceparent = caller("00")
    family, _, _ = await enrolled(desk, traceparent)
    phone = family["members"][0]["phone"]

    async def told() -> str:
        [header] = provider.traced(phone, trace) or [""]
        assert header
        return header

    assert (await eventually(told)).endswith("-00")
    later, _, traceparent = caller()
    await enrolled(desk, traceparent)
    await collector.until(later, lambda seen: any(span.kind == "client" for span in seen))
    assert collector.of(trace) == []


async def test_a_refusal_is_an_ordinary_span_and_what_machines_ask_is_none(
    desk: Desk, collector: Collector
) -> None:
    trace, _, traceparent = caller()
    headers = {"traceparent": traceparent}
    for path in ("/health/live", "/health/ready", "/metrics"):
        await desk.registration.get(path, headers=headers)
    answer = await desk.registration.get("/v1/families/none-such?q=x", headers=headers)
    assert answer.status_code == 422
    assert answer.json()["correlation_id"] == answer.headers["x-correlation-id"]
    [span] = await collector.until(trace, lambda seen: len(seen) > 0)
    assert (span.name, span.failed) == ("GET /v1/families/{family_id}", False)


async def test_the_resource_says_which_process_it_was(desk: Desk, collector: Collector) -> None:
    trace, _, traceparent = caller()
    await answered(desk.events.get("/v1/calendar", headers={"traceparent": traceparent}))
    [span] = await collector.until(trace, lambda seen: len(seen) > 0)
    assert span.service == "events"
    assert span.resource["service.version"]
    assert span.resource["service.instance.id"].rpartition(":")[2].isdigit()
    keys = [each for each in collector.headers if each.get("x-key") == "a=b"]
    assert keys
    assert keys[0]["x-team"] == "ids"


async def test_an_orderly_stop_sends_what_waits(
    traced: System, desk: Desk, collector: Collector
) -> None:
    trace, _, traceparent = caller()
    await answered(desk.events.get("/v1/calendar", headers={"traceparent": traceparent}))
    await traced.stop("events")
    try:
        assert [span.name for span in collector.of(trace)] == ["GET /v1/calendar"]
    finally:
        await traced.restart("events")


@pytest.fixture
def without_collector(
    administrator: Administrator, passwords: Passwords, template: str, tmp_path: Path
) -> Iterator[System]:
    """A system whose collector is not there."""
    collector = Collector()
    with collector.listening():
        pass  # its port is free now, and nobody listens
    services = ("REGISTRATION", "EVENTS", "NOTIFICATIONS")
    settings = {f"{name}_OTLP_URL": collector.url for name in services}
    name = unique_name("untraced")
    with whole_system(
        administrator, passwords, tmp_path, name, template=template, settings=settings
    ) as system:
        yield system


async def test_without_its_collector_a_system_goes_on_and_says_so_once(
    without_collector: System,
) -> None:
    system = without_collector
    desk = Desk(system)
    for _ in range(3):
        family, _, _ = await enrolled(desk, None)
        await desk.received(family["members"][0]["phone"], 2)
        await asyncio.sleep(2.5)  # an export gives up, and the next begins

    async def lost() -> None:
        metrics = (await desk.registration.get("/metrics")).text
        assert 'qayidis_trace_spans_total{outcome="lost"}' in metrics

    await eventually(lost)
    await system.stop("registration")
    lines = system.processes.log("registration").read_text("utf-8").splitlines()
    said = [line for line in lines if "traces" in line or "export" in line or "otel" in line]
    assert [json.loads(line)["event"] for line in said] == ["traces_not_taken"]
    await system.close_clients()


async def _next(queue: aio_pika.abc.AbstractQueue) -> aio_pika.abc.AbstractIncomingMessage:
    message = await queue.get(no_ack=True, fail=False)
    assert message is not None
    return message
