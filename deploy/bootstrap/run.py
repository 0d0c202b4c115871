"""The whole bootstrap: both servers, from empty or from whatever is there."""

from deploy.bootstrap.accounts import Administrator, Passwords
from deploy.bootstrap.postgres import bootstrap_postgres
from deploy.bootstrap.rabbitmq import bootstrap_rabbitmq


async def bootstrap(admin: Administrator, passwords: Passwords, database: str = "qayidis") -> None:
    """Make database, roles, Postgres schemas, broker users and topology.

    May be repeated at any time; a changed password takes effect and nothing is lost.
    Raises DeployError with one line that says what is wrong.
    """
    await bootstrap_postgres(admin.postgres_url, passwords, database)
    await bootstrap_rabbitmq(admin, passwords)
