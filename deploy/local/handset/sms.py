"""The SMS provider's side of `POST /messages`. Load tests lean on it: the path stays thin."""

import asyncio
import contextlib

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, ValidationError

from deploy.local.handset.addresses import Number
from deploy.local.handset.behaviours import Behaviour, Behaviours, Mode
from deploy.local.handset.memory import Memory, Outcome, Posting
from deploy.local.handset.receipts import Receipts
from shared.problems import Problem, from_validation

_LARGEST = 64 * 1024
_REFUSALS = {
    Mode.FAIL: (400, "number-refused", "This number does not take texts."),
    Mode.TOO_MANY: (429, "too-many", "Too many texts to this number; try again later."),
    Mode.BROKEN: (500, "provider-fault", "The provider has a fault; try again later."),
}


class Post(BaseModel):
    """A text to hand over; `id` is the idempotency key."""

    id: str = Field(min_length=1, max_length=100)
    to: Number
    sender: str = Field(alias="from", min_length=1, max_length=20)
    text: str = Field(min_length=1, max_length=5000)


class SmsProvider:
    """Takes texts for all phones, each with the behaviour of its switch."""

    def __init__(
        self, memory: Memory, behaviours: Behaviours, receipts: Receipts, answer_seconds: float
    ) -> None:
        self._memory = memory
        self._behaviours = behaviours
        self._receipts = receipts
        self._answer_seconds = answer_seconds

    def routes(self) -> APIRouter:
        """Return the provider's one route."""
        router = APIRouter()
        body = {"content": {"application/json": {"schema": Post.model_json_schema()}}}
        router.post(
            "/messages",
            status_code=202,
            response_model=None,
            openapi_extra={"requestBody": {"required": True, **body}},
        )(self.receive)
        return router

    async def receive(self, request: Request) -> Response:
        """Accept a text: 202 and a reference, the same one and no second text for the same id."""
        body = await request.body()
        if len(body) > _LARGEST:
            raise Problem(413, "too-large", f"A post may have {_LARGEST} bytes.")
        try:
            post = Post.model_validate_json(body)
        except ValidationError as error:
            raise from_validation(RequestValidationError(error.errors())) from None

        posted = self._memory.posting(post.id, post.to)
        behaviour = self._behaviours.of(post.to)
        await self._take_time(behaviour)
        if behaviour.mode in _REFUSALS:
            raise self._refuse(posted, behaviour)

        failing = behaviour.mode is Mode.FAIL_ON_DELIVERY
        outcome: Outcome = "failed" if failing else "delivered"
        text = self._memory.accept(posted, post.sender, post.text, outcome)
        if text is not None:
            self._receipts.schedule(text)
        if behaviour.mode is Mode.TIME_OUT:
            raise await _withhold(request, behaviour.wait)
        assert posted.text is not None  # noqa: S101 - accept has just put it there
        return JSONResponse({"reference": posted.text.reference}, 202)

    async def _take_time(self, behaviour: Behaviour) -> None:
        seconds = self._answer_seconds
        if behaviour.mode is Mode.SLOW:
            seconds += behaviour.wait
        if seconds:
            await asyncio.sleep(seconds)

    def _refuse(self, posted: Posting, behaviour: Behaviour) -> Problem:
        status, slug, detail = _REFUSALS[behaviour.mode]
        self._memory.refuse(posted, status)
        wait = {"Retry-After": f"{behaviour.wait:.0f}"} if status == 429 else None
        return Problem(status, slug, detail, headers=wait)


async def _withhold(request: Request, seconds: float) -> Problem:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while (await request.receive())["type"] != "http.disconnect":
                pass
    return Problem(
        504, "answer-withheld", "The text was accepted; the answer came late on purpose."
    )
