"""A thin HTTP client: bearer token, idempotency key, problem details, paging."""

import time
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import httpx

from deploy.bootstrap.failure import DeployError


class CallFailedError(DeployError):
    """A call was not answered, or with a problem; the text says which call and why.

    `status` is None when there was no answer.
    """

    def __init__(self, text: str, status: int | None = None) -> None:
        super().__init__(text)
        self.status = status


class Api:
    """One service, for the bearer of one token."""

    def __init__(self, name: str, url: str, token: str | None = None) -> None:
        self.name = name
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        # These are addresses of our own: a proxy of the machine's has no part in it.
        self._http = httpx.Client(base_url=url, headers=headers, timeout=30, trust_env=False)

    def get(self, path: str, **query: Any) -> Any:
        """Return the JSON of an answer. Raises CallFailedError unless it is a 2xx."""
        return self._call("GET", path, params=query)

    def post(self, path: str, body: Any = None) -> Any:
        """Post once, however often the connection makes it repeat: each post has its own key."""
        return self._call("POST", path, json=body, headers={"Idempotency-Key": str(uuid4())})

    def items(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Walk a whole list, page by page."""
        query["limit"] = 200
        while True:
            page = self.get(path, **query)
            yield from page["items"]
            if page["next"] is None:
                return
            query["cursor"] = page["next"]

    def wait_until_ready(self, seconds: float) -> None:
        """Return when the service says it is ready. Raises CallFailedError with its reasons."""
        until = time.monotonic() + seconds
        while True:
            try:
                self.get("/health/ready")
            except CallFailedError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.5)
            else:
                return

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _call(self, method: str, path: str, **request: Any) -> Any:
        call = f"{self.name}: {method} {path}"
        try:
            answer = self._http.request(method, path, **request)
        except httpx.TransportError as error:
            raise CallFailedError(f"{call} got no answer: {error}") from error
        if not answer.is_success:
            text = f"{call} answered {answer.status_code}: {_reason(answer)}"
            raise CallFailedError(text, answer.status_code)
        return answer.json()


def _reason(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
        detail = problem.get("detail") or problem.get("title") or answer.text
        fields = [f"{wrong['field']}: {wrong['message']}" for wrong in problem.get("errors") or []]
    except (ValueError, AttributeError, KeyError, TypeError):
        # Not a problem of ours: a proxy's page, for instance.
        return " ".join(answer.text.split())[:200] or answer.reason_phrase
    return " ".join([str(detail), *([f"({'; '.join(fields)})"] if fields else [])])
