"""What each process is told, and how the caller's own variables win."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from deploy.bootstrap import SERVICES, DeployError, Passwords, ServicePasswords
from deploy.bootstrap.addresses import Address, amqp, postgres
from deploy.local.environment import Surroundings, migrator_urls, service_environment
from deploy.local.ports import free_port, is_free, remembered_ports
from deploy.local.programs import plan_programs, planned_addresses
from deploy.local.secrets import private_secrets
from deploy.local.servers import management_url

SEVERAL: Sequence[ServicePasswords] = [ServicePasswords("d/@", "m:%", "q ə") for _ in SERVICES]
AROUND = Surroundings(
    postgres_url="postgresql://postgres:admin@127.0.0.1:20001/postgres",
    amqp_url="amqp://qayidis:admin@127.0.0.1:20002/qayidis",
    passwords=Passwords(*SEVERAL),
    keys_folder=Path("/keys"),
    sms_url="http://127.0.0.1:8004",
    smtp_url="smtp://127.0.0.1:20003",
    receipt_secret="receipts",
)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_told_its_own_role_and_user_and_never_the_administrator(
    service: str,
) -> None:
    told = service_environment(service, AROUND, 9001)
    prefix = service.upper()
    database = postgres(told[f"{prefix}_DATABASE_URL"])
    assert (database.user, database.password) == (f"{service}_app", "d/@")
    assert (database.path, database.port) == ("qayidis", 20001)
    broker = amqp(told[f"{prefix}_AMQP_URL"])
    assert (broker.user, broker.password, broker.path) == (service, "q ə", "qayidis")
    assert told[f"{prefix}_PORT"] == "9001"
    assert told[f"{prefix}_TOKEN_KEYS_FILE"] == "/keys/public.jwks"
    assert all(name.startswith(prefix) for name in told)
    assert "admin" not in json.dumps(told)


def test_only_notifications_is_told_how_texts_leave() -> None:
    told = service_environment("notifications", AROUND, 1)
    assert told["NOTIFICATIONS_SMS_URL"] == "http://127.0.0.1:8004"
    assert told["NOTIFICATIONS_SMTP_URL"] == "smtp://127.0.0.1:20003"
    assert told["NOTIFICATIONS_SMS_RECEIPT_SECRET"] == "receipts"
    assert not [name for name in service_environment("events", AROUND, 1) if "SMS" in name]


def test_the_migrators_are_other_roles() -> None:
    users = {service: postgres(url).user for service, url in migrator_urls(AROUND).items()}
    assert users == {service: f"{service}_migrator" for service in SERVICES}


def test_the_callers_variables_win_and_reach_that_service_alone() -> None:
    env = {
        "NOTIFICATIONS_SMS_URL": "http://elsewhere",
        "EVENTS_PORT": "9002",
        "QAYIDIS_POSTGRES_URL": "postgresql://root:admin@h/",
        "LANG": "C.UTF-8",
    }
    programs = plan_programs(AROUND, env)
    assert programs["notifications"].settings["NOTIFICATIONS_SMS_URL"] == "http://elsewhere"
    assert programs["events"].settings["EVENTS_PORT"] == "9002"
    assert programs["events"].address == "http://127.0.0.1:9002"
    for name, program in programs.items():
        both = {**program.environment, **program.settings}
        assert both["LANG"] == "C.UTF-8"
        assert "QAYIDIS_POSTGRES_URL" not in both
        assert ("NOTIFICATIONS_SMS_URL" in both) == (name == "notifications")


def test_receipts_go_where_notifications_really_listens() -> None:
    programs = plan_programs(AROUND, {"NOTIFICATIONS_PORT": "9003"})
    told = programs["handset"].settings
    assert told["HANDSET_RECEIPTS_URL"] == "http://127.0.0.1:9003/v1/receipts/handset"
    assert told["HANDSET_RECEIPT_SECRET"] == "receipts"


@pytest.mark.parametrize("port", ["", "x", "0", "65536", "-1", "8002 ", "８００２x"])
def test_a_wrong_port_is_one_line_that_names_its_variable(port: str) -> None:
    with pytest.raises(DeployError, match=r"^EVENTS_PORT must be a port"):
        planned_addresses({"EVENTS_PORT": port})


def test_a_service_that_listens_everywhere_is_reached_on_this_machine() -> None:
    assert planned_addresses({"EVENTS_HOST": "0.0.0.0"})["events"] == "http://127.0.0.1:8002"
    assert planned_addresses({"EVENTS_HOST": "::"})["events"] == "http://[::1]:8002"


def test_urls_come_apart_and_together_again() -> None:
    address = Address("amqp", "a:b", "p@/%ə", "::1", 5672, "/")
    assert amqp(address.url) == address
    assert amqp("amqp://h").path == "/"
    assert "p@" not in repr(address)
    for wrong in ("", "amqp://", "http://h", "amqp://h:99999", "amqp://h:x", "amqp://[::"):
        with pytest.raises(DeployError, match="QAYIDIS_AMQP_URL") as failure:
            amqp(wrong)
        assert "\n" not in str(failure.value)


def test_the_management_api_is_on_the_brokers_host_unless_told_otherwise() -> None:
    env = {"QAYIDIS_AMQP_URL": "amqp://u:p@broker:5673/v"}
    assert management_url(env) == "http://u:p@broker:15672/"
    given = {**env, "QAYIDIS_RABBITMQ_API_URL": "https://api:443"}
    assert management_url(given) == "https://api:443"


def test_secrets_are_made_once_for_the_owner_alone(tmp_path: Path) -> None:
    made = private_secrets(tmp_path)
    assert private_secrets(tmp_path) == made
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600
    every = [value for _, each in made.passwords for value in vars(each).values()]
    assert len({made.postgres, made.rabbitmq, made.receipts, *every}) == 12
    assert made.postgres not in repr(made)
    (tmp_path / "secrets.json").write_text("{}")
    with pytest.raises(DeployError, match="is damaged"):
        private_secrets(tmp_path)


def test_a_port_is_remembered_while_it_is_free(tmp_path: Path) -> None:
    import socket

    file = tmp_path / "ports.json"
    first = remembered_ports(file, ("one", "two"))
    assert remembered_ports(file, ("one", "two")) == first
    assert first["one"] != first["two"]
    with socket.create_server(("127.0.0.1", first["one"])):
        second = remembered_ports(file, ("one", "two"))
    assert second["one"] != first["one"]
    assert second["two"] == first["two"]


def test_a_free_port_is_free_and_a_held_one_is_not() -> None:
    import socket

    with socket.create_server(("127.0.0.1", free_port())) as server:
        assert not is_free(server.getsockname()[1])
