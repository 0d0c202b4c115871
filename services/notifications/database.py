"""This service's Postgres schema: the base of its rows and the tables that messaging needs."""

from shared.database import Row, schema_metadata
from shared.idempotency import idempotency_table
from shared.messaging.dead_letters.tables import dead_letter_records_table
from shared.messaging.tables import messaging_tables

METADATA = schema_metadata("notifications")

messaging_tables(METADATA)
dead_letter_records_table(METADATA)
idempotency_table(METADATA)


class Base(Row):
    """The base of this service's rows."""

    __abstract__ = True

    metadata = METADATA
