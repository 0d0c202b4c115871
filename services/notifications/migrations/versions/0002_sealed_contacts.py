"""Phones and mailboxes sealed at rest.

Nothing of the plain text stays: rows are sealed, the old columns dropped and the tables written
anew. Copies in the write-ahead log and in older backups live as long as those are kept.
"""

import sqlalchemy as sa
from alembic import op

from shared.sealed_migrations import (
    Rewriting,
    Values,
    forget_answers,
    open_outbox,
    rewrite,
    seal_answers,
    seal_outbox,
    write_anew,
)
from shared.sealing import Sealer

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


_ADDRESS = "contacts.address"
_OLD_UNIQUE = "uq_notifications_enrolment_id_kind_version_address"
_UNIQUE = "uq_notifications_enrolment_id_kind_version_address_index"


def upgrade() -> None:
    for name in ("phone_sealed", "email_sealed", "address_index"):
        op.add_column("contacts", sa.Column(name, sa.LargeBinary()), schema="notifications")
    for name in ("address_sealed", "address_index"):
        op.add_column("notifications", sa.Column(name, sa.LargeBinary()), schema="notifications")
    contacts = Rewriting(
        "notifications.contacts",
        "person_id",
        ["phone", "email"],
        "coalesce(phone, email) IS NOT NULL",
    )
    contacts_sealed = rewrite(contacts, _seal_contact)
    notifications = Rewriting("notifications.notifications", "id", ["address"], "true")
    notifications_sealed = rewrite(
        notifications,
        lambda sealer, row: {
            "address_sealed": sealer.seal(row["address"], _ADDRESS),
            "address_index": sealer.index(row["address"], _ADDRESS),
        },
    )
    for name in ("phone", "email"):
        op.drop_column("contacts", name, schema="notifications")
    # Its constraint and index go with it.
    op.drop_column("notifications", "address", schema="notifications")
    for name in ("address_sealed", "address_index"):
        op.alter_column("notifications", name, nullable=False, schema="notifications")
    _make_unique(_UNIQUE, "address_index")
    if contacts_sealed:
        write_anew("notifications.contacts", "language")
    if notifications_sealed:
        write_anew("notifications.notifications", "language")
    seal_outbox("notifications")
    seal_answers("notifications")


def downgrade() -> None:
    forget_answers("notifications")
    open_outbox("notifications")
    for name in ("phone", "email"):
        op.add_column("contacts", sa.Column(name, sa.Text()), schema="notifications")
    op.add_column("notifications", sa.Column("address", sa.Text()), schema="notifications")
    sealed = ["phone_sealed", "email_sealed"]
    rewrite(
        Rewriting("notifications.contacts", "person_id", sealed, "address_index IS NOT NULL"),
        _open_contact,
    )
    rewrite(
        Rewriting("notifications.notifications", "id", ["address_sealed"], "true"),
        lambda sealer, row: {"address": sealer.open(row["address_sealed"], _ADDRESS)},
    )
    for name in (*sealed, "address_index"):
        op.drop_column("contacts", name, schema="notifications")
    for name in ("address_sealed", "address_index"):
        op.drop_column("notifications", name, schema="notifications")
    op.alter_column("notifications", "address", nullable=False, schema="notifications")
    _make_unique(_OLD_UNIQUE, "address")


def _make_unique(name: str, column: str) -> None:
    op.create_unique_constraint(
        op.f(name),
        "notifications",
        ["enrolment_id", "kind", "version", column],
        schema="notifications",
    )
    op.create_index(
        "uq_notifications_invitation",
        "notifications",
        ["event_id", column],
        unique=True,
        schema="notifications",
        postgresql_where="kind = 'invitation'",
    )


def _seal_contact(sealer: Sealer, row: sa.RowMapping) -> Values:
    phone, email = row["phone"], row["email"]
    return {
        "phone_sealed": None if phone is None else sealer.seal(phone, _ADDRESS),
        "email_sealed": None if email is None else sealer.seal(email, _ADDRESS),
        "address_index": sealer.index(phone or email, _ADDRESS),
    }


def _open_contact(sealer: Sealer, row: sa.RowMapping) -> Values:
    return {
        name: None
        if row[f"{name}_sealed"] is None
        else sealer.open(row[f"{name}_sealed"], _ADDRESS)
        for name in ("phone", "email")
    }
