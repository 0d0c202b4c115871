"""The page: phones and mailboxes as staff and viewers of a demo see them."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import ValidationError

from deploy.local.handset.addresses import as_address, folded, is_mailbox, shown
from deploy.local.handset.behaviours import MEANING, Behaviour, Behaviours, Mode
from deploy.local.handset.memory import Memory, Phone
from shared.problems import Problem, from_validation, invalid

_HERE = Path(__file__).parent
_MOST_PHONES = 40
_MOST_TEXTS = 20
_BAKU = ZoneInfo("Asia/Baku")
_SECURE = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
        "img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_ASSETS = {"handset.css": "text/css", "handset.js": "text/javascript", "icon.svg": "image/svg+xml"}


@dataclass(frozen=True)
class View:
    """What one rendering shows: the newest phones that match, of how many."""

    q: str
    phones: list[Phone]
    total: int
    texts: int


def page_routes(memory: Memory, behaviours: Behaviours) -> APIRouter:
    """Return the page, its part that changes, its assets and its form."""
    router = APIRouter(include_in_schema=False)
    templates = _templates(behaviours)

    def render(name: str, q: str) -> HTMLResponse:
        view = look(memory, q)
        return HTMLResponse(templates.get_template(name).render(view=view), headers=_SECURE)

    @router.get("/")
    async def page(q: str = "") -> HTMLResponse:
        return render("page.html", q)

    @router.get("/phones")
    async def phones(q: str = "") -> HTMLResponse:
        return render("phones.html", q)

    @router.post("/switch")
    async def switch(request: Request) -> Response:
        if not _from_our_page(request):
            raise Problem(403, "foreign-page", "Only the handset's own page can turn a switch.")
        form = _fields(await request.body())
        address = form.get("address", "")
        try:
            address = as_address(address)
            behaviours.put(address, _behaviour(form))
        except ValidationError as error:
            raise from_validation(RequestValidationError(error.errors())) from None
        except ValueError as error:
            raise invalid("mode", str(error)) from None
        memory.show_again(address)
        back = urlencode({"q": form["q"]}) if form.get("q") else ""
        return RedirectResponse(f"/?{back}#{anchor(address)}", 303)

    for name, media_type in _ASSETS.items():
        router.get(f"/{name}")(_asset(name, media_type))
    return router


def look(memory: Memory, q: str) -> View:
    """Return the newest phones whose number, mailbox or latest texts match; all for no `q`.

    A whole number or mailbox that received nothing yet is shown empty, so that its switch can
    be turned before the first text.
    """
    q = q.strip()
    if not q:
        matching = memory.newest_first()
    else:
        wanted, digits = folded(q), re.sub(r"[\s()-]", "", q)
        matching = (
            phone
            for phone in memory.newest_first()
            if digits in phone.address or _mentions(phone, wanted)
        )
    phones = list(islice(matching, _MOST_PHONES))
    if not phones and (address := _whole_address(q)):
        phones = [Phone(address)]
    return View(q=q, phones=phones, total=len(memory), texts=memory.texts)


def anchor(address: str) -> str:
    """Return the id of a phone's place on the page."""
    return "p-" + re.sub(r"[^a-z0-9]", "-", address.lstrip("+"))


def language(text: str) -> str | None:
    """Guess a text's language for screen readers (WCAG 2.2, 3.1.2); None when unsure."""
    if re.search("[а-яё]", text, re.IGNORECASE):
        return "ru"
    return "az" if re.search("[əğışçöü]", text, re.IGNORECASE) else None


def _mentions(phone: Phone, wanted: str) -> bool:
    return any(
        wanted in folded(text.text) or (text.subject and wanted in folded(text.subject))
        for text in phone.texts[-_MOST_TEXTS:]
    )


def _whole_address(q: str) -> str | None:
    try:
        return as_address(q)
    except ValueError:
        return None


def _fields(body: bytes) -> dict[str, str]:
    form = parse_qs(body.decode(errors="replace"))
    return {name: values[0] for name, values in form.items()}


def _behaviour(form: dict[str, str]) -> Behaviour:
    given = {"mode": form.get("mode", ""), "seconds": form.get("seconds") or None}
    return Behaviour.model_validate(given)


def _from_our_page(request: Request) -> bool:
    # Any site could make a browser post a form here; browsers say where a form came from.
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def _asset(name: str, media_type: str) -> Any:
    content = (_HERE / "static" / name).read_bytes()

    async def asset() -> Response:
        headers = {**_SECURE, "Cache-Control": "no-cache"}
        return Response(content, media_type=media_type, headers=headers)

    return asset


def _templates(behaviours: Behaviours) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.globals.update(
        most_texts=_MOST_TEXTS, behaviour_of=behaviours.of, meanings=MEANING, Mode=Mode
    )
    environment.filters.update(
        shown=shown, anchor=anchor, language=language, mailbox=is_mailbox, baku=_baku, utc=_utc
    )
    return environment


def _baku(at: float) -> str:
    return f"{datetime.fromtimestamp(at, _BAKU):%-d %b, %H:%M}"


def _utc(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
