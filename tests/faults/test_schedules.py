"""Thousands of bad days of the bus, each the same again for its seed."""

from collections.abc import Callable

import pytest

from tests.faults.schedules import every, losing, undisturbed
from tests.faults.soak import Row, amount, part
from tests.invariants import Broken
from tests.simulation import simulate

SCHEDULES = amount("schedules", 500, 100_000)
FOUND: tuple[int, ...] = ()
"""Seeds that failed once; they stay."""


def run(row: Row, schedule: Callable[[int], int], count: int) -> int:
    """So many schedules, each failed one by its own seed; gives the deaths in them."""
    deaths = 0
    for found in every(schedule, row.seed, count):
        row.done += found.schedules
        deaths += found.deaths
        for row.rounds, broken in ((seed - row.seed, broken) for seed, broken in found.failed):
            with row.round():
                raise Broken(broken)
    return deaths


@pytest.mark.campaign
def test_schedules_lose_nothing_do_nothing_twice_or_out_of_order() -> None:
    with part("schedules", "simulated schedules, deaths and all") as row:
        deaths = run(row, undisturbed, SCHEDULES)
        row.more = f"({deaths:,} deaths)"
        assert SCHEDULES < 100 or deaths > SCHEDULES / 4, "the schedules are hard enough"


@pytest.mark.campaign
def test_schedules_that_lose_an_event_never_pass_it() -> None:
    with part("schedules", "simulated schedules that lose an event") as row:
        run(row, losing, SCHEDULES // 4 or 1)
        assert row.done == (SCHEDULES // 4 or 1), "none was left out"


def test_a_seed_is_one_schedule() -> None:
    one, other = simulate(7), simulate(7)
    assert one.memory == other.memory
    assert one.deaths == other.deaths


def test_what_failed_once_fails_no_more() -> None:
    for seed in (7, *FOUND):
        assert simulate(seed).broken() == []
