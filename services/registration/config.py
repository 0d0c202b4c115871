"""What the registration service can be told by the environment."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import ReadableFile, ServiceSettings


class Settings(ServiceSettings):
    """The settings of the registration service, `REGISTRATION_…` in the environment."""

    model_config = SettingsConfigDict(env_prefix="REGISTRATION_")

    port: int = Field(8001, ge=1, le=65535, description="port to listen on")

    sealing_keys_file: ReadableFile = Field(description="ring of keys that seal personal data")
    staff_key_file: ReadableFile = Field(description="private JWK that signs staff's tokens")
    ticket_key_file: ReadableFile = Field(description="private JWK that signs tickets")
