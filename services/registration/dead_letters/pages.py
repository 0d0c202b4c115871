"""The operator's pages: what could not be handled, why, and what frees it, of every service."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Query, Request, Response
from fastapi import Path as InPath

from services.registration.dead_letters.consoles import console_of, names_of, one_of_few
from services.registration.dead_letters.words import ACTIONS, WHAT_TO_DO
from services.registration.desk.forms import body_of, texts_of, validated
from services.registration.desk.rendering import again, render
from services.registration.desk.routes import Form, page_router, see
from services.registration.desk.signed_in import signed_in
from services.registration.staff.domain import Staff
from shared.messaging.dead_letters.grouping import Which
from shared.messaging.dead_letters.schemas import (
    LONGEST,
    MOST_AT_ONCE,
    DeadLetterDrop,
    DeadLetterReplay,
    OpenedDeadLetter,
)
from shared.problems import Problem
from shared.transactions import Session

router = page_router()

Operator = Annotated[Staff, Depends(signed_in("operator"))]
Name = Annotated[str, InPath(pattern=r"^[a-z]{1,30}$")]
Ref = Annotated[str, InPath(pattern=r"^[0-9a-f]{12}$")]
Filter = Annotated[str | None, Query(max_length=LONGEST)]
Count = Annotated[int, Query(ge=0, le=1_000_000)]

_PAGE, _LETTER = "/dead-letters", "dead_letters/letter.html"
_SHOWN, _LATELY = 50, 20


@router.get(_PAGE)
async def list_groups(request: Request, session: Session, _: Operator) -> Response:
    """Every service's groups, and what left lately; who does not answer is named."""
    services = [await _service(request, session, name) for name in names_of(request)]
    lately = [(each["name"], record) for each in services for record in each["records"]]
    lately.sort(key=lambda each: each[1].at, reverse=True)
    context = {"services": services, "lately": lately[:_LATELY]}
    return render(request, "dead_letters/groups.html", what=WHAT_TO_DO, acts=ACTIONS, **context)


@router.get(f"{_PAGE}/{{name}}")
async def list_letters(  # noqa: PLR0917  each is one part of the query
    name: Name,
    request: Request,
    session: Session,
    _: Operator,
    queue: Filter = None,
    type: Filter = None,
    exception: Filter = None,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
    replayed: Count = 0,
    stay: Count = 0,
    left: Count = 0,
) -> Response:
    """The letters of one group, those that failed first at the top."""
    which = Which(queue, type, exception)
    console = await console_of(request, session, name)
    async with one_of_few(request, name, looking=True):
        found = await console.letters(which, _SHOWN, cursor)
    asked = {"queue": queue, "type": type, "exception": exception}
    named = {key: value for key, value in asked.items() if value is not None}
    more = found.next and f"{_PAGE}/{name}?{urlencode({**named, 'cursor': found.next})}"
    done = {"replayed": replayed, "stay": stay, "left": left}
    context = {"name": name, "asked": asked, "found": found, "more": more, "moved": done}
    return render(request, "dead_letters/letters.html", most=MOST_AT_ONCE, **context)


@router.post(f"{_PAGE}/{{name}}/replay")
async def replay_group(
    name: Name, request: Request, session: Session, form: Form, _: Operator
) -> Response:
    """Put the letters of a group back, at most a thousand of them."""
    typed = texts_of(form)
    # Whoever names a type means also none, which a form sends as an empty text.
    group: dict[str, Any] = {
        key: typed[key] for key in ("queue", "type", "exception") if key in typed
    }
    body = validated(DeadLetterReplay, {**group, "limit": MOST_AT_ONCE})
    console = await console_of(request, session, name)
    async with one_of_few(request, name):
        moved = await console.replay_group(body)
    counts = {"replayed": moved.replayed, "stay": moved.stay, "left": moved.left}
    return see(f"{_PAGE}/{name}?{urlencode({**group, **counts})}", done="replayed")


@router.get(f"{_PAGE}/{{name}}/{{ref}}")
async def show_letter(  # noqa: PLR0917
    name: Name,
    ref: Ref,
    request: Request,
    session: Session,
    staff: Operator,
    people: Annotated[bool, Query()] = False,
) -> Response:
    """One letter: why, where, what to do, and its message with people masked."""
    if people and "auditor" not in staff.roles:
        raise Problem(403, "forbidden", "Your roles do not include this page.")
    console = await console_of(request, session, name)
    async with one_of_few(request, name):
        letter = await console.letter(ref, unmasked=people)
    return render(request, _LETTER, **_shown(name, letter, people=people))


@router.post(f"{_PAGE}/{{name}}/{{ref}}/replay")
async def replay_letter(
    name: Name, ref: Ref, request: Request, session: Session, _: Operator
) -> Response:
    """Put one letter back on its queue."""
    console = await console_of(request, session, name)
    async with one_of_few(request, name):
        try:
            await console.replay(ref)
        except Problem as problem:
            if problem.status != 409:
                raise
            letter = await console.letter(ref)
            return again(request, _LETTER, problem, **_shown(name, letter))
    return see(_PAGE, done="replayed")


@router.post(f"{_PAGE}/{{name}}/{{ref}}/drop")
async def drop_letter(
    name: Name, ref: Ref, request: Request, session: Session, form: Form, _: Operator
) -> Response:
    """Take one letter away for a reason."""
    console = await console_of(request, session, name)
    async with one_of_few(request, name):
        try:
            body = validated(DeadLetterDrop, body_of(form, ["reason"]))
        except Problem as problem:
            letter = await console.letter(ref)
            return again(request, _LETTER, problem, form=texts_of(form), **_shown(name, letter))
        await console.drop(ref, body.reason)
    return see(_PAGE, done="dropped")


async def _service(request: Request, session: Session, name: str) -> dict[str, Any]:
    console = await console_of(request, session, name)
    try:
        async with one_of_few(request, name, looking=True):
            groups = await console.groups(Which())
            records = (await console.records(_LATELY, None)).items
    except Problem as problem:
        return {"name": name, "problem": problem.slug, "groups": None, "records": []}
    return {"name": name, "problem": None, "groups": groups, "records": records}


def _shown(name: str, letter: OpenedDeadLetter, *, people: bool = False) -> dict[str, Any]:
    return {"name": name, "letter": letter, "what": WHAT_TO_DO, "people": people}
