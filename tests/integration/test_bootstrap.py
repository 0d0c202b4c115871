"""The bootstrap on real servers: what it makes, and what each role and user is refused."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace

import aio_pika
import asyncpg
import pytest
from aio_pika.abc import AbstractChannel
from aiormq.exceptions import ChannelAccessRefused, ProbableAuthenticationError

from deploy.bootstrap import SERVICES, Administrator, DeployError, Passwords, ServicePasswords
from deploy.bootstrap.addresses import amqp, postgres
from deploy.bootstrap.management import management
from deploy.bootstrap.outside import Limits, add_outside, remove_outside
from deploy.bootstrap.postgres import bootstrap_postgres
from deploy.bootstrap.run import bootstrap
from deploy.local.servers import Servers, choose_servers
from deploy.local.unprivileged import remove_data
from shared.messaging.topology import Queue, declare_topology

DATABASE = "bootstrap_test"
OTHERS = [(one, other) for one in SERVICES for other in SERVICES if one != other]


def passwords(mark: str) -> Passwords:
    """Passwords with every character that has a meaning in SQL, URLs or JSON."""
    return Passwords(
        **{
            service: ServicePasswords(
                *(f"{service}' \"\\%/@:{kind}$1{mark}" for kind in ("db", "mig", "mq"))
            )
            for service in SERVICES
        }
    )


PASSWORDS = passwords("ə")


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    root = tmp_path_factory.mktemp("bootstrap")
    chosen = choose_servers(root, print, {}, durable=False)
    try:
        chosen.start()
        yield chosen
    finally:
        chosen.stop()
        remove_data(root / "postgres" / "data")


@pytest.fixture(scope="module")
async def admin(servers: Servers) -> Administrator:
    administrator = servers.administrator
    await bootstrap(administrator, PASSWORDS, DATABASE)
    await declare_topology(
        administrator.amqp_url, [Queue(f"{service}.probe", ()) for service in SERVICES]
    )
    for service in SERVICES:
        async with database(administrator, f"{service}_migrator") as migrator:
            await migrator.execute(f"CREATE TABLE IF NOT EXISTS {service}.probe (id int)")
    return administrator


@asynccontextmanager
async def database(
    admin: Administrator, role: str, known: Passwords = PASSWORDS, name: str = DATABASE
) -> AsyncIterator[asyncpg.Connection]:
    service, _, kind = role.partition("_")
    password = known.of(service)
    chosen = password.migrator if kind == "migrator" else password.database
    address = replace(postgres(admin.postgres_url), user=role, password=chosen, path=name)
    connection = await asyncpg.connect(address.url)
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def superuser(admin: Administrator, name: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(replace(postgres(admin.postgres_url), path=name).url)
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def channel(
    admin: Administrator, user: str, password: str | None = None
) -> AsyncIterator[AbstractChannel]:
    known = PASSWORDS.of(user).amqp if password is None else password
    url = replace(amqp(admin.amqp_url), user=user, password=known).url
    connection = await aio_pika.connect(url)
    async with connection:
        yield await connection.channel()


# Postgres


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_works_with_its_own_rows_and_finds_them_without_the_schema(
    admin: Administrator, service: str
) -> None:
    async with database(admin, f"{service}_app") as app:
        await app.execute("INSERT INTO probe VALUES (1)")
        await app.execute("UPDATE probe SET id = 2")
        assert await app.fetchval("SELECT count(*) FROM probe WHERE id = 2") > 0
        await app.execute("DELETE FROM probe")
        assert await app.fetchval("SELECT similarity('Aliyev', 'Aliev') > 0.3")


@pytest.mark.parametrize(("service", "other"), OTHERS)
@pytest.mark.parametrize("role", ["app", "migrator"])
async def test_a_role_is_refused_in_another_services_schema(
    admin: Administrator, service: str, other: str, role: str
) -> None:
    async with database(admin, f"{service}_{role}") as session:
        for statement in (
            f"SELECT * FROM {other}.probe",
            f"INSERT INTO {other}.probe VALUES (1)",
            f"DELETE FROM {other}.probe",
            f"CREATE TABLE {other}.mine (id int)",
            f"SET ROLE {other}_owner",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await session.execute(statement)


@pytest.mark.parametrize("service", SERVICES)
async def test_the_app_role_cannot_change_the_tables(admin: Administrator, service: str) -> None:
    async with database(admin, f"{service}_app") as app:
        for statement in (
            f"CREATE TABLE {service}.mine (id int)",
            "CREATE TABLE public.mine (id int)",
            "CREATE TEMPORARY TABLE mine (id int)",
            f"DROP TABLE {service}.probe",
            f"TRUNCATE {service}.probe",
            f"ALTER TABLE {service}.probe ADD COLUMN name text",
            "CREATE SCHEMA mine",
            f"SET ROLE {service}_owner",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await app.execute(statement)


async def test_the_migrator_acts_as_the_owner_in_this_database(admin: Administrator) -> None:
    async with database(admin, "events_migrator") as migrator:
        assert await migrator.fetchval("SELECT current_user") == "events_owner"
        owner = "SELECT tableowner FROM pg_tables WHERE schemaname = 'events'"
        assert await migrator.fetchval(owner) == "events_owner"
        # Alembic compares wrongly when the schema is on the migrator's path.
        assert "events" not in await migrator.fetchval("SHOW search_path")


async def test_a_role_of_nobody_cannot_enter(admin: Administrator) -> None:
    async with superuser(admin, "postgres") as root:
        await root.execute("DROP ROLE IF EXISTS stranger")
        await root.execute("CREATE ROLE stranger LOGIN PASSWORD 'stranger'")
    address = replace(
        postgres(admin.postgres_url), user="stranger", password="stranger", path=DATABASE
    )
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(address.url)


async def test_repeating_keeps_rows_and_what_a_migration_took_from_the_app(
    admin: Administrator,
) -> None:
    async with database(admin, "registration_migrator") as migrator:
        await migrator.execute("CREATE TABLE IF NOT EXISTS registration.kept (id int)")
        await migrator.execute("INSERT INTO registration.kept VALUES (7)")
        await migrator.execute("REVOKE UPDATE, DELETE ON registration.kept FROM registration_app")
    await bootstrap(admin, PASSWORDS, DATABASE)
    async with database(admin, "registration_app") as app:
        assert await app.fetchval("SELECT id FROM registration.kept") == 7
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.execute("DELETE FROM registration.kept")


async def test_several_bootstraps_at_once_do_not_disturb_each_other(admin: Administrator) -> None:
    again = [bootstrap_postgres(admin.postgres_url, PASSWORDS, DATABASE) for _ in range(4)]
    await asyncio.gather(*again)


async def test_a_copy_of_a_database_has_the_same_tables_and_rights(admin: Administrator) -> None:
    await bootstrap_postgres(admin.postgres_url, PASSWORDS, "copied", template=DATABASE)
    async with database(admin, "events_app", name="copied") as app:
        assert await app.fetchval("SELECT count(*) FROM probe") == 0
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.execute("SELECT * FROM registration.probe")
    async with superuser(admin, "postgres") as root:
        await root.execute("DROP DATABASE copied WITH (FORCE)")


# RabbitMQ


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_publishes_its_own_messages_and_reads_its_own_queue(
    admin: Administrator, service: str
) -> None:
    async with channel(admin, service) as own:
        for name in ("qayidis.public", "qayidis.internal"):
            exchange = await own.get_exchange(name, ensure=False)
            key = f"{service}.something_happened.v1"
            await exchange.publish(aio_pika.Message(b"{}"), key, mandatory=False)
        dead = await own.get_exchange(f"{service}.dead", ensure=False)
        await dead.publish(aio_pika.Message(b"parked"), f"{service}.probe")
        queue = await own.get_queue(f"{service}.probe.dead", ensure=False)
        parked = await queue.get(timeout=5)
        assert parked is not None
        assert parked.body == b"parked"
        await parked.ack()
        replay = await own.get_exchange(f"{service}.replay", ensure=False)
        await replay.publish(aio_pika.Message(b"replayed"), f"{service}.probe")
        live = await own.get_queue(f"{service}.probe", ensure=False)
        put_back = await live.get(timeout=5)
        assert put_back is not None
        assert put_back.body == b"replayed"
        await put_back.ack()


@pytest.mark.parametrize(("service", "other"), OTHERS)
async def test_a_service_is_refused_the_others_queues(
    admin: Administrator, service: str, other: str
) -> None:
    for name in (f"{other}.probe", f"{other}.probe.dead"):
        async with channel(admin, service) as own:
            queue = await own.get_queue(name, ensure=False)
            with pytest.raises(ChannelAccessRefused):
                await queue.get(timeout=5)


@pytest.mark.parametrize(("service", "other"), OTHERS)
async def test_a_service_cannot_publish_in_anothers_name(
    admin: Administrator, service: str, other: str
) -> None:
    for exchange, key in (
        ("qayidis.public", f"{other}.something_happened.v1"),
        ("qayidis.internal", f"{other}.something_happened.v1"),
        ("qayidis.public", f"{service}x.something_happened.v1"),
        (f"{other}.dead", f"{other}.probe"),
        (f"{other}.replay", f"{other}.probe"),
        ("", f"{other}.probe"),
        ("", f"{service}.probe"),
        ("amq.topic", f"{service}.something_happened.v1"),
    ):
        await refused_publish(admin, service, PASSWORDS.of(service).amqp, exchange, key)


async def test_a_service_can_declare_bind_and_delete_nothing(admin: Administrator) -> None:
    async with channel(admin, "events") as own:
        with pytest.raises(ChannelAccessRefused):
            await own.declare_queue("events.more", durable=True)
    async with channel(admin, "events") as own:
        with pytest.raises(ChannelAccessRefused):
            await own.declare_exchange("events.more", aio_pika.ExchangeType.TOPIC)
    async with channel(admin, "events") as own:
        queue = await own.get_queue("events.probe", ensure=False)
        with pytest.raises(ChannelAccessRefused):
            await queue.bind("qayidis.internal", "registration.contact_changed.v1")
    async with channel(admin, "events") as own:
        with pytest.raises(ChannelAccessRefused):
            await own.queue_delete("events.probe")


@pytest.mark.parametrize("service", SERVICES)
async def test_a_dead_letter_may_be_looked_at_any_number_of_times(
    admin: Administrator, service: str
) -> None:
    # RabbitMQ 4 drops a message given back 20 times unless told otherwise; 3.10 never does, so
    # what the broker was told is read as well.
    name = f"{service}.probe.dead"
    async with channel(admin, service, PASSWORDS.of(service).amqp) as own:
        dead = await own.get_exchange(f"{service}.dead", ensure=False)
        await dead.publish(aio_pika.Message(b"parked"), routing_key=f"{service}.probe")
        queue = await own.get_queue(name, ensure=False)
        for _ in range(25):
            message = await queue.get(timeout=5)
            assert message is not None
            await message.reject(requeue=True)
        kept = await queue.get(timeout=5)
        assert kept is not None
        await kept.ack()
    async with management(admin) as api:
        policy = await api.get("policies", api.vhost, "dead-letters")
    assert re.search(policy["pattern"], name)
    assert policy["definition"]["delivery-limit"] > 1_000_000


async def refused_publish(
    admin: Administrator, user: str, password: str, exchange: str, key: str
) -> None:
    async with channel(admin, user, password) as own:
        target = await own.get_exchange(exchange, ensure=False) if exchange else None
        with pytest.raises(ChannelAccessRefused):
            await (target or own.default_exchange).publish(
                aio_pika.Message(b"{}"), key, mandatory=False
            )


# Both


async def test_a_changed_password_takes_effect_and_the_old_one_ends(admin: Administrator) -> None:
    changed = passwords("new")
    try:
        await bootstrap(admin, changed, DATABASE)
        async with database(admin, "events_app", changed) as app:
            assert await app.fetchval("SELECT 1") == 1
        with pytest.raises(asyncpg.InvalidPasswordError):
            async with database(admin, "events_app"):
                pass
        async with channel(admin, "events", changed.events.amqp):
            pass
        with pytest.raises(ProbableAuthenticationError):
            async with channel(admin, "events"):
                pass
    finally:
        await bootstrap(admin, PASSWORDS, DATABASE)


async def test_wrong_addresses_and_rights_are_one_clear_line(admin: Administrator) -> None:
    role = replace(
        postgres(admin.postgres_url), user="events_app", password=PASSWORDS.events.database
    )
    wrong = replace(postgres(admin.postgres_url), password="not this")
    closed = replace(postgres(admin.postgres_url), port=1)
    user = replace(amqp(admin.amqp_url), user="events", password=PASSWORDS.events.amqp).url
    api = admin.rabbitmq_api_url.replace(":1", ":1")
    nobody = replace(amqp(admin.amqp_url), password="not this").url
    for broken, said in (
        (replace(admin, postgres_url=role.url), "permission denied"),
        (replace(admin, postgres_url=wrong.url), "password"),
        (replace(admin, postgres_url=closed.url), "127.0.0.1:1:"),
        (replace(admin, postgres_url="mysql://x"), "QAYIDIS_POSTGRES_URL must look like"),
        (replace(admin, amqp_url="what"), "QAYIDIS_AMQP_URL must look like"),
        (replace(admin, amqp_url=nobody), "refused the exchanges and queues"),
        (replace(admin, amqp_url=user, rabbitmq_api_url=bare(api)), "refused"),
        (replace(admin, rabbitmq_api_url="http://127.0.0.1:1"), "QAYIDIS_RABBITMQ_API_URL"),
    ):
        with pytest.raises(DeployError) as failure:
            await bootstrap(broken, PASSWORDS, DATABASE)
        assert said in str(failure.value)
        assert "\n" not in str(failure.value)
        assert "not this" not in str(failure.value)


def bare(url: str) -> str:
    """The URL without name and password."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"


