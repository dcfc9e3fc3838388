"""Outreach by itself for the tests of a module; the other services are spoken for."""

from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest
import pytest_asyncio

from tests.household import Household
from tests.system import Running, running

_CODES = count(1000)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def outreach(postgres: Path) -> AsyncIterator[Running]:
    """All services, once for a module; only outreach hears anything."""
    async with running(postgres, alone="outreach") as system:
        yield system


@pytest.fixture
def gemeente() -> str:
    """A municipality of its own for each test."""
    return f"{next(_CODES):04}"


@pytest_asyncio.fixture(loop_scope="module")
async def huis(outreach: Running, gemeente: str) -> Household:
    """A case with one routed signal."""
    found = Household(outreach, gemeente)
    await found.route(await found.signal())
    return found
