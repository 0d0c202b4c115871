"""Search keys and cases of likely duplicates."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_ORDER = sa.Text(collation="C")
_INTEGERS = postgresql.ARRAY(sa.Integer())

_POST_WORDS = """
CREATE FUNCTION registration.post_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM registration.person_words w USING gone g, unnest(g.words) AS u(word_id)
        WHERE w.word_id = u.word_id AND w.order_key = g.order_key AND w.person_id = g.person_id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO registration.person_words (word_id, order_key, person_id)
        SELECT u.word_id, c.order_key, c.person_id FROM came c, unnest(c.words) AS u(word_id);
    END IF;
    RETURN NULL;
END $$
"""
_TRIGGERS = {
    "INSERT": "NEW TABLE AS came",
    "UPDATE": "OLD TABLE AS gone NEW TABLE AS came",
    "DELETE": "OLD TABLE AS gone",
}


def upgrade() -> None:
    _create_words()
    _create_person_keys()
    _create_duplicates()
    op.drop_index("ix_persons_name_key_trigrams", table_name="persons", schema="registration")
    op.drop_column("persons", "name_key", schema="registration")


def downgrade() -> None:
    op.add_column(
        "persons",
        sa.Column("name_key", sa.Text(), nullable=False, server_default=""),
        schema="registration",
    )
    op.alter_column("persons", "name_key", server_default=None, schema="registration")
    op.create_index(
        "ix_persons_name_key_trigrams",
        "persons",
        ["name_key"],
        schema="registration",
        postgresql_using="gin",
        postgresql_ops={"name_key": "public.gin_trgm_ops"},
    )
    for table in ("duplicate_cases", "comparisons", "person_blocks"):
        op.drop_table(table, schema="registration")
    for table in ("person_words", "person_keys", "word_folds", "words"):
        op.drop_table(table, schema="registration")
    op.execute("DROP FUNCTION registration.post_words()")


def _create_words() -> None:
    op.create_table(
        "words",
        sa.Column("id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("spelling", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_words")),
        sa.UniqueConstraint("spelling", name=op.f("uq_words_spelling")),
        schema="registration",
    )
    op.create_table(
        "word_folds",
        sa.Column("fold", _ORDER, nullable=False),
        sa.Column("word_id", sa.Integer(), nullable=False),
        sa.Column("spelling", sa.Text(), nullable=False),
        sa.Column("variants", _INTEGERS, nullable=False),
        sa.ForeignKeyConstraint(
            ["word_id"], ["registration.words.id"], name=op.f("fk_word_folds_word_id")
        ),
        sa.PrimaryKeyConstraint("fold", "word_id", name=op.f("pk_word_folds")),
        schema="registration",
    )
    op.create_index(
        op.f("ix_word_folds_variants"),
        "word_folds",
        ["variants"],
        schema="registration",
        postgresql_using="gin",
    )


def _create_person_keys() -> None:
    op.create_table(
        "person_keys",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("family_id", sa.Uuid(), nullable=False),
        sa.Column("order_key", _ORDER, nullable=False),
        sa.Column("words", _INTEGERS, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["registration.persons.id"],
            name=op.f("fk_person_keys_person_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["family_id"], ["registration.families.id"], name=op.f("fk_person_keys_family_id")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_person_keys")),
        schema="registration",
    )
    op.create_index(
        op.f("ix_person_keys_family_id"), "person_keys", ["family_id"], schema="registration"
    )
    op.create_index(
        op.f("ix_person_keys_words"),
        "person_keys",
        ["words"],
        schema="registration",
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )
    op.create_table(
        "person_words",
        sa.Column("word_id", sa.Integer(), nullable=False),
        sa.Column("order_key", _ORDER, nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("word_id", "order_key", "person_id", name=op.f("pk_person_words")),
        schema="registration",
    )
    op.execute(_POST_WORDS)
    for event, tables in _TRIGGERS.items():
        op.execute(
            f"CREATE TRIGGER post_words_{event.lower()} AFTER {event} "
            f"ON registration.person_keys REFERENCING {tables} "
            "FOR EACH STATEMENT EXECUTE FUNCTION registration.post_words()"
        )


def _create_duplicates() -> None:
    op.create_table(
        "comparisons",
        sa.Column("entry", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("family_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_comparisons")),
        schema="registration",
    )
    # Whoever compares a family makes what it is found by too, so this fills both.
    op.execute(
        "INSERT INTO registration.comparisons (family_id) "
        "SELECT id FROM registration.families ORDER BY id"
    )
    op.create_table(
        "person_blocks",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("blocks", _INTEGERS, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["registration.persons.id"],
            name=op.f("fk_person_blocks_person_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_person_blocks")),
        schema="registration",
    )
    op.create_index(
        op.f("ix_person_blocks_blocks"),
        "person_blocks",
        ["blocks"],
        schema="registration",
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "duplicate_cases",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("family_a", sa.Uuid(), nullable=False),
        sa.Column("family_b", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("pairs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("opened_at", moment, server_default=sa.text("now()"), nullable=False),
        sa.Column("claimed_by", sa.Text(), nullable=True),
        sa.Column("claimed_at", moment, nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", moment, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint("family_a <= family_b", name=op.f("ck_duplicate_cases_order")),
        sa.CheckConstraint(
            "state IN ('open', 'dismissed', 'merged', 'lapsed')",
            name=op.f("ck_duplicate_cases_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_cases")),
        sa.UniqueConstraint(
            "family_a", "family_b", name=op.f("uq_duplicate_cases_family_a_family_b")
        ),
        schema="registration",
    )
    for columns in (["family_b"], ["state", "score", "id"]):
        op.create_index(
            op.f(f"ix_duplicate_cases_{'_'.join(columns)}"),
            "duplicate_cases",
            columns,
            schema="registration",
        )
