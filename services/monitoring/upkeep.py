"""Proves the views and makes them again, beside the running instance and with the rights of the owner.

`verify` folds the logs anew and compares row by row, in one snapshot that is rolled back, so nothing is left behind.
`rebuild` makes a copy while the living view goes on; at the end the living consumer is held for as long as the
last events take, the tables change places, and it goes on where the copy is. Who reads sees the old or the new.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import asyncpg

from libs.chassis.patience import eventually
from libs.events.consumer import View
from libs.events.crash import crash_point
from libs.events.errors import EventsError, Gap
from libs.events.kafka.clients import Cluster
from libs.events.kafka.topic import Topic
from libs.events.keyring import Kek
from libs.events.postgres.keyring import PostgresKeyring
from services.monitoring import state
from services.monitoring.copying import SCHEMA, Copy
from services.monitoring.history import History, Logs, Published
from services.monitoring.views import VIEWS

LOCK_MS, LOCK_TRIES = 100, 600
"""How long one try to have the tables may hold readers up, and how often it is tried: two minutes."""

_CHECKPOINTS = f"""
SELECT source, array_agg(position ORDER BY partition) FROM {SCHEMA}.checkpoint WHERE consumer = $1 GROUP BY source
"""
_HOLD = f"SELECT FROM {SCHEMA}.checkpoint WHERE consumer = $1 ORDER BY source, partition FOR UPDATE"
"""In the order in which an operator's retry holds them (libs.events.postgres.parked)."""
_MOVE = f"""
INSERT INTO {SCHEMA}.checkpoint (consumer, source, partition, position) VALUES ($1, $2, 0, $3)
ON CONFLICT (consumer, source, partition) DO UPDATE SET position = excluded.position
"""

_FIRST_DIFFERENCE = """
SELECT coalesce(l.{key}, f.{key})::text AS row, to_jsonb(l)::text AS living, to_jsonb(f)::text AS folded
FROM {living}.{table} l FULL JOIN {copy}.{table} f USING ({key})
WHERE (l.*) IS DISTINCT FROM (f.*) ORDER BY 1 LIMIT 1
"""


ALONE_SECONDS = 5.0
"""How long a rebuild waits for one before it: the server needs a moment to notice that its client was killed."""


class EndsBefore(Gap):
    """The topic ends before where the view is."""


class Underway(EventsError):
    """Another rebuild of this view runs."""


async def verify(
    url: str, kek: Kek | None, keyring_url: str | None = None, cluster: Cluster | None = None
) -> dict[str, Any]:  # fmt: skip
    """`{"ok", "state", "views": [{"view", "ok", "rows", "difference"}]}` at one position of every log.

    The events are those of the logs in the same database, or with a cluster those of its topic. The keyring is in the
    same database unless it has an address of its own; where it is nowhere to be found, or its key is not there, no
    state is told. Raises WrongKey where that key is another one.
    `difference` names the first row that differs by its table and key, and the columns, never a value.
    """
    async with _opened(url, cluster) as (conn, history):
        snapshot = conn.transaction(isolation="repeatable_read")
        await snapshot.start()
        try:
            found = [await _compare(conn, history, name, view) for name, view in VIEWS.items()]
            told = None
            if (address := keyring_url or (url if cluster is None else None)) and kek is not None:
                told = await _state(conn, history, address, kek)
            return {"ok": all(one["ok"] for one in found), "state": told, "views": found}
        finally:
            await snapshot.rollback()


async def _state(conn: asyncpg.Connection, history: History, keyring_url: str, kek: Kek) -> str:
    async with asyncpg.create_pool(keyring_url, min_size=1, max_size=1) as pool:
        return await state.of(conn, await state.signals(conn, history, PostgresKeyring(pool, kek)))


