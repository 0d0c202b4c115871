"""The history of families, and merges."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "families", sa.Column("successor_id", sa.Uuid(), nullable=True), schema="registration"
    )
    op.create_foreign_key(
        op.f("fk_families_successor_id"),
        "families",
        "families",
        ["successor_id"],
        ["id"],
        source_schema="registration",
        referent_schema="registration",
    )
    op.create_table(
        "family_versions",
        sa.Column("family_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("changed", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("state_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["family_id"],
            ["registration.families.id"],
            name=op.f("fk_family_versions_family_id"),
        ),
        sa.PrimaryKeyConstraint("family_id", "version", name=op.f("pk_family_versions")),
        schema="registration",
    )
    op.create_index(
        op.f("ix_family_versions_family_id_at"),
        "family_versions",
        ["family_id", "at"],
        schema="registration",
    )
    op.create_index(
        op.f("ix_enrolments_person_ids"),
        "enrolments",
        ["person_ids"],
        schema="registration",
        postgresql_using="gin",
    )
    op.create_table(
        "merges",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("kept_family_id", sa.Uuid(), nullable=False),
        sa.Column("merged_family_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("made_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("pointers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Text(), nullable=True),
        sa.Column("undo_reason_sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merges")),
        schema="registration",
    )
    for column in ("kept_family_id", "merged_family_id"):
        op.create_index(op.f(f"ix_merges_{column}"), "merges", [column], schema="registration")


def downgrade() -> None:
    op.drop_table("merges", schema="registration")
    op.drop_index(op.f("ix_enrolments_person_ids"), table_name="enrolments", schema="registration")
    op.drop_table("family_versions", schema="registration")
    op.drop_constraint(
        op.f("fk_families_successor_id"), "families", schema="registration", type_="foreignkey"
    )
    op.drop_column("families", "successor_id", schema="registration")
