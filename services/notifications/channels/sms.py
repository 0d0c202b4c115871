"""SMS over HTTP, as the contract with the provider says.

aiohttp and not httpx: this call is made for every text, and costs less than half the processor
time there (`make bench`).
"""

import aiohttp

from services.notifications.channels.base import (
    Accepted,
    Doubt,
    Outcome,
    Outgoing,
    Refused,
    TryLater,
)


class SmsChannel:
    """`POST {url}/messages` with the notification's id as the provider's idempotency key."""

    def __init__(
        self,
        url: str,
        *,
        sender: str,
        connect_seconds: float,
        answer_seconds: float,
        connections: int,
    ) -> None:
        self._url = f"{url.rstrip('/')}/messages"
        self._sender = sender
        self._timeout = aiohttp.ClientTimeout(
            total=None, sock_connect=connect_seconds, sock_read=answer_seconds
        )
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    async def hand_over(self, outgoing: Outgoing) -> Outcome:
        """Send one SMS.

        Until the request is on its way nothing can have been sent (`TryLater`); from then until the
        answer is read nobody knows (`Doubt`).
        """
        body = {
            "id": str(outgoing.id),
            "to": outgoing.address,
            "from": self._sender,
            "text": outgoing.text,
        }
        headers = {"traceparent": outgoing.traceparent}
        try:
            async with self._open().post(self._url, json=body, headers=headers) as response:
                return await _read(response)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as failure:
            return TryLater(f"not connected: {type(failure).__name__}")
        except (TimeoutError, aiohttp.ClientError, OSError) as failure:
            return Doubt(f"no answer: {type(failure).__name__}")

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            # A connection kept open could be closed by the provider just as we write to it, and
            # aiohttp would silently send the same request again.
            connector = aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=15)
            self._session = aiohttp.ClientSession(connector=connector, timeout=self._timeout)
        return self._session


async def _read(response: aiohttp.ClientResponse) -> Outcome:
    status = response.status
    if status == 429 or status >= 500:
        return TryLater(f"answered {status}", _retry_after(response))
    if not 200 <= status < 300:
        return Refused(f"answered {status}")
    try:
        answer = await response.json(content_type=None)
    except ValueError:
        return Accepted(None)
    reference = answer.get("reference") if isinstance(answer, dict) else None
    return Accepted(str(reference)[:200] if reference is not None else None)


def _retry_after(response: aiohttp.ClientResponse) -> float | None:
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isdigit() and len(value) < 6 else None
