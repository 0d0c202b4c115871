"""Settings of the handset, read from `HANDSET_…` in the environment."""

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.settings import Count, Positive


class Settings(BaseSettings):
    """Where the handset listens and how it sends receipts."""

    model_config = SettingsConfigDict(env_prefix="HANDSET_", frozen=True, env_ignore_empty=True)

    host: str = Field("127.0.0.1", description="address to listen on, HTTP and SMTP")
    port: int = Field(8004, ge=1, le=65535, description="port of the page and of the SMS API")
    smtp_port: int = Field(8025, ge=1, le=65535, description="port of the mailboxes")
    answer_seconds: float = Field(
        0, ge=0, le=60, description="how long every SMS answer takes, as with a provider far away"
    )
    receipts_url: str = Field("", description="where receipts go; empty: none are sent")
    receipt_secret: SecretStr = Field(
        SecretStr(""), validate_default=True, description="key of the receipts' signature"
    )
    receipt_delay_seconds: float = Field(
        0.3, ge=0, le=3600, description="from accepting a text to its receipt"
    )
    receipt_tries: Count = Field(30, description="tries per receipt; 30 is about ten minutes")
    receipt_backoff_seconds: Positive = Field(
        0.25, description="wait after the first failed try; doubles up to 30 s"
    )

    @field_validator("receipts_url")
    @classmethod
    def _is_an_http_address(cls, url: str) -> str:
        if url and not url.startswith(("http://", "https://")):
            raise ValueError("must be empty or start with http:// or https://")
        return url

    @field_validator("receipt_secret")
    @classmethod
    def _signs_receipts(cls, secret: SecretStr, others: ValidationInfo) -> SecretStr:
        if others.data.get("receipts_url") and not secret.get_secret_value():
            raise ValueError("must be set when HANDSET_RECEIPTS_URL is")
        return secret
