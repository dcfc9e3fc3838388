"""Brings the log of one service to the topic, in order, by one leader at a time.

The leader holds an advisory lock on its own connection and loses it with the connection. A round reads what follows
on the mark, makes one batch per partition, waits until all replicas have all of them, and then moves the mark by
compare-and-set. So no event is sent before the one it follows on is safe; one round is all that is in flight; and
what a crash leaves unmarked is sent again, under the same positions, which consumers skip.
"""

import asyncio
from dataclasses import dataclass, field, replace

import asyncpg
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.producer.message_accumulator import BatchBuilder

from libs.events.crash import crash_point
from libs.events.errors import EventsError, Gap
from libs.events.kafka.clients import Cluster, WrongTopic, log_refusal
from libs.events.kafka.encoding import partition_of, to_message
from libs.events.ports import Batch
from libs.events.postgres.log import Connection, read
from libs.events.postgres.wakeup import Wakeup, set_within
from libs.events.stopping import until

log = structlog.get_logger()

POLL_SECONDS = 0.25
STANDBY_SECONDS = 1.0
RETRY_SECONDS = 1.0
ROUND = 2000
"""Most events of one round."""


class Overtaken(EventsError):
    """Somebody else moved the mark: this relay leads no longer."""


@dataclass
class Mark:
    """Everything up to `position` is published; `last` is the last position per partition."""

    position: int
    last: list[int]

    @classmethod
    async def load(cls, conn: Connection, schema: str, partitions: int) -> "Mark":
        """Where this service is. Raises WrongTopic when it published to another number of partitions."""
        (row,) = await conn.fetch(f"SELECT position, last FROM {schema}.relay")
        last = list(row["last"]) or [0] * partitions
        if len(last) != partitions:
            raise WrongTopic(f"{schema} was published to {len(last)} partitions, not {partitions}")
        return cls(row["position"], last)

    async def move(self, conn: Connection, schema: str, to: "Mark") -> None:
        """Move it, when nobody else has. Raises Overtaken."""
        status = await conn.execute(
            f"UPDATE {schema}.relay SET position = $2, last = $3 WHERE position = $1",
            self.position,
            to.position,
            to.last,
        )
        if status != "UPDATE 1":
            raise Overtaken(schema)
        self.position, self.last = to.position, to.last


@dataclass
class Relay:
    """The relay of one service; several may run, one leads."""

    service: str
    pool: asyncpg.Pool
    wakeup: Wakeup
    cluster: Cluster
    size: int = ROUND
    leading: bool = field(default=False, init=False)
    waiting_for: str | None = field(default=None, init=False)
    _grown: asyncio.Event = field(init=False)

    def __post_init__(self) -> None:
        self._grown = self.wakeup.follow(frozenset({self.service}))

    async def run(self, stop: asyncio.Event) -> None:
        """Lead, or stand by to lead, until told to stop. What is away is waited for; a wrong topic or a gap raises."""
        while not stop.is_set():
            try:
                await until(stop, self._turn(stop))
            except (WrongTopic, Gap):
                raise
            except (
                KafkaError, OSError, TimeoutError, EventsError, asyncpg.PostgresError, asyncpg.InterfaceError
            ) as error:  # fmt: skip
                self.waiting_for = type(error).__name__
                log_refusal(error)
                log.warning("relay_waits", service=self.service, reason=self.waiting_for, seconds=RETRY_SECONDS)
                await _pause(stop, RETRY_SECONDS)

    async def _turn(self, stop: asyncio.Event) -> None:
        """As long as the lock is ours: round after round; given back with the connection."""
        async with self.pool.acquire() as conn:
            if not await conn.fetchval("SELECT pg_try_advisory_lock(hashtextextended($1, 0))", f"relay {self.service}"):
                await _pause(stop, STANDBY_SECONDS)
                return
            try:
                await self._with_lock(conn, stop)
            finally:
                await conn.reset()

    async def _with_lock(self, conn: Connection, stop: asyncio.Event) -> None:
        await self.cluster.ensure_topic()
        async with self.cluster.producer() as producer:
            mark = await Mark.load(conn, self.service, self.cluster.partitions)
            self.leading = True
            crash_point("relay.leading")
            try:
                await self._lead(conn, producer, mark, stop)
            finally:
                self.leading = False

    async def _lead(self, conn: Connection, producer: AIOKafkaProducer, mark: Mark, stop: asyncio.Event) -> None:
        ahead = await read(conn, self.service, mark.position, self.size)
        while not stop.is_set():
            if not ahead.deliveries:
                await set_within(self._grown, POLL_SECONDS)
                self._grown.clear()
                ahead = await read(conn, self.service, mark.position, self.size)
                continue
            ahead = await self.round(conn, producer, mark, ahead)
            self.waiting_for = None

    async def round(self, conn: Connection, producer: AIOKafkaProducer, mark: Mark, batch: Batch) -> Batch:
        """Publish a batch, or as much of it as one message batch per partition holds; gives what comes next.

        The next events are read while the brokers write these.
        """
        if batch.previous != mark.position:
            raise Gap(f"the log of {self.service} has no position {mark.position + 1}")
        crash_point("relay.after_read")
        to = Mark(mark.position, list(mark.last))
        builders: dict[int, BatchBuilder] = {}
        for delivery in batch.deliveries:
            place = partition_of(delivery.subject, self.cluster.partitions)
            builder = builders.get(place) or builders.setdefault(place, producer.create_batch())
            key, value, headers = to_message(self.service, delivery, to.last[place])
            if builder.append(key=key, value=value, timestamp=None, headers=headers) is None:
                break
            to.position = to.last[place] = delivery.position
        sent = [await producer.send_batch(b, self.cluster.topic, partition=p) for p, b in builders.items()]
        rest = [d for d in batch.deliveries if d.position > to.position]
        following = replace(batch, previous=to.position, deliveries=rest)
        if not rest:
            following = await read(conn, self.service, to.position, self.size)
        crash_point("relay.after_send")
        await _all(sent)
        crash_point("relay.after_ack")
        await mark.move(conn, self.service, to)
        crash_point("relay.after_mark")
        return following


async def _all(sent: "list[asyncio.Future[object]]") -> None:
    """Wait for every acknowledgement; raises the first failure after all have ended."""
    for outcome in await asyncio.gather(*sent, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
