"""Every Kafka client is made here, with the settings that lose nothing; the library's own defaults do not.

Producers wait for all replicas and are idempotent. Consumers commit nothing (PostgreSQL holds the positions), start
at the earliest event and never at the latest, and give bytes: a deserializer that raises would block its partition
for ever. Starting at the earliest is safe, because what was applied is skipped by position and a gap stops.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from libs.events.errors import EventsError
from libs.events.kafka.security import DoesNotFit, Refused, Security

log = structlog.get_logger()

TOPIC = "case-events"
PARTITIONS = 12
"""For ever: another number would move the subjects to other partitions."""

BATCH_BYTES = 256 * 1024
EVENT_BYTES = 4 * 1024 * 1024
STOP_SECONDS = 5.0
START_SECONDS = 30.0
ASK_SECONDS = 10.0


class WrongTopic(EventsError):
    """The topic has another number of partitions than the subjects were divided over."""


@dataclass
class Cluster:
    """A Kafka cluster and the topic of all case events. Times in milliseconds."""

    bootstrap: str
    topic: str = TOPIC
    partitions: int = PARTITIONS
    session_ms: int = 30_000
    heartbeat_ms: int = 3_000
    security: Security = field(default_factory=Security)
    _checked: bool = field(default=False, init=False)
    _checking: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    @asynccontextmanager
    async def producer(self) -> AsyncIterator[AIOKafkaProducer]:
        """A started producer: idempotent, acknowledged by all replicas; its batches are made by the caller."""
        producer = AIOKafkaProducer(
            bootstrap_servers=self.bootstrap,
            acks="all",
            enable_idempotence=True,
            max_batch_size=BATCH_BYTES,
            max_request_size=EVENT_BYTES,
            request_timeout_ms=20_000,
            retry_backoff_ms=500,
            **self.security.options(),
        )
        try:
            await self.started(producer)
            yield producer
        finally:
            await stopped(producer.stop(), "producer")

    def consumer(self, group: str | None, most: int) -> AIOKafkaConsumer:
        """A consumer of a group, or by itself, not started; `most` is how many records it gives at once."""
        return AIOKafkaConsumer(
            bootstrap_servers=self.bootstrap,
            group_id=f"{self.topic}.{group}" if group else None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_poll_records=most,
            session_timeout_ms=self.session_ms,
            heartbeat_interval_ms=self.heartbeat_ms,
            rebalance_timeout_ms=self.session_ms,
            fetch_max_bytes=16 * 1024 * 1024,
            max_partition_fetch_bytes=1024 * 1024,
            fetch_max_wait_ms=100,
            request_timeout_ms=20_000,
            retry_backoff_ms=500,
            **self.security.options(),
        )

    async def started(self, client: AIOKafkaConsumer | AIOKafkaProducer | AIOKafkaAdminClient) -> None:
        """Start a client in a bounded time. Raises Refused, which says why, where a broker does not let us in."""
        try:
            await asyncio.wait_for(client.start(), START_SECONDS)
        except (KafkaError, OSError, TimeoutError):
            if said := await self.security.refusal(self.bootstrap):
                raise Refused(said) from None
            raise

    @asynccontextmanager
    async def admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        """A started client for topics."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap, **self.security.options())
        try:
            await self.started(admin)
            yield admin
        finally:
            await stopped(admin.close(), "admin")

    async def divided(self) -> int:
        """The number of partitions of the topic as it is; 0 when there is no such topic."""
        async with self.admin() as admin:
            return await self._described(admin) if self.topic in await admin.list_topics() else 0

    async def ensure_topic(self) -> None:
        """Make the topic where it is not there yet. Raises WrongTopic for another number of partitions."""
        async with self._checking:
            if not self._checked:
                await asyncio.wait_for(self._ensure(), START_SECONDS)
                self._checked = True

    async def _ensure(self) -> None:
        async with self.admin() as admin:
            if self.topic not in await admin.list_topics():
                await self._create(admin)
            while not (partitions := await self._described(admin)):  # noqa: ASYNC110
                await asyncio.sleep(0.1)  # a new topic takes a moment to be known; the caller bounds the wait
        if partitions != self.partitions:
            raise WrongTopic(f"topic {self.topic} has {partitions} partitions, not {self.partitions}")

    async def _described(self, admin: AIOKafkaAdminClient) -> int:
        """The number of partitions; 0 while a new topic is not known everywhere."""
        found = await admin.describe_topics([self.topic])
        return len(found[0]["partitions"])

    async def _create(self, admin: AIOKafkaAdminClient) -> None:
        """Retention without end: erasure works by key, and a view may be rebuilt from the first event."""
        settings = {"retention.ms": "-1", "retention.bytes": "-1", "cleanup.policy": "delete",
                    "max.message.bytes": str(EVENT_BYTES)}  # fmt: skip
        # -1 is the cluster's own number of replicas; the client takes it only beside an (empty) assignment
        topic = NewTopic(self.topic, self.partitions, -1, replica_assignments={}, topic_configs=settings)
        with suppress(TopicAlreadyExistsError):
            answer = await admin.create_topics([topic])
            for _, code, *_ in answer.topic_errors:
                if code:
                    raise for_code(code)


def log_refusal(error: BaseException) -> None:
    """Of a client that a service makes: an alarm, with the setting to look at. Commands tell who typed them instead."""
    if isinstance(error, Refused | DoesNotFit):
        log.error("kafka_refused", reason=error.args[0])


_leaving: set[asyncio.Future[None]] = set()
"""Stops that nobody waits for any more: each ends when the requests of its client time out."""


async def stopped(stop: Awaitable[None], what: str) -> None:
    """Await a client's stop for a bounded time, then leave it to itself: some take long when brokers are away.

    It is not broken off: half stopped, a client would go on asking, and complaining, for as long as the process lives.
    """
    task = asyncio.ensure_future(stop)
    done, _ = await asyncio.wait({task}, timeout=STOP_SECONDS)
    if not done:
        _leaving.add(task)
        task.add_done_callback(_left)
        log.warning("kafka_client_abandoned", name=what)
    elif error := None if task.cancelled() else task.exception():
        log.warning("kafka_client_abandoned", name=what, error=type(error).__name__)


def _left(stop: asyncio.Future[None]) -> None:
    """An error of a client that was left behind is nobody's any more."""
    _leaving.discard(stop)
    if not stop.cancelled():
        stop.exception()
