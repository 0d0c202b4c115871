"""Templates: every capability's own, in the language of the request, escaped."""

from collections.abc import Callable
from functools import cache, partial
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from markupsafe import Markup

from services.registration.desk import forgery, formats
from services.registration.desk.asked import Asked
from services.registration.desk.assets import asset_url
from services.registration.desk.errors import errors_of, sentence_of
from services.registration.desk.forms import Typed
from services.registration.desk.languages import (
    CAPABILITIES,
    LANGUAGES,
    OWN_NAMES,
    Language,
    language_of,
    texts,
    translate,
)
from services.registration.desk.navigation import links_of
from services.registration.desk.once import FIELD as ONCE
from services.registration.desk.options import is_secure
from services.registration.desk.words import word
from shared.ids import new_id
from shared.problems import Problem
from shared.tracing import current_cause

_FORMATS: dict[str, Callable[..., str]] = {
    "day": formats.day,
    "moment": formats.moment,
    "clock": formats.clock,
    "weekday": formats.weekday,
    "number": formats.number,
    "district": formats.district,
}


def render(request: Request, template: str, status: int = 200, /, **context: Any) -> HTMLResponse:
    """Make a page: `render(request, "families/record.html", family=family)`.

    The template is `services/registration/<capability>/templates/<name>`; beside the context it
    knows `request`, `staff`, `language`, `hidden` (what every POST form holds), `links`, `path`,
    `errors` and `form` (of a form that came back; empty otherwise).
    """
    language = language_of(request)
    known: dict[str, Any] = {
        "request": request,
        "staff": getattr(request.state, "staff", None),
        "path": request.url.path,
        "here": _here(request),
        "links": links_of(request),
        "done": request.query_params.get("done"),
        "hidden": partial(_hidden, request),
        "errors": {},
        "asked": Asked(),
        **context,
        "form": Typed(context.get("form", {})),
    }
    made = environment(language).get_template(template)
    text = made.render(known)
    if known["errors"]:
        text = made.render(known)
    response = HTMLResponse(text, status)
    response.headers["Content-Language"] = language
    visit = getattr(request.state, "visit", None)
    if visit is not None:
        response.set_cookie(
            forgery.VISIT_COOKIE, visit, httponly=True, samesite="lax", secure=is_secure(request)
        )
    return response


def again(request: Request, template: str, problem: Problem, /, **context: Any) -> HTMLResponse:
    """Show a form again with what was typed, and what is wrong beside each field."""
    language = language_of(request)
    return render(
        request,
        template,
        problem.status,
        errors=errors_of(problem, language),
        problem=problem,
        sentence=sentence_of(problem, language),
        **context,
    )


def problem_page(request: Request, problem: Problem) -> HTMLResponse:
    """Say what went wrong and where to go on; 500 with the id that finds it in the log."""
    language = language_of(request)
    response = render(
        request,
        "desk/problem.html",
        problem.status,
        problem=problem,
        sentence=sentence_of(problem, language),
        errors=errors_of(problem, language),
        correlation_id=current_cause().correlation_id if problem.status >= 500 else None,
    )
    response.headers.update(problem.headers or {})
    return response


@cache
def environment(language: Language) -> Environment:
    """The templates in one language: `_()`, `ngettext()` and the language's own formats."""
    folders = {
        folder.parent.name: FileSystemLoader(folder) for folder in CAPABILITIES.glob("*/templates")
    }
    made = Environment(
        loader=PrefixLoader(folders),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.install_gettext_translations(texts(language), newstyle=True)  # type: ignore[attr-defined]
    for name, write in _FORMATS.items():
        made.filters[name] = partial(write, language=language)
    made.filters["word"] = partial(word, language=language)
    made.filters["said"] = partial(translate, language=language)
    made.globals.update(
        language=language,
        languages=[(each, OWN_NAMES[each]) for each in LANGUAGES],
        asset=asset_url,
        period=partial(formats.period, language=language),
        districts=partial(formats.districts, language),
    )
    return made


def _hidden(request: Request, *, once: bool = True) -> Markup:
    """The hidden fields of a form: the token, and the key by which it is done once."""
    fields = {forgery.FIELD: forgery.token_of(request)}
    if once:
        fields[ONCE] = new_id().hex
    return Markup().join(
        Markup('<input type="hidden" name="{}" value="{}">').format(*field)
        for field in fields.items()
    )


def _here(request: Request) -> str:
    """The path to come back to after another language was chosen; a form's page for a POST."""
    if request.method == "GET" and request.url.query:
        return f"{request.url.path}?{request.url.query}"
    return request.url.path
