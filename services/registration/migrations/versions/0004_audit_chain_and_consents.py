"""The chain of the audit log, consents and erasures."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_SCHEMA = "registration"


def upgrade() -> None:
    _create_chain()
    _create_consents()
    _create_erasures()


def downgrade() -> None:
    for table in ("erased_persons", "erasures", "consents"):
        op.drop_table(table, schema=_SCHEMA)
    _drop_chain()


def _create_chain() -> None:
    op.create_index(
        op.f("ix_audit_entries_subject_id_entry"),
        "audit_entries",
        ["subject_id", "entry"],
        schema=_SCHEMA,
    )
    op.create_table(
        "audit_waiting",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_audit_waiting")),
        schema=_SCHEMA,
    )
    op.create_table(
        "audit_seals",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("octet_length(previous) = 32", name=op.f("ck_audit_seals_previous")),
        sa.CheckConstraint("octet_length(digest) = 32", name=op.f("ck_audit_seals_digest")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit_seals")),
        sa.UniqueConstraint("entry", name=op.f("uq_audit_seals_entry")),
        sa.UniqueConstraint("previous", name=op.f("uq_audit_seals_previous")),
        schema=_SCHEMA,
    )
    op.create_table(
        "audit_heads",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_audit_heads")),
        schema=_SCHEMA,
    )
    op.execute(
        f"CREATE FUNCTION {_SCHEMA}.refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% of % is refused: what is written there stays', "
        "TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege'; END $$"
    )
    _keep_for_ever(["audit_entries", "audit_seals", "audit_heads"])
    op.execute(
        "CREATE FUNCTION registration.audit_waits() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN INSERT INTO registration.audit_waiting SELECT entry FROM written; "
        "RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_waits AFTER INSERT ON registration.audit_entries "
        "REFERENCING NEW TABLE AS written "
        "FOR EACH STATEMENT EXECUTE FUNCTION registration.audit_waits()"
    )
    op.execute(
        "INSERT INTO registration.audit_waiting SELECT entry FROM registration.audit_entries"
    )


def _create_consents() -> None:
    op.create_table(
        "consents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("family_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("wording", sa.Integer(), nullable=False),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('given', 'withdrawn', 'expired')", name=op.f("ck_consents_kind")
        ),
        sa.ForeignKeyConstraint(
            ["family_id"], ["registration.families.id"], name=op.f("fk_consents_family_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
        sa.UniqueConstraint("number", name=op.f("uq_consents_number")),
        schema=_SCHEMA,
    )
    op.create_index(
        op.f("ix_consents_family_id_purpose_number"),
        "consents",
        ["family_id", "purpose", "number"],
        schema=_SCHEMA,
    )
    op.create_index(
        "ix_consents_valid_until",
        "consents",
        ["valid_until"],
        schema=_SCHEMA,
        postgresql_where=sa.text("valid_until IS NOT NULL AND kind = 'given'"),
    )
    # What families allow already becomes the start of their history.
    op.execute(
        "INSERT INTO registration.consents (id, family_id, purpose, kind, basis, given_by, "
        "decided_on, channel, wording, recorded_by) "
        "SELECT gen_random_uuid(), id, unnest(consent_purposes), 'given', consent_basis, "
        "consent_given_by, consent_given_on, 'desk', 1, 'system' FROM registration.families "
        "WHERE consent_basis IS NOT NULL"
    )
    _keep_for_ever(["consents"])


def _create_erasures() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "requested_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("family_id", sa.Uuid(), nullable=False),
        sa.Column("whole_family", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["family_id"], ["registration.families.id"], name=op.f("fk_erasures_family_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
        schema=_SCHEMA,
    )
    op.create_table(
        "erased_persons",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("erasure_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sex", sa.Text(), nullable=True),
        sa.Column("birth_year", sa.SmallInteger(), nullable=True),
        sa.Column("origin_district", sa.Text(), nullable=True),
        sa.Column("residence_district", sa.Text(), nullable=True),
        sa.Column("registration_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("notifications_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["erasure_id"],
            ["registration.erasures.id"],
            name=op.f("fk_erased_persons_erasure_id"),
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_erased_persons")),
        schema=_SCHEMA,
    )
    op.create_index(
        op.f("ix_erased_persons_erasure_id"), "erased_persons", ["erasure_id"], schema=_SCHEMA
    )
    op.create_index(
        "ix_erased_persons_unswept",
        "erased_persons",
        ["person_id"],
        schema=_SCHEMA,
        postgresql_where=sa.text("registration_at IS NULL"),
    )


def _drop_chain() -> None:
    op.execute(f"DROP TRIGGER audit_waits ON {_SCHEMA}.audit_entries")
    op.execute(f"DROP FUNCTION {_SCHEMA}.audit_waits()")
    op.execute(f"DROP TRIGGER refuse_change ON {_SCHEMA}.audit_entries")
    op.execute(f"GRANT UPDATE, DELETE ON {_SCHEMA}.audit_entries TO registration_app")
    for table in ("audit_heads", "audit_seals", "audit_waiting"):
        op.drop_table(table, schema=_SCHEMA)
    op.execute(f"DROP FUNCTION {_SCHEMA}.refuse_change()")
    op.drop_index(
        op.f("ix_audit_entries_subject_id_entry"), table_name="audit_entries", schema=_SCHEMA
    )


def _keep_for_ever(tables: Sequence[str]) -> None:
    """Let the service only add to tables, and nobody change them by mistake."""
    for table in tables:
        op.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {_SCHEMA}.{table} FROM registration_app")
        op.execute(
            f"CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE "
            f"ON {_SCHEMA}.{table} FOR EACH STATEMENT EXECUTE FUNCTION {_SCHEMA}.refuse_change()"
        )
