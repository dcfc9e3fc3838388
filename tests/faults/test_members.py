"""A consumer is killed at every point where it handles, parks and retries; each event has its effect once, in order."""

import asyncio
import json
import os
import random
import signal
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from libs.events.ids import derived
from libs.events.ports import Entry
from tests.contracts.transports import SERVICE, OnKafka, OnPostgres, new_events, on_kafka, on_postgres
from tests.faults import points, seeds

pytestmark = pytest.mark.postgres

DATABASE = sorted(
    points.FAILURE
    | {name for name in points.UP if name.startswith(("processor.", "sessions.", "log.", "subscription."))}
)


async def member(place: dict[str, Any], **environment: str) -> int:
    """Run the process to its end, whatever end that is."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.faults.member", json.dumps(place), stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(points.ROOT)} | environment,
    )  # fmt: skip
    async with asyncio.timeout(90):
        _, err = await process.communicate()
    assert process.returncode in (0, -signal.SIGKILL), err.decode()[-2000:]
    return process.returncode


async def more(transport: OnPostgres) -> list[Entry]:
    """Eight events over three cases, of which the first is poisoned."""
    entries = new_events(8, subjects=3)
    await OnPostgres.append(transport, entries)
    await transport.admin.execute("INSERT INTO monitoring.test_poison VALUES ($1)", entries[0].envelope.id)
    return entries


async def prepared(transport: OnPostgres) -> None:
    await transport.admin.execute("CREATE TABLE monitoring.test_poison (id uuid)")


async def survived(transport: OnPostgres, place: dict[str, Any], point: str, nth: int) -> list[Entry]:
    """One round of events, during which the process is killed at the point: while it handles or while it retries."""
    entries = await more(transport)
    killed = False
    for phase in ({}, {"retry": True}):
        armed = {"DREMPEL_CRASH": f"{point}:{nth}"} if not killed else {}
        while await member(place | phase, **armed) != 0:
            killed, armed = True, {}
        if not phase:
            assert [position for position, _ in await transport.parked()], "the poisoned and those behind it"
    assert killed, f"{point} was not passed {nth} times"
    return entries


async def assert_once_and_in_order(transport: OnPostgres, entries: list[Entry]) -> None:
    """Nothing lost, nothing twice, in order per case; what followed was said once, under its derived id."""
    by_case = defaultdict(list)
    for entry in entries:
        by_case[entry.envelope.subject].append(entry.envelope.id)
    effects = await transport.effects()
    assert sorted(effects) == sorted(e.envelope.id for e in entries)
    for case, ids in by_case.items():
        assert [found for found in effects if found in set(ids)] == ids, case
    assert sorted(await transport.emitted()) == sorted(derived(e.envelope.id, "recorder:1") for e in entries)
    assert await transport.parked() == []
    assert await transport.admin.fetchval(f"SELECT count(*) = max(position) FROM {SERVICE}.log"), "no holes"


async def test_a_member_is_killed_where_it_handles_parks_and_retries(postgres: Path) -> None:
    with seeds.named("members") as seed:
        chance = random.Random(seed)
        chosen = DATABASE if seeds.SOAK else chance.sample(DATABASE, 3)
        async with on_postgres(postgres) as transport:
            await prepared(transport)
            said: list[Entry] = []
            for point in chosen:
                said += await survived(transport, {"url": transport.url}, point, nth=1)
                await assert_once_and_in_order(transport, said)


async def test_every_point_of_failure_is_passed(postgres: Path, tmp_path: Path) -> None:
    seen = {"DREMPEL_CRASH_SEEN": str(tmp_path / "seen")}
    async with on_postgres(postgres) as transport:
        await prepared(transport)
        entries = await more(transport)
        for phase in ({}, {"retry": True}):
            assert await member({"url": transport.url} | phase, **seen) == 0
        await assert_once_and_in_order(transport, entries)
    assert set((tmp_path / "seen").read_text().split()) >= set(DATABASE)


@pytest.mark.kafka
async def test_every_point_of_kafka_is_passed(postgres: Path, kafka: str, tmp_path: Path) -> None:
    async with on_kafka(postgres, kafka, partitions=2, relays=0) as transport:
        await prepared(transport)
        entries = await more(transport)
        place = {"url": transport.url, "kafka": kafka, "topic": transport.cluster.topic}
        assert await member(place, DREMPEL_CRASH_SEEN=str(tmp_path / "seen")) == 0
        assert await member({"url": transport.url, "retry": True}) == 0
        await assert_once_and_in_order(transport, entries)
    assert set((tmp_path / "seen").read_text().split()) >= points.KAFKA


@pytest.mark.kafka
@pytest.mark.parametrize("point", sorted(points.KAFKA) if seeds.SOAK else ["relay.after_ack"])
async def test_relay_and_member_are_killed(postgres: Path, kafka: str, point: str) -> None:
    async with on_kafka(postgres, kafka, partitions=2, relays=0) as transport:
        await prepared(transport)
        place = {"url": transport.url, "kafka": kafka, "topic": transport.cluster.topic}
        assert isinstance(transport, OnKafka)
        await assert_once_and_in_order(transport, await survived(transport, place, point, nth=1))
