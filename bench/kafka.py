"""The Kafka transport against the bare client: same bytes, same rows, same run, same broker.

Rounds alternate and the best of each counts, so that what else the
machine does weighs on both sides alike.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from statistics import quantiles
from typing import Any
from uuid import UUID, uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from bench.figure import Figure, at_least, at_most
from deploy.kafka.broker import Kafka
from libs.chassis.embedded import RunningPostgres
from libs.events.catalogue import SignalReceived
from libs.events.envelope import Envelope
from libs.events.kafka.clients import BATCH_BYTES
from libs.events.kafka.encoding import partition_of, to_message
from libs.events.ports import Entry
from libs.events.postgres.log import append, read
from libs.events.processor import Processor
from libs.events.unit import Unit
from tests.contracts.transports import NOW, SOURCE, OnKafka, on_kafka
from tests.examples import example

EVENTS = 30_000
ROUNDS = 3
BATCH = 500
RATE, SECONDS = 100, 20
PARTITIONS = 12

EFFECTS = """CREATE TABLE monitoring.bench_effect
             (id uuid, signaal uuid, partner text, bedrag numeric, signaaldatum date);
             GRANT INSERT ON monitoring.bench_effect TO monitoring_loop"""

Work = Callable[[OnKafka], Awaitable[float]]
"""Gives seconds."""


@dataclass
class Rows:
    """A view that writes one row per event, a statement per batch."""

    name: str
    hears: frozenset[str] = field(default_factory=lambda: frozenset({SignalReceived.name()}))
    done: int = 0
    applied: list[UUID] = field(default_factory=list)

    async def prepare(self, events: Sequence[Envelope]) -> None:
        """Nothing to ask."""

    async def apply(self, unit: Unit, events: Sequence[Envelope], prepared: Any) -> None:
        """The same statement as the bare consumer's."""
        data: Any = [event.data for event in events]
        await insert(
            unit.conn,
            [(e.id, d.signaal_id, d.partner, d.bedrag, d.signaaldatum) for e, d in zip(events, data, strict=True)],
        )
        self.done += len(events)
        self.applied += [event.id for event in events]


Effect = tuple[UUID, UUID, str, Decimal | None, date]


async def insert(conn: Any, effects: list[Effect]) -> None:
    """One statement for a batch of rows."""
    await conn.execute(
        """INSERT INTO monitoring.bench_effect
           SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::numeric[], $5::date[])""",
        *map(list, zip(*effects, strict=True)),
    )


def read_bare(record: Any) -> Effect:
    """The same row, as somebody would read it who trusts what comes."""
    data, identity = json.loads(record.value), UUID(dict(record.headers)["ce_id"].decode())
    return (identity, UUID(data["signaalId"]), data["partner"], Decimal(data["bedrag"]),
            date.fromisoformat(data["signaaldatum"]))  # fmt: skip


