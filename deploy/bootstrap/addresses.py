"""Taking URLs apart and putting them together, with passwords quoted."""

from dataclasses import dataclass, field, replace
from urllib.parse import quote, unquote, urlsplit

from deploy.bootstrap.failure import DeployError

_DEFAULT_PORTS = {
    "postgresql": 5432,
    "postgres": 5432,
    "amqp": 5672,
    "amqps": 5671,
    "http": 80,
    "https": 443,
}


@dataclass(frozen=True)
class Address:
    """A server's URL in parts, unquoted; `path` is the database or the virtual host."""

    scheme: str
    user: str
    password: str = field(repr=False)
    host: str
    port: int
    path: str
    query: str = ""

    @property
    def url(self) -> str:
        """The URL, with everything quoted that has to be (RFC 3986)."""
        who = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}@" if self.user else ""
        host = f"[{self.host}]" if ":" in self.host else self.host
        query = f"?{self.query}" if self.query else ""
        return f"{self.scheme}://{who}{host}:{self.port}/{quote(self.path, safe='')}{query}"

    @property
    def place(self) -> str:
        """Host and port alone, fit for a message to a person."""
        return f"{self.host}:{self.port}"


def parse(url: str, schemes: tuple[str, ...], name: str) -> Address:
    """Take `url` apart; the schemes' own default port is filled in.

    Raises DeployError naming the setting `name`, never its value, when the URL is not of `schemes`
    or its host or port is unusable.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as wrong:
        raise DeployError(f"{name} is not a URL with a host and a port") from wrong
    if parts.scheme not in schemes or not parts.hostname:
        raise DeployError(f"{name} must look like {schemes[0]}://user:password@host:port/…")
    return Address(
        scheme=parts.scheme,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        host=parts.hostname,
        port=port or _DEFAULT_PORTS[parts.scheme],
        path=unquote(parts.path.removeprefix("/")),
        query=parts.query,
    )


def postgres(url: str, name: str = "QAYIDIS_POSTGRES_URL") -> Address:
    """Take a Postgres URL apart. Raises DeployError naming the setting `name`."""
    return parse(url, ("postgresql", "postgres"), name)


def amqp(url: str, name: str = "QAYIDIS_AMQP_URL") -> Address:
    """Take an AMQP URL apart; without a path it means the virtual host "/". Raises DeployError."""
    address = parse(url, ("amqp", "amqps"), name)
    return address if address.path else replace(address, path="/")


def http(url: str, name: str = "QAYIDIS_RABBITMQ_API_URL") -> Address:
    """Take an HTTP URL apart. Raises DeployError naming the setting `name`."""
    return parse(url, ("http", "https"), name)
