"""Many schedules of the simulation, on every core where there are many."""

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from tests.invariants import Broken
from tests.simulation import simulate, simulate_loss

CHUNK = 250

Failed = tuple[int, list[str]]


@dataclass(frozen=True)
class Chunk:
    """Consecutive schedules: how often a process died in them, and which seeds failed, how."""

    schedules: int
    deaths: int
    failed: list[Failed]


def undisturbed(seed: int) -> int:
    """Any schedule; gives the deaths in it."""
    return simulate(seed).deaths


def losing(seed: int) -> int:
    """A schedule in which an event is lost on the way."""
    simulate_loss(seed)
    return 0


def chunk(schedule: Callable[[int], int], first: int, count: int) -> Chunk:
    """Run so many."""
    deaths, failed = 0, []
    for seed in range(first, first + count):
        try:
            deaths += schedule(seed)
        except Broken as error:
            failed.append((seed, error.found))
        except Exception as error:
            failed.append((seed, [f"other: {type(error).__name__}: {error}"]))
    return Chunk(count, deaths, failed)


def ends_with_its_parent() -> None:
    """From now on this process ends when its parent does, however that ends: nobody would hear its results."""
    parent = multiprocessing.parent_process()
    assert parent is not None

    def end() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=end, daemon=True).start()


def every(schedule: Callable[[int], int], first: int, count: int) -> Iterator[Chunk]:
    """All of them, in chunks; side by side where that is worth starting processes for."""
    begins = range(first, first + count, CHUNK)
    sizes = [min(CHUNK, first + count - begin) for begin in begins]
    if count <= 4 * CHUNK:
        yield from map(chunk, [schedule] * len(sizes), begins, sizes)
        return
    with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn"), ends_with_its_parent) as pool:
        yield from pool.map(chunk, [schedule] * len(sizes), begins, sizes)
