"""Brokers are killed, stopped and hung while events flow, of a cluster of one and of a cluster of three."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from deploy.kafka.broker import Broker, Kafka
from libs.events.kafka import clients, relay
from libs.events.ports import Entry
from libs.events.postgres.log import append
from tests import brokers, invariants
from tests.contracts.transports import SERVICE, SOURCE, OnKafka, Recorder, new_events, on_kafka
from tests.faults.soak import SOAK, amount, part
from tests.integration.test_kafka import consuming, messages, until_applied

pytestmark = [
    pytest.mark.postgres, pytest.mark.kafka, pytest.mark.campaign, pytest.mark.slow,
    pytest.mark.needs(brokers.jars_absent() is None, "no jars of Kafka: brokers can't be stopped here"),
]  # fmt: skip

STOPS = amount("brokers", 1, 36)
SIZES = (1, 3) if STOPS > 1 else (1,)
A_CLUSTER = 6 if SOAK else STOPS
"""Stops of one cluster before a new one is made."""

KILLED, STOPPED, HUNG = "killed", "stopped", "hung"
WAYS = (KILLED, STOPPED, KILLED, HUNG)


@dataclass
class Load:
    """Events that keep coming while brokers come and go."""

    transport: OnKafka
    chance: random.Random
    said: list[Entry] = field(default_factory=list)

    async def run(self, stop: asyncio.Event) -> None:
        """Some events every few hundredths of a second."""
        while not stop.is_set():
            await self.some(self.chance.randrange(1, 6))
            await asyncio.sleep(self.chance.random() * 0.1)

    async def some(self, count: int) -> None:
        """So many events over four cases."""
        entries = new_events(count, subjects=4)
        async with self.transport.admin.transaction():
            await append(self.transport.admin, SOURCE, entries)
        self.said += entries


async def disturb(kafka: Kafka, broker: Broker, how: str, seconds: float) -> None:
    """The broker is away for so long, in this way; then it answers again."""
    if how == HUNG:
        broker.suspend(True)
        await asyncio.sleep(seconds)
        broker.suspend(False)
    else:
        await (broker.kill() if how == KILLED else broker.stop())
        await asyncio.sleep(seconds)
        broker.start()
    await kafka.ready()


async def broken(transport: OnKafka, said: list[Entry]) -> list[str]:
    """What does not hold: every effect once and in order; in the topic every message follows on one that is there."""
    found = invariants.of_effects(said, await until_applied(transport, len(said), 120))
    last = dict.fromkeys(range(transport.cluster.partitions), 0)
    for partition, event in await messages(transport):
        if event.previous > last[partition]:
            found.append(f"gap: {event.previous} is not in partition {partition} before {event.delivery.position}")
        last[partition] = max(last[partition], event.delivery.position)
    found += [f"by hand: parked: {one}" for one in await transport.parked()]
    return found + await invariants.of_logs(transport.admin, (SOURCE, SERVICE))


@pytest.mark.parametrize("size", SIZES)
async def test_brokers_come_and_go(postgres: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(clients, "STOP_SECONDS", 1.0)
    monkeypatch.setattr(relay, "RETRY_SECONDS", 0.2)
    share, ways = max(1, STOPS // 2), Counter[str]()
    with part("brokers", f"stops of a broker out of {size}") as row:
        while row.done < share:
            with row.round() as seed:
                chance = random.Random(seed)
                async with (
                    Kafka.running(tmp_path / str(seed), size=size) as kafka,
                    on_kafka(postgres, kafka.bootstrap, partitions=6) as transport,
                ):
                    load, stop = Load(transport, chance), asyncio.Event()
                    async with consuming(await transport.member(Recorder(), size=5, silent=3.0)):
                        coming = asyncio.create_task(load.run(stop))
                        for _ in range(A_CLUSTER):
                            how = WAYS[row.done % len(WAYS)]
                            await asyncio.sleep(chance.random() * 0.5)
                            await disturb(kafka, chance.choice(kafka.brokers), how, chance.random() * 1.5)
                            row.done, ways[how] = row.done + 1, ways[how] + 1
                        stop.set()
                        await coming
                        invariants.assert_none(await broken(transport, load.said))
        row.more = f"({', '.join(f'{n} {how}' for how, n in sorted(ways.items()))})"
