"""What somebody with a copy of the database can read in it."""

import base64
import json
import re
from collections.abc import Iterable

import asyncpg

_OURS = "('registration', 'events', 'notifications')"


async def traces(database: asyncpg.Connection, secrets: Iterable[str]) -> set[str]:
    """Tell which of these texts are in the database's files, in any form.

    Looks at the files themselves, so also at old versions of rows and at dropped columns, and at
    every row as text, where long values are kept compressed. Needs a superuser.
    """
    await database.execute("CHECKPOINT")
    contents = [await _file(database, each) for each in await _files(database)]
    contents += [await _rows(database, each) for each in await _tables(database)]
    return {
        secret
        for secret in secrets
        if any(form in content for form in forms(secret) for content in contents)
    }


def forms(secret: str) -> set[bytes]:
    """Make the bytes of the forms in which a text would be readable, all lower-cased.

    As it is, without the country code, in groups as people write it, in hex, in base64 at each of
    the three offsets, and as JSON escapes.
    """
    writings = {secret}
    if re.fullmatch(r"\+994[0-9]{9}", secret):
        operator, rest = secret[4:6], secret[6:]
        groups = (rest[:3], rest[3:5], rest[5:])
        writings = {f"{operator}{between.join(groups)}" for between in ("", " ", "-")}
        writings |= {f"{operator} {' '.join(groups)}", f"{operator}{rest}"}
    raw = {each.encode() for each in writings}
    raw |= {json.dumps(each)[1:-1].encode() for each in writings}
    made = set(raw)
    for each in raw:
        made.add(each.hex().encode())
        made |= {_inner_base64(each, offset) for offset in range(3)}
    return {each.lower() for each in made}


def _inner_base64(data: bytes, offset: int) -> bytes:
    # Only the characters that do not depend on the neighbours.
    encoded = base64.b64encode(b"\0" * offset + data)
    first = -(-offset * 8 // 6)
    last = (offset + len(data)) * 8 // 6
    return encoded[first:last]


async def _files(database: asyncpg.Connection) -> list[str]:
    rows = await database.fetch(
        f"""SELECT DISTINCT pg_relation_filepath(c.oid) AS path FROM pg_class c
        WHERE pg_relation_filepath(c.oid) IS NOT NULL AND (
            c.relnamespace::regnamespace::text IN {_OURS} OR c.oid IN (
                SELECT t.reltoastrelid FROM pg_class t
                WHERE t.relnamespace::regnamespace::text IN {_OURS}))"""
    )
    return [row["path"] for row in rows]


async def _file(database: asyncpg.Connection, path: str) -> bytes:
    content: bytes = await database.fetchval("SELECT pg_read_binary_file($1)", path)
    return content.lower()


async def _tables(database: asyncpg.Connection) -> list[str]:
    rows = await database.fetch(
        f"""SELECT oid::regclass::text AS name FROM pg_class
        WHERE relkind = 'r' AND relnamespace::regnamespace::text IN {_OURS}"""
    )
    return [row["name"] for row in rows]


async def _rows(database: asyncpg.Connection, table: str) -> bytes:
    rows = await database.fetch(f"SELECT t::text AS line FROM {table} t")
    return "\n".join(row["line"] for row in rows).encode().lower()
