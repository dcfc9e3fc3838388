"""Parked events are tried again in the order of their subject; behind one that fails again the others go on waiting."""

from pathlib import Path
from uuid import UUID

import pytest

from libs.events.postgres import parked
from libs.events.postgres.sessions import PostgresSessions
from tests.contracts.transports import NOW, SERVICE, OnPostgres, Recorder, drain, new_events, on_postgres
from tests.system import At

pytestmark = pytest.mark.postgres


async def test_parked_events_are_tried_again_in_order(postgres: Path) -> None:
    async with on_postgres(postgres) as transport:
        await in_order(transport)


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


async def _retried(transport: OnPostgres, poison: set[UUID]) -> parked.Retried:
    pool = transport.reader.loop
    sessions = PostgresSessions(pool, SERVICE, "recorder", At(NOW), lambda source: None)
    return await parked.retry(pool, SERVICE, Recorder(poison=poison), sessions)
