"""Thousands of bad days of the bus, each the same again for its seed."""

from tests.faults import seeds
from tests.simulation import simulate, simulate_loss

SCHEDULES = 100_000 * seeds.SOAK or 500

FOUND: tuple[int, ...] = ()
"""Seeds that failed once; they stay."""


def test_nothing_is_lost_or_done_twice_or_out_of_order_in_any_schedule() -> None:
    with seeds.named("simulation") as first:
        deaths = 0
        for seed in (*FOUND, *range(first, first + SCHEDULES)):
            try:
                deaths += simulate(seed).deaths
            except BaseException as error:
                error.add_note(f"schedule {seed}")
                raise
        assert deaths > SCHEDULES / 4, "the schedules are hard enough"


def test_a_lost_event_is_never_passed_over() -> None:
    with seeds.named("losses") as first:
        for seed in range(first, first + SCHEDULES // 4):
            try:
                simulate_loss(seed)
            except BaseException as error:
                error.add_note(f"schedule {seed}")
                raise


def test_a_seed_is_one_schedule() -> None:
    one, other = simulate(7), simulate(7)
    assert one.memory == other.memory
    assert one.deaths == other.deaths
