"""The dead letters of another service, asked over its operator's API in the operator's name.

Only the operator's console speaks to a service like that: business goes by the queue.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from services.registration.dead_letters.waiting import slow
from shared.messaging.dead_letters.api import PATH
from shared.messaging.dead_letters.grouping import Which
from shared.messaging.dead_letters.schemas import (
    DeadLetterDrop,
    DeadLetterGroups,
    DeadLetterMoved,
    DeadLetterPage,
    DeadLetterRecord,
    DeadLetterReplay,
    DeadLettersReplayed,
    OpenedDeadLetter,
)
from shared.paging import Page
from shared.problems import TYPE_PREFIX, Problem

B = TypeVar("B", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """As `DeadLetterDesk`, of a service at a base URL; a Problem of that service is raised here.

    A service that is away, or answers what nobody foresaw, is a Problem 503 `service-away`; one
    that has not answered after so many seconds, whatever it sent by then, is `service-slow`.
    """

    url: str
    token: str = field(repr=False)
    seconds: float

    async def groups(self, which: Which) -> DeadLetterGroups:
        """Group what failed."""
        return await self._get("/groups", DeadLetterGroups, _filters(which))

    async def letters(self, which: Which, limit: int, cursor: str | None) -> DeadLetterPage:
        """List letters, those that failed first at the top."""
        query = {**_filters(which), "limit": limit, **({"cursor": cursor} if cursor else {})}
        return await self._get("", DeadLetterPage, query)

    async def letter(self, ref: str, *, unmasked: bool = False) -> OpenedDeadLetter:
        """Open one letter."""
        return await self._get(f"/{ref}", OpenedDeadLetter, {"unmasked": unmasked})

    async def replay(self, ref: str) -> DeadLetterMoved:
        """Put one letter back."""
        return await self._ask("POST", f"/{ref}/replay", DeadLetterMoved)

    async def drop(self, ref: str, reason: str) -> DeadLetterMoved:
        """Take one letter away."""
        body = DeadLetterDrop(reason=reason).model_dump()
        return await self._ask("POST", f"/{ref}/drop", DeadLetterMoved, json=body)

    async def replay_group(self, body: DeadLetterReplay) -> DeadLettersReplayed:
        """Put letters of a group back, at most so many."""
        return await self._ask("POST", "/replay", DeadLettersReplayed, json=body.model_dump())

    async def records(self, limit: int, cursor: str | None) -> Page[DeadLetterRecord]:
        """List what left and why, the newest first."""
        query = {"limit": limit, **({"cursor": cursor} if cursor else {})}
        return await self._get("/records", Page[DeadLetterRecord], query)

    async def _get(self, path: str, body: type[B], query: Mapping[str, Any]) -> B:
        return await self._ask("GET", path, body, params=query)

    async def _ask(self, method: str, path: str, body: type[B], **sent: Any) -> B:
        headers = {"Authorization": f"Bearer {self.token}"}
        try:
            # What httpx bounds is the wait for the next byte, not for the answer.
            async with (
                asyncio.timeout(self.seconds),
                httpx.AsyncClient(timeout=self.seconds, trust_env=False) as client,
            ):
                answer = await client.request(
                    method, f"{self.url}{PATH}{path}", headers=headers, **sent
                )
            if answer.is_success:
                return body.model_validate_json(answer.content)
            problem = answer.json()
            slug, detail = str(problem["type"]), str(problem["detail"])
        except (TimeoutError, httpx.TimeoutException) as late:
            raise slow() from late
        except (httpx.HTTPError, ValidationError, ValueError, KeyError, TypeError) as failure:
            raise Problem(503, "service-away", "That service does not answer.") from failure
        raise Problem(answer.status_code, slug.removeprefix(TYPE_PREFIX), detail)


def _filters(which: Which) -> dict[str, str]:
    named = {"queue": which.queue, "type": which.type, "exception": which.exception}
    return {name: value for name, value in named.items() if value is not None}
