"""`qayidis`: one command line for the operator."""

import typer

from deploy.cli import audit, dead, keys, local, outside, servers, staff, tokens
from deploy.cli.failures import PlainFailures

app = typer.Typer(
    name="qayidis",
    cls=PlainFailures,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    # A traceback's local variables would show passwords.
    pretty_exceptions_enable=False,
    help="Runs and looks after Qayıdış.",
)
app.command()(tokens.token)
app.command()(local.where)
app.command()(local.up)
app.command()(local.down)
app.command()(local.logs)
app.command()(local.demo)
app.command()(servers.bootstrap)
app.command()(servers.migrate)
app.add_typer(outside.app, name="outside")
app.add_typer(staff.app, name="staff")
app.add_typer(audit.app, name="audit")
app.add_typer(keys.app, name="keys")
app.add_typer(dead.app, name="dead")
