"""The service's Postgres schema: what it refuses by itself."""

import asyncpg
import pytest


async def test_the_service_cannot_say_which_migrations_ran(database: asyncpg.Connection) -> None:
    for statement in (
        "DELETE FROM alembic_version",
        "UPDATE alembic_version SET version_num = '0'",
        "INSERT INTO alembic_version VALUES ('0')",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await database.execute(statement)


async def test_an_event_out_of_order_is_refused_by_the_database_too(
    database: asyncpg.Connection,
) -> None:
    insert = (
        "INSERT INTO events (id, version, status, kind, title, summary, starts_at, ends_at,"
        " enrolment_closes_at, venue_name, venue_district, venue_address, capacity, origins,"
        " residences) VALUES (gen_random_uuid(), 1, 'draft', 'tour', '{}', '{}', now(), now(),"
        " now(), '', '', '', 1, '{}', '{}')"
    )
    with pytest.raises(asyncpg.CheckViolationError, match="ck_events_times"):
        await database.execute(insert)
