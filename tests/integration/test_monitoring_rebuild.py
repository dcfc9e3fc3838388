"""A rebuild beside another, beside an operator's retry, and beside a consumer that parks what the copy has already."""

import asyncio
from pathlib import Path

import asyncpg
import pytest
from typer.testing import CliRunner

from drempel.cli import app
from services.monitoring import upkeep
from tests.integration.test_monitoring_upkeep import empty

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
                await retrying.execute(f"{lock} NOWAIT", 1)
            await held
