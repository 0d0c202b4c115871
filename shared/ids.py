"""Ids: UUIDv7 (RFC 9562), made in Python because Postgres has none before 18."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """Make an id that sorts by the time it was made."""
    return uuid7()
