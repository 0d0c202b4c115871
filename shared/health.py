"""A service's health and metrics: they answer in time, with what they have, whatever is away."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel

from shared.asking import Round
from shared.metrics import READY, SCRAPE_FAILURES, SCRAPED
from shared.observability import describe

Check = Callable[[], Awaitable[str | None]]
"""A readiness check: None when all is well, otherwise the reason."""

Refresh = Callable[[], Awaitable[None]]
"""Brings some gauges up to date."""


class Health(BaseModel):
    """What a health check answers; `reasons` by what is not ready."""

    status: str
    reasons: dict[str, str] = {}


def router(
    service: str, *, checks: Mapping[str, Check], refreshes: Mapping[str, Refresh], seconds: float
) -> APIRouter:
    """Make the routes; a check or a refresh that takes longer than `seconds` counts as failed."""
    routes = APIRouter(tags=["health"])
    asking = Round(checks, seconds)
    refreshing = Round(refreshes, seconds)

    async def reasons() -> dict[str, str]:
        answers = await asking.ask()
        told = {name: _reason(answer) for name, answer in answers.items()}
        for name, why in told.items():
            READY.labels(service, name).set(why is None)
        return {name: why for name, why in told.items() if why is not None}

    async def refresh() -> None:
        for part, failure in (await refreshing.ask()).items():
            SCRAPED.labels(service, part).set(failure is None)
            failures = SCRAPE_FAILURES.labels(service, part)  # there from the start, as 0
            if failure is not None:
                failures.inc()

    @routes.get("/health/live")
    async def live() -> Health:
        """The process runs."""
        return Health(status="live")

    @routes.get("/health/ready", responses={503: {"model": Health}})
    async def ready() -> Response:
        """Database, broker, relay and every consumer work; 503 with the reasons otherwise."""
        found = await reasons()
        health = Health(status="not ready" if found else "ready", reasons=found)
        return JSONResponse(health.model_dump(), 503 if found else 200)

    @routes.get(
        "/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}}
    )
    async def metrics() -> Response:
        """Metrics in the Prometheus text format; what cannot be read keeps its last value."""
        await asyncio.gather(refresh(), reasons())
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return routes


def _reason(answer: str | Exception | None) -> str | None:
    return describe(answer) if isinstance(answer, Exception) else answer
