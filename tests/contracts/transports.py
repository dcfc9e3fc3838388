"""What the behaviour suites run on: the same questions to memory, to a real PostgreSQL and to a real Kafka."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID, uuid4

import asyncpg

from libs.chassis.database import Database
from libs.chassis.migrate import migrate, set_passwords
from libs.events.catalogue import CaseClosed, HelpEnded
from libs.events.envelope import Envelope
from libs.events.errors import Transient
from libs.events.kafka.clients import Cluster
from libs.events.kafka.places import PostgresPlaces
from libs.events.kafka.relay import Relay
from libs.events.kafka.security import Security
from libs.events.kafka.subscription import KafkaSubscription
from libs.events.keyring import Kek
from libs.events.memory import Memory, MemorySessions, MemorySubscription
from libs.events.ports import Batch, Entry
from libs.events.postgres.log import append
from libs.events.postgres.sessions import PostgresSessions
from libs.events.postgres.subscription import PostgresSubscription
from libs.events.postgres.wakeup import Wakeup
from libs.events.processor import Processor
from libs.events.unit import Unit
from libs.events.values import Eindresultaat
from tests.system import At, fresh_database

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SOURCE, SERVICE = "outreach", "monitoring"


def closed(zaak: UUID) -> CaseClosed:
    """An event that the consumer under test hears."""
    return CaseClosed(zaak_id=zaak, resultaat=next(iter(Eindresultaat)), datum=date(2026, 3, 2))


def envelope(zaak: UUID, event: Any = None) -> Envelope:
    """An event about a case, as it will be recorded."""
    return Unit("outreach", "test", None, NOW).emit(event or closed(zaak), subject=zaak, gemeentecode="0505")


@dataclass
class Recorder:
    """A consumer that writes down what it applied, and emits on request; it fails where it is told to."""

    name: str = "recorder"
    hears: frozenset[str] = frozenset({CaseClosed.name()})
    poison: set[UUID] = field(default_factory=set)
    away: int = 0
    emits: bool = False
    asked: int = 0

    async def prepare(self, events: Sequence[Envelope]) -> None:
        """The outside is away as often as it was told to be."""
        self.asked += 1
        if self.away:
            self.away -= 1
            raise Transient("away")

    async def apply(self, unit: Unit, events: Sequence[Envelope], prepared: Any) -> None:
        """Write each event's id, in order, then fail at a poisoned one."""
        for event in events:
            await write(unit.conn, event.id)
            if self.emits:
                unit.emit(HelpEnded(zaak_id=UUID(event.subject), datum=date(2026, 3, 2)), subject=UUID(event.subject),
                          gemeentecode="0505", cause=event)  # fmt: skip
            if event.id in self.poison:
                raise ValueError("poison")


async def write(conn: Any, identity: UUID) -> None:
    """One effect: a row, or an item of the list that stands for the database."""
    if isinstance(conn, list):
        conn.append(identity)
    else:
        await conn.execute("INSERT INTO monitoring.test_effect (id) VALUES ($1)", identity)


class Transport(Protocol):
    """What a suite asks of a transport."""

    async def append(self, entries: Sequence[Entry]) -> None:
        """Append to the log of the source, in a transaction of its own."""

    async def processor(self, consumer: Recorder, size: int = 500) -> Processor:
        """A processor that starts where the checkpoint is."""

    async def effects(self) -> list[UUID]:
        """What the consumer wrote, in order."""

    async def parked(self) -> list[tuple[int, str]]:
        """Position and reason of what is parked."""

    async def emitted(self) -> list[UUID]:
        """Ids of the events the consumer emitted."""

    async def checkpoint(self) -> int:
        """Where the consumer is."""


@dataclass
class InMemory:
    """The ports in memory."""

    memory: Memory = field(default_factory=Memory)

    async def append(self, entries: Sequence[Entry]) -> None:
        self.memory.append(SOURCE, entries)

    async def processor(self, consumer: Recorder, size: int = 500) -> Processor:
        sessions = MemorySessions(self.memory, SERVICE, consumer.name, At(NOW))
        start = (await sessions.checkpoints()).get((SOURCE, 0), 0)
        return Processor(consumer, MemorySubscription(self.memory, {SOURCE: start}, size), sessions)

    async def effects(self) -> list[UUID]:
        return list(self.memory.effects.get("recorder", []))

    async def parked(self) -> list[tuple[int, str]]:
        return [(d.position, reason) for _, d, reason in self.memory.parked.get("recorder", [])]

    async def emitted(self) -> list[UUID]:
        return [d.envelope().id for d in self.memory.logs.get(SERVICE, [])]

    async def checkpoint(self) -> int:
        return self.memory.checkpoints.get("recorder", {}).get((SOURCE, 0), 0)


