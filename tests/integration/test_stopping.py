"""A stop is heard in time, whatever does not answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic

import pytest

from tests.installation import installed

pytestmark = pytest.mark.postgres


@asynccontextmanager
async def deaf() -> AsyncIterator[str]:
    """The address of a broker that takes connections and never answers."""
    server = await asyncio.start_server(lambda reader, writer: asyncio.sleep(3600), "127.0.0.1", 0)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def test_a_broker_that_never_answers_keeps_no_service_from_its_stop(tmp_path: Path) -> None:
    async with deaf() as broker, installed(tmp_path / "data", {"KAFKA": broker}) as drempel:
        await asyncio.sleep(1)  # all of its clients are under way to start
        told = monotonic()
        assert await drempel.down() == 0
        assert monotonic() - told < 10