# Outside systems


@pytest.fixture
async def ministry(admin: Administrator) -> AsyncIterator[AbstractChannel]:
    await add_outside(admin, "labour", ["registration.*.v1", "events.#"], "labour's")
    async with channel(admin, "outside.labour", "labour's") as own:
        yield own
    await remove_outside(admin, "labour")


async def publish(admin: Administrator, service: str, message: str) -> None:
    async with channel(admin, service) as own:
        exchange = await own.get_exchange("qayidis.public", ensure=False)
        key = f"{service}.{message}.v1"
        await exchange.publish(aio_pika.Message(message.encode()), key, mandatory=False)


async def test_an_outside_system_reads_the_keys_it_was_given(
    admin: Administrator, ministry: AbstractChannel
) -> None:
    await publish(admin, "registration", "family_registered")
    await publish(admin, "notifications", "not_for_labour")
    await publish(admin, "events", "event_published")
    queue = await ministry.get_queue("outside.labour", ensure=False)
    read = []
    for _ in range(2):
        message = await queue.get(timeout=5)
        assert message is not None
        await message.ack()
        read.append(message.body.decode())
    assert read == ["family_registered", "event_published"]
    assert await queue.get(timeout=5, fail=False) is None


async def test_an_outside_system_cannot_publish(admin: Administrator) -> None:
    await add_outside(admin, "labour", ["registration.#"], "labour's")
    for exchange, key in (
        ("qayidis.public", "registration.family_registered.v1"),
        ("qayidis.internal", "registration.contact_changed.v1"),
        ("", "registration.probe"),
        ("", "outside.labour"),
        ("registration.dead", "registration.probe"),
    ):
        await refused_publish(admin, "outside.labour", "labour's", exchange, key)
    await remove_outside(admin, "labour")


