"""A real Prometheus sees what a run does: the dashboard has data, the alerts fire."""

import asyncio
import math
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from deploy.bootstrap.accounts import SERVICES, Administrator, Passwords
from services.notifications.subscribers import CONTACTS
from shared.contracts.base import INTERNAL
from shared.messaging.topology import declare_topology
from tests.observability.expressions import alerted, labels_asked, shown
from tests.observability.promtool import promtool
from tests.observability.server import Prometheus, prometheus
from tests.support import bodies
from tests.support.desk import Desk
from tests.support.injection import inject_raw
from tests.support.waiting import eventually
from tests.system import System, unique_name, whole_system


@dataclass(frozen=True)
class Watched:
    """A system and the Prometheus that scrapes it."""

    system: System
    prometheus: Prometheus

    async def firing(self, alert: str, **labels: str) -> None:
        """Wait until an alert fires."""

        async def look() -> None:
            firing = (await asyncio.to_thread(self.prometheus.firing)).get(alert, [])
            assert any(labels.items() <= found.items() for found in firing), firing

        await eventually(look, seconds=60)


@pytest.fixture(scope="module")
def watched(
    administrator: Administrator,
    passwords: Passwords,
    template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Watched]:
    """A whole system under the eyes of a Prometheus."""
    root, name = tmp_path_factory.mktemp("watched"), unique_name("watched")
    hasty = {f"{service.upper()}_QUEUE_WATCH_SECONDS": "1" for service in SERVICES}
    with whole_system(
        administrator, passwords, root, name, template=template, settings=hasty
    ) as system:
        targets = {service: system.urls[service] for service in SERVICES}
        with prometheus(root, targets) as server:
            yield Watched(system, server)


@pytest.fixture(scope="module")
async def busy(watched: Watched) -> Watched:
    """The same, after a day in small: seats, waiting, refusals, texts that fail, a bad message."""
    system = watched.system
    await all_scraped(watched)  # what grows must be seen to grow
    desk, at = Desk(system), bodies.place()
    event = await desk.publish(bodies.event(at, capacity=4))
    families = [bodies.household(at, 2) for _ in range(3)]
    await desk.switch(families[0]["members"][0]["phone"], "500")
    await desk.switch(families[1]["members"][0]["phone"], "slow", 4)  # we wait 2
    known = [await desk.register(body) for body in families]
    for family in known:
        await desk.enrol(event["id"], family)
    again = {"event_id": event["id"], "family_id": known[0]["id"]}
    assert (await desk.registration.post("/v1/enrolments", json=again)).status_code == 409
    await inject_raw(
        system, b"no message", INTERNAL, "registration.contact_changed.v1", "registration"
    )
    return watched


async def all_scraped(watched: Watched) -> None:
    async def look() -> None:
        seen = await asyncio.to_thread(watched.prometheus.query, "qayidis_build_info")
        assert {each["metric"]["service"] for each in seen} == set(SERVICES)

    await eventually(look, seconds=30)


async def test_every_query_of_the_dashboard_returns_data(busy: Watched) -> None:
    assert len(shown()) > 40

    async def look() -> None:
        for service in SERVICES:  # a route's series begins with its first request
            await busy.system.client(service).get("/openapi.json")
        empty = [expression for expression in shown() if not has_data(busy, expression)]
        assert not empty, "\n".join(empty)

    await eventually(look, seconds=60)


def has_data(watched: Watched, expression: str) -> bool:
    """Whether a query gives one number at least: a panel shows nothing of those that are none."""
    found = watched.prometheus.query(expression)
    return any(math.isfinite(float(each["value"][1])) for each in found)


async def test_every_metric_and_label_that_is_asked_for_is_there(busy: Watched) -> None:
    asked = labels_asked(shown() + alerted())
    assert len(asked) > 30

    async def look() -> None:
        for name, labels in asked.items():
            there = busy.prometheus.ask("labels", **{"match[]": name})
            assert there, name
            assert labels <= set(there), f"{name} has no {labels - set(there)}"

    await eventually(look, seconds=30)


@pytest.mark.parametrize("service", SERVICES)
async def test_names_and_units_are_as_prometheus_wants_them(busy: Watched, service: str) -> None:
    metrics = (await busy.system.client(service).get("/metrics")).text
    assert "qayidis_" in metrics
    said = promtool("check", "metrics", given=metrics)
    assert (said.returncode, said.stdout) == (0, "")


async def test_every_rule_is_evaluated_without_an_error(busy: Watched) -> None:
    async def look() -> None:
        groups = busy.prometheus.ask("rules")["groups"]
        rules = [rule for group in groups for rule in group["rules"]]
        assert len(rules) == len(alerted())
        assert [rule["name"] for rule in rules if rule["health"] != "ok"] == []

    await eventually(look)


async def test_a_dead_letter_and_a_text_of_unknown_fate_raise_alerts(busy: Watched) -> None:
    await busy.firing("QayidisDeadLetters", queue="notifications.contacts.dead")
    await busy.firing("QayidisTextsUnknown")
    await busy.firing("QayidisProviderErrors", channel="sms")


async def test_a_held_relay_raises_alerts(busy: Watched) -> None:
    system = busy.system
    relays = "SELECT pid FROM pg_stat_activity WHERE application_name = 'events relay'"
    async with system.database() as thief, system.database() as admin:
        lock = "SELECT pg_advisory_lock(hashtext('events relay'))"
        taking = asyncio.create_task(thief.execute(lock))
        await asyncio.sleep(0.2)
        for relay in await admin.fetch(relays):
            await admin.execute("SELECT pg_terminate_backend($1)", relay["pid"])
        await taking
        organiser = system.client("events", "organiser")
        draft = (await organiser.post("/v1/events", json=bodies.event(bodies.place()))).json()
        assert (await organiser.post(f"/v1/events/{draft['id']}/publish")).status_code == 200
        await admin.execute(
            "UPDATE events.outbox SET occurred_at = occurred_at - interval '2 minutes' "
            "WHERE published_at IS NULL"
        )
        await busy.firing("QayidisRelayNobodyLeads", service="events")
        await busy.firing("QayidisOutboxOld", service="events")
        await busy.firing("QayidisNotReady", job="events", check="relay")
    await calm(busy, "QayidisRelayNobodyLeads", "QayidisOutboxOld", "QayidisNotReady")


async def test_a_queue_that_is_deleted_raises_an_alert(busy: Watched) -> None:
    async with busy.system.broker() as channel:
        await channel.queue_delete(CONTACTS.name)
    await busy.firing("QayidisQueueNotRead", queue=CONTACTS.name)
    await declare_topology(busy.system.broker_url(), [CONTACTS])
    await calm(busy, "QayidisQueueNotRead")


async def test_a_dead_service_raises_an_alert(busy: Watched) -> None:
    await busy.system.kill9("events")
    await busy.firing("QayidisServiceDown", job="events")
    await busy.system.restart("events")
    await calm(busy, "QayidisServiceDown")


async def calm(watched: Watched, *alerts: str) -> None:
    async def look() -> None:
        firing = await asyncio.to_thread(watched.prometheus.firing)
        assert not set(alerts) & set(firing), firing

    await eventually(look, seconds=60)
