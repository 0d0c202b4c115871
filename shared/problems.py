"""Errors as problem details (RFC 9457)."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from shared.observability import describe, where
from shared.tracing import cause_at_hand

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:qayidis:problem:"

log = structlog.get_logger()


class FieldError(BaseModel):
    """What is wrong with one field, named as a path: `members.0.fin`."""

    field: str
    message: str


class ProblemDetails(BaseModel):
    """The body of every error."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldError] | None = None
    correlation_id: str | None = None


class Problem(Exception):  # noqa: N818  it is the answer, by its standard's name
    """An error that the caller can understand; `more` are members beside the standard ones."""

    def __init__(
        self,
        status: int,
        slug: str,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        more: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status} {slug}")
        self.status = status
        self.slug = slug
        self.detail = detail
        self.errors = errors
        self.more = more or {}
        self.headers = headers

    def response(self) -> Response:
        """The answer as `application/problem+json`."""
        body: dict[str, Any] = {
            "type": TYPE_PREFIX + self.slug,
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            **self.more,
        }
        cause = cause_at_hand()
        if cause is not None:
            body["correlation_id"] = cause.correlation_id
        if self.errors:
            body["errors"] = [error.model_dump() for error in self.errors]
        return JSONResponse(body, self.status, dict(self.headers or {}), MEDIA_TYPE)


def not_found(what: str) -> Problem:
    """404 for a thing that is not here."""
    return Problem(404, "not-found", f"There is no such {what}.")


def conflict(slug: str, detail: str, **more: Any) -> Problem:
    """409 for what the present state does not allow; says what is there."""
    return Problem(409, slug, detail, more=more)


def invalid(field: str, message: str) -> Problem:
    """422 for one field that is wrong in itself or does not go with the rest."""
    return Problem(
        422,
        "invalid",
        "Some fields are not valid.",
        errors=[FieldError(field=field, message=message)],
    )


RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {
        "description": HTTPStatus(status).phrase,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}},
    }
    for status in (400, 401, 403, 404, 405, 409, 412, 413, 422, 428, 500, 503)
}
"""The errors that any operation may answer, for the OpenAPI document."""


def install(app: FastAPI) -> None:
    """Let every error of an app leave as problem details."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)


def unexpected(failure: Exception) -> Response:
    """Answer a failure nobody foresaw: 500 with the correlation id that finds it in the log."""
    log.error("request_failed", error=describe(failure), where=where(failure))
    detail = "Something went wrong on our side. The correlation id finds it in our log."
    return Problem(500, "unexpected", detail).response()


def from_validation(failure: RequestValidationError) -> Problem:
    """Name each wrong field by its path in the body, query or headers."""
    errors = [
        FieldError(field=_field(error["loc"]), message=_message(error["msg"]))
        for error in failure.errors()
    ]
    return Problem(422, "invalid", "Some fields are not valid.", errors=errors)


async def _on_problem(_: Request, failure: Exception) -> Response:
    if not isinstance(failure, Problem):
        raise failure
    return failure.response()


async def _on_invalid(_: Request, failure: Exception) -> Response:
    if not isinstance(failure, RequestValidationError):
        raise failure
    return from_validation(failure).response()


async def _on_http(request: Request, failure: Exception) -> Response:
    if not isinstance(failure, HTTPException):
        raise failure
    slug = HTTPStatus(failure.status_code).phrase.lower().replace(" ", "-")
    headers = _allow(request) if failure.status_code == 405 else failure.headers
    return Problem(failure.status_code, slug, str(failure.detail), headers=headers).response()


def _allow(request: Request) -> dict[str, str]:
    """Name all methods of a path (RFC 9110): the router knows those of one of its routes alone."""
    path = getattr(request.scope.get("route"), "path", "")
    operations = request.app.openapi()["paths"].get(path, {})
    return {"Allow": ", ".join(method.upper() for method in operations)}


def _field(location: Sequence[int | str]) -> str:
    inner = (
        location[1:]
        if location and location[0] in {"body", "query", "path", "header"}
        else location
    )
    if location[:1] == ("body",) and (not inner or isinstance(inner[0], int)):
        return "body"
    return ".".join(str(part) for part in inner)


def _message(message: str) -> str:
    return message.removeprefix("Value error, ")
