"""Waiting that ends at a stop: what is away may never answer, and a process has ten seconds to end in."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")

GRACE_SECONDS = 2.0
"""More than one wait for a batch or a round takes, so what is under way normally ends by itself."""


async def until(stop: asyncio.Event, work: Coroutine[Any, Any, T]) -> T | None:
    """What it gives; when told to stop it gets a moment to end by itself, and is then broken off and gives None."""
    task, told = asyncio.create_task(work), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({task, told}, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait({task}, timeout=GRACE_SECONDS)
    finally:
        task.cancel()
        told.cancel()
    with suppress(asyncio.CancelledError):
        return await task
    return None
