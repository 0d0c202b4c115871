"""`python -m deploy.local.demo`: wait for the services, then play the seminar once."""

import sys

from pydantic import AnyHttpUrl, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from deploy.bootstrap.failure import DeployError
from deploy.cli.tokens import issue_token
from deploy.local.demo.client import Api
from deploy.local.demo.play import play_seminar
from shared.settings import Positive, load


class Settings(BaseSettings):
    """Where the services are. Tokens are signed with the key in `QAYIDIS_KEYS_DIR`."""

    model_config = SettingsConfigDict(env_prefix="DEMO_", frozen=True, env_ignore_empty=True)

    registration_url: AnyHttpUrl = AnyHttpUrl("http://127.0.0.1:8001")
    events_url: AnyHttpUrl = AnyHttpUrl("http://127.0.0.1:8002")
    notifications_url: AnyHttpUrl = AnyHttpUrl("http://127.0.0.1:8003")
    handset_url: AnyHttpUrl = AnyHttpUrl("http://127.0.0.1:8004")
    wait_seconds: Positive = Field(120, description="how long a service may take to be ready")


def main() -> None:
    """Play it. A failing call, or a service that does not get ready: one line, exit 1."""
    settings = load(Settings)
    where = {
        "registration": str(settings.registration_url),
        "events": str(settings.events_url),
        "notifications": str(settings.notifications_url),
        "handset": str(settings.handset_url),
    }
    try:
        for name, url in where.items():
            with Api(name, url) as service:
                service.wait_until_ready(settings.wait_seconds)
        play_seminar(
            where,
            registrar_token=issue_token(["registrar"]),
            organiser_token=issue_token(["organiser"]),
            auditor_token=issue_token(["auditor"]),
        )
    except DeployError as error:
        sys.exit(f"demo: {error}")


if __name__ == "__main__":
    main()
