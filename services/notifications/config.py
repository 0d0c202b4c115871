"""Settings of the notifications service: `NOTIFICATIONS_…` in the environment."""

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from shared.settings import Count, Positive, ReadableFile, ServiceSettings


class Settings(ServiceSettings):
    """What every service has, and how texts leave."""

    model_config = SettingsConfigDict(env_prefix="NOTIFICATIONS_")

    port: int = Field(8003, ge=1, le=65535, description="port to listen on")

    sealing_keys_file: ReadableFile = Field(description="ring of keys that seal personal data")

    sms_url: str = Field(description="base URL of the SMS provider")
    sms_from: str = Field("Qayidis", description="sender that phones show", max_length=11)
    sms_provider: str = Field("handset", description="the provider's name in receipts' URL")
    sms_receipt_secret: SecretStr = Field(description="key of the receipts' HMAC")
    sms_connect_seconds: Positive = Field(5, description="longest wait for a connection")
    sms_answer_seconds: Positive = Field(15, description="longest wait for an answer")
    smtp_url: str = Field(description="smtp://[user:password@]host:port of the mail server")
    smtp_from: str = Field("qayidis@localhost", description="sender of e-mails")
    smtp_seconds: Positive = Field(15, description="longest wait for the mail server")

    deliveries_in_flight: Count = Field(100, description="calls to providers at once")
    delivery_lease_seconds: Positive = Field(120, description="after that a call counts as lost")
    delivery_poll_seconds: Positive = Field(1, description="longest sleep without a wake-up")
    delivery_attempts: Count = Field(100, description="tries while failures are temporary")
    delivery_backoff_first_seconds: Positive = Field(2, description="wait after the first failure")
    delivery_backoff_last_seconds: Positive = Field(300, description="longest wait between tries")

    @field_validator("sms_url")
    @classmethod
    def _is_http(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("must be an http:// or https:// URL")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _is_smtp(cls, value: str) -> str:
        if not value.startswith(("smtp://", "smtps://")):
            raise ValueError("must be an smtp:// or smtps:// URL")
        return value