@dataclass
class OnPostgres:
    """The ports on PostgreSQL: each service with its own role, as in production."""

    admin: asyncpg.Connection
    writer: Database
    reader: Database
    wakeup: Wakeup
    url: str

    async def append(self, entries: Sequence[Entry]) -> None:
        async with self.writer.loop.acquire() as conn, conn.transaction():
            await append(conn, SOURCE, entries)

    async def processor(self, consumer: Recorder, size: int = 500) -> Processor:
        pool = self.reader.loop
        sessions = PostgresSessions(pool, SERVICE, consumer.name, At(NOW), lambda source: None)
        await sessions.register([SOURCE])
        start = (await sessions.checkpoints())[SOURCE, 0]
        return Processor(consumer, PostgresSubscription(pool, self.wakeup, {SOURCE: start}, batch=size), sessions)

    async def effects(self) -> list[UUID]:
        return [row[0] for row in await self.admin.fetch("SELECT id FROM monitoring.test_effect ORDER BY n")]

    async def parked(self) -> list[tuple[int, str]]:
        rows = await self.admin.fetch("SELECT position, reason FROM monitoring.parked ORDER BY position")
        return [tuple(row) for row in rows]

    async def emitted(self) -> list[UUID]:
        return [row[0] for row in await self.admin.fetch("SELECT id FROM monitoring.log ORDER BY position")]

    async def checkpoint(self) -> int:
        return await self.admin.fetchval("SELECT coalesce(max(position), 0) FROM monitoring.checkpoint") or 0


Way = Callable[[str], AbstractAsyncContextManager[str]]
"""How the services get to their database: gives the address to use for the one it really has."""


@asynccontextmanager
async def on_postgres(folder: Path, way: Way = nullcontext) -> AsyncIterator[OnPostgres]:
    """A fresh database with the two services the suites use."""
    kek = Kek(bytes(32))
    async with fresh_database(folder) as url, way(url) as through:
        await migrate(url, ["keyring", SOURCE, SERVICE])
        await set_passwords(url, [SOURCE, SERVICE], kek)
        admin = await asyncpg.connect(url)
        await admin.execute(
            f"""CREATE TABLE monitoring.test_effect (n bigserial, id uuid);
                GRANT ALL ON monitoring.test_effect, monitoring.test_effect_n_seq TO {SERVICE}_loop"""
        )
        writer, reader = await Database.open(SOURCE, through, kek), await Database.open(SERVICE, through, kek)
        try:
            yield OnPostgres(admin, writer, reader, Wakeup(reader.loop), url)
        finally:
            await writer.close()
            await reader.close()
            await admin.close()


class Patient(KafkaSubscription):
    """Says that nothing came only when nothing is left: a group needs a moment to divide its partitions."""

    seconds_to_join = 2.0

    async def next(self, timeout: float) -> Batch | None:
        while (batch := await super().next(0.1)) is None:
            if self.assigned():
                if not await self.lag():
                    return None
            elif self.seconds_to_join < 0:
                return None
            else:
                self.seconds_to_join -= 0.1
        return batch


@dataclass
class OnKafka(OnPostgres):
    """The ports on Kafka: a relay publishes the log, members of a group read the topic."""

    cluster: Cluster
    members: list[KafkaSubscription] = field(default_factory=list)

    async def append(self, entries: Sequence[Entry]) -> None:
        await super().append(entries)
        await self.published()

    async def published(self) -> None:
        """Wait until the whole log is in the topic."""
        query = f"SELECT h.position = r.position FROM {SOURCE}.head h, {SOURCE}.relay r"
        async with asyncio.timeout(30):
            while not await self.admin.fetchval(query):
                await asyncio.sleep(0.01)

    async def processor(self, consumer: Recorder, size: int = 500) -> Processor:
        for member in self.members:
            if member.assigned():  # the process before this one has ended
                await member.stop()
        return await self.member(consumer, size=size, kind=Patient)

    async def member(
        self, consumer: Recorder, *, size: int = 500, kind: type[KafkaSubscription] = KafkaSubscription, **more: Any
    ) -> Processor:
        """A member of the consumer's group."""
        pool = self.reader.loop
        sessions = PostgresSessions(pool, SERVICE, consumer.name, At(NOW), lambda source: None)
        await sessions.register([SOURCE], self.cluster.partitions)
        places = PostgresPlaces(pool, SERVICE, consumer.name)
        subscription = kind(self.cluster, consumer.name, [SOURCE], places, batch=size, **more)
        self.members.append(subscription)
        return Processor(consumer, subscription, sessions)

    def relay(self) -> Relay:
        """A relay of the source."""
        return Relay(SOURCE, self.writer.loop, self.wakeup, self.cluster)


@asynccontextmanager
async def on_kafka(
    folder: Path, bootstrap: str, partitions: int = 1, relays: int = 1, way: Way = nullcontext,
    security: Security | None = None,
) -> AsyncIterator[OnKafka]:  # fmt: skip
    """A fresh database and a fresh topic."""
    cluster = Cluster(
        bootstrap, f"test-{uuid4().hex[:12]}", partitions, session_ms=6000, heartbeat_ms=200,
        security=security or Security(),
    )  # fmt: skip
    async with on_postgres(folder, way) as base:
        found, stop = OnKafka(base.admin, base.writer, base.reader, base.wakeup, base.url, cluster), asyncio.Event()
        running = [asyncio.create_task(found.relay().run(stop)) for _ in range(relays)]
        try:
            yield found
        finally:
            stop.set()
            await asyncio.gather(*running, *(member.stop() for member in found.members))


def new_events(count: int, subjects: int = 1) -> list[Entry]:
    """So many events over so many subjects in turn."""
    cases = [uuid4() for _ in range(subjects)]
    return [Entry(envelope(cases[n % subjects]), "0505") for n in range(count)]


async def drain(processor: Processor) -> None:
    """Handle batches until none comes."""
    async with asyncio.timeout(60):
        while await processor.step(timeout=0.01):
            pass
