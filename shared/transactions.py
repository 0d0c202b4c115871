"""One transaction a request, opened at the edge and committed before the answer leaves."""

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database import Sessions
from shared.idempotency import FRESH, answer_once, key_of

Endpoint = Callable[[Request], Coroutine[Any, Any, Response]]


class TransactionRoute(APIRoute):
    """A route that runs in one transaction: an error rolls it back, an answer commits it.

    A POST with an `Idempotency-Key` does its work once and answers the same again.
    """

    keeps_answers = True

    def get_route_handler(self) -> Endpoint:
        """Wrap the route's handler."""
        endpoint = super().get_route_handler()

        async def in_transaction(request: Request) -> Response:
            sessions: Sessions = request.app.state.sessions
            async with sessions.begin() as session:
                request.state.session = session
                key = key_of(request) if self.keeps_answers else None
                if key is None:
                    return await endpoint(request)
                return await answer_once(session, request, key, endpoint)

        return in_transaction


class FreshRoute(TransactionRoute):
    """A route whose answers hold secrets: none is kept, and an `Idempotency-Key` is not heard."""

    keeps_answers = False

    def __init__(self, *given: Any, **named: Any) -> None:
        extra = named.get("openapi_extra") or {}
        super().__init__(*given, **{**named, "openapi_extra": {**extra, FRESH: True}})


def _session(request: Request) -> AsyncSession:
    session: AsyncSession = request.state.session
    return session


Session = Annotated[AsyncSession, Depends(_session)]
"""The transaction of this request; handlers never commit it."""


@asynccontextmanager
async def apart(session: AsyncSession) -> AsyncIterator[AsyncSession]:
    """Open a transaction beside a request's own, for what must stay when that is rolled back.

    It takes a second connection where the request holds one already: open it before the request
    read anything, or requests could wait for each other's connections.
    """
    own = AsyncSession(session.bind, expire_on_commit=False, info=session.info)
    async with own, own.begin():
        yield own
