"""Clients that do not give up: each call with one key, at either replica, until it is answered."""

import asyncio
import itertools
from collections.abc import Sequence
from uuid import uuid4

import httpx

from shared.problems import TYPE_PREFIX
from tests.faults.ledger import Acknowledged, Ledger, now
from tests.support.bodies import Body
from tests.system import System

_PAUSE = 0.2
_AGAIN = {401, 404, 409, 429, 500, 502, 503, 504}
"""401: a replica whose clock is wrong; 404: registration has not heard of the event yet."""


class StuckError(AssertionError):
    """A call that was not answered in time."""


class RefusedError(Exception):
    """A call that was refused for good, and so has not happened."""


def surprising(refused: Sequence[str]) -> list[str]:
    """What was refused, but for what another desk did first; who is erased gives up their seats."""
    return [each for each in refused if not ("already-" in each or "enrolment-cancelled" in each)]


class Desks:
    """Calls to every replica of registration and events, as people at desks make them."""

    def __init__(self, system: System, ledger: Ledger, patience: float) -> None:
        self._ledger = ledger
        self._patience = patience
        self._clients = {
            "registration": _clients(system, "registration", "registrar"),
            "events": _clients(system, "events", "organiser"),
        }

    async def insist(
        self, service: str, path: str, body: Body | None, *, what: str
    ) -> Acknowledged:
        """Post until it is acknowledged.

        Raises:
            RefusedError: the answer is that it cannot be, and will not be later.
            StuckError: nobody answered within the patience (seconds).
        """
        key, begun, said = str(uuid4()), now(), "nothing"
        clients = self._clients[service]
        for client in itertools.cycle(_turned(clients, len(key) + int(key[0], 16))):
            try:
                answer = await client.post(path, json=body, headers={"Idempotency-Key": key})
            except httpx.TransportError as failure:
                said = type(failure).__name__
            else:
                if answer.is_success:
                    self._ledger.calls[what] += 1
                    return Acknowledged(answer.json(), begun, now())
                said = f"{answer.status_code} {answer.text[:300]}"
                if _is_final(answer):
                    raise RefusedError(_slug(answer) or said)
                if answer.status_code == httpx.codes.NOT_FOUND:
                    key = str(uuid4())
            if now() - begun > self._patience:
                raise StuckError(f"POST {path}: {said}")
            self._ledger.repeats += 1
            await asyncio.sleep(_PAUSE)
        raise AssertionError("unreachable")


def _is_final(answer: httpx.Response) -> bool:
    if answer.status_code not in _AGAIN:
        return True
    if answer.status_code == httpx.codes.CONFLICT:
        return "still-running" not in answer.text
    return False


def _slug(answer: httpx.Response) -> str | None:
    try:
        return str(answer.json()["type"]).removeprefix(TYPE_PREFIX)
    except (ValueError, KeyError, TypeError):
        return None


def _clients(system: System, service: str, role: str) -> Sequence[httpx.AsyncClient]:
    names = [name for name in system.ports if name.partition("-")[0] == service]
    return [system.client(name, role, seconds=10) for name in names]


def _turned(clients: Sequence[httpx.AsyncClient], by: int) -> Sequence[httpx.AsyncClient]:
    place = by % len(clients)
    return [*clients[place:], *clients[:place]]
