"""The step between bootstrap and services: every service's tables at their newest."""

from collections.abc import Mapping

from alembic.util.exc import CommandError
from sqlalchemy.exc import DBAPIError

from deploy.bootstrap.failure import DeployError
from shared.migrations import pending, upgrade


def migrate(urls: Mapping[str, str]) -> list[str]:
    """Bring each service's Postgres schema to head; `urls` are the migrators', by service.

    Gives the services that had something pending. Raises DeployError naming the service.
    """
    return [service for service, url in urls.items() if _upgrade(service, url)]


def _upgrade(service: str, url: str) -> bool:
    try:
        if not pending(service, url):
            return False
        upgrade(service, url)
    except (DBAPIError, CommandError, OSError) as wrong:
        reason = str(getattr(wrong, "orig", None) or wrong).splitlines()[0]
        raise DeployError(f"the migration of {service} failed: {reason}") from wrong
    return True
