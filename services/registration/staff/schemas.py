"""HTTP bodies of staff accounts and of signing in."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.json_schema import SkipJsonSchema

from services.registration.families.fields import Email
from services.registration.staff import accounts, domain
from services.registration.staff.domain import (
    LONGEST_PASSWORD,
    Language,
    StaffRole,
    check_login,
    read_login,
)
from shared.districts import District
from shared.text import Line, Storable


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


def _unique(roles: list[StaffRole]) -> list[StaffRole]:
    if len(set(roles)) != len(roles):
        raise ValueError("must not name a role twice")
    return roles


def _login(typed: str) -> str:
    login = read_login(typed)
    check_login(login)
    return login


def _not_null(value: Any) -> Any:
    if value is None:
        raise ValueError("must not be null; leave it out to keep what is there")
    return value


Roles = Annotated[list[StaffRole], Field(min_length=1, max_length=4), AfterValidator(_unique)]
Password = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_PASSWORD), Storable]
NewLogin = Annotated[
    str, StringConstraints(max_length=domain.LONGEST_LOGIN), AfterValidator(_login)
]
SessionToken = Annotated[
    str, StringConstraints(min_length=1, max_length=200, pattern="^[A-Za-z0-9_-]+$")
]


class NewStaff(_Strict):
    """A member of the staff to give an account; without a password a temporary one is made."""

    login: NewLogin
    name: Line
    roles: Roles
    district: District | None = Field(None, description="Left out: all districts.")
    language: Language = "az"
    email: Email | None = Field(None, description="Links an OpenID Connect provider's person.")
    password: Password | None = None

    def to_account(self) -> accounts.NewAccount:
        """The same for the use case."""
        return accounts.NewAccount(
            self.login, self.name, frozenset(self.roles), self.district, self.language, self.email
        )


class StaffChange(_Strict):
    """What of an account changes; what is left out stays as it is."""

    name: Annotated[Line | SkipJsonSchema[None], AfterValidator(_not_null)] = None
    roles: Annotated[Roles | SkipJsonSchema[None], AfterValidator(_not_null)] = None
    district: District | None = None
    language: Annotated[Language | SkipJsonSchema[None], AfterValidator(_not_null)] = None
    email: Email | None = None
    disabled: Annotated[bool | SkipJsonSchema[None], AfterValidator(_not_null)] = None

    def to_changes(self) -> accounts.Changes:
        """The same for the use case."""
        given = {name: getattr(self, name) for name in self.model_fields_set}
        if "roles" in given:
            given["roles"] = frozenset(given["roles"])
        return accounts.Changes(frozenset(given), **given)


class WholeAccount(_Strict):
    """All that may change of an account, as a form says it: what is left out is taken away."""

    name: Line
    roles: Roles
    district: District | None = None
    language: Language
    email: Email | None = None

    def to_changes(self) -> accounts.Changes:
        """The same for the use case."""
        given = {**self.model_dump(), "roles": frozenset(self.roles)}
        return accounts.Changes(frozenset(given), **given)


class NewPassword(_Strict):
    """A password for an account; left out, a temporary one is made."""

    password: Password | None = None


class OwnPassword(_Strict):
    """One's own password, changed by who knows it."""

    password: Password
    new_password: Password


class Credentials(_Strict):
    """What a person signs in with."""

    login: Annotated[str, StringConstraints(min_length=1, max_length=200), Storable]
    password: Password


class Session(_Strict):
    """The secret of a session, as signing in gave it."""

    session_token: SessionToken


class Me(BaseModel):
    """A member of the staff."""

    id: UUID
    login: str
    name: str
    roles: list[StaffRole]
    district: str | None
    language: Language

    @classmethod
    def of(cls, staff: domain.Staff) -> "Me":
        """Make it of an entity."""
        return cls.model_validate(_me(staff))


class Account(Me):
    """A staff account, as operators see it."""

    email: str | None
    version: int
    created_at: datetime
    disabled_at: datetime | None
    password_expires_at: datetime | None = Field(description="Until when a temporary one holds.")
    last_seen_at: datetime | None

    @classmethod
    def from_account(cls, account: domain.Account) -> "Account":
        """Make it of an entity."""
        return cls.model_validate(_account(account))


class AccountWithPassword(Account):
    """An account, with the temporary password that is shown this once."""

    temporary_password: str | None

    @classmethod
    def with_password(cls, account: domain.Account, shown: str | None) -> "AccountWithPassword":
        """Make it of an entity."""
        return cls.model_validate({**_account(account), "temporary_password": shown})


class SignedIn(BaseModel):
    """A session: its secret, and a token for the calls of the next minutes (RFC 6750)."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105  no password
    expires_in: int = Field(description="Seconds.")
    session_token: str
    staff: Me


class Refreshed(BaseModel):
    """Another token of the same session."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105  no password
    expires_in: int = Field(description="Seconds.")


class Ended(BaseModel):
    """How many sessions were ended."""

    sessions: int


class KeySet(BaseModel):
    """The public keys that sign tokens (RFC 7517)."""

    keys: list[dict[str, Any]]


def _me(staff: domain.Staff) -> dict[str, Any]:
    return {
        "id": staff.id,
        "login": staff.login,
        "name": staff.name,
        "roles": sorted(staff.roles),
        "district": staff.district,
        "language": staff.language,
    }


def _account(account: domain.Account) -> dict[str, Any]:
    return {
        **_me(account.staff),
        "email": account.email,
        "version": account.version,
        "created_at": account.created_at,
        "disabled_at": account.disabled_at,
        "password_expires_at": account.password_expires_at,
        "last_seen_at": account.last_seen_at,
    }
