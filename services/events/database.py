"""This service's Postgres schema: the base of its rows and the tables that messaging needs."""

from shared.database import Row, schema_metadata
from shared.idempotency import idempotency_table
from shared.messaging.tables import messaging_tables

METADATA = schema_metadata("events")

messaging_tables(METADATA)
idempotency_table(METADATA)


class Base(Row):
    """The base of this service's rows."""

    __abstract__ = True

    metadata = METADATA
