"""The record of what left a dead letter queue and why, one table in each service that consumes."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    func,
)

from shared.sealing import sealed_as

MESSAGE = "dead_letter_records.message"
"""The context of messages that are kept with their record; it never changes."""

NAME = "dead_letter_records"


def dead_letter_records_table(metadata: MetaData) -> Table:
    """Add the table of records to the metadata of a schema.

    `failed_at`, `failure` and the like are those of the letter; `message` is its whole message,
    sealed, and goes when a person in it is erased. Records are kept for ever.
    """
    return Table(
        NAME,
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        Column("actor", Text, nullable=False),
        Column("action", Text, nullable=False),
        Column("reason", Text),
        Column("ref", Text, nullable=False),
        Column("queue", Text, nullable=False),
        Column("message_id", Text),
        Column("type", Text),
        Column("exception", Text, nullable=False),
        Column("failure", Text),
        Column("failed_at", DateTime(timezone=True)),
        Column("version", Text),
        Column("replays", Integer, nullable=False),
        Column("message", LargeBinary, info=sealed_as(MESSAGE)),
        CheckConstraint("action IN ('replayed', 'dropped', 'shown')", name="action_known"),
        CheckConstraint(
            "action <> 'dropped' OR coalesce(reason, '') <> ''", name="dropped_for_a_reason"
        ),
        Index("ix_dead_letter_records_ref", "ref"),
    )


RECORDS = dead_letter_records_table(MetaData())
"""The same table without a schema's name: the role's search_path leads to its own."""