async def rebuild(url: str, name: str, cluster: Cluster | None = None) -> dict[str, Any]:
    """Make a view again and put it in its place: `{"view", "events", "seconds", "perSecond"}`.

    The events are those of the logs in the same database, or with a cluster those of its topic. `events` are those
    folded now: a rebuild that was broken off is gone on with. Raises KeyError when there is no such view, Gap where
    the topic lacks an event, EndsBefore where it ends before where the view is, Underway while another one runs.
    """
    view, begin = VIEWS[name], time.perf_counter()
    async with _opened(url, cluster) as (writer, history):
        copy = Copy(view, f"{SCHEMA}_{name}_nieuw", history)
        await _alone(writer, copy)
        try:
            while not await _made(writer, copy):
                await copy.remove(writer)
        except Gap:
            await copy.remove(writer)
            raise
    seconds = time.perf_counter() - begin
    return {"view": name, "events": copy.events, "seconds": round(seconds, 3),
            "perSecond": round(copy.events / seconds)}  # fmt: skip


async def _made(writer: asyncpg.Connection, copy: Copy) -> bool:
    """Begin or go on, catch up, change places. False where the copy was overtaken. Raises Gap."""
    await copy.begin(writer)
    await _caught_up(writer, copy)
    crash_point("rebuild.caught_up")
    await copy.secure(writer)
    crash_point("rebuild.secured")
    return await _swapped(writer, copy)


async def _alone(writer: asyncpg.Connection, copy: Copy) -> None:
    """Nobody else makes this copy for as long as the connection is there. Raises Underway."""

    async def free() -> bool | None:
        return await writer.fetchval("SELECT pg_try_advisory_lock(hashtext($1))", copy.schema) or None

    if await eventually(free, ALONE_SECONDS) is None:
        raise Underway(f"another rebuild of {copy.view.name} runs")


async def _caught_up(writer: asyncpg.Connection, copy: Copy) -> None:
    """A long round, and a short one for what came meanwhile. Raises Gap."""
    await copy.catch_up(writer)
    await writer.execute("ANALYZE " + ", ".join(f"{copy.schema}.{table}" for table in copy.view.tables))
    living = await _checkpoints(writer, copy.view)
    await copy.catch_up(writer)
    if lacking := await copy.history.lacks(copy.view.name, living, copy.reached):
        raise EndsBefore(lacking[0])


async def _swapped(writer: asyncpg.Connection, copy: Copy) -> bool:
    """Hold the living consumer, catch up to where it is, change places: all of it or nothing.

    Where the copy is ahead, the consumer goes on from there. A consumer of a topic with partitions stays where it is
    and folds a few events a second time, which changes nothing. False where it has set aside what the copy holds.
    """
    consumer = copy.view.name
    async with writer.transaction():
        await writer.execute(_HOLD, consumer)
        crash_point("rebuild.holding")
        living = await _checkpoints(writer, copy.view)
        await copy.catch_up(writer)
        if await copy.is_overtaken(writer):
            return False
        await _lock(writer, copy.view)
        if moves := not copy.reached.offsets and all(len(partitions) == 1 for partitions in living.values()):
            await copy.hand_over(writer)
        await copy.replace(writer)
        crash_point("rebuild.replaced")
        for (source, _), position in copy.reached.positions.items() if moves else ():
            await writer.execute(_MOVE, consumer, source, position)
        crash_point("rebuild.before_commit")
    crash_point("rebuild.after_commit")
    return True


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


async def _checkpoints(conn: asyncpg.Connection, view: View) -> dict[str, list[int]]:
    return {row[0]: row[1] for row in await conn.fetch(_CHECKPOINTS, view.name)}


async def _compare(conn: asyncpg.Connection, history: History, name: str, view: View) -> dict[str, Any]:
    """Fold up to the living checkpoints, and find the first row that differs."""
    copy = Copy(view, f"{SCHEMA}_{name}_proef", history)
    await copy.create(conn)
    await copy.catch_up(conn, within=await _checkpoints(conn, view))
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
async def _opened(url: str, cluster: Cluster | None) -> AsyncIterator[tuple[asyncpg.Connection, History]]:
    """A connection to write with, and the events, which are read beside it."""
    async with AsyncExitStack() as stack:
        writer = await _connected(url, stack)
        if cluster is None:
            yield writer, Logs(await _connected(url, stack))
        else:
            yield writer, Published(await stack.enter_async_context(Topic.opened(cluster)))


async def _connected(url: str, stack: AsyncExitStack) -> asyncpg.Connection:
    settings = {"search_path": SCHEMA, "timezone": "UTC", "lock_timeout": "60s"}
    conn = await asyncpg.connect(url, server_settings=settings)
    stack.callback(conn.terminate)
    return conn
