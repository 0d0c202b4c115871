"""Postgres: the base of a service's rows, the engine and the sessions."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic_core import to_json
from sqlalchemy import DateTime, MetaData, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase

from shared.pool import measure_use, measured_pool

Sessions = async_sessionmaker[AsyncSession]

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Row(DeclarativeBase):
    """The base of every row; a service derives its own with its schema's metadata."""

    __abstract__ = True

    type_annotation_map = {  # noqa: RUF012  SQLAlchemy reads it from the class
        datetime: DateTime(timezone=True),
        str: Text(),
        dict[str, Any]: JSONB(),
    }


def schema_metadata(schema: str) -> MetaData:
    """Make the metadata of one Postgres schema, constraints named so that Alembic can drop them."""
    return MetaData(schema=schema, naming_convention=NAMING)


def async_url(url: str) -> URL:
    """Turn a `postgresql://` URL into one that SQLAlchemy opens with asyncpg."""
    return make_url(url).set(drivername="postgresql+asyncpg")


def create_engine(url: str, *, service: str, pool_size: int) -> AsyncEngine:
    """Make the engine of one service; connections name the service in `pg_stat_activity`."""
    engine = create_async_engine(
        async_url(url),
        poolclass=measured_pool(service),
        pool_size=pool_size,
        max_overflow=0,
        pool_pre_ping=True,
        # An error's text would tell a person's data to the log.
        hide_parameters=True,
        json_serializer=_to_json,
        json_deserializer=json.loads,
        connect_args={"server_settings": {"application_name": service, "timezone": "UTC"}},
    )
    measure_use(engine, service)
    return engine


def create_sessions(engine: AsyncEngine, info: Mapping[str, Any] | None = None) -> Sessions:
    """Make the factory of sessions; rows stay readable after the commit at the edge.

    `info` is what every session carries along.
    """
    return async_sessionmaker(engine, expire_on_commit=False, info=dict(info or {}))


def _to_json(value: Mapping[str, Any]) -> str:
    return to_json(value).decode()
