"""Accounts of the staff: the first one, and the way back in when nobody can sign in."""

import sys
from collections.abc import Awaitable, Callable
from enum import StrEnum
from functools import partial
from typing import Annotated, Any, TypeVar

import typer

from deploy.bootstrap.failure import DeployError
from deploy.cli.failures import PlainFailures

app = typer.Typer(
    cls=PlainFailures, no_args_is_help=True, help="The staff's accounts for signing in."
)

T = TypeVar("T")

_PAGE = 500


class StaffRole(StrEnum):
    """What a member of the staff may do."""

    REGISTRAR = "registrar"
    ORGANISER = "organiser"
    AUDITOR = "auditor"
    OPERATOR = "operator"


class Language(StrEnum):
    """The language of the pages."""

    AZ = "az"
    EN = "en"
    RU = "ru"


Login = Annotated[str, typer.Argument(help="What the person types to sign in, e.g. aynur.m.")]
FromStdin = Annotated[
    bool,
    typer.Option(
        "--password-stdin", help="Read the password from standard input; else one is made."
    ),
]


@app.command()
def add(  # noqa: PLR0917
    login: Login,
    name: Annotated[str, typer.Option(help="The person's name.")],
    role: Annotated[list[StaffRole], typer.Option(help="What they may do; may be repeated.")],
    district: Annotated[
        str | None, typer.Option(help="Bind them to a district, e.g. AZ-BAR; else they see all.")
    ] = None,
    language: Annotated[Language, typer.Option(help="The language of their pages.")] = Language.AZ,
    email: Annotated[
        str | None, typer.Option(help="Links the account to a person of an OpenID provider.")
    ] = None,
    password_stdin: FromStdin = False,
) -> None:
    """Make an account. Prints a temporary password, unless one is given on standard input."""
    # Imported here and below: these libraries would slow down every other command.
    from services.registration.staff import accounts  # noqa: PLC0415
    from shared.districts import known_districts  # noqa: PLC0415

    if district is not None and district not in known_districts():
        raise DeployError(f"a district is an ISO 3166-2 code like AZ-BAR, not {district}")
    if not name.strip() or len(name) > 200:
        raise DeployError("a name has 1 to 200 characters")
    roles = frozenset(str(each) for each in role)
    new = accounts.NewAccount(login, name.strip(), roles, district, language.value, email)
    password = _read_password() if password_stdin else None
    account, shown = _run(lambda session: accounts.add(session, new, password))
    _show(f"made the account {account.staff.login}", shown)


@app.command("list")
def list_() -> None:
    """Print every account: login, roles, district, and whether it is disabled."""
    from services.registration.staff import accounts  # noqa: PLC0415

    after = ""
    while page := _run(partial(accounts.list_, after=after, limit=_PAGE)):
        for account in page:
            staff = account.staff
            state = "disabled" if account.disabled_at else "active"
            where_ = staff.district or "all districts"
            print(f"{staff.login}\t{', '.join(sorted(staff.roles))}\t{where_}\t{state}")
        after = page[-1].staff.login


@app.command("reset-password")
def reset_password(login: Login, password_stdin: FromStdin = False) -> None:
    """Give an account another password, unlock it and end its sessions."""
    from services.registration.staff import accounts  # noqa: PLC0415

    password = _read_password() if password_stdin else None

    async def reset(session: Any) -> str | None:
        account = await accounts.find_by_login(session, login)
        _, shown = await accounts.set_password(session, account.staff.id, password)
        return shown

    _show(f"the password of {login} is another now", _run(reset))


@app.command("sign-out")
def sign_out(login: Login) -> None:
    """End every session of an account."""
    from services.registration.staff import accounts  # noqa: PLC0415

    async def end(session: Any) -> int:
        account = await accounts.find_by_login(session, login)
        return await accounts.sign_out_everywhere(session, account.staff.id)

    print(f"ended {_run(end)} sessions of {login}", file=sys.stderr)


def _show(done: str, password: str | None) -> None:
    """The password alone goes to standard output."""
    print(done, file=sys.stderr)
    if password is not None:
        print("its temporary password, to be changed after signing in:", file=sys.stderr)
        print(password)


def _read_password() -> str:
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise DeployError("there is no password on standard input")
    return password


def _run(work: Callable[[Any], Awaitable[T]]) -> T:
    """Do something to the accounts in one transaction; what is wrong is a DeployError."""
    from deploy.cli.accounts import run  # noqa: PLC0415

    return run(work)
