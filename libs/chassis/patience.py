"""Reading what another service said a moment ago: look again for a short while before saying that it isn't there.

A partner that posts a signal and then its transfer to a bailiff must not get a 404 because our consumer is
20 ms behind. The wait is bounded, and only what would be a 404 pays it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

SECONDS = 2.0
STEP = 0.05


async def eventually(look: Callable[[], Awaitable[T | None]], seconds: float = SECONDS) -> T | None:
    """What `look` finds, looking again until it finds something or the time is over; open no transaction around it."""
    end = asyncio.get_running_loop().time() + seconds
    while (found := await look()) is None and asyncio.get_running_loop().time() < end:  # noqa: ASYNC110
        await asyncio.sleep(STEP)
    return found