async def fill(transport: OnKafka) -> None:
    """So many events in the log of the source."""
    for start in range(0, EVENTS, 1000):
        unit = Unit(SOURCE, "bench", None, NOW)
        for n in range(start, start + 1000):
            unit.emit(example(SignalReceived), subject=UUID(int=n // 3), gemeentecode="0505")
        async with transport.writer.loop.acquire() as conn, conn.transaction():
            await append(conn, SOURCE, [Entry(e.envelope, "0505") for e in unit.pending])


async def relayed(transport: OnKafka) -> float:
    """Seconds the relay needs for the whole log."""
    await transport.admin.execute("UPDATE outreach.relay SET position = 0, last = '{}'")
    stop, began = asyncio.Event(), time.perf_counter()
    running = asyncio.create_task(transport.relay().run(stop))
    while await transport.admin.fetchval("SELECT position FROM outreach.relay") < EVENTS:
        await asyncio.sleep(0.005)
    seconds = time.perf_counter() - began
    stop.set()
    await running
    return seconds


async def produced(transport: OnKafka) -> float:
    """Seconds a bare idempotent producer needs for the same messages, made beforehand."""
    async with transport.writer.loop.acquire() as conn:
        deliveries = (await read(conn, SOURCE, 0, EVENTS)).deliveries
    messages = [(*to_message(SOURCE, d, 0), partition_of(d.subject, PARTITIONS)) for d in deliveries]
    producer = AIOKafkaProducer(bootstrap_servers=transport.cluster.bootstrap, enable_idempotence=True, acks="all",
                                max_batch_size=BATCH_BYTES, linger_ms=5)  # fmt: skip
    began = time.perf_counter()
    async with producer:
        for key, value, headers, _ in messages:
            await producer.send(transport.cluster.topic, value, key, headers=headers)
        await producer.flush()
    return time.perf_counter() - began


async def consumed(transport: OnKafka) -> float:
    """Seconds our consumer needs, effects and checkpoints included."""
    rows, stop = Rows(f"bench.{uuid4().hex[:8]}"), asyncio.Event()
    processor: Processor = await transport.member(rows, size=BATCH)  # type: ignore[arg-type]
    began = time.perf_counter()
    while rows.done < EVENTS:
        await processor.step(timeout=0.2, stop=stop)
    seconds = time.perf_counter() - began
    await transport.members.pop().stop()
    return seconds


async def consumed_bare(transport: OnKafka) -> float:
    """Seconds a bare consumer of a group needs that inserts the same rows, a transaction per batch."""
    consumer = AIOKafkaConsumer(
        transport.cluster.topic, bootstrap_servers=transport.cluster.bootstrap, group_id=uuid4().hex,
        auto_offset_reset="earliest", enable_auto_commit=False,
    )  # fmt: skip
    began, count = time.perf_counter(), 0
    async with consumer, transport.reader.loop.acquire() as conn:
        while count < EVENTS:
            for records in (await consumer.getmany(timeout_ms=200, max_records=BATCH)).values():
                async with conn.transaction():
                    await insert(conn, [read_bare(record) for record in records])
                count += len(records)
    return time.perf_counter() - began


async def latencies(transport: OnKafka) -> list[float]:
    """Seconds from the commit of an event to the commit of its effect, at RATE events a second."""
    rows, stop = Rows(f"bench.{uuid4().hex[:8]}"), asyncio.Event()
    processor: Processor = await transport.member(rows, size=BATCH)  # type: ignore[arg-type]
    said: dict[UUID, float] = {}
    seen: dict[UUID, float] = {}

    async def consume() -> None:
        while not stop.is_set():
            await processor.step(timeout=0.2, stop=stop)
            now, ids = time.perf_counter(), rows.applied
            rows.applied = []
            seen.update((identity, now) for identity in ids)

    async def say(n: int) -> None:
        said[await one(transport, n)] = time.perf_counter()
        transport.wakeup.touch(SOURCE)

    running = [asyncio.create_task(work) for work in (transport.relay().run(stop), consume())]
    await say(0)
    while not seen:  # the group is divided and everything connected before anything counts
        await asyncio.sleep(0.01)
    began = time.perf_counter()
    for n in range(RATE * SECONDS):
        await asyncio.sleep(max(0.0, began + n / RATE - time.perf_counter()))
        await say(n)
    while len(seen) < len(said):
        await asyncio.sleep(0.01)
    stop.set()
    await asyncio.gather(*running)
    return [seen[identity] - at for identity, at in list(said.items())[1:]]


async def one(transport: OnKafka, n: int) -> UUID:
    """One event, committed; gives its id."""
    unit = Unit(SOURCE, "bench", None, NOW)
    event = unit.emit(example(SignalReceived), subject=UUID(int=n % 40), gemeentecode="0505")
    async with transport.writer.loop.acquire() as conn, conn.transaction():
        await append(conn, SOURCE, [Entry(event, "0505")])
    return event.id


@asynccontextmanager
async def _filled(folder: Path, bootstrap: str) -> AsyncIterator[OnKafka]:
    async with on_kafka(folder, bootstrap, partitions=PARTITIONS, relays=0) as transport:
        await transport.cluster.ensure_topic()
        await fill(transport)
        yield transport


async def measure(postgres: RunningPostgres, folder: Path) -> list[Figure]:
    """Rates, and how they compare."""
    rates: dict[Work, float] = {}
    async with Kafka.running(folder / "kafka") as broker:
        async with _filled(folder, broker.bootstrap) as transport:
            for work in (relayed, produced) * ROUNDS:
                rates[work] = max(rates.get(work, 0), EVENTS / await work(transport))
        async with _filled(folder, broker.bootstrap) as transport:
            await transport.admin.execute(EFFECTS)
            await relayed(transport)
            for work in (consumed, consumed_bare) * ROUNDS:
                await transport.admin.execute("TRUNCATE monitoring.bench_effect")
                rates[work] = max(rates.get(work, 0), EVENTS / await work(transport))
        async with on_kafka(folder, broker.bootstrap, partitions=PARTITIONS, relays=0) as transport:
            await transport.admin.execute(EFFECTS)
            slowest = quantiles(await latencies(transport), n=100)[98]
    return [
        Figure("relay to Kafka", rates[relayed], "events/s"),
        at_least("  against a bare idempotent producer", rates[relayed] / rates[produced], "x", 0.7),
        Figure("consumer from Kafka, effects and checkpoints", rates[consumed], "events/s"),
        at_least("  against a bare consumer that inserts", rates[consumed] / rates[consumed_bare], "x", 0.5),
        at_most(f"commit to effect over Kafka at {RATE} events/s, p99", slowest, "s", 1.0),
    ]
