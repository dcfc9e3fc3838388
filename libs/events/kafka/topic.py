"""The topic read from its start by one reader alone: for views made again, and for proof.

No group and no commits: what the consumers read is left alone, and where this reader is, it says itself. It checks what
a consumer checks: of every source, in every partition, each event follows on the one before it.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from libs.events.errors import Gap
from libs.events.kafka.clients import ASK_SECONDS, Cluster, stopped
from libs.events.kafka.encoding import Arrived, from_message
from libs.events.kafka.places import Place
from libs.events.kafka.subscription import SILENT_SECONDS, Silent
from libs.events.ports import Batch, Delivery

MOST = 2_000
POLL_MS = 500


Seen = tuple[int, Arrived | None]
"""An offset, and the event there; None for what is none of ours."""


class NoTopic(Gap):
    """There is no such topic, or it is divided otherwise."""


@contextmanager
def _kafka_answers() -> Iterator[None]:
    """What is asked in this block is asked of Kafka: raises Silent, which says so, when the time is up."""
    try:
        yield
    except OSError as error:  # a time-out is one
        raise Silent(f"Kafka does not answer ({type(error).__name__})") from None


@dataclass(frozen=True, slots=True)
class Topic:
    """All partitions of the topic, for one reader."""

    cluster: Cluster
    client: AIOKafkaConsumer

    @classmethod
    @asynccontextmanager
    async def opened(cls, cluster: Cluster) -> AsyncIterator["Topic"]:
        """For the length of the block. Raises NoTopic, Silent; a topic is never made here."""
        with _kafka_answers():
            found = await cluster.divided()
        if found != cluster.partitions:
            raise NoTopic(
                f"topic {cluster.topic} has {found} partitions, not {cluster.partitions}"
                if found
                else f"there is no topic {cluster.topic}"
            )
        client = cluster.consumer(None, MOST)
        try:
            with _kafka_answers():
                await cluster.started(client)
            client.assign([TopicPartition(cluster.topic, p) for p in range(cluster.partitions)])
            yield cls(cluster, client)
        finally:
            await stopped(client.stop(), "topic")

    async def end(self) -> dict[int, int]:
        """The offset behind the last message of each partition. Raises Silent."""
        with _kafka_answers():
            found = await asyncio.wait_for(self.client.end_offsets(self.client.assignment()), ASK_SECONDS)
        return {place.partition: offset for place, offset in found.items()}

    async def read(
        self, positions: Mapping[Place, int], offsets: Mapping[int, int], end: Mapping[int, int]
    ) -> AsyncIterator[tuple[list[Batch], dict[int, int]]]:
        """From these places until the end: batches, and the offsets behind them. Raises Gap, Silent.

        An event may come a second time (a relay that was killed sends again): it is passed over by its position.
        """
        at = dict(positions)
        for place in self.client.assignment():
            self.client.seek(place, offsets.get(place.partition, 0))
        self.client.resume(*self.client.assignment())
        clock = asyncio.get_running_loop().time
        heard = clock()
        while await self._before(end):
            found = await self.client.getmany(timeout_ms=POLL_MS, max_records=MOST)
            if found:
                heard = clock()
                batches = [
                    batch for place, records in found.items() for batch in _batches(place.partition, records, at)
                ]
                yield batches, {place.partition: records[-1].offset + 1 for place, records in found.items()}
            elif clock() - heard > SILENT_SECONDS:
                raise Silent("the topic gives nothing")

    async def _before(self, end: Mapping[int, int]) -> bool:
        for place in self.client.assignment():
            if await self.client.position(place) < end[place.partition]:
                return True
        return False

    async def first(self, wanted: Collection[tuple[int, int]], most: int) -> dict[tuple[int, int], list[Seen]]:
        """Up to `most` messages from each of these places (partition, offset), in few round trips."""
        left, found = sorted(wanted), dict[tuple[int, int], list[Seen]]()
        self.client.pause(*self.client.assignment())
        while left:
            now = dict(reversed(left))  # of each partition the first
            left = [place for place in left if now[place[0]] != place[1]]
            await self._look(now, most, found)
        return found

    async def _look(self, begins: Mapping[int, int], most: int, found: dict[tuple[int, int], list[Seen]]) -> None:
        """One place in each of these partitions; nothing is fetched of the others, or afterwards."""
        missing = {TopicPartition(self.cluster.topic, partition) for partition in begins}
        for place in missing:
            self.client.seek(place, begins[place.partition])
        self.client.resume(*missing)
        while missing and (got := await self.client.getmany(*missing, timeout_ms=POLL_MS, max_records=most)):
            for place, records in got.items():
                found[place.partition, begins[place.partition]] = [(r.offset, _arrived(r)) for r in records]
            self.client.pause(*got)
            missing -= set(got)
        self.client.pause(*missing)


def _arrived(record: ConsumerRecord) -> Arrived | None:
    return from_message(record.value, record.headers)


def _batches(partition: int, records: Iterable[ConsumerRecord], at: dict[Place, int]) -> list[Batch]:
    """What is new in one partition, by source; `at` is moved along."""
    found: dict[str, tuple[int, list[Delivery]]] = {}
    for record in records:
        event = _arrived(record)
        if event is None:
            continue
        place, position = (event.source, partition), event.delivery.position
        before = at.get(place, 0)
        if position <= before:
            continue
        if event.previous > before:
            raise Gap(_missing(event, partition, before))
        found.setdefault(event.source, (before, []))[1].append(event.delivery)
        at[place] = position
    return [Batch(source, partition, before, events) for source, (before, events) in found.items()]


def _missing(event: Arrived, partition: int, before: int) -> str:
    where, position = f"partition {partition} of the topic", event.delivery.position
    if not before:
        return f"{where} no longer begins with the first event of {event.source}, but with position {position}"
    return (
        f"{where} has a hole: position {position} of {event.source} follows on {event.previous}, and the last one "
        f"before it there is {before}"
    )
