"""The rows of staff accounts, their sessions, and failed tries to sign in."""

from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.registration.database import Base


class StaffRow(Base):
    """An account; without a password its person signs in by OpenID Connect alone.

    `oidc_subject` is the provider's own name of the person (issuer and subject), once linked.
    """

    __tablename__ = "staff"
    __table_args__ = (
        UniqueConstraint("login"),
        UniqueConstraint("email"),
        UniqueConstraint("oidc_subject"),
        CheckConstraint("cardinality(roles) > 0", name="roles"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    login: Mapped[str]
    name: Mapped[str]
    email: Mapped[str | None]
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    district: Mapped[str | None]
    language: Mapped[str]
    password_hash: Mapped[str | None]
    password_expires_at: Mapped[datetime | None]
    oidc_subject: Mapped[str | None]
    disabled_at: Mapped[datetime | None]


class StaffSessionRow(Base):
    """One signed-in browser or program, by the hash (SHA-256) of its random token."""

    __tablename__ = "staff_sessions"
    __table_args__ = (UniqueConstraint("token_hash"), Index(None, "staff_id", "expires_at"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey(StaffRow.id))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    last_seen_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class SignInFailuresRow(Base):
    """How often signing in failed of late, by login or by network address.

    The key is a hash: people type their password where the login belongs. `since` is when the
    period began, and then when the limit was reached.
    """

    __tablename__ = "sign_in_failures"
    __table_args__ = (Index(None, "since"),)

    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    failures: Mapped[int]
    since: Mapped[datetime]


STAFF = cast(Table, StaffRow.__table__)
SESSIONS = cast(Table, StaffSessionRow.__table__)
FAILURES = cast(Table, SignInFailuresRow.__table__)
