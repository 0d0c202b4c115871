"""The rows of search: a dictionary of registered words, and the words of each person."""

from typing import cast
from uuid import UUID

from sqlalchemy import ForeignKey, Identity, Index, Integer, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.registration.database import Base
from services.registration.families.tables import FamilyRow, PersonRow

ORDER = Text(collation="C")
"""Keys that already sort by code point."""


class WordRow(Base):
    """A word as it was spelled in somebody's name or the name of a settlement; never removed."""

    __tablename__ = "words"
    __table_args__ = (UniqueConstraint("spelling"),)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    spelling: Mapped[str]


class WordFoldRow(Base):
    """A key that all spellings of a word share, and the variants by which typing slips meet it."""

    __tablename__ = "word_folds"
    __table_args__ = (Index(None, "variants", postgresql_using="gin"),)

    fold: Mapped[str] = mapped_column(ORDER, primary_key=True)
    word_id: Mapped[int] = mapped_column(ForeignKey(WordRow.id), primary_key=True)
    spelling: Mapped[str]
    variants: Mapped[list[int]] = mapped_column(ARRAY(Integer))


class PersonKeysRow(Base):
    """What a person is found by: the words of the names and places, to meet several at once."""

    __tablename__ = "person_keys"
    __table_args__ = (
        Index(None, "family_id"),
        # Without a list of pending entries, which every search would have to read through.
        Index(None, "words", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
    )

    person_id: Mapped[UUID] = mapped_column(
        ForeignKey(PersonRow.id, ondelete="CASCADE"), primary_key=True
    )
    family_id: Mapped[UUID] = mapped_column(ForeignKey(FamilyRow.id))
    order_key: Mapped[str] = mapped_column(ORDER)
    words: Mapped[list[int]] = mapped_column(ARRAY(Integer))


class PersonWordRow(Base):
    """One word of one person, in the alphabet's order: the first of the thirty thousand Əliyevs.

    Written by triggers of `person_keys` alone.
    """

    __tablename__ = "person_words"

    word_id: Mapped[int] = mapped_column(primary_key=True)
    order_key: Mapped[str] = mapped_column(ORDER, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)


WORDS = cast(Table, WordRow.__table__)
WORD_FOLDS = cast(Table, WordFoldRow.__table__)
PERSON_KEYS = cast(Table, PersonKeysRow.__table__)
PERSON_WORDS = cast(Table, PersonWordRow.__table__)
