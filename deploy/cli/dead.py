"""`qayidis dead`: what could not be handled, why, and what frees it; for three in the morning."""

import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.bootstrap.failure import DeployError
from deploy.cli.failures import PlainFailures

if TYPE_CHECKING:
    from shared.messaging.dead_letters.grouping import Which
    from shared.messaging.dead_letters.letters import DeadLetter
    from shared.messaging.dead_letters.moving import Moved
    from shared.messaging.dead_letters.office import Office, Opened
    from shared.messaging.dead_letters.records import Record

_SAY_EVERY_SECONDS = 2.0

app = typer.Typer(
    cls=PlainFailures,
    no_args_is_help=True,
    help="Messages that could not be handled: look, replay, drop. Works while services are down.",
)

QueueOption = Annotated[str | None, typer.Option("--queue", help="Only of this queue.")]
TypeOption = Annotated[
    str | None, typer.Option("--type", help="Only of this message type; empty: of none.")
]
ExceptionOption = Annotated[
    str | None, typer.Option("--exception", help="Only what failed with this exception.")
]
By = Annotated[
    str | None, typer.Option("--by", help="Your name, for the record; else this machine's user.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Refs = Annotated[list[str] | None, typer.Argument(help="References, as `list` prints them.")]
All = Annotated[bool, typer.Option("--all", help="Every dead letter of every queue.")]


@app.command("list")
def list_(
    queue: QueueOption = None,
    type_: TypeOption = None,
    exception: ExceptionOption = None,
    letters: Annotated[
        bool, typer.Option("--letters", help="One line a letter instead of groups.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Print what failed: grouped by queue, message type and exception, and what to do."""
    # Imported here and below: these libraries would slow down every other command.
    from deploy.cli import dead_text as text  # noqa: PLC0415
    from deploy.cli.dead_offices import run  # noqa: PLC0415
    from shared.messaging.dead_letters.grouping import Which  # noqa: PLC0415
    from shared.messaging.dead_letters.office import Overview  # noqa: PLC0415

    which = Which(queue, type_, exception)

    async def look(offices: "Mapping[str, Office]") -> tuple[list[Overview], list["DeadLetter"]]:
        of_queue = [each for each in offices.values() if queue in {None, *each.queues}]
        if not of_queue:
            raise DeployError(f"there is no queue {queue}; {_known(offices)}")
        overviews = [await each.overview(which) for each in of_queue]
        listed = [each for office in of_queue for each in await office.letters(which)]
        return overviews, listed

    overviews, listed = run(look)
    overview = Overview(
        [group for each in overviews for group in each.groups],
        depth=sum(each.depth for each in overviews),
        looked_at=sum(each.looked_at for each in overviews),
        seen_at=min((each.seen_at for each in overviews if each.seen_at), default=None),
        outdated=any(each.outdated for each in overviews),
    )
    if as_json:
        groups = [text.group_facts(each) for each in overview.groups]
        print(text.as_json([asdict(each) for each in listed] if letters else groups))
    elif not listed:
        print("no dead letters")
    else:
        _print(text.letter_lines(listed) if letters else text.overview_lines(overview))


@app.command()
def show(
    ref: Annotated[str, typer.Argument(help="The letter's reference.")],
    unmasked: Annotated[
        bool,
        typer.Option("--unmasked", help="Show personal data too; that you did is written down."),
    ] = False,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Print one dead letter: why, where, its headers, and the message with people masked."""
    from deploy.cli import dead_text as text  # noqa: PLC0415
    from deploy.cli.dead_offices import run  # noqa: PLC0415

    async def open_(offices: "Mapping[str, Office]") -> "Opened | None":
        for office in offices.values():
            if opened := await office.show(ref, unmasked=unmasked):
                return opened
        return None

    opened = run(open_, by)
    if opened is None:
        raise DeployError(f"there is no dead letter {ref} any more; see qayidis dead list")
    if as_json:
        facts = {**asdict(opened.told), "headers": opened.headers, "message": opened.text}
        print(text.as_json(facts))
    else:
        _print(text.opened_lines(opened))


@app.command()
def replay(  # noqa: PLR0917
    refs: Refs = None,
    queue: QueueOption = None,
    type_: TypeOption = None,
    exception: ExceptionOption = None,
    all_: All = False,
    by: By = None,
) -> None:
    """Put letters back on the one queue they failed in, by reference, by group, or all.

    Ends with 1 when one is refused: it was handled already, or the present code cannot read it.
    """
    from deploy.cli.dead_offices import run  # noqa: PLC0415

    which = _which(refs, queue, type_, exception, all_=all_)

    async def put_back(offices: "Mapping[str, Office]") -> "list[Moved]":
        return [
            await office.replay(which, say=_Progress(service))
            for service, office in offices.items()
        ]

    _tell(run(put_back, by), "replayed", which)


@app.command()
def drop(  # noqa: PLR0917
    reason: Annotated[
        str, typer.Option("--reason", help="Why it is not needed; kept with its message.")
    ],
    refs: Refs = None,
    queue: QueueOption = None,
    type_: TypeOption = None,
    exception: ExceptionOption = None,
    by: By = None,
) -> None:
    """Take letters away for a reason, by reference or by group; the record keeps each, sealed."""
    from deploy.cli.dead_offices import run  # noqa: PLC0415

    which = _which(refs, queue, type_, exception)
    why = reason.strip()
    if not 3 <= len(why) <= 500:
        raise DeployError("a reason has 3 to 500 characters")

    async def take_away(offices: "Mapping[str, Office]") -> "list[Moved]":
        return [await office.drop(which, why) for office in offices.values()]

    _tell(run(take_away, by), "dropped", which)


@app.command()
def records(
    limit: Annotated[int, typer.Option(help="How many of each service.", min=1, max=1_000)] = 50,
    ref: Annotated[str | None, typer.Option(help="Only of this letter.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print who replayed, dropped or read unmasked what, when and why; the newest first."""
    from deploy.cli import dead_text as text  # noqa: PLC0415
    from deploy.cli.dead_offices import run  # noqa: PLC0415

    async def read(offices: "Mapping[str, Office]") -> "list[Record]":
        return [
            each for office in offices.values() for each in await office.records(limit, ref=ref)
        ]

    found = sorted(run(read), key=lambda each: each.id, reverse=True)
    if as_json:
        print(text.as_json([asdict(each) for each in found]))
    else:
        _print(text.record_lines(found))


def _which(
    refs: list[str] | None,
    queue: str | None,
    type_: str | None,
    exception: str | None,
    *,
    all_: bool = False,
) -> "Which":
    from shared.messaging.dead_letters.grouping import Which  # noqa: PLC0415

    by_group = any(each is not None for each in (queue, type_, exception))
    if [bool(refs), by_group, all_].count(True) != 1:
        raise DeployError("name references, or a group by --queue, --type and --exception")
    return Which(queue, type_, exception, frozenset(refs) if refs else None)


def _tell(moved: "list[Moved]", done: str, which: "Which") -> None:
    """Say what became of them; ends with 1 when something stays."""
    gone = sum(len(each.gone) for each in moved)
    print(f"{done} {gone}")
    refused = {each.ref: each for one in moved for each in one.refused if each.why != "gone"}
    left = {ref for one in moved for ref in one.gone}
    for each in refused.values():
        print(f"{each.ref} stays: {each.detail}", file=sys.stderr)
    missing = sorted((which.refs or frozenset()) - refused.keys() - left)
    for ref in missing:
        print(f"{ref}: there is no such dead letter any more", file=sys.stderr)
    if not (gone or refused or missing):
        print("no dead letter is meant by that; see qayidis dead list", file=sys.stderr)
    if refused or missing or not gone:
        raise typer.Exit(1)


class _Progress:
    """Says from time to time how far a long replay is."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._said = time.monotonic()

    def __call__(self, moved: "Moved") -> None:
        if time.monotonic() - self._said >= _SAY_EVERY_SECONDS:
            self._said = time.monotonic()
            print(f"{self._service}: {moved.seen} so far", file=sys.stderr, flush=True)


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)


def _known(offices: "Mapping[str, Office]") -> str:
    return "there are " + ", ".join(name for each in offices.values() for name in each.queues)
