"""Stylesheets, scripts and pictures of the pages, under addresses that change with their bytes."""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache

from fastapi import APIRouter, Request, Response

from services.registration.desk.languages import CAPABILITIES
from shared.problems import not_found

PREFIX = "/static"
_FOR_EVER = "public, max-age=31536000, immutable"
_TEXT = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Asset:
    """One file of a capability's `static/` folder."""

    url: str
    content: bytes
    compressed: bytes
    media_type: str


@cache
def assets() -> dict[str, Asset]:
    """Read every asset once, by its name: `desk/desk.css`."""
    found = {}
    for file in sorted(CAPABILITIES.glob("*/static/*")):
        content = file.read_bytes()
        digest = hashlib.sha256(content).hexdigest()[:12]
        folder = file.parents[1].name
        guessed = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        found[f"{folder}/{file.name}"] = Asset(
            url=f"{PREFIX}/{folder}/{file.stem}.{digest}{file.suffix}",
            content=content,
            compressed=gzip.compress(content, mtime=0),
            media_type=_TEXT.get(file.suffix, guessed),
        )
    return found


@cache
def _by_url() -> dict[str, Asset]:
    return {asset.url: asset for asset in assets().values()}


def asset_url(name: str) -> str:
    """Give the address of an asset; it may be kept for ever.

    Raises:
        KeyError: there is no such file.
    """
    return assets()[name].url


@router.get(PREFIX + "/{folder}/{file}")
async def asset(request: Request) -> Response:
    """Serve one file; an address with an old hash is not found."""
    found = _by_url().get(request.url.path)
    if found is None:
        raise not_found("file")
    headers = {
        "Cache-Control": _FOR_EVER,
        "X-Content-Type-Options": "nosniff",
        "Vary": "Accept-Encoding",
    }
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(found.compressed, headers=headers, media_type=found.media_type)
    return Response(found.content, headers=headers, media_type=found.media_type)
