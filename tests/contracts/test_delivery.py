"""What delivery promises, on every transport: in order, whole batches or none, effects once, nothing skipped."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from libs.events.catalogue import HelpEnded
from libs.events.errors import VersionConflict
from libs.events.ports import Entry
from libs.events.processor import MOST_PARKED_IN_A_ROW, ProcessorStopped
from tests.contracts.transports import (
    NOW,
    InMemory,
    Recorder,
    Transport,
    drain,
    envelope,
    new_events,
    on_kafka,
    on_postgres,
)

BACKENDS = [
    "memory",
    pytest.param("postgres", marks=pytest.mark.postgres),
    pytest.param("kafka", marks=[pytest.mark.postgres, pytest.mark.kafka]),
]


@pytest.fixture(params=BACKENDS)
async def transport(request: pytest.FixtureRequest) -> AsyncIterator[Transport]:
    """The transport under test."""
    if request.param == "memory":
        yield InMemory()
        return
    folder: Path = request.getfixturevalue("postgres")
    if request.param == "postgres":
        async with on_postgres(folder) as found:
            yield found
        return
    async with on_kafka(folder, request.getfixturevalue("kafka")) as found:
        yield found


def unheard() -> Entry:
    """An event that the consumer under test does not hear."""
    case = uuid4()
    return Entry(envelope(case, HelpEnded(zaak_id=case, datum=NOW.date())))


async def test_events_are_applied_once_and_in_order(transport: Transport) -> None:
    entries = new_events(25, subjects=3)
    await transport.append(entries)
    await drain(await transport.processor(Recorder(), size=7))
    assert await transport.effects() == [e.envelope.id for e in entries]
    assert await transport.checkpoint() == 25


async def test_a_new_start_goes_on_behind_the_checkpoint(transport: Transport) -> None:
    first, second = new_events(5), new_events(5)
    await transport.append(first)
    await drain(await transport.processor(Recorder()))
    await transport.append(second)
    await drain(await transport.processor(Recorder()))
    assert await transport.effects() == [e.envelope.id for e in (*first, *second)]


async def test_what_comes_again_has_no_second_effect(transport: Transport) -> None:
    entries = new_events(5)
    await transport.append(entries)
    processor = await transport.processor(Recorder())
    await drain(processor)
    processor.subscription.seek("outreach", 0, 0)
    await drain(processor)
    assert await transport.effects() == [e.envelope.id for e in entries]


async def test_two_members_of_one_consumer_do_the_work_once(transport: Transport) -> None:
    entries = new_events(20)
    await transport.append(entries)
    one, two = await transport.processor(Recorder(), size=3), await transport.processor(Recorder(), size=3)
    for _ in range(20):
        await one.step(0.01)
        await two.step(0.01)
    assert await transport.effects() == [e.envelope.id for e in entries]


async def test_events_nobody_hears_move_the_checkpoint(transport: Transport) -> None:
    await transport.append([unheard()])
    await drain(await transport.processor(Recorder()))
    assert await transport.effects() == []
    assert await transport.checkpoint() == 1


async def test_a_poisoned_event_is_parked_and_only_its_subject_waits(transport: Transport) -> None:
    entries = new_events(6, subjects=2)
    poisoned = entries[0].envelope.id
    await transport.append(entries)
    await drain(await transport.processor(Recorder(poison={poisoned})))
    assert await transport.effects() == [entries[n].envelope.id for n in (1, 3, 5)]
    assert [position for position, _ in await transport.parked()] == [1, 3, 5]
    assert (await transport.parked())[0][1] == "unexpected ValueError"
    assert await transport.checkpoint() == 6


async def test_a_failed_batch_leaves_no_trace_of_its_first_half(transport: Transport) -> None:
    entries = new_events(4, subjects=4)
    await transport.append(entries)
    await drain(await transport.processor(Recorder(poison={entries[3].envelope.id})))
    assert await transport.effects() == [e.envelope.id for e in entries[:3]]


async def test_the_transient_is_waited_for_and_nothing_is_parked(transport: Transport) -> None:
    entries = new_events(3)
    await transport.append(entries)
    await drain(await transport.processor(Recorder(away=2)))
    assert await transport.effects() == [e.envelope.id for e in entries]
    assert await transport.parked() == []


async def test_a_release_that_parks_everything_stops(transport: Transport) -> None:
    entries = new_events(MOST_PARKED_IN_A_ROW + 10, subjects=MOST_PARKED_IN_A_ROW + 10)
    await transport.append(entries)
    with pytest.raises(ProcessorStopped):
        await drain(await transport.processor(Recorder(poison={e.envelope.id for e in entries})))
    assert await transport.effects() == []
    assert await transport.checkpoint() == MOST_PARKED_IN_A_ROW


async def test_what_nobody_hears_between_them_is_no_success(transport: Transport) -> None:
    bad = new_events(MOST_PARKED_IN_A_ROW + 10, subjects=MOST_PARKED_IN_A_ROW + 10)
    await transport.append([entry for one in bad for entry in (one, unheard())])
    with pytest.raises(ProcessorStopped):
        await drain(await transport.processor(Recorder(poison={e.envelope.id for e in bad})))
    assert await transport.effects() == []
    assert await transport.checkpoint() == 2 * MOST_PARKED_IN_A_ROW


async def test_a_gap_stops_and_is_never_skipped(transport: Transport) -> None:
    await transport.append(new_events(5))
    processor = await transport.processor(Recorder())
    processor.subscription.seek("outreach", 0, 2)
    with pytest.raises(ProcessorStopped):
        await drain(processor)
    assert await transport.effects() == []
    assert await transport.checkpoint() == 0


async def test_what_follows_is_emitted_once_with_ids_that_follow_from_the_cause(transport: Transport) -> None:
    entries = new_events(4, subjects=2)
    await transport.append(entries)
    processor = await transport.processor(Recorder(emits=True, poison={entries[3].envelope.id}))
    await drain(processor)
    assert len(await transport.emitted()) == len(set(await transport.emitted())) == 3


async def test_appending_is_all_or_nothing(transport: Transport) -> None:
    entries = new_events(3)
    await transport.append(entries)
    with pytest.raises(VersionConflict):
        await transport.append([*new_events(2), entries[1]])
    await drain(await transport.processor(Recorder()))
    assert await transport.effects() == [e.envelope.id for e in entries]


async def test_who_expects_another_version_is_told(transport: Transport) -> None:
    case = uuid4()
    await transport.append([Entry(envelope(case), "0505", version=1)])
    with pytest.raises(VersionConflict):
        await transport.append([Entry(envelope(case), "0505", version=1)])
