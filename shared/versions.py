"""Optimistic locking over HTTP: `ETag` out, `If-Match` in (RFC 9110)."""

import re
from typing import Annotated

from fastapi import Depends, Header, Response

from shared.problems import Problem, invalid

_ETAG = re.compile(r'^"(\d{1,9})"$')


def set_etag(response: Response, version: int) -> None:
    """Tell the version in the `ETag`."""
    response.headers["ETag"] = f'"{version}"'


def check_version(expected: int, version: int) -> None:
    """Compare the version the caller saw with the present one.

    Raises:
        Problem: 412, somebody changed it since.
    """
    if expected != version:
        raise Problem(
            412,
            "stale",
            f"It was changed since: you saw version {expected}, it is at {version} now.",
            more={"version": version},
        )


def _expected(
    if_match: Annotated[str | None, Header(description='The version you saw: `"3"`.')] = None,
) -> int:
    if if_match is None:
        raise Problem(428, "version-needed", 'Send the version you saw: If-Match: "<version>".')
    match = _ETAG.match(if_match)
    if match is None:
        raise invalid("If-Match", 'must be one version in quotes: "<version>"')
    return int(match[1])


IfMatch = Annotated[int, Depends(_expected)]
"""The version that a PATCH expects."""
