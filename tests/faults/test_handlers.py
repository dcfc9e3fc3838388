"""The real handlers of all services on thousands of bad days of the bus."""

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.conftest import Call
from tests.faults.handlers import SIDE_BY_SIDE, Ran, chunk, every
from tests.faults.soak import Row, amount, part
from tests.handlers.recorded import Recording
from tests.handlers.schedule import Schedule, simulate, simulate_loss
from tests.handlers.world import World
from tests.invariants import Broken

pytestmark = pytest.mark.postgres

SCHEDULES = amount("handlers", 40, 100_000)
LOST = SCHEDULES // 4 or 1
FOUND: tuple[tuple[int, str], ...] = ((7, "matching"), (52, "matching"), (96, "matching"), (5008, "escalation"))
"""Seeds that failed once, and the group of consumers in which they did; they stay.

A correction in one batch with its signal gave the signal another place in the review queue than in two batches; two
members of escalation that heard of a new signal from two sources at once each wrote its row.
"""


def ran(here: World, recording: Recording, background: Call, lost: bool, first: int, count: int) -> Iterator[Ran]:
    """In this process, or side by side."""
    if count >= SIDE_BY_SIDE:
        yield from every(recording, lost, first, count)
        return
    for begin in range(first, first + count, 10):
        yield background(chunk(here, simulate_loss if lost else simulate, begin, min(10, first + count - begin)))


def run(row: Row, chunks: Iterator[Ran]) -> Ran:
    """All of them, each failed one by its own seed; gives what happened."""
    total = Ran()
    for found in chunks:
        row.done += found.groups.total() + len(found.failed)
        total.groups += found.groups
        total.happened += found.happened
        for row.rounds, broken in ((seed - row.seed, broken) for seed, broken in found.failed):
            with row.round():
                raise Broken(broken)
    row.more = f"({', '.join(f'{n:,} {what}' for what, n in sorted(total.happened.items()))})"
    return total


@pytest.mark.campaign
def test_the_real_handlers_lose_nothing_do_nothing_twice_or_out_of_order(
    here: World, recording: Recording, background: Call
) -> None:
    with part("handlers", "simulated schedules with the real handlers") as row:
        found = run(row, ran(here, recording, background, False, row.seed, SCHEDULES))
        if SCHEDULES >= 40:
            assert set(found.groups) == set(here.groups), "every group of consumers had its turn"
            assert found.happened["deaths"] > SCHEDULES / 4, "the schedules are hard enough"
            assert found.happened["turns within another's"] > SCHEDULES / 4


@pytest.mark.campaign
def test_the_real_handlers_never_pass_a_lost_event(here: World, recording: Recording, background: Call) -> None:
    with part("handlers", "simulated schedules with the real handlers that lose an event") as row:
        found = run(row, ran(here, recording, background, True, row.seed, LOST))
        assert found.groups.total() + len(row.failing) == LOST, "none was left out"


def test_every_consumer_of_every_service_is_in_a_schedule(here: World) -> None:
    consumers = Counter(one.name for group in here.groups.values() for one in group.consumers)
    assert set(consumers.values()) == {1}
    assert {name.split(".")[0] for name in consumers} == {
        "intake", "matching", "routing", "outreach", "escalation", "monitoring",
    }  # fmt: skip
    heard = {one.type for log in here.logs.values() for one in log}
    for group in here.groups.values():
        for consumer in group.consumers:
            assert consumer.hears & heard, f"{consumer.name} hears nothing of what was recorded"


def test_a_seed_is_one_schedule(here: World, background: Call) -> None:
    async def twice(seed: int) -> tuple[Schedule, Schedule]:
        return await simulate(here, seed), await simulate(here, seed)

    for seed in range(20, 26):
        one, other = background(twice(seed))
        assert one.committed == other.committed
        assert one.happened == other.happened


@pytest.mark.parametrize(("seed", "group"), FOUND)
def test_what_failed_once_fails_no_more(here: World, background: Call, seed: int, group: str) -> None:
    assert background(simulate(here, seed, group)).group.name == group
