"""Whoever breaks a mechanism is told: every planted bug makes the test that guards it fail.

The table below is the one of docs/faults.md. The tests are the suite's own, called with the bug planted; a bug counts
as caught when one says that a promise was broken, not when something merely crashed.
"""

import asyncio
import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from libs.events.errors import VersionConflict
from libs.events.processor import ProcessorStopped
from tests import simulation
from tests.bugs.switches import delivering, guarding, parking, relaying, writing
from tests.contracts import test_delivery as delivery
from tests.contracts import transports
from tests.contracts.transports import InMemory
from tests.intake import intake
from tests.integration import test_intake, test_kafka, test_keyring, test_log, test_parked

BROKEN = (AssertionError, ProcessorStopped, VersionConflict, TimeoutError, pytest.fail.Exception)
"""How a test says that a promise was broken."""

SECONDS = 20
SCHEDULES = range(1000, 1150)


def schedules(postgres: Path) -> None:
    """The simulation, which is the same for the same seeds."""
    for seed in SCHEDULES:
        simulation.simulate(seed)


def losses(postgres: Path) -> None:
    """The simulation that loses an event."""
    for seed in SCHEDULES:
        simulation.simulate_loss(seed)


def _run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(SECONDS):
            await work()

    asyncio.run(bounded())


def in_memory(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[[Path], None]:
    """A behaviour test on the transport in memory."""
    return _named(test, "memory", lambda postgres: _run(lambda: test(InMemory())))


def on_postgres(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[[Path], None]:
    """A test on PostgreSQL."""

    def call(postgres: Path) -> None:
        async def work() -> None:
            async with transports.on_postgres(postgres) as found:
                await test(found)

        _run(work)

    return _named(test, "PostgreSQL", call)


def on_intake(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[[Path], None]:
    """A test of a running intake."""

    def call(postgres: Path) -> None:
        async def work() -> None:
            async with intake(postgres) as found:
                await test(found)

        _run(work)

    return _named(test, "HTTP", call)


def with_keyring(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[[Path], None]:
    """A test of the keyring."""

    def call(postgres: Path) -> None:
        async def work() -> None:
            async with transports.on_postgres(postgres) as found:
                pool = await asyncpg.create_pool(found.url, min_size=1, max_size=2)
                try:
                    await test(pool)
                finally:
                    pool.terminate()

        _run(work)

    return _named(test, "PostgreSQL", call)


def _named(test: Any, where: str, call: Callable[[Path], None]) -> Callable[[Path], None]:
    call.__name__ = f"{test.__name__} ({where})"
    return call


@dataclass(frozen=True)
class Bug:
    """A switch, and the test that catches it."""

    plant: Callable[[pytest.MonkeyPatch], None]
    caught_by: Callable[[Path], None]


BUGS = [
    Bug(delivering.cursor_skips, on_postgres(delivery.test_events_are_applied_once_and_in_order)),
    Bug(delivering.starts_at_the_end, in_memory(delivery.test_events_are_applied_once_and_in_order)),
    Bug(delivering.checkpoint_before_effect, schedules),
    Bug(delivering.effect_before_checkpoint, schedules),
    Bug(delivering.no_duplicate_check, in_memory(delivery.test_what_comes_again_has_no_second_effect)),
    Bug(delivering.gap_ignored, losses),
    Bug(delivering.gap_ignored, in_memory(delivery.test_a_gap_stops_and_is_never_skipped)),
    Bug(delivering.seek_forgotten, schedules),
    Bug(parking.order_lost_on_park, in_memory(delivery.test_a_poisoned_event_is_parked_and_only_its_subject_waits)),
    Bug(parking.parked_and_forgotten, schedules),
    Bug(parking.whole_batch_parked, in_memory(delivery.test_a_poisoned_event_is_parked_and_only_its_subject_waits)),
    Bug(parking.transient_parked, in_memory(delivery.test_the_transient_is_waited_for_and_nothing_is_parked)),
    Bug(parking.bad_release_goes_on, in_memory(delivery.test_a_release_that_parks_everything_stops)),
    Bug(parking.given_up_while_parking, schedules),
    Bug(
        writing.effects_outside_the_transaction,
        on_postgres(delivery.test_a_failed_batch_leaves_no_trace_of_its_first_half),
    ),
    Bug(writing.said_outside_the_transaction, schedules),
    Bug(writing.ids_not_derived, schedules),
    Bug(writing.known_ids_appended_again, in_memory(delivery.test_appending_is_all_or_nothing)),
    Bug(writing.position_before_commit, on_postgres(test_log.test_a_reader_skips_nothing_while_many_write)),
    Bug(guarding.row_level_security_off, on_postgres(test_log.test_callers_see_their_municipality_and_write_no_other)),
    Bug(guarding.tenants_stay, on_postgres(test_log.test_tenants_end_with_their_transaction)),
    Bug(guarding.fingerprint_ignored, on_intake(test_intake.test_an_idempotency_key_gives_the_first_answer_again)),
    Bug(delivering.wake_up_is_delivery, on_postgres(delivery.test_events_are_applied_once_and_in_order)),
    Bug(parking.retried_out_of_order, on_postgres(test_parked.in_order)),
    Bug(guarding.keys_made_anew, with_keyring(test_keyring.test_a_key_stays_the_same_and_is_stored_wrapped)),
]


def _id(bug: Bug) -> str:
    return f"{bug.plant.__name__}-{bug.caught_by.__name__.split(' ')[0]}"


@pytest.mark.postgres
@pytest.mark.parametrize("bug", BUGS, ids=_id)
def test_a_planted_bug_is_caught(bug: Bug, postgres: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bug.plant(monkeypatch)
    with pytest.raises(BROKEN):
        bug.caught_by(postgres)


def test_without_a_bug_the_same_schedules_are_whole(postgres: Path) -> None:
    for seed in SCHEDULES:
        assert simulation.simulate(seed).broken() == []
    losses(postgres)


@pytest.mark.kafka
@pytest.mark.postgres
async def test_relays_without_a_leader_are_caught(postgres: Path, kafka: str, monkeypatch: pytest.MonkeyPatch) -> None:
    relaying.relay_without_leader(monkeypatch)
    with pytest.raises(BROKEN):
        await asyncio.wait_for(
            test_kafka.test_one_of_two_relays_publishes_and_the_other_takes_over(postgres, kafka), SECONDS
        )


@pytest.mark.kafka
@pytest.mark.postgres
async def test_messages_that_do_not_say_what_they_follow_on_are_caught(
    postgres: Path, kafka: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    relaying.relay_says_nothing_of_what_went_before(monkeypatch)
    async with transports.on_kafka(postgres, kafka, partitions=3) as transport:
        with pytest.raises(BROKEN):
            await asyncio.wait_for(test_kafka.test_each_message_says_what_it_follows_on(transport), SECONDS)


def test_the_table_of_the_docs_is_this_one() -> None:
    page = (Path(__file__).parents[2] / "docs" / "faults.md").read_text()
    rows = set(re.findall(r"^\| `(\w+)` \|.*\| `(\w+)`", page, re.MULTILINE))
    mine = {(bug.plant.__name__, bug.caught_by.__name__.split(" ")[0]) for bug in BUGS}
    assert mine <= rows, mine - rows
