"""The tables of messaging, one set in every service's Postgres schema."""

from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)

from shared.sealing import sealed_as

DATA = "outbox.data"
"""The context of the data of messages that carry personal data; it never changes."""


@dataclass(frozen=True, slots=True)
class MessagingTables:
    """What leaves (outbox, with the last number given per type) and what came (inbox, suspects)."""

    outbox: Table
    outbox_sequences: Table
    inbox: Table
    suspects: Table


def messaging_tables(metadata: MetaData) -> MessagingTables:
    """Add the tables of messaging to the metadata of a schema."""
    return MessagingTables(
        _outbox(metadata), _outbox_sequences(metadata), _inbox(metadata), _suspects(metadata)
    )


def _outbox(metadata: MetaData) -> Table:
    now = func.now()
    return Table(
        "outbox",
        metadata,
        Column("entry", BigInteger, Identity(always=True), primary_key=True),
        Column("id", Uuid, nullable=False, unique=True),
        Column("type", Text, nullable=False),
        Column("exchange", Text, nullable=False),
        Column("routing_key", Text, nullable=False),
        Column("expects_route", Boolean, nullable=False),
        Column("subject", Text, nullable=False),
        Column("subject_version", Integer, nullable=False),
        Column("occurred_at", DateTime(timezone=True), nullable=False, server_default=now),
        Column("correlation_id", Text, nullable=False),
        Column("causation_id", Text),
        Column("traceparent", Text),
        Column("data", Text),
        Column("sealed", LargeBinary, info=sealed_as(DATA)),
        Column("position", BigInteger, unique=True),
        Column("sequence", BigInteger),
        Column("published_at", DateTime(timezone=True)),
        CheckConstraint("num_nonnulls(data, sealed) = 1", name="data_or_sealed"),
        UniqueConstraint("type", "subject", "subject_version"),
        UniqueConstraint("type", "sequence"),
        Index("ix_outbox_unnumbered", "entry", postgresql_where=text("position IS NULL")),
        Index(
            "ix_outbox_unpublished",
            "position",
            postgresql_where=text("position IS NOT NULL AND published_at IS NULL"),
        ),
        Index("ix_outbox_published_at", "published_at"),
        Index("ix_outbox_waiting", "occurred_at", postgresql_where=text("published_at IS NULL")),
    )


def _outbox_sequences(metadata: MetaData) -> Table:
    # The overall position is kept as the row of the empty type.
    return Table(
        "outbox_sequences",
        metadata,
        Column("type", Text, primary_key=True),
        Column("last", BigInteger, nullable=False),
    )


def _inbox(metadata: MetaData) -> Table:
    return Table(
        "inbox",
        metadata,
        Column("queue", Text, nullable=False),
        Column("message_id", Uuid, nullable=False),
        Column("handled_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        PrimaryKeyConstraint("queue", "message_id"),
        Index("ix_inbox_handled_at", "handled_at"),
    )


def _suspects(metadata: MetaData) -> Table:
    # Hardly ever a row, so it has no index by time.
    return Table(
        "suspects",
        metadata,
        Column("queue", Text, nullable=False),
        Column("message_id", Uuid, nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        PrimaryKeyConstraint("queue", "message_id"),
    )


LOCAL = messaging_tables(MetaData())
"""The same tables without a schema's name: the role's search_path leads to its own."""
