"""The search box of pages: what is typed there is sealed before it stands in an address.

FINs, phones and names are typed into it; histories of browsers and logs of proxies keep addresses.
"""

import base64
import binascii
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from services.registration.desk.forms import body_of, validated
from shared.actors import current_actor
from shared.sealing import SealError, sealer_of
from shared.text import OptionalLine

ADDRESS_HEADER = "Search-Address"
"""Where results that were fetched alone are found as a whole page."""

LONGEST = 1_200
"""Letters of a sealed text: 200 characters of four bytes, key number, nonce and tag, in base64."""

Sealed = Annotated[str, Query(description="What is looked for, sealed.")]


class _Box(BaseModel):
    q: OptionalLine = ""


def text_of(form: FormData) -> str:
    """Read what was typed into the box.

    Raises:
        Problem: 422, it is too long or holds control characters.
    """
    return validated(_Box, body_of(form, ["q"])).q


def address_of(session: AsyncSession, path: str, text: str) -> str:
    """Name the page that shows what is found; only who typed the text can open it."""
    if not text:
        return path
    sealed = sealer_of(session).seal(text, _context())
    return f"{path}?s={base64.urlsafe_b64encode(sealed).decode().rstrip('=')}"


def opened(session: AsyncSession, token: str) -> str | None:
    """Open what an address holds; None where it is not ours, or of somebody else."""
    if not token:
        return ""
    if len(token) > LONGEST or not token.isascii():
        return None
    try:
        sealed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        return sealer_of(session).open(sealed, _context())
    except (binascii.Error, SealError):
        return None


def _context() -> str:
    return f"search box of {current_actor().subject}"
