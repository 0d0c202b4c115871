"""Alembic's entry: the schema `events` alone."""

from services.events.database import METADATA
from services.events.planning import tables
from shared.migrations import run_environment

__all__ = ["tables"]

run_environment(METADATA)
