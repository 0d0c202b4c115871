"""Delivery receipts: sent back later, signed, and again while nobody answers."""

import asyncio
import hashlib
import hmac
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import aiohttp

from deploy.local.handset.config import Settings
from deploy.local.handset.memory import Memory, ReceiptState, Text

log = logging.getLogger("handset.receipts")

_SENDERS = 32
_LONGEST_BACKOFF = 30.0
_PATIENCE = aiohttp.ClientTimeout(total=10)


@dataclass(slots=True)
class _Receipt:
    text: Text
    body: bytes
    tries: int = 0


def sign(body: bytes, secret: str) -> str:
    """Return the value of `X-Signature`: HMAC-SHA256 (RFC 2104) of the body, in hex."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class Receipts:
    """Sends one receipt a text, some time after it was accepted.

    Refused connections, time-outs, 429 and 5xx are tried again with a wait that doubles up to
    30 s, `receipt_tries` times in all; another 4xx is not. Either way the text's `receipt`
    says how it ended. Receipts of texts that a reset took away are dropped.
    """

    def __init__(self, settings: Settings, memory: Memory) -> None:
        self._url = settings.receipts_url
        self._secret = settings.receipt_secret.get_secret_value()
        self._delay = settings.receipt_delay_seconds
        self._tries = settings.receipt_tries
        self._backoff = settings.receipt_backoff_seconds
        self._memory = memory
        self._due: asyncio.Queue[_Receipt] = asyncio.Queue()

    def schedule(self, text: Text) -> None:
        """Send this text's receipt after the delay; nothing to do where none are wanted."""
        if not self._url:
            return
        text.receipt = "waiting"
        self._later(self._delay, _Receipt(text, _body(text)))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Send what is due while the block runs."""
        if not self._url:
            yield
            return
        async with aiohttp.ClientSession(timeout=_PATIENCE) as session, asyncio.TaskGroup() as all:
            senders = [all.create_task(self._send_due(session)) for _ in range(_SENDERS)]
            yield
            for sender in senders:
                sender.cancel()

    def _later(self, seconds: float, receipt: _Receipt) -> None:
        asyncio.get_running_loop().call_later(seconds, self._due.put_nowait, receipt)

    async def _send_due(self, session: aiohttp.ClientSession) -> None:
        while True:
            receipt = await self._due.get()
            if self._memory.holds(receipt.text):
                await self._send(session, receipt)

    async def _send(self, session: aiohttp.ClientSession, receipt: _Receipt) -> None:
        receipt.tries += 1
        status = await self._post(session, receipt.body)
        state = _state(status)
        if state == "waiting" and receipt.tries >= self._tries:
            state = "given_up"
        if state == "waiting":
            wait = min(self._backoff * 2 ** (receipt.tries - 1), _LONGEST_BACKOFF)
            self._later(wait, receipt)
            return
        if state != "acknowledged":
            log.warning(
                "receipt of %s %s after %d tries, last answer: %s",
                receipt.text.id,
                state,
                receipt.tries,
                status or "none",
            )
        self._memory.settle(receipt.text, state)

    async def _post(self, session: aiohttp.ClientSession, body: bytes) -> int | None:
        headers = {
            "Content-Type": "application/json",
            "X-Signature": sign(body, self._secret),
        }
        try:
            async with session.post(self._url, data=body, headers=headers) as answer:
                return answer.status
        except (aiohttp.ClientError, TimeoutError) as error:
            log.debug("receipt not handed over: %s", error)
            return None


def _state(status: int | None) -> ReceiptState:
    if status is None or status == 429 or status >= 500:
        return "waiting"
    return "acknowledged" if status < 300 else "refused"


def _body(text: Text) -> bytes:
    receipt = {
        "id": text.id,
        "reference": text.reference,
        "status": text.outcome,
        "at": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    if text.outcome == "failed":
        receipt["reason"] = "the phone could not be reached"
    return json.dumps(receipt).encode()
