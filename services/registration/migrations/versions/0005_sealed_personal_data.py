"""Phones, FINs, e-mail and home addresses sealed at rest.

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

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_PERSONS = "registration.persons"
_FAMILIES = "registration.families"
_CONTEXTS = {"fin": "persons.fin", "phone": "persons.phone", "email": "persons.email"}
_ADDRESS = "families.residence_address"
_INDEXED = ("fin_index", "phone_index", "phone_tail_index")


def upgrade() -> None:
    for name in (*(f"{name}_sealed" for name in _CONTEXTS), *_INDEXED):
        op.add_column("persons", sa.Column(name, sa.LargeBinary()), schema="registration")
    op.add_column(
        "families",
        sa.Column("residence_address_sealed", sa.LargeBinary()),
        schema="registration",
    )
    plain = Rewriting(_PERSONS, "id", tuple(_CONTEXTS), "coalesce(fin, phone, email) IS NOT NULL")
    persons_sealed = rewrite(plain, _seal_person)
    families_sealed = rewrite(
        Rewriting(_FAMILIES, "id", ["residence_address"], "residence_address IS NOT NULL"),
        lambda sealer, row: {
            "residence_address_sealed": sealer.seal(row["residence_address"], _ADDRESS)
        },
    )
    for name in _CONTEXTS:
        op.drop_column("persons", name, schema="registration")
    op.drop_column("families", "residence_address", schema="registration")
    op.create_unique_constraint(
        op.f("uq_persons_fin_index"), "persons", ["fin_index"], schema="registration"
    )
    for name in ("phone_index", "phone_tail_index"):
        op.create_index(op.f(f"ix_persons_{name}"), "persons", [name], schema="registration")
    if persons_sealed:
        write_anew(_PERSONS, "language")
    if families_sealed:
        write_anew(_FAMILIES, "residence_settlement")
    seal_outbox("registration")
    seal_answers("registration")


def downgrade() -> None:
    forget_answers("registration")
    open_outbox("registration")
    for name in _CONTEXTS:
        op.add_column("persons", sa.Column(name, sa.Text()), schema="registration")
    op.add_column("families", sa.Column("residence_address", sa.Text()), schema="registration")
    sealed = [f"{name}_sealed" for name in _CONTEXTS]
    rewrite(
        Rewriting(_PERSONS, "id", sealed, f"coalesce({', '.join(sealed)}) IS NOT NULL"),
        _open_person,
    )
    column = "residence_address_sealed"
    rewrite(
        Rewriting(_FAMILIES, "id", [column], f"{column} IS NOT NULL"),
        lambda sealer, row: {"residence_address": sealer.open(row[column], _ADDRESS)},
    )
    op.drop_column("families", column, schema="registration")
    for name in (*sealed, *_INDEXED):
        op.drop_column("persons", name, schema="registration")
    op.create_unique_constraint(op.f("uq_persons_fin"), "persons", ["fin"], schema="registration")
    op.create_index(
        "ix_persons_fin_prefix",
        "persons",
        ["fin"],
        schema="registration",
        postgresql_ops={"fin": "text_pattern_ops"},
    )
    op.create_index(
        "ix_persons_phone_trigrams",
        "persons",
        ["phone"],
        schema="registration",
        postgresql_using="gin",
        postgresql_ops={"phone": "public.gin_trgm_ops"},
    )


def _seal_person(sealer: Sealer, row: sa.RowMapping) -> Values:
    fin, phone = row["fin"], row["phone"]
    return {
        **{
            f"{name}_sealed": None if row[name] is None else sealer.seal(row[name], context)
            for name, context in _CONTEXTS.items()
        },
        "fin_index": None if fin is None else sealer.index(fin, "persons.fin"),
        "phone_index": None if phone is None else sealer.index(phone, "persons.phone"),
        "phone_tail_index": (
            None if phone is None else sealer.index(phone[-4:], "persons.phone.tail")
        ),
    }


def _open_person(sealer: Sealer, row: sa.RowMapping) -> Values:
    return {
        name: None if row[f"{name}_sealed"] is None else sealer.open(row[f"{name}_sealed"], context)
        for name, context in _CONTEXTS.items()
    }
