"""Telling a person what went wrong: one line, and exit code 1."""

import sys
from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperGroup

from deploy.bootstrap.failure import DeployError


class PlainFailures(TyperGroup):
    """A group of commands whose expected failures are one line on stderr, never a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; a DeployError or an unusable option is its text and exit code 1."""
        try:
            return super().invoke(ctx)
        except DeployError as failure:
            text = str(failure)
        except typer.BadParameter as failure:
            text = " ".join(failure.format_message().split())
        print(f"qayidis: {text}", file=sys.stderr)
        raise typer.Exit(1)


def missing_lines(names: Sequence[str]) -> DeployError:
    """Make the failure that names each missing variable in a line of its own."""
    first, *others = [f"{name} is not set" for name in names]
    return DeployError("\n".join([first, *(f"qayidis: {line}" for line in others)]))
