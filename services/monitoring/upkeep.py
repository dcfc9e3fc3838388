"""Proves the views and makes them again, beside the running instance and with the rights of the owner.

`verify` folds the logs anew and compares row by row, in one snapshot that is rolled back, so nothing is left behind.
`rebuild` makes a copy while the living view goes on; at the end the living consumer is held for as long as the
last events take, the tables change places, and it goes on where the copy is. Who reads sees the old or the new.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from libs.events.consumer import View
from libs.events.crash import crash_point
from libs.events.keyring import Kek
from libs.events.postgres.keyring import PostgresKeyring
from libs.events.postgres.log import head
from services.monitoring import state
from services.monitoring.copying import SCHEMA, Copy
from services.monitoring.views import VIEWS

LOCK_MS, LOCK_TRIES = 100, 600
"""How long one try to have the tables may hold readers up, and how often it is tried: two minutes."""

_CHECKPOINTS = f"""
SELECT source, array_agg(position ORDER BY partition) FROM {SCHEMA}.checkpoint WHERE consumer = $1 GROUP BY source
"""
_HOLD = f"SELECT FROM {SCHEMA}.checkpoint WHERE consumer = $1 FOR UPDATE"
_MOVE = f"""
INSERT INTO {SCHEMA}.checkpoint (consumer, source, partition, position) VALUES ($1, $2, 0, $3)
ON CONFLICT (consumer, source, partition) DO UPDATE SET position = excluded.position
"""

_FIRST_DIFFERENCE = """
SELECT coalesce(l.{key}, f.{key})::text AS row, to_jsonb(l)::text AS living, to_jsonb(f)::text AS folded
FROM {living}.{table} l FULL JOIN {copy}.{table} f USING ({key})
WHERE (l.*) IS DISTINCT FROM (f.*) ORDER BY 1 LIMIT 1
"""


async def verify(url: str, kek: Kek, keyring_url: str | None = None) -> dict[str, Any]:
    """`{"ok", "state", "views": [{"view", "ok", "rows", "difference"}]}` at one position of every log.

    The keyring is in the same database unless it has an address of its own.
    `difference` names the first row that differs by its table and key, and the columns, never a value.
    """
    keys = asyncpg.create_pool(keyring_url or url, min_size=1, max_size=1)
    async with _connected(url) as (conn, reader), keys as pool:
        snapshot = conn.transaction(isolation="repeatable_read")
        await snapshot.start()
        try:
            found = [await _compare(conn, reader, name, view) for name, view in VIEWS.items()]
            signals = await state.signals(conn, reader, PostgresKeyring(pool, kek))
            return {"ok": all(one["ok"] for one in found), "state": await state.of(conn, signals), "views": found}
        finally:
            await snapshot.rollback()


async def rebuild(url: str, name: str) -> dict[str, Any]:
    """Make a view again and put it in its place: `{"view", "events", "seconds", "perSecond"}`.

    Raises KeyError when there is no such view.
    """
    view, begin = VIEWS[name], time.perf_counter()
    copy = Copy(view, f"{SCHEMA}_{name}_nieuw")
    async with _connected(url) as (writer, reader):
        await writer.execute("SELECT pg_advisory_lock(hashtext($1))", copy.schema)
        await copy.create(writer)
        await copy.catch_up(writer, reader, await _heads(reader, view))  # the long round
        await writer.execute("ANALYZE " + ", ".join(f"{copy.schema}.{table}" for table in view.tables))
        await copy.catch_up(writer, reader, await _heads(reader, view))  # a short one for what came meanwhile
        crash_point("rebuild.caught_up")
        await copy.secure(writer)
        crash_point("rebuild.secured")
        await _swap(writer, reader, copy)
    seconds = time.perf_counter() - begin
    return {"view": name, "events": copy.events, "seconds": round(seconds, 3),
            "perSecond": round(copy.events / seconds)}  # fmt: skip


async def _swap(writer: asyncpg.Connection, reader: asyncpg.Connection, copy: Copy) -> None:
    """Hold the living consumer, catch up to where it is, change places: all of it or nothing.

    Where the copy is ahead, the consumer goes on from there. A consumer of a topic with partitions stays where it is
    and folds a few events a second time, which changes nothing.
    """
    consumer = copy.view.name
    async with writer.transaction():
        await writer.execute(_HOLD, consumer)
        crash_point("rebuild.holding")
        living = await _checkpoints(writer, copy.view)
        await copy.catch_up(writer, reader, living)
        await copy.release(writer, reader)
        await _lock(writer, copy.view)
        await copy.replace(writer)
        crash_point("rebuild.replaced")
        for source, position in copy.at.items():
            if len(living.get(source, [0])) == 1:
                await writer.execute(_MOVE, consumer, source, position)
        crash_point("rebuild.before_commit")
    crash_point("rebuild.after_commit")


async def _lock(writer: asyncpg.Connection, view: View) -> None:
    """Have all tables of the view, or none of them and try again soon; raises LockNotAvailableError after many times.

    Readers take them in an order of their own: who waited for one while holding another would wait in a circle with
    them, and one of the two would be refused. So for a moment readers wait, and none hears an error.
    """
    tables = ", ".join(f"{SCHEMA}.{table}" for table in view.tables)
    for left in reversed(range(LOCK_TRIES)):
        try:
            async with writer.transaction():
                await writer.execute(f"SET LOCAL lock_timeout = {LOCK_MS}; LOCK TABLE {tables}")
                await writer.execute("SET LOCAL lock_timeout = '60s'")
            return
        except asyncpg.LockNotAvailableError:
            if not left:
                raise
            await asyncio.sleep(LOCK_MS / 1000)


async def _heads(conn: asyncpg.Connection, view: View) -> dict[str, list[int]]:
    return {source: [await head(conn, source)] for source in view.sources}


async def _checkpoints(conn: asyncpg.Connection, view: View) -> dict[str, list[int]]:
    return {row[0]: row[1] for row in await conn.fetch(_CHECKPOINTS, view.name)}


async def _compare(conn: asyncpg.Connection, reader: asyncpg.Connection, name: str, view: View) -> dict[str, Any]:
    """Fold up to the living checkpoints, and find the first row that differs."""
    copy = Copy(view, f"{SCHEMA}_{name}_proef")
    await copy.create(conn)
    await copy.catch_up(conn, reader, await _checkpoints(conn, view))
    differs, rows = None, 0
    for table in view.tables:
        key = await conn.fetchval(
            """SELECT attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
               WHERE i.indrelid = $1::regclass AND i.indisprimary""",
            f"{SCHEMA}.{table}",
        )
        rows += await conn.fetchval(f"SELECT count(*) FROM {SCHEMA}.{table}")
        differs = differs or await _difference(conn, table, str(key), copy.schema)
    return {"view": name, "ok": differs is None, "rows": rows, "difference": differs}


async def _difference(conn: asyncpg.Connection, table: str, key: str, schema: str) -> dict[str, Any] | None:
    query = _FIRST_DIFFERENCE.format(key=key, table=table, living=SCHEMA, copy=schema)
    found = await conn.fetchrow(query)
    if found is None:
        return None
    return {"table": table, "row": found["row"], "columns": state.columns_apart(found["living"], found["folded"])}


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[tuple[asyncpg.Connection, asyncpg.Connection]]:
    """A connection to write with, and one that reads the logs meanwhile."""
    settings = {"search_path": SCHEMA, "timezone": "UTC", "lock_timeout": "60s"}
    writer = await asyncpg.connect(url, server_settings=settings)
    reader = await asyncpg.connect(url, server_settings=settings)
    try:
        yield writer, reader
    finally:
        writer.terminate()
        reader.terminate()
