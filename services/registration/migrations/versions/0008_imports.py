"""Imports: uploaded lists, their staged rows, and what was written of them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_SCHEMA = "registration"
_OF_AN_IMPORT = ("import_pieces", "import_rows", "import_families", "import_faults")


def upgrade() -> None:
    _imports()
    _staged("import_pieces", sa.Column("content_sealed", sa.LargeBinary(), nullable=False))
    _staged(
        "import_rows",
        sa.Column("family", sa.Integer(), nullable=False),
        sa.Column("fin_index", sa.LargeBinary()),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=False),
    )
    op.create_index(
        op.f("ix_import_rows_import_id_family"),
        "import_rows",
        ["import_id", "family"],
        schema=_SCHEMA,
    )
    _staged(
        "import_families",
        sa.Column("first_row", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("family_id", sa.Uuid()),
        sa.Column("fingerprints", postgresql.ARRAY(sa.LargeBinary()), nullable=False),
        sa.Column("values_sealed", sa.LargeBinary(), nullable=False),
    )
    op.create_index(
        "ix_import_families_good",
        "import_families",
        ["import_id", "number"],
        schema=_SCHEMA,
        postgresql_where=sa.text("state = 'good'"),
    )
    _staged(
        "import_faults",
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("about_sealed", sa.LargeBinary()),
    )
    op.create_table(
        "imported_rows",
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("family_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_imported_rows")),
        schema=_SCHEMA,
    )
    op.create_table(
        "import_mappings",
        sa.Column("headers", sa.LargeBinary(), nullable=False),
        sa.Column("plan_sealed", sa.LargeBinary(), nullable=False),
        _moment("updated_at"),
        sa.PrimaryKeyConstraint("headers", name=op.f("pk_import_mappings")),
        schema=_SCHEMA,
    )


def downgrade() -> None:
    for table in ("import_mappings", "imported_rows", *reversed(_OF_AN_IMPORT), "imports"):
        op.drop_table(table, schema=_SCHEMA)


def _imports() -> None:
    counts = (
        "rows", "bad_rows", "families", "bad_families", "already", "duplicates", "written",
        "turned_away", "attempts",
    )  # fmt: skip
    op.create_table(
        "imports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        _moment("created_at"),
        _moment("updated_at"),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("actor", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), server_default="0", nullable=False),
        sa.Column("content_hash", sa.LargeBinary()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("format", sa.Text()),
        sa.Column("encoding", sa.Text()),
        sa.Column("separator", sa.Text()),
        sa.Column("plan_sealed", sa.LargeBinary()),
        sa.Column("missing", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("fault", postgresql.JSONB(astext_type=sa.Text())),
        *(sa.Column(name, sa.Integer(), server_default="0", nullable=False) for name in counts),
        sa.Column("failure", sa.Text()),
        sa.Column("lease_owner", sa.Uuid()),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
        schema=_SCHEMA,
    )
    op.create_index(
        "uq_imports_content",
        "imports",
        ["content_hash"],
        unique=True,
        schema=_SCHEMA,
        postgresql_where=sa.text("state NOT IN ('uploading', 'cancelled', 'refused')"),
    )
    op.create_index(
        op.f("ix_imports_created_by_id"), "imports", ["created_by", "id"], schema=_SCHEMA
    )
    op.create_index(
        "ix_imports_moving",
        "imports",
        ["id"],
        schema=_SCHEMA,
        postgresql_where=sa.text("state IN ('uploading', 'waiting', 'checking', 'committing')"),
    )


def _staged(name: str, *columns: sa.Column[object]) -> None:
    """Make a table of what belongs to one import, and goes with it."""
    keys = [column.name for column in columns if column.name == "place"]
    op.create_table(
        name,
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(
            ["import_id"],
            [f"{_SCHEMA}.imports.id"],
            name=op.f(f"fk_{name}_import_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("import_id", "number", *keys, name=op.f(f"pk_{name}")),
        schema=_SCHEMA,
    )


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(
        name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
    )
