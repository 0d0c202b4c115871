"""A service's HTTP face: problem details, correlation, health, metrics, documents without a CDN."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

import structlog
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.telemetry import TelemetryConfig
from fastapi_offline import FastAPIOffline
from opentelemetry.trace import INVALID_SPAN, StatusCode
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared import health, problems
from shared.idempotency import FRESH, IDEMPOTENCY_PARAMETER
from shared.metrics import HTTP_SECONDS
from shared.spans import SERVER, Begun, begin
from shared.tracing import Cause, new_cause, working_for

log = structlog.get_logger()

NO_TELEMETRY: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "auto_configure": False,
}
"""The framework's own tells addresses, queries and errors' texts, and a variable turns it on."""

_UNTRACED = frozenset({"/health/live", "/health/ready", "/metrics"})
"""What machines ask every few seconds."""

_WENT_AWAY = 499
"""No status of any RFC: what servers write down for a client that closed its request."""

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def create_app(
    service: str,
    *,
    title: str,
    description: str,
    version: str,
    routers: Sequence[APIRouter],
    checks: Mapping[str, health.Check],
    refreshes: Mapping[str, health.Refresh],
    ready_seconds: float,
    body_limit: int,
    body_limits: Mapping[str, int],
    lifespan: Lifespan,
) -> FastAPI:
    """Make the app of a service out of its routers and readiness checks."""
    app: FastAPI = FastAPIOffline(
        title=title,
        description=description,
        version=version,
        lifespan=lifespan,
        redoc_url=None,
        telemetry=NO_TELEMETRY,
    )
    for router in routers:
        app.include_router(router, responses=problems.RESPONSES)
    app.include_router(
        health.router(service, checks=checks, refreshes=refreshes, seconds=ready_seconds)
    )
    problems.install(app)
    app.add_middleware(Edge, service=service, body_limit=body_limit, body_limits=body_limits)
    _document_shared(app)
    return app


class Edge:
    """The outermost layer: bounds the body, names the cause, times, answers what nobody caught."""

    def __init__(
        self, app: ASGIApp, *, service: str, body_limit: int, body_limits: Mapping[str, int]
    ) -> None:
        self._app = app
        self._service = service
        self._body_limit = body_limit
        self._body_limits = body_limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.lower(): value for name, value in scope["headers"]}
        traceparent = headers.get(b"traceparent", b"").decode("latin-1")
        begun = _begin_span(scope, new_cause(traceparent=traceparent or None))
        cause = begun.cause
        began = time.perf_counter()
        status = 500

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message["headers"],
                    (b"x-correlation-id", cause.correlation_id.encode()),
                ]
            await send(message)

        with working_for(cause):
            try:
                await self._serve(scope, receive, send_on, headers)
            finally:
                route = getattr(scope.get("route"), "path", "unmatched")
                _end_span(begun, scope["method"], route, status)
                log.debug("request_answered", method=scope["method"], route=route, status=status)
                HTTP_SECONDS.labels(self._service, scope["method"], route, status).observe(
                    time.perf_counter() - began
                )

    async def _serve(
        self, scope: Scope, receive: Receive, send: Send, headers: Mapping[bytes, bytes]
    ) -> None:
        started = False

        async def send_on(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        limit = self._body_limits.get(scope["path"], self._body_limit)
        body = _BoundedBody(receive, limit)
        try:
            body.check_announced(headers.get(b"content-length", b"0"))
            await self._app(scope, body.receive, send_on)
        except BodyTooLargeError:
            await _too_large(limit)(scope, receive, send)
        except ClientDisconnect:
            # Nobody reads the answer; its status keeps it from being counted as a failure of ours.
            log.info("client_went_away")
            await Response(status_code=_WENT_AWAY)(scope, receive, send)
        except Exception as failure:
            if started:
                raise
            await problems.unexpected(failure)(scope, receive, send)


def _begin_span(scope: Scope, cause: Cause) -> Begun:
    if scope["path"] in _UNTRACED:
        return Begun(INVALID_SPAN, cause)
    # Named at the end, when the route is known: what was asked for may be personal.
    return begin(scope["method"], SERVER, cause, {"http.request.method": scope["method"]})


def _end_span(begun: Begun, method: str, route: str, status: int) -> None:
    span = begun.span
    span.update_name(f"{method} {route}")
    span.set_attributes({"http.route": route, "http.response.status_code": status})
    if status >= 500:
        span.set_attribute("error.type", str(status))
        span.set_status(StatusCode.ERROR)
    span.end()


def _too_large(limit: int) -> Response:
    detail = f"A body may have at most {limit} bytes."
    return problems.Problem(413, "too-large", detail).response()


class BodyTooLargeError(Exception):
    """A body is longer than the limit."""


class _BoundedBody:
    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self._seen = 0

    def check_announced(self, length: bytes) -> None:
        if length.isdigit() and int(length) > self._limit:
            raise BodyTooLargeError

    async def receive(self) -> Message:
        message = await self._receive()
        self._seen += len(message.get("body", b""))
        if self._seen > self._limit:
            raise BodyTooLargeError
        return message


def _document_shared(app: FastAPI) -> None:
    """Put into the OpenAPI document what every operation has and no route declares."""
    generate = app.openapi

    def openapi() -> dict[str, object]:
        if app.openapi_schema is None:
            document = generate()
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            schema = problems.ProblemDetails.model_json_schema(
                ref_template="#/components/schemas/{model}"
            )
            schemas.update(schema.pop("$defs", {}))
            schemas["ProblemDetails"] = schema
            for path in document["paths"].values():
                # A file is read in pieces, and is the same by its content, not by a key.
                post = path.get("post", {FRESH: True})
                if not post.get(FRESH) and not _uploads(post):
                    path["post"].setdefault("parameters", []).append(IDEMPOTENCY_PARAMETER)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _uploads(operation: Mapping[str, Any]) -> bool:
    return "multipart/form-data" in operation.get("requestBody", {}).get("content", {})


def path_of(request: Request, name: str, **parts: object) -> str:
    """The path of a route, for `Location`."""
    return str(request.app.url_path_for(name, **parts))
