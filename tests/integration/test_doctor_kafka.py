"""The doctor on services that are dead, and on a broker that takes connections and says nothing; no Kafka is needed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from drempel.cli import place
from drempel.cli.doctor import chain, kafka
from drempel.cli.doctor.finding import Here, Wrong
from libs.chassis.settings import SERVICES, Settings
from libs.events.kafka import clients
from tests.integration.test_beside import drempel, said
from tests.system import fresh_database, running

pytestmark = pytest.mark.postgres


async def test_a_service_that_is_dead_is_wrong_and_a_database_that_nothing_started_on_is_not(
    postgres: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka, "LOOK_SECONDS", 0.1)

    async def relays(url: str) -> str:
        here = Here(Settings(kafka="127.0.0.1:1"), tmp_path)
        conn = await asyncpg.connect(url)
        try:
            here.conns = dict.fromkeys(SERVICES, conn)
            return await kafka.relays(here)
        finally:
            await conn.close()

    async with fresh_database(postgres) as url:
        assert "nothing was started" in await relays(url)
        async with running(postgres, admin_url=url, services=("monitoring", "escalation")) as live:
            await live.rest()
            with pytest.raises(Wrong) as wrong:
                await relays(url)
        assert wrong.value.says == "no relay runs for intake, matching, routing, outreach"
        assert wrong.value.do.startswith("start that service")
        async with running(postgres, admin_url=url) as live, live.admin() as conn:
            await conn.execute("UPDATE routing.relay SET position = (SELECT position FROM routing.head)")
            assert await relays(url) == "all logs are published"


@asynccontextmanager
async def silent_broker() -> AsyncIterator[str]:
    """Takes connections and says nothing, as one that is stopped in its tracks."""
    held = []

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.append(writer)
        await reader.read()

    server = await asyncio.start_server(hold, "127.0.0.1", 0)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        for writer in held:
            writer.close()
        server.close()


async def test_a_broker_that_says_nothing_is_named_in_time(
    postgres: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "START_SECONDS", 1.0)
    monkeypatch.setattr(chain, "ASK_SECONDS", 0.5)
    async with fresh_database(postgres) as url, silent_broker() as broker:
        given = {"DATABASE_URL_MONITORING": url, "KAFKA": broker}
        answer = await drempel(["rebuild", "timeline"], tmp_path, **given)
        assert answer.exit_code == place.NO_CONNECTION
        assert "Kafka does not answer" in said(answer)
        here = Here(Settings.from_env({f"DREMPEL_{name}": value for name, value in given.items()}), tmp_path)
        here.conns["monitoring"] = await asyncpg.connect(url)
        try:
            await here.conn.execute("INSERT INTO monitoring.checkpoint VALUES ('a', 'b', 0, 0)")
            with pytest.raises(Wrong, match="can't be judged: Kafka does not say how far the topic is"):
                async with asyncio.timeout(10):
                    await chain.consumers(here)
        finally:
            await here.conn.close()
