"""A provider of texts with moods, in the judge's own process: it outlives all that is harmed."""

import asyncio
import contextlib
import json
import random
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

import aiohttp
from aiohttp import web

from deploy.local.handset.receipts import sign
from deploy.local.ports import free_port
from tests.faults.ledger import now

Mood = Literal["well", "silent", "429", "500"]
"""`silent`: it takes the text and never answers."""

_STATUS = {"429": 429, "500": 500}
_ANSWER_SECONDS = 0.05
_SILENT_RECEIPTS = 0.5
"""Of the texts it never answered, for how many a receipt comes all the same."""


@dataclass
class Text:
    """One id as the provider saw it: each post, and each time it was taken (monotonic)."""

    to: str
    text: str
    answers: list[str] = field(default_factory=list)
    taken: list[float] = field(default_factory=list)
    receipt: str | None = None


class Provider:
    """Takes texts, answers by its mood, and sends receipts as good and bad providers do."""

    def __init__(self, seed: int, secret: str) -> None:
        self._dice = random.Random(seed)
        self._secret = secret
        self._receipts_at: Sequence[str] = ()
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.mood: Mood = "well"
        self.texts: dict[str, Text] = {}
        self.receipts: Counter[str] = Counter()
        self.silent_calls = 0
        """Calls that wait for an answer which will not come."""
        self.url = ""

    def send_receipts_to(self, urls: Sequence[str]) -> None:
        """Name the replicas that take receipts."""
        self._receipts_at = urls

    @property
    def under_way(self) -> int:
        """Receipts that are still to come."""
        return len(self._tasks)

    def taken_by_phone(self) -> dict[str, list[float]]:
        """When each phone got its texts."""
        phones: dict[str, list[float]] = defaultdict(list)
        for text in self.texts.values():
            phones[text.to] += text.taken
        return phones

    async def take(self, request: web.Request) -> web.Response:
        """Answer `POST /messages`."""
        post = await request.json()
        text = self.texts.setdefault(post["id"], Text(post["to"], post["text"]))
        mood = self.mood
        text.answers.append(mood)
        await asyncio.sleep(_ANSWER_SECONDS)
        if mood in _STATUS:
            headers = {"Retry-After": "1"} if mood == "429" else {}
            return web.Response(status=_STATUS[mood], headers=headers)
        text.taken.append(now())
        if mood == "silent":
            if len(text.taken) == 1 and self._dice.random() < _SILENT_RECEIPTS:
                self._later("of a silent call", post["id"], self._dice.uniform(3, 8))
            await self._say_nothing()
        if len(text.taken) == 1:
            await self._plan(post["id"])
        return web.json_response({"reference": f"r-{post['id']}"}, status=202)

    async def _say_nothing(self) -> None:
        self.silent_calls += 1
        try:
            await asyncio.sleep(3600)
        finally:
            self.silent_calls -= 1

    async def _plan(self, id_: str) -> None:
        roll = self._dice.random()
        if roll < 0.06:
            await self._receipt("before the answer", id_, 0)
        elif roll < 0.14:
            self._later("the first of two", id_, 0.1)
            self._later("the second of two", id_, 0.15)
        elif roll < 0.22:
            self._later("late", id_, self._dice.uniform(5, 12))
        elif roll < 0.27:
            self._later("before an older one", id_, 0.1)
            self._later("an older one that says otherwise", id_, 1.0, "failed", age=30)
        elif roll < 0.29:
            self._later("that it failed", id_, 0.3, "failed")
        else:
            self._later("in time", id_, self._dice.uniform(0.05, 0.4))

    def _later(
        self, what: str, id_: str, seconds: float, status: str = "delivered", age: float = 0
    ) -> None:
        task = asyncio.create_task(self._receipt(what, id_, seconds, status, age))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _receipt(
        self, what: str, id_: str, seconds: float, status: str = "delivered", age: float = 0
    ) -> None:
        await asyncio.sleep(seconds)
        at = datetime.now(UTC) - timedelta(seconds=age)
        receipt = {"id": id_, "reference": f"r-{id_}", "status": status, "at": at.isoformat()}
        body = json.dumps(receipt).encode()
        headers = {"X-Signature": sign(body, self._secret), "Content-Type": "application/json"}
        for number in range(600):
            if await self._hand_over(
                self._receipts_at[number % len(self._receipts_at)], body, headers
            ):
                self.receipts[what] += 1
                text = self.texts[id_]
                text.receipt = text.receipt or status
                return
            await asyncio.sleep(min(0.2 * (number + 1), 2))

    async def _hand_over(self, url: str, body: bytes, headers: dict[str, str]) -> bool:
        assert self._session is not None
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            async with self._session.post(url, data=body, headers=headers) as answer:
                return answer.status == 204
        return False

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Listen while the block runs."""
        app = web.Application()
        app.router.add_post("/messages", self.take)
        # Who hangs up ends the call, as with any server that notices.
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1, handler_cancellation=True)
        await runner.setup()
        port = int(self.url.rpartition(":")[2])
        await web.TCPSite(runner, "127.0.0.1", port).start()
        patience = aiohttp.ClientTimeout(total=10)
        async with aiohttp.ClientSession(timeout=patience) as self._session:
            try:
                yield
            finally:
                for task in self._tasks:
                    task.cancel()
                await runner.cleanup()


def new_provider(seed: int, secret: str) -> Provider:
    """Make a provider that will listen on a free port."""
    provider = Provider(seed, secret)
    provider.url = f"http://127.0.0.1:{free_port(frozenset())}"
    return provider
