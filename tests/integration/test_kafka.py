"""The Kafka transport on a real broker: who publishes, in what order, and what comes again, is lost or is stuck."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from libs.events.catalogue import CaseClosed
from libs.events.errors import Gap
from libs.events.kafka.clients import Cluster, WrongTopic
from libs.events.kafka.encoding import Arrived, from_message, partition_of
from libs.events.kafka.relay import Mark
from libs.events.ports import Entry
from libs.events.postgres.subscription import PostgresSubscription
from libs.events.processor import Processor, ProcessorStopped
from tests.contracts.transports import SOURCE, OnKafka, OnPostgres, Recorder, drain, envelope, new_events, on_kafka

pytestmark = [pytest.mark.postgres, pytest.mark.kafka]


@pytest.fixture
async def transport(postgres: Path, kafka: str) -> AsyncIterator[OnKafka]:
    """A fresh database and a topic with three partitions."""
    async with on_kafka(postgres, kafka, partitions=3) as found:
        yield found


async def messages(transport: OnKafka) -> list[tuple[int, Arrived]]:
    """Everything in the topic of the test, with its partition."""
    return await messages_in(transport.cluster)


async def messages_in(cluster: Cluster) -> list[tuple[int, Arrived]]:
    """Everything in a topic, with its partition."""
    places = [TopicPartition(cluster.topic, p) for p in range(cluster.partitions)]
    found: list[tuple[int, Arrived]] = []
    async with AIOKafkaConsumer(bootstrap_servers=cluster.bootstrap, auto_offset_reset="earliest") as consumer:
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        while any([await consumer.position(place) < end for place, end in ends.items()]):
            for place, records in (await consumer.getmany(timeout_ms=200)).items():
                arrived = [from_message(r.value, r.headers) for r in records]
                found += [(place.partition, event) for event in arrived if event is not None]
    return found


async def cut_off_leader(transport: OnKafka) -> None:
    """End the database connection of the relay that leads; it begins again from the mark in the table."""
    held = """SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database d ON d.oid = database
              WHERE locktype = 'advisory' AND granted AND datname = current_database()"""
    assert await transport.admin.fetchval(held)


@asynccontextmanager
async def consuming(*processors: Processor) -> AsyncIterator[asyncio.Event]:
    """Processors that run for as long as the block; the event stops them all."""
    stop = asyncio.Event()
    tasks = [asyncio.create_task(processor.run(stop)) for processor in processors]
    try:
        yield stop
    finally:
        stop.set()
        await asyncio.gather(*tasks)


async def until_applied(transport: OnPostgres, count: int, seconds: float = 60) -> list[UUID]:
    """The effects, as soon as there are so many."""
    async with asyncio.timeout(seconds):
        while len(found := await transport.effects()) < count:
            await asyncio.sleep(0.05)
    return found


def assert_once_and_in_order(effects: Sequence[UUID], entries: Sequence[Entry]) -> None:
    """Every event once, and per subject in the order of the log."""
    assert len(effects) == len(set(effects)) == len(entries)
    subjects = {entry.envelope.id: entry.envelope.subject for entry in entries}
    for subject in set(subjects.values()):
        said = [entry.envelope.id for entry in entries if entry.envelope.subject == subject]
        assert [identity for identity in effects if subjects[identity] == subject] == said


async def test_each_message_says_what_it_follows_on(transport: OnKafka) -> None:
    await transport.append(new_events(40, subjects=7))
    await transport.append(new_events(23, subjects=5))
    found = await messages(transport)
    last = dict.fromkeys(range(3), 0)
    for partition, event in found:
        assert event.previous == last[partition]
        assert partition == partition_of(event.delivery.subject, 3)
        last[partition] = event.delivery.position
    assert sorted(event.delivery.position for _, event in found) == list(range(1, 64))


async def test_a_relay_that_dies_between_sending_and_marking_sends_again(
    transport: OnKafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, fails = Mark.move, [True]

    async def cut(self: Mark, conn: Any, schema: str, to: Mark) -> None:
        if fails:
            raise ConnectionResetError(fails.pop())
        await real(self, conn, schema, to)

    monkeypatch.setattr(Mark, "move", cut)
    entries = new_events(30, subjects=5)
    await transport.append(entries)
    assert len(await messages(transport)) == 60
    await drain(await transport.processor(Recorder(), size=7))
    assert_once_and_in_order(await transport.effects(), entries)


async def test_one_of_two_relays_publishes_and_the_other_takes_over(postgres: Path, kafka: str) -> None:
    async with on_kafka(postgres, kafka, partitions=3, relays=0) as transport:
        relays, stop = [transport.relay(), transport.relay()], asyncio.Event()
        tasks = [asyncio.create_task(relay.run(stop)) for relay in relays]
        try:
            await transport.append(new_events(20))
            assert [relay.leading for relay in relays].count(True) == 1
            await cut_off_leader(transport)
            await transport.append(new_events(20))
            assert [relay.leading for relay in relays].count(True) == 1
            positions = [event.delivery.position for _, event in await messages(transport)]
            assert sorted(positions) == list(range(1, 41)), "each event once"
        finally:
            stop.set()
            await asyncio.gather(*tasks)


async def test_a_relay_that_was_overtaken_moves_no_mark(transport: OnKafka) -> None:
    await transport.append(new_events(4))
    async with transport.writer.loop.acquire() as conn:
        mark = await Mark.load(conn, SOURCE, 3)
        assert mark.position == max(mark.last) == 4
        with pytest.raises(Exception, match=SOURCE):
            await Mark(2, [2, 0, 0]).move(conn, SOURCE, Mark(9, [9, 0, 0]))
        assert await Mark.load(conn, SOURCE, 3) == mark


async def test_an_event_that_never_reached_the_topic_stops_the_consumer(transport: OnKafka) -> None:
    case = uuid4()
    partition = partition_of(str(case), 3)
    await transport.append([Entry(envelope(case), "0505") for _ in range(3)])
    await transport.admin.execute(
        "UPDATE outreach.relay SET position = 5, last[$1] = 5", partition + 1
    )  # as if 4 and 5 had been sent
    await transport.admin.execute("UPDATE outreach.head SET position = 5")
    await cut_off_leader(transport)
    await transport.append([Entry(envelope(case), "0505")])
    processor = await transport.processor(Recorder())
    with pytest.raises(ProcessorStopped):
        await drain(processor)
    assert len(await transport.effects()) == 3
    assert await transport.checkpoint() == 3


async def test_what_cannot_be_read_is_parked_and_its_subject_waits(transport: OnKafka) -> None:
    entries = new_events(4, subjects=2)
    await transport.append(entries[:2])
    broken = str(entries[0].envelope.subject)
    await transport.admin.execute(
        """INSERT INTO outreach.log (position, stream, version, id, type, tenant, envelope)
           VALUES (3, $1, 2, $2, $3, '0505', $4)""",
        broken, uuid4(), CaseClosed.name(), b"\x00 no event",
    )  # fmt: skip
    await transport.admin.execute("UPDATE outreach.head SET position = 3")
    await transport.append(entries[2:])
    await drain(await transport.processor(Recorder()))
    assert [position for position, _ in await transport.parked()] == [3, 4]
    assert sorted(await transport.effects()) == sorted(e.envelope.id for e in (*entries[:2], entries[3]))


async def test_what_another_program_wrote_is_passed_over(transport: OnKafka) -> None:
    async with AIOKafkaProducer(bootstrap_servers=transport.cluster.bootstrap) as producer:
        await transport.cluster.ensure_topic()
        await producer.send_and_wait(transport.cluster.topic, b"not ours", partition=0)
    entries = new_events(9, subjects=6)
    await transport.append(entries)
    await drain(await transport.processor(Recorder()))
    assert_once_and_in_order(await transport.effects(), entries)


async def test_a_lost_topic_is_published_again_and_nothing_is_done_twice(transport: OnKafka) -> None:
    entries = new_events(12, subjects=6)
    await transport.append(entries)
    await drain(await transport.processor(Recorder()))
    await transport.members[0].stop()
    admin = AIOKafkaAdminClient(bootstrap_servers=transport.cluster.bootstrap)
    await admin.start()
    try:
        await admin.delete_topics([transport.cluster.topic])
        transport.cluster._checked = False
        async with asyncio.timeout(20):
            while transport.cluster.topic in await admin.list_topics():
                await asyncio.sleep(0.1)
    finally:
        await admin.close()
    await transport.cluster.ensure_topic()
    await transport.admin.execute("UPDATE outreach.relay SET position = 0, last = '{}'")
    await cut_off_leader(transport)
    entries += (more := new_events(12, subjects=6))
    await transport.append(more)
    assert len(await messages(transport)) == 24
    await drain(await transport.processor(Recorder()))
    assert_once_and_in_order(await transport.effects(), entries)


async def test_a_consumer_moves_from_the_logs_to_kafka_and_not_back(transport: OnKafka) -> None:
    entries = new_events(10, subjects=6)
    await transport.append(entries)
    embedded = await OnPostgres.processor(transport, Recorder())
    assert isinstance(embedded.subscription, PostgresSubscription)
    await drain(embedded)
    entries += (more := new_events(10, subjects=6))
    await transport.append(more)
    await drain(await transport.processor(Recorder()))
    assert_once_and_in_order(await transport.effects(), entries)
    with pytest.raises(Gap):
        await OnPostgres.processor(transport, Recorder())


async def test_a_topic_with_other_partitions_is_refused(transport: OnKafka) -> None:
    await transport.cluster.ensure_topic()
    with pytest.raises(WrongTopic):
        await Cluster(transport.cluster.bootstrap, transport.cluster.topic, 4).ensure_topic()


async def test_nobody_else_may_move_the_mark(transport: OnKafka) -> None:
    async with transport.reader.loop.acquire() as conn:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await conn.execute("UPDATE outreach.relay SET position = 7")
