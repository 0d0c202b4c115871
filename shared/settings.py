"""Settings: read from the environment once, at the composition root; each has a stated default."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal, NoReturn, TypeVar

from pydantic import AfterValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

S = TypeVar("S", bound=BaseSettings)
P = TypeVar("P")

Positive = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]


def _readable(path: Path) -> Path:
    if not path.is_file():
        raise ValueError(f"there is no file {path}")
    return path


ReadableFile = Annotated[Path, AfterValidator(_readable)]
"""A path where there is a file."""


class ServiceSettings(BaseSettings):
    """What every service can be told; a service adds its own and the prefix of its variables."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    database_url: SecretStr = Field(description="postgresql:// URL of the service's own role")
    amqp_url: SecretStr = Field(description="amqp:// URL of the service's own user")
    token_keys_file: ReadableFile = Field(
        description="JWK Set with the public keys that sign tokens"
    )
    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(ge=1, le=65535, description="port to listen on")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    otlp_url: str = Field("", description="base URL of an OTLP/HTTP collector; empty: no traces")
    otlp_headers: SecretStr = Field(
        SecretStr(""), description="headers for the collector: name=value, by commas"
    )
    trace_ratio: float = Field(
        1.0, ge=0, le=1, description="share of the traces begun here that are kept"
    )

    revision: str = Field("unknown", max_length=80, description="of the code; for metrics alone")
    pool_size: Count = Field(10, description="database connections of one process")
    ready_seconds: Positive = Field(5, description="how long one readiness check may take")
    body_limit: Count = Field(1_048_576, description="bytes of a request's body")
    trusted_proxies: str = Field(
        "127.0.0.1",
        description="addresses or networks, by commas, whose X-Forwarded-For is believed",
    )
    shutdown_seconds: Count = Field(10, description="how long open requests may finish")

    relay_batch: Count = Field(500, description="messages numbered and published at once")
    relay_poll_seconds: Positive = Field(1, description="longest sleep without a wake-up")
    relay_confirm_seconds: Positive = Field(
        30, description="longest wait for a confirm, and for a statement of the relay"
    )
    relay_hand_over_seconds: Positive = Field(
        10, description="how long nobody may lead while one relay follows another"
    )

    consumer_prefetch: Count = Field(400, description="unacknowledged messages of one queue")
    consumer_group: Count = Field(200, description="messages in one transaction")
    consumer_attempts: Count = Field(5, description="tries before a message is parked")
    queue_watch_seconds: Positive = Field(5, description="pause between two looks at a queue")
    queue_starving_seconds: Positive = Field(
        10,
        description="how long messages may wait while the process has room and is given none, "
        "before it says so and consumes anew",
    )

    dead_letters_most: Count = Field(
        20_000, description="dead letters of one queue that are looked at"
    )
    dead_letters_fresh_seconds: Positive = Field(
        10, description="how long what was seen of them is remembered while their number stays"
    )
    dead_letters_stale_seconds: Positive = Field(
        60, description="how old what was seen may be to be shown while a new look takes long"
    )
    dead_letters_wait_seconds: Positive = Field(
        15, description="longest wait for somebody else who is at the same dead letters"
    )

    idempotency_hours: Positive = Field(24, description="how long an Idempotency-Key is kept")
    inbox_days: Positive = Field(30, description="how long a handled message is remembered")
    outbox_days: Positive = Field(30, description="how long a published message is kept")

    @field_validator("database_url")
    @classmethod
    def _is_postgres(cls, value: SecretStr) -> SecretStr:
        if not value.get_secret_value().startswith(("postgresql://", "postgres://")):
            raise ValueError("must be a postgresql:// URL")
        return value

    @field_validator("amqp_url")
    @classmethod
    def _is_amqp(cls, value: SecretStr) -> SecretStr:
        if not value.get_secret_value().startswith(("amqp://", "amqps://")):
            raise ValueError("must be an amqp:// or amqps:// URL")
        return value

    @field_validator("otlp_url")
    @classmethod
    def _is_collector(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must be an http:// or https:// URL")
        return value

    @field_validator("otlp_headers")
    @classmethod
    def _are_headers(cls, value: SecretStr) -> SecretStr:
        for each in filter(None, value.get_secret_value().split(",")):
            if not each.partition("=")[0].strip():
                raise ValueError("must be name=value, several by commas")
        return value

    def collector_headers(self) -> dict[str, str]:
        """The headers for the collector, by name."""
        pairs = (each.partition("=") for each in self.otlp_headers.get_secret_value().split(","))
        return {name.strip(): value.strip() for name, _, value in pairs if name.strip()}


def load(settings: type[S]) -> S:
    """Read settings, or stop the process with one line for each wrong variable, naming it."""
    try:
        return settings()
    except ValidationError as failure:
        stop(*(_line(settings, error["loc"], error["msg"]) for error in failure.errors()))


def stop(*lines: str) -> NoReturn:
    """Say on standard error why the process cannot run, and end it with exit code 2."""
    for line in lines:
        sys.stderr.write(f"{line}\n")
    raise SystemExit(2)


def _line(settings: type[BaseSettings], location: tuple[int | str, ...], message: str) -> str:
    prefix = settings.model_config.get("env_prefix", "")
    name = f"{prefix}{location[0]}".upper() if location else prefix.upper()
    return f"{name}: {message.removeprefix('Value error, ')}"


def part(settings: BaseSettings, name: str, make: Callable[[Path], P]) -> P:
    """Make a part of the service out of the file that a setting names, or stop the process."""
    try:
        return make(getattr(settings, name))
    except ValueError as failure:
        stop(f"{settings.model_config.get('env_prefix', '')}{name.upper()}: {failure}")
