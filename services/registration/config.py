"""What the registration service can be told by the environment."""

from datetime import timedelta
from typing import Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from services.registration.dead_letters.waiting import Patience
from services.registration.exports.sending import Limits as ExportLimits
from services.registration.imports.domain import Limits as ReadingLimits
from services.registration.imports.domain import WorkLimits
from services.registration.seats import live
from services.registration.staff.domain import Limits
from services.registration.staff.oidc import OidcClient, Provider
from shared.settings import Count, Positive, ReadableFile, ServiceSettings


class Settings(ServiceSettings):
    """The settings of the registration service, `REGISTRATION_…` in the environment."""

    model_config = SettingsConfigDict(env_prefix="REGISTRATION_")

    port: int = Field(8001, ge=1, le=65535, description="port to listen on")

    sealing_keys_file: ReadableFile = Field(description="ring of keys that seal personal data")
    staff_key_file: ReadableFile = Field(description="private JWK that signs staff's tokens")
    ticket_key_file: ReadableFile = Field(description="private JWK that signs tickets")

    console_services: str = Field(
        "",
        pattern=r"^$|^[a-z]{1,30}=https?://[^/\s,]+(,[a-z]{1,30}=https?://[^/\s,]+)*$",
        description="base URLs of services whose dead letters the operator's page shows too: "
        "notifications=http://notifications:8003",
    )
    console_at_once: Count = Field(
        2,
        description="operator's pages that wait for one of those services, or for this one's own "
        "dead letters, at once; each holds a database connection, others are told to come again",
    )
    console_look_seconds: Positive = Field(
        5, description="longest wait of such a page for the dead letters it lists"
    )
    console_seconds: Positive = Field(
        30, description="longest wait for one letter of those services, a replay or a drop"
    )

    def console_patience(self) -> Patience:
        """What bounds the waiting of the operator's pages."""
        return Patience(self.console_at_once, self.console_look_seconds, self.console_seconds)

    def console_urls(self) -> dict[str, str]:
        """The base URLs by the service's name."""
        named = (each.partition("=") for each in self.console_services.split(",") if each)
        return {name: url for name, _, url in named}

    consent_expiry_seconds: Positive = Field(
        60, description="how often consents are looked through for those past their validity"
    )
    erasure_sweep_seconds: Positive = Field(
        1, description="how often it is looked whether the last traces of erased persons can go"
    )
    audit_seal_seconds: Positive = Field(
        1, description="longest wait of an audit entry for its place in the chain"
    )

    duplicates_batch: Count = Field(
        50, description="families compared with all others in one transaction"
    )
    duplicates_poll_seconds: Positive = Field(
        0.5, description="longest wait of a family until it is compared with all others"
    )

    staff_password_length: Count = Field(12, description="fewest characters of a new password")
    staff_failures: Count = Field(5, description="wrong passwords until a login is locked")
    staff_lock_minutes: Positive = Field(15, description="how long a login or address is locked")
    staff_address_failures: Count = Field(
        100, description="failed sign-ins of one network address until it is locked"
    )
    staff_idle_minutes: Positive = Field(30, description="how long an unused session lives")
    staff_session_hours: Positive = Field(12, description="how long any session lives")
    staff_token_minutes: Positive = Field(10, description="how long an access token holds")
    staff_temporary_password_hours: Positive = Field(
        72, description="how long a password made by the system may be used"
    )

    import_body_limit: Count = Field(52_428_800, description="bytes of an uploaded list")
    import_rows: Count = Field(200_000, description="rows of an uploaded list")
    import_columns: Count = Field(200, description="columns of an uploaded list")
    import_reader_memory: Count = Field(
        419_430_400, description="bytes that reading a list may take, in a process of its own"
    )
    import_reader_seconds: Count = Field(600, description="processor time that reading may take")
    import_lease_seconds: Positive = Field(30, description="when a dead process's import is taken")
    import_poll_seconds: Positive = Field(1, description="longest sleep before an import is seen")
    import_attempts: Count = Field(5, description="tries before an import is parked as failed")
    import_keep_days: Positive = Field(
        7, description="how long the file and rows of an import that is over are kept"
    )

    exports_at_once: Count = Field(
        2, description="lists that are taken out at once; each holds a database connection"
    )
    exports_stall_seconds: Positive = Field(
        60, description="how long who takes a list out may leave a piece of it unread"
    )

    def export_limits(self) -> ExportLimits:
        """What bounds taking lists out."""
        return ExportLimits(self.exports_at_once, self.exports_stall_seconds)

    public_url: str | None = Field(
        None,
        pattern=r"^https?://[^/\s]+$",
        description="what browsers type to reach the pages; needed where a proxy changes the Host",
    )
    secure_cookies: bool = Field(
        False, description="send the pages' cookies over https alone: yes behind a TLS proxy"
    )

    live_watchers: Count = Field(200, description="pages that may watch seats live at once")
    live_seconds: Positive = Field(1, description="how often seats are looked at while watched")
    live_stream_seconds: Positive = Field(300, description="how long one stream of seats lives")

    def live_limits(self) -> live.Limits:
        """What bounds the live seat counts."""
        return live.Limits(self.live_watchers, self.live_seconds, self.live_stream_seconds)

    oidc_issuer: str | None = Field(
        None,
        pattern=r"^https?://\S+$",
        description="OpenID Connect provider where staff may sign in, as it names itself",
    )
    oidc_client_id: str | None = Field(None, description="how the provider knows us")
    oidc_client_secret: SecretStr | None = Field(None, description="what proves it is us")
    oidc_login_claim: str | None = Field(
        None,
        description="claim of the provider that holds the login of an account here; without it "
        "accounts are found by verified e-mail alone",
    )

    @model_validator(mode="after")
    def _oidc_is_whole(self) -> Self:
        given = (self.oidc_issuer, self.oidc_client_id, self.oidc_client_secret)
        if any(given) and not all(given):
            raise ValueError("OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET go together")
        return self

    def oidc_client(self) -> OidcClient | None:
        """What asks the OpenID Connect provider, where there is one."""
        if not (self.oidc_issuer and self.oidc_client_id and self.oidc_client_secret):
            return None
        provider = Provider(self.oidc_issuer, self.oidc_client_id, self.oidc_client_secret)
        return OidcClient(provider, self.oidc_login_claim)

    def staff_limits(self) -> Limits:
        """What bounds signing in."""
        return Limits(
            password_length=self.staff_password_length,
            failures=self.staff_failures,
            lock=timedelta(minutes=self.staff_lock_minutes),
            address_failures=self.staff_address_failures,
            idle=timedelta(minutes=self.staff_idle_minutes),
            session=timedelta(hours=self.staff_session_hours),
            temporary_password=timedelta(hours=self.staff_temporary_password_hours),
        )

    def import_limits(self) -> WorkLimits:
        """What bounds the work on imports."""
        return WorkLimits(
            reading=ReadingLimits(
                rows=self.import_rows,
                columns=self.import_columns,
                memory=self.import_reader_memory,
                seconds=self.import_reader_seconds,
            ),
            lease=self.import_lease_seconds,
            poll=self.import_poll_seconds,
            attempts=self.import_attempts,
            keep_days=self.import_keep_days,
        )

    offer_poll_seconds: float = Field(
        5, gt=0, le=600, description="how often offers of seats are looked through for overdue ones"
    )
