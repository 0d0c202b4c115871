"""What the registration service can be told by the environment."""

from datetime import timedelta

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from services.registration.staff.domain import Limits
from shared.settings import Count, Positive, ReadableFile, ServiceSettings


class Settings(ServiceSettings):
    """The settings of the registration service, `REGISTRATION_…` in the environment."""

    model_config = SettingsConfigDict(env_prefix="REGISTRATION_")

    port: int = Field(8001, ge=1, le=65535, description="port to listen on")

    sealing_keys_file: ReadableFile = Field(description="ring of keys that seal personal data")
    staff_key_file: ReadableFile = Field(description="private JWK that signs staff's tokens")
    ticket_key_file: ReadableFile = Field(description="private JWK that signs tickets")

    audit_seal_seconds: Positive = Field(
        1, description="longest wait of an audit entry for its place in the chain"
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
