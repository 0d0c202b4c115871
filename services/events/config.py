"""Settings of the events service, read from `EVENTS_…` variables."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """What the events service can be told: nothing beyond what every service can."""

    model_config = SettingsConfigDict(env_prefix="EVENTS_")

    port: int = Field(8002, ge=1, le=65535, description="port to listen on")