async def test_an_outside_system_cannot_bind_beyond_its_keys_nor_read_other_queues(
    admin: Administrator,
) -> None:
    await add_outside(admin, "labour", ["registration.#"], "labour's")
    await add_outside(admin, "labour-two", ["registration.#"], "two's")
    for exchange, key in (
        ("qayidis.public", "events.event_published.v1"),
        ("qayidis.public", "registration.#"),
        ("qayidis.internal", "registration.contact_changed.v1"),
    ):
        async with channel(admin, "outside.labour", "labour's") as own:
            queue = await own.get_queue("outside.labour", ensure=False)
            with pytest.raises(ChannelAccessRefused):
                await queue.bind(exchange, key)
    for name in ("outside.labour-two", "registration.probe", "events.probe.dead"):
        async with channel(admin, "outside.labour", "labour's") as own:
            queue = await own.get_queue(name, ensure=False)
            with pytest.raises(ChannelAccessRefused):
                await queue.get(timeout=5)
    async with channel(admin, "outside.labour", "labour's") as own:
        with pytest.raises(ChannelAccessRefused):
            await own.declare_queue("outside.labour.more", durable=True)
    await remove_outside(admin, "labour")
    await remove_outside(admin, "labour-two")


async def test_an_outside_queue_that_nobody_reads_drops_its_oldest_and_never_refuses(
    admin: Administrator,
) -> None:
    await add_outside(admin, "slow", ["registration.#"], "slow's", Limits(messages=3, days=1))
    for number in range(6):
        await publish(admin, "registration", f"number_{number}")
    async with channel(admin, "outside.slow", "slow's") as own:
        queue = await own.get_queue("outside.slow", ensure=False)
        message = await queue.get(timeout=5)
        assert message is not None
        assert message.body == b"number_3"
        await message.reject(requeue=True)
    await remove_outside(admin, "slow")


