"""A stop is heard in time, whatever does not answer."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

import pytest

from tests.installation import installed

pytestmark = pytest.mark.postgres


@contextmanager
def deaf() -> Iterator[str]:
    """The address of a broker whose machine takes connections while it never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        yield f"127.0.0.1:{listening.getsockname()[1]}"


async def test_a_broker_that_never_answers_keeps_no_service_from_its_stop(tmp_path: Path) -> None:
    with deaf() as broker:
        async with installed(tmp_path / "data", {"KAFKA": broker}) as drempel:
            await asyncio.sleep(1)  # all of its clients are under way to start
            told = monotonic()
            assert await drempel.down() == 0
            assert monotonic() - told < 10
