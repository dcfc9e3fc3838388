"""Parked events are tried again in the order of their subject, or left out for good, and then the others go on."""

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import pytest

from libs.events.envelope import Envelope
from libs.events.postgres import parked
from libs.events.postgres.sessions import PostgresSessions
from tests.contracts.transports import NOW, SERVICE, SOURCE, OnPostgres, Recorder, drain, new_events, on_postgres
from tests.system import At

pytestmark = pytest.mark.postgres


async def test_parked_events_are_tried_again_in_order(postgres: Path) -> None:
    async with on_postgres(postgres) as transport:
        await in_order(transport)
        assert await transport.checkpoint() == 6


async def in_order(transport: OnPostgres) -> None:
    """Two subjects in turn, the first event of each poisoned; then only one of them is mended."""
    entries = new_events(6, subjects=2)
    await transport.append(entries)
    ids = [entry.envelope.id for entry in entries]
    await drain(await transport.processor(Recorder(poison={ids[0], ids[1]})))
    assert await transport.effects() == []
    assert await _retried(transport, {ids[1]}) == parked.Retried(3, 3, ("ValueError",))
    assert await transport.effects() == [ids[0], ids[2], ids[4]]
    assert await _retried(transport, set()) == parked.Retried(3, 0, ())
    assert await transport.effects() == [ids[n] for n in (0, 2, 4, 1, 3, 5)]
    assert await transport.parked() == []


async def test_what_is_parked_behind_one_that_is_tried_again_does_not_stay_behind(postgres: Path) -> None:
    async with on_postgres(postgres) as transport:
        entries = new_events(3)
        ids = [entry.envelope.id for entry in entries]
        await transport.append(entries[:2])
        processor = await transport.processor(Recorder(poison={ids[0]}))
        await drain(processor)
        await transport.append(entries[2:])

        class Meanwhile(Recorder):
            async def prepare(self, events: Sequence[Envelope]) -> None:
                await drain(processor)  # the running loop parks the third behind the first two

        sessions = PostgresSessions(transport.reader.loop, SERVICE, "recorder", At(NOW), lambda source: None)
        found = await parked.retry(transport.reader.loop, SERVICE, Meanwhile(), sessions)
        assert found == parked.Retried(3, 0, ())
        assert await transport.effects() == ids


async def test_an_event_that_is_skipped_has_no_effect_and_those_behind_it_go_on_in_order(postgres: Path) -> None:
    async with on_postgres(postgres) as transport:
        entries = new_events(8, subjects=2)
        ids = [entry.envelope.id for entry in entries]
        await transport.append(entries[:6])
        await drain(await transport.processor(Recorder(poison={ids[0], ids[1]})))
        place = ("recorder", SOURCE, 1)
        with pytest.raises(parked.WaitsBehind, match="1"):
            await parked.skip(transport.admin, SERVICE, ("recorder", SOURCE, 3), reden="x", door="y")
        subject = await parked.skip(transport.admin, SERVICE, place, reden="BRP antwoordt fout", door="beheerder")
        with pytest.raises(parked.NotParked):
            await parked.skip(transport.admin, SERVICE, place, reden="nog eens", door="beheerder")
        assert await _retried(transport, {ids[1]}, subject) == parked.Retried(2, 0, ())
        assert await transport.effects() == [ids[2], ids[4]]
        await transport.append(entries[6:])
        await drain(await transport.processor(Recorder()))
        assert await transport.effects() == [ids[2], ids[4], ids[6]], "one subject flows, the other waits"
        assert [position for position, _ in await transport.parked()] == [2, 4, 6, 8]
        (row,) = await parked.skipped(transport.admin, SERVICE)
        assert (row["position"], row["reason"], row["reden"], row["door"]) == (
            1, "unexpected ValueError", "BRP antwoordt fout", "beheerder",
        )  # fmt: skip


async def _retried(transport: OnPostgres, poison: set[UUID], subject: str | None = None) -> parked.Retried:
    pool = transport.reader.loop
    sessions = PostgresSessions(pool, SERVICE, "recorder", At(NOW), lambda source: None)
    return await parked.retry(pool, SERVICE, Recorder(poison=poison), sessions, subject)
