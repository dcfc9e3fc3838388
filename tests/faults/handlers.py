"""Many schedules with the real handlers: in a world of this process, or side by side in processes with one each."""

import asyncio
import multiprocessing
import os
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import structlog
import uvloop

from tests.faults.schedules import Failed, ends_with_its_parent
from tests.handlers.recorded import Recording
from tests.handlers.schedule import Schedule, simulate, simulate_loss
from tests.handlers.world import World, world
from tests.invariants import Broken

CHUNK = 100
SIDE_BY_SIDE = 1_000
"""From so many on, processes are worth starting."""

Kind = Callable[[World, int], Awaitable[Schedule]]


@dataclass
class Ran:
    """Consecutive schedules: how many of each group, what happened in them, and which seeds failed, how."""

    groups: Counter[str] = field(default_factory=Counter)
    happened: Counter[str] = field(default_factory=Counter)
    failed: list[Failed] = field(default_factory=list)


async def chunk(here: World, kind: Kind, first: int, count: int) -> Ran:
    """Run so many."""
    ran = Ran()
    for seed in range(first, first + count):
        try:
            found = await kind(here, seed)
            ran.groups[found.group.name] += 1
            ran.happened.update(found.happened)
        except Broken as error:
            ran.failed.append((seed, error.found))
        except Exception as error:
            ran.failed.append((seed, [f"other: {type(error).__name__}: {error}"]))
    return ran


@dataclass
class _Process:
    """A world that lives as long as this process."""

    loop: asyncio.AbstractEventLoop
    stack: AsyncExitStack
    here: World


_process: _Process | None = None


def _begin(recording: Recording) -> None:
    global _process
    ends_with_its_parent()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    loop, stack = uvloop.new_event_loop(), AsyncExitStack()
    _process = _Process(loop, stack, loop.run_until_complete(stack.enter_async_context(world(recording))))


def _chunk(lost: bool, first: int, count: int) -> Ran:
    assert _process is not None
    kind = simulate_loss if lost else simulate
    return _process.loop.run_until_complete(chunk(_process.here, kind, first, count))


def every(recording: Recording, lost: bool, first: int, count: int) -> Iterator[Ran]:
    """All of them, in chunks, on every core."""
    begins = range(first, first + count, CHUNK)
    sizes = [min(CHUNK, first + count - begin) for begin in begins]
    context: Any = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), context, _begin, (recording,)) as pool:
        yield from pool.map(_chunk, [lost] * len(sizes), begins, sizes)
