"""The edge of the pages: one transaction a request, forms checked, problems shown as pages."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from services.registration.desk import forgery
from services.registration.desk.headers import protect
from services.registration.desk.once import do_once
from services.registration.desk.rendering import problem_page
from shared import problems
from shared.actors import Actor, act_as
from shared.database import Sessions
from shared.http import BodyTooLargeError
from shared.problems import Problem, not_found

Endpoint = Callable[[Request], Coroutine[Any, Any, Response]]

MOST_FIELDS = 2_000
MOST_FILES = 4


class SeeOtherError(Exception):
    """Leave the page for another one; what was done in this request is undone."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


class _RefusedError(Exception):
    """An answer that changes nothing: the transaction is rolled back behind it."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


class PageRoute(APIRoute):
    """A route of pages.

    Runs in one transaction: an answer below 400 commits it, anything else rolls it back. A POST
    needs the token of our own forms, and is done once however often it is sent. A `Problem`
    becomes a page that says what is wrong and what to do.
    """

    def get_route_handler(self) -> Endpoint:
        """Wrap the route's handler."""
        endpoint = super().get_route_handler()

        async def page(request: Request) -> Response:
            act_as(Actor("anonymous", address=request.client.host if request.client else None))
            try:
                response = await _in_transaction(request, endpoint)
            except SeeOtherError as other:
                response = RedirectResponse(other.url, 303)
            except _RefusedError as refused:
                response = refused.response
            except Problem as problem:
                response = problem_page(request, problem)
            except RequestValidationError as failure:
                response = problem_page(request, _from_validation(failure))
            except HTTPException as failure:
                response = problem_page(request, _from_http(failure))
            except BodyTooLargeError:
                response = problem_page(request, Problem(413, "too-large", "Too much was sent."))
            except Exception as failure:
                problems.unexpected(failure)
                ours = Problem(500, "unexpected", "Something went wrong on our side.")
                response = problem_page(request, ours)
            return protect(request, response)

        return page


def page_router(**more: Any) -> APIRouter:
    """Make the router of a capability's pages; they are no part of the API's document."""
    return APIRouter(route_class=PageRoute, include_in_schema=False, **more)


async def _in_transaction(request: Request, endpoint: Endpoint) -> Response:
    form = None
    if request.method == "POST":
        form = await request.form(max_fields=MOST_FIELDS, max_files=MOST_FILES)
        request.state.form = form
        forgery.check(request, form)
    sessions: Sessions = request.app.state.sessions
    async with sessions.begin() as session:
        request.state.session = session
        if form is None:
            return await _whole(request, endpoint)
        return await do_once(session, request, form, _later(request, endpoint))


def _later(request: Request, endpoint: Endpoint) -> Callable[[], Awaitable[Response]]:
    async def work() -> Response:
        return await _whole(request, endpoint)

    return work


async def _whole(request: Request, endpoint: Endpoint) -> Response:
    response = await endpoint(request)
    if response.status_code >= 400:
        raise _RefusedError(response)
    return response


def _from_http(failure: HTTPException) -> Problem:
    """What the framework refuses by itself, such as a form of too many fields."""
    slug = "not-found" if failure.status_code == 404 else "bad-request"
    return Problem(failure.status_code, slug, str(failure.detail))


def _from_validation(failure: RequestValidationError) -> Problem:
    """A wrong address is a page that is not there; a wrong field is said."""
    if any(error["loc"][:1] == ("path",) for error in failure.errors()):
        return not_found("page")
    return problems.from_validation(failure)


def _form(request: Request) -> FormData:
    form: FormData = request.state.form
    return form


Form = Annotated[FormData, Depends(_form)]
"""The fields of the form that was sent; its token is checked."""


def see(url: str, done: str | None = None) -> Response:
    """Go to a page after a form was done (303, RFC 9110); `done` names what to say there."""
    if done is not None:
        url = f"{url}{'&' if '?' in url else '?'}done={done}"
    return RedirectResponse(url, 303)
