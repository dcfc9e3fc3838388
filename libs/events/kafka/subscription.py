"""Brings one consumer its events from the topic, as a member of a consumer group.

The group only divides the partitions. Where to begin stands in PostgreSQL: on assignment the positions are loaded
and the client is sent to the remembered offset. Events at or below the position are skipped. A batch ends where an
event does not follow on the one before; the next then begins with the position it claims to follow on, and the
processor, which compares it with the checkpoint, sees the gap and stops.

A batch counts as settled when the processor asks for the next one without having sought back in between.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError

from libs.events.crash import crash_point
from libs.events.errors import Transient
from libs.events.kafka.clients import ASK_SECONDS, Cluster, log_refusal, stopped
from libs.events.kafka.encoding import Arrived, from_message
from libs.events.kafka.places import Place, Places
from libs.events.ports import Batch, Delivery

log = structlog.get_logger()

SILENT_SECONDS = 60.0
"""A consumer that hears nothing for so long while there is something to hear is made anew (aiokafka #1154)."""

SAVE_SECONDS = 1.0
"""Offsets are written at most this often: they are a hint, the positions are of record."""


class KafkaAway(Transient):
    """Kafka can't give what comes next now; the name is what health says a consumer waits for."""


class Silent(KafkaAway):
    """The client gives nothing although the topic has more."""


@dataclass(slots=True)
class Run:
    """Events of one source and partition as they came; `resume` is where to read on behind the whole fetch."""

    source: str
    partition: int
    events: Sequence[Arrived]
    resume: int | None = None


class KafkaSubscription:
    """See libs.events.ports.Subscription; `stop` must be called at the end."""

    def __init__(
        self, cluster: Cluster, group: str, sources: Iterable[str], places: Places,
        *, batch: int = 500, silent: float = SILENT_SECONDS,
    ) -> None:  # fmt: skip
        self._cluster, self._group, self._places = cluster, group, places
        self._sources = frozenset(sources)
        self._batch, self._silent = batch, silent
        self._client: AIOKafkaConsumer | None = None
        self._queue: deque[Run] = deque()
        self._handed: Run | None = None
        self._positions: dict[Place, int] = {}
        self._floor: dict[Place, int] = {}
        self._resume: dict[int, int] = {}
        self._unsaved: dict[int, int] = {}
        self._fresh: set[int] = set()
        self._sought: dict[Place, int] = {}
        self._heard_at = self._saved_at = 0.0

    async def next(self, timeout: float) -> Batch | None:
        """The next batch, or None. What Kafka can't give now raises KafkaAway, and the client is made anew."""
        self._settle()
        await self._save()
        try:
            if not self._queue:
                await self._poll(timeout)
        except (KafkaError, OSError, TimeoutError, Transient) as error:
            log_refusal(error)
            log.warning("kafka_consumer_rebuilt", consumer=self._group, error=type(error).__name__)
            await self._discard()
            raise KafkaAway(type(error).__name__) from error
        return self._hand_out()

    def seek(self, source: str, partition: int, position: int) -> None:
        """Bring what comes after this position again."""
        place = (source, partition)
        self._drop({partition})
        if partition not in self._resume:
            self._sought[place] = position
            return
        if position < self._floor.get(place, 0):
            self._resume[partition] = 0
        self._positions[place] = position
        self._go_to(partition)

    async def lag(self) -> int:
        """Messages behind this consumer's place in the partitions it has; in all of them while it has none."""
        client = self._client
        if client is None:
            raise Silent("no client")
        ours = self.assigned() or range(self._cluster.partitions)
        places = [TopicPartition(self._cluster.topic, p) for p in ours]
        known = {**await self._places.offsets(), **self._resume}
        ends = await asyncio.wait_for(client.end_offsets(places), ASK_SECONDS)
        return sum(max(0, end - known.get(place.partition, 0)) for place, end in ends.items())

    def assigned(self) -> frozenset[int]:
        """The partitions this member reads."""
        return frozenset(self._resume) | frozenset(self._fresh)

    async def stop(self) -> None:
        """Leave the group; takes a bounded time whatever the brokers do."""
        self._settle()
        self._saved_at = 0.0
        try:
            await asyncio.wait_for(self._save(), ASK_SECONDS)
        except (OSError, TimeoutError) as error:
            log.warning("kafka_client_abandoned", name="offsets", error=type(error).__name__)
        await self._discard()

    async def _poll(self, timeout: float) -> None:
        client = self._client or await self._start()
        await self._load(client)
        found = await client.getmany(timeout_ms=int(timeout * 1000), max_records=self._batch)
        if found:
            crash_point("kafka.after_poll")
        now = asyncio.get_running_loop().time()
        if found:
            self._heard_at = now
        elif now - self._heard_at > self._silent:
            self._heard_at = now
            if await self.lag():
                raise Silent("behind")
        for place, records in found.items():
            if place.partition in self._resume and place.partition not in self._fresh:
                self._take(place.partition, records)

    def _take(self, partition: int, records: Sequence[Any]) -> None:
        by_source: dict[str, list[Arrived]] = {}
        for record in records:
            event = from_message(record.value, record.headers)
            if event is None:
                log.warning("kafka_message_foreign", partition=partition, position=record.offset)
            elif event.source in self._sources:
                by_source.setdefault(event.source, []).append(event)
        runs = [Run(source, partition, events) for source, events in by_source.items()]
        resume = records[-1].offset + 1
        if runs:
            runs[-1].resume = resume
            self._queue.extend(runs)
        else:
            self._reached(partition, resume)

    def _hand_out(self) -> Batch | None:
        while self._queue:
            run = self._queue.popleft()
            batch, rest = self._cut(run)
            if rest:
                self._queue.appendleft(replace(run, events=rest))
                run.resume = None
            if batch.deliveries:
                self._handed = run
                return batch
            if run.resume is not None:
                self._reached(run.partition, run.resume)
        return None

    def _cut(self, run: Run) -> tuple[Batch, Sequence[Arrived]]:
        """What is new of a run, up to where an event does not follow; and the rest."""
        place = (run.source, run.partition)
        previous = position = self._positions.get(place, 0)
        deliveries: list[Delivery] = []
        rest: Sequence[Arrived] = ()
        for index, event in enumerate(run.events):
            if event.delivery.position <= position:
                continue
            if event.previous > position:
                if deliveries:
                    rest = run.events[index:]
                    break
                previous = event.previous
            deliveries.append(event.delivery)
            position = event.delivery.position
        self._positions[place] = position
        return Batch(run.source, run.partition, previous, deliveries), rest

    def _settle(self) -> None:
        """What was handed out has been applied or parked."""
        run, self._handed = self._handed, None
        if run is not None:
            self._heard_at = asyncio.get_running_loop().time()
            if run.resume is not None:
                self._reached(run.partition, run.resume)

    def _reached(self, partition: int, offset: int) -> None:
        self._resume[partition] = self._unsaved[partition] = offset
        self._floor |= {(s, partition): self._positions.get((s, partition), 0) for s in self._sources}

    async def _save(self) -> None:
        now = asyncio.get_running_loop().time()
        if self._unsaved and now - self._saved_at >= SAVE_SECONDS:
            unsaved, self._unsaved, self._saved_at = self._unsaved, {}, now
            crash_point("kafka.before_save")
            await self._places.save(unsaved)
            crash_point("kafka.after_save")

    async def _start(self) -> AIOKafkaConsumer:
        await self._cluster.ensure_topic()
        client = self._client = self._cluster.consumer(self._group, self._batch)
        await self._cluster.started(client)
        client.subscribe([self._cluster.topic], listener=_Assignment(self, client))
        self._heard_at = asyncio.get_running_loop().time()
        return client

    async def _load(self, client: AIOKafkaConsumer) -> None:
        """Places of newly assigned partitions; here and not in the listener, so that a failure is tried again."""
        if not (fresh := set(self._fresh)):
            return
        positions, offsets = await self._places.positions(fresh), await self._places.offsets()
        crash_point("kafka.assigned")
        for partition in fresh & self._fresh & {place.partition for place in client.assignment()}:
            self._fresh.discard(partition)
            self._resume[partition] = offsets.get(partition, 0)
            for place in ((source, partition) for source in self._sources):
                self._floor[place] = self._positions[place] = positions.get(place, 0)
                if place in self._sought:
                    self.seek(*place, self._sought.pop(place))
            self._go_to(partition)

    def _go_to(self, partition: int) -> None:
        if self._client is not None:
            with suppress(IllegalStateError):  # no longer ours: whoever has it begins where PostgreSQL says
                self._client.seek(TopicPartition(self._cluster.topic, partition), self._resume[partition])

    def _drop(self, partitions: set[int]) -> None:
        """Forget what was fetched and not applied yet."""
        self._queue = deque(run for run in self._queue if run.partition not in partitions)
        if self._handed is not None and self._handed.partition in partitions:
            self._handed = None

    def _revoked(self, partitions: set[int]) -> None:
        self._drop(partitions)
        self._fresh -= partitions
        for partition in partitions:
            self._resume.pop(partition, None)

    async def _discard(self) -> None:
        """Leave the client behind; the next call makes a new one."""
        client, self._client = self._client, None
        self._revoked(set(range(self._cluster.partitions)))
        if client is not None:
            await stopped(client.stop(), self._group)


class _Assignment(ConsumerRebalanceListener):  # type: ignore[misc]
    """Hears what the group divides; of a client that was left behind nothing is heard."""

    def __init__(self, owner: KafkaSubscription, client: AIOKafkaConsumer) -> None:
        self._owner, self._client = owner, client

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """These are another member's now."""
        if self._owner._client is self._client:
            self._owner._revoked({place.partition for place in revoked})

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """These are ours; their places are loaded at the next call."""
        if self._owner._client is self._client:
            self._owner._fresh |= {place.partition for place in assigned}
