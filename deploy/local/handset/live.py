"""Server-sent events (WHATWG HTML, 9.2): tells an open page that something changed."""

import asyncio
from collections.abc import AsyncIterator

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from deploy.local.handset.memory import Changes

_HEARTBEAT = 15.0
# A page draws again at most this often, however many texts a second arrive.
_PAUSE = 0.3


def live_routes(changes: Changes, stopping: asyncio.Event) -> APIRouter:
    """Return the route a page listens on; every stream ends when `stopping` is set."""
    router = APIRouter()

    @router.get("/live", response_class=StreamingResponse)
    async def live() -> StreamingResponse:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        stream = _versions(changes, stopping)
        return StreamingResponse(stream, media_type="text/event-stream", headers=headers)

    return router


async def _versions(changes: Changes, stopping: asyncio.Event) -> AsyncIterator[str]:
    yield "retry: 1000\n\n"
    stop = asyncio.ensure_future(stopping.wait())
    try:
        seen = changes.version
        yield f"data: {seen}\n\n"
        while not stop.done():
            change = asyncio.ensure_future(changes.since(seen))
            await asyncio.wait(
                {change, stop}, timeout=_HEARTBEAT, return_when=asyncio.FIRST_COMPLETED
            )
            if not change.done():
                change.cancel()
                yield ": still here\n\n"
                continue
            seen = changes.version
            yield f"data: {seen}\n\n"
            await asyncio.sleep(_PAUSE)
    finally:
        stop.cancel()
