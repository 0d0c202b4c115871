"""RabbitMQ's management HTTP API, as far as the bootstrap needs it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from deploy.bootstrap.accounts import Administrator
from deploy.bootstrap.addresses import amqp, http
from deploy.bootstrap.failure import DeployError

OLDEST = (3, 10)
EXCHANGES = ("qayidis.public", "qayidis.internal")
NOTHING = "^$"
NEVER_DROPPED = 2**31 - 1
"""A delivery limit that giving a message back never reaches; RabbitMQ 4 would drop it at the 21st
time. Not -1, which means no limit to RabbitMQ 4 but drops at once on 3.10."""


@dataclass(frozen=True)
class Management:
    """One administrator's session with the API, on one virtual host."""

    client: httpx.AsyncClient
    vhost: str
    user: str
    place: str

    async def get(self, *path: str) -> Any:
        """Read one thing; None when it is not there. Raises DeployError on any refusal."""
        answer = await self._call("GET", path)
        return None if answer.status_code == httpx.codes.NOT_FOUND else answer.json()

    async def put(self, *path: str, body: Mapping[str, object]) -> None:
        """Make or change one thing; the same again changes nothing. Raises DeployError."""
        self._must_exist(await self._call("PUT", path, body), path)

    async def put_user(self, name: str, password: str) -> None:
        """Make a user or change its password; it gets no tag, so no management rights."""
        await self.put("users", name, body={"password": password, "tags": ""})

    async def post(self, *path: str, body: Mapping[str, object]) -> None:
        """Add one thing. Raises DeployError, also when what it refers to is not there."""
        self._must_exist(await self._call("POST", path, body), path)

    async def delete(self, *path: str) -> bool:
        """Take one thing away; False when it was not there. Raises DeployError."""
        answer = await self._call("DELETE", path)
        return answer.status_code != httpx.codes.NOT_FOUND

    async def check_version(self) -> None:
        """Raise DeployError when this RabbitMQ is older than 3.10."""
        version = str((await self.get("overview"))["rabbitmq_version"])
        major, minor = (int(part) for part in version.split(".")[:2])
        if (major, minor) < OLDEST:
            raise DeployError(f"this RabbitMQ is {version}; 3.10 or later is needed")

    async def _call(
        self, method: str, path: tuple[str, ...], body: Mapping[str, object] | None = None
    ) -> httpx.Response:
        where = "/api/" + "/".join(quote(part, safe="") for part in path)
        try:
            answer = await self.client.request(method, where, json=body)
        except httpx.HTTPError as wrong:
            raise DeployError(
                f"cannot reach RabbitMQ's management API at {self.place} "
                f"({type(wrong).__name__}); set QAYIDIS_RABBITMQ_API_URL"
            ) from wrong
        if answer.is_success or answer.status_code == httpx.codes.NOT_FOUND:
            return answer
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            raise DeployError(
                f"RabbitMQ at {self.place} refused the administrator's name or password"
            )
        raise DeployError(
            f"RabbitMQ at {self.place} answered {answer.status_code} to {method} {where}: "
            f"{' '.join(answer.text.split())[:200]}"
        )

    def _must_exist(self, answer: httpx.Response, path: tuple[str, ...]) -> None:
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise DeployError(
                f"RabbitMQ at {self.place} does not know what {'/'.join(path)} refers to; "
                "run qayidis bootstrap first"
            )


@asynccontextmanager
async def management(admin: Administrator) -> AsyncIterator[Management]:
    """Open a session; the name and password of the AMQP URL stand in for missing ones."""
    broker, api = amqp(admin.amqp_url), http(admin.rabbitmq_api_url)
    who = api if api.user else broker
    async with httpx.AsyncClient(
        base_url=f"{api.scheme}://{api.place}",
        auth=(who.user, who.password),
        timeout=15,
        trust_env=False,
    ) as client:
        yield Management(client, vhost=broker.path, user=broker.user, place=api.place)
