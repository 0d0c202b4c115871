"""Who may open what: the administrator's addresses and every service's passwords."""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields

SERVICES = ("registration", "events", "notifications")


@dataclass(frozen=True)
class Administrator:
    """Addresses of the servers, with an administrator's name and password in each.

    `amqp_url` names the virtual host in its path. `rabbitmq_api_url` may leave name and
    password out: then those of `amqp_url` are used.
    """

    postgres_url: str = field(repr=False)
    amqp_url: str = field(repr=False)
    rabbitmq_api_url: str = field(repr=False)


@dataclass(frozen=True)
class ServicePasswords:
    """One service's three passwords: its database role, its migrator and its broker user."""

    database: str = field(repr=False)
    migrator: str = field(repr=False)
    amqp: str = field(repr=False)


@dataclass(frozen=True)
class Passwords:
    """The passwords of all services."""

    registration: ServicePasswords
    events: ServicePasswords
    notifications: ServicePasswords

    def of(self, service: str) -> ServicePasswords:
        """Give the passwords of `service`. Raises KeyError for an unknown name."""
        return dict(self)[service]

    def __iter__(self) -> Iterator[tuple[str, ServicePasswords]]:
        """Walk over (service, passwords) in the order of starting."""
        return iter([(each.name, getattr(self, each.name)) for each in fields(self)])
