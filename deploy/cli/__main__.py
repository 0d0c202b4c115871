"""`python -m deploy.cli`, the same as `qayidis`."""

from deploy.cli.main import app

app()