async def test_adding_again_sets_the_keys_and_the_limits_and_keeps_what_waits(
    admin: Administrator,
) -> None:
    await add_outside(admin, "again", ["registration.#", "events.#"], "first")
    await publish(admin, "registration", "kept")
    added = await add_outside(admin, "again", ["events.#"], "second", Limits(messages=9))
    assert added.queue == "outside.again"
    assert "outside.again:second@" in added.amqp_url
    await publish(admin, "registration", "no_longer_bound")
    with pytest.raises(ProbableAuthenticationError):
        async with channel(admin, "outside.again", "first"):
            pass
    async with channel(admin, "outside.again", "second") as own:
        queue = await own.get_queue("outside.again", ensure=False)
        message = await queue.get(timeout=5)
        assert message is not None
        assert message.body == b"kept"
        await message.ack()
        assert await queue.get(timeout=5, fail=False) is None
    async with management(admin) as api:
        policy = await api.get("policies", api.vhost, "outside.again")
        assert policy["definition"]["max-length"] == 9
    assert await remove_outside(admin, "again")
    assert not await remove_outside(admin, "again")


@pytest.mark.parametrize("name", ["", "Labour", "../etc", "a b", "x" * 41, "ə", "a.b", "1st"])
async def test_an_unusable_name_is_refused(admin: Administrator, name: str) -> None:
    with pytest.raises(DeployError, match="cannot name an outside system"):
        await add_outside(admin, name, ["events.#"], "x")


@pytest.mark.parametrize("keys", [[], [""], ["a..b"], ["events.**"], ["Events.*"], ["a." * 200]])
async def test_an_unusable_key_is_refused(admin: Administrator, keys: list[str]) -> None:
    with pytest.raises(DeployError, match="key"):
        await add_outside(admin, "labour", keys, "x")
