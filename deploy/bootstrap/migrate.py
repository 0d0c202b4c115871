"""The step between bootstrap and services: every service's tables at their newest."""

from collections.abc import Mapping
from pathlib import Path

from alembic.util.exc import CommandError
from sqlalchemy.exc import DBAPIError

from deploy.bootstrap.failure import DeployError
from deploy.bootstrap.keys import ring_file
from shared.migrations import pending, upgrade
from shared.sealed_migrations import NoKeysError
from shared.sealing import Sealer, SealError


def migrate(urls: Mapping[str, str], keys_folder: Path) -> list[str]:
    """Bring each service's Postgres schema to head; `urls` are the migrators', by service.

    The keys seal what older tables hold of personal data. Gives the services that had something
    pending. Raises DeployError naming the service.
    """
    return [service for service, url in urls.items() if _upgrade(service, url, keys_folder)]


def _upgrade(service: str, url: str, keys_folder: Path) -> bool:
    ring = ring_file(keys_folder, service)
    try:
        if not pending(service, url):
            return False
        upgrade(service, url, sealer=Sealer.from_file(ring) if ring.exists() else None)
    except (DBAPIError, CommandError, OSError, ValueError, NoKeysError, SealError) as wrong:
        reason = str(getattr(wrong, "orig", None) or wrong).splitlines()[0]
        raise DeployError(f"the migration of {service} failed: {reason}") from wrong
    return True
