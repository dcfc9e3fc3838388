"""A rebuild beside another, beside an operator's retry, and beside a consumer that parks what the copy has already."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from typer.testing import CliRunner

from drempel.cli import app
from libs.events.ports import Entry
from libs.events.postgres.log import append
from libs.events.processor import WAITS
from services.monitoring import upkeep
from services.monitoring.views import VIEWS
from tests.integration.test_monitoring_upkeep import empty, lived_through, told
from tests.monitoring_story import KEK, Story, ladder

pytestmark = pytest.mark.postgres


async def test_a_second_rebuild_at_once_is_told_so(postgres: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "ALONE_SECONDS", 0.1)
    monkeypatch.setattr(upkeep, "LOCK_TRIES", 2)
    async with empty(postgres) as url, asyncpg.create_pool(url, min_size=1, max_size=1) as pool:
        monkeypatch.setenv("DREMPEL_DATABASE_URL", url)
        async with pool.acquire() as first:
            await first.execute("SELECT pg_advisory_lock(hashtext('monitoring_timeline_nieuw'))")
            answer = await asyncio.to_thread(CliRunner().invoke, app, ["rebuild", "timeline"])
            assert (answer.exit_code, answer.output[:44]) == (1, "another rebuild of monitoring.timeline runs;"), answer
        async with pool.acquire() as reader, reader.transaction():
            await reader.execute("LOCK TABLE monitoring.zaak IN ACCESS SHARE MODE")
            answer = await asyncio.to_thread(CliRunner().invoke, app, ["rebuild", "timeline"])
            assert (answer.exit_code, "nothing was changed" in answer.output) == (1, True), answer
        assert (await asyncio.to_thread(CliRunner().invoke, app, ["rebuild", "timeline"])).exit_code == 0


async def test_the_consumer_is_held_in_the_order_in_which_a_retry_holds_it(postgres: Path) -> None:
    async with empty(postgres) as url, asyncpg.create_pool(url, min_size=3, max_size=3) as pool:
        await pool.execute(
            "INSERT INTO monitoring.checkpoint SELECT 'x', 'intake', n, 0 FROM generate_series(11, 0, -1) AS n"
        )
        async with pool.acquire() as rebuilding:
            async with pool.acquire() as retrying, retrying.transaction():
                lock = "SELECT FROM monitoring.checkpoint WHERE consumer = 'x' AND partition = $1 FOR UPDATE"
                await retrying.execute(lock, 0)
                held = asyncio.create_task(rebuilding.execute(upkeep._HOLD, "x"))
                async with asyncio.timeout(10):
                    while not await pool.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
                        await asyncio.sleep(0.02)
                await retrying.execute(f"{lock} NOWAIT", 1)  # raises where the other holds it
                assert not held.done(), "it waits for the first, holding none behind it"
            await held


@asynccontextmanager
async def ahead(folder: Path) -> AsyncIterator[tuple[str, asyncpg.Connection]]:
    """A database in which the consumer of the timeline has not had the last household yet; and a connection."""
    late = Story(2)
    ladder(late, kenmerk="LAAT-1")
    async with empty(folder) as url:
        await lived_through(url, told(1), 1)
        conn = await asyncpg.connect(url)
        for source, log in late.logs().items():
            async with conn.transaction():
                await append(conn, source, [Entry(event, "0505") for event in log])
        try:
            yield url, conn
        finally:
            await conn.close()


async def park_next(conn: asyncpg.Connection) -> tuple[int, list[int]]:
    """As the consumer would park the next event of outreach: its position, and those of its subject behind it."""
    async with conn.transaction():
        position, subject = await conn.fetchrow(
            """WITH gone AS (UPDATE monitoring.checkpoint SET position = position + 1
                             WHERE consumer = 'monitoring.timeline' AND source = 'outreach' RETURNING position)
               INSERT INTO monitoring.parked (consumer, source, position, partition, subject, type, envelope, reason)
               SELECT 'monitoring.timeline', 'outreach', position, 0, stream, type, envelope, 'unexpected ValueError'
               FROM outreach.log JOIN gone USING (position) RETURNING position, subject"""
        )
    query = "SELECT position FROM outreach.log WHERE stream = $1 AND position > $2 AND type = ANY($3) ORDER BY 1"
    rows = await conn.fetch(query, subject, position, list(VIEWS["timeline"].hears))
    return position, [row[0] for row in rows]


async def assert_set_aside(url: str, conn: asyncpg.Connection, parked: int, behind: list[int]) -> None:
    """What was parked and what comes behind it wait, the view is what the logs say without them; and then with them."""
    rows = await conn.fetch("SELECT position, reason FROM monitoring.parked ORDER BY position")
    assert [tuple(row) for row in rows] == [(parked, "unexpected ValueError"), *((at, WAITS) for at in behind)]
    assert behind, "the subject has more"
    assert (await upkeep.verify(url, KEK))["ok"]
    await conn.execute("DELETE FROM monitoring.parked")  # as a retry would, had it folded them
    await upkeep.rebuild(url, "timeline")
    assert (await upkeep.verify(url, KEK))["ok"]


async def test_what_comes_behind_a_parked_event_waits_although_the_copy_is_ahead(postgres: Path) -> None:
    async with ahead(postgres) as (url, conn):
        parked, behind = await park_next(conn)
        await upkeep.rebuild(url, "timeline")
        await assert_set_aside(url, conn, parked, behind)


async def test_a_copy_that_has_what_is_parked_meanwhile_is_made_anew(
    postgres: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with ahead(postgres) as (url, conn):
        real, found = upkeep._swapped, list[tuple[int, list[int]]]()

        async def swapped(*arguments: Any) -> bool:
            if not found:
                found.append(await park_next(conn))
            return await real(*arguments)

        monkeypatch.setattr(upkeep, "_swapped", swapped)
        await upkeep.rebuild(url, "timeline")
        await assert_set_aside(url, conn, *found[0])
