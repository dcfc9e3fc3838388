"""What services run on is opened here, with the settings of the process, and closed with it."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from importlib import import_module

import asyncpg

from libs.chassis.database import POOL_SIZE, Database, open_pool, url_for
from libs.chassis.health import Health
from libs.chassis.priority import Priority
from libs.chassis.region import Region
from libs.chassis.service import Runtime, Service
from libs.chassis.settings import Settings
from libs.events.consumer import Reaction, View
from libs.events.kafka.clients import Cluster
from libs.events.kafka.places import PostgresPlaces
from libs.events.kafka.subscription import KafkaSubscription
from libs.events.keyring import Kek, Keyring
from libs.events.ports import Clock, Subscription
from libs.events.postgres.keyring import NoKeyring, PostgresKeyring
from libs.events.postgres.sessions import PostgresSessions
from libs.events.postgres.subscription import PACE_SECONDS, PostgresSubscription
from libs.events.postgres.wakeup import Wakeup
from libs.events.processor import Processor


def service_named(name: str) -> Service:
    """The service of this name; imported by name, so that the chassis depends on none."""
    service: Service = import_module(f"services.{name}.app").service
    return service


@dataclass
class Opening:
    """What services are opened with; what is opened is closed with the stack."""

    settings: Settings
    admin_url: str | None
    clock: Clock
    kek: Kek
    stack: AsyncExitStack
    region: Region = field(init=False)
    cluster: Cluster | None = field(init=False)

    def __post_init__(self) -> None:
        self.region = Region.load(self.settings.regio, self.settings.partners)
        self.cluster = self.settings.cluster()

    async def wakeup(self, name: str) -> Wakeup:
        """What tells subscriptions that a log grew, on connections of this service's role."""
        return Wakeup(await self._pool(self.settings.database_of(name, self.admin_url), name, "wakeup", "public", 2))

    async def service(self, name: str, wakeup: Wakeup) -> tuple[Service, Runtime]:
        """One service on its database, with the keyring where it may open personal data."""
        service = service_named(name)
        database = await Database.open(name, self.settings.database_of(name, self.admin_url), self.kek)
        self.stack.push_async_callback(database.close)
        keyring: Keyring = await self._keyring(database) if service.opens else NoKeyring()
        return service, Runtime(name, self.settings, self.clock, database, keyring, self.kek, wakeup, self.region)

    async def _keyring(self, database: Database) -> Keyring:
        """The keyring, on the connections of the service where it is in the same database."""
        url = self.settings.keyring_of(self.admin_url)
        if url == self.settings.database_of(database.service, self.admin_url):
            return PostgresKeyring(database.loop, self.kek)
        pool = await self._pool(url, database.service, f"{database.service} keyring", "keyring")
        return PostgresKeyring(pool, self.kek)

    async def _pool(self, url: str, service: str, name: str, schema: str, size: int = POOL_SIZE) -> asyncpg.Pool:
        """Of the loops' role of a service; ended at once with the stack, for something may listen on it for ever."""
        pool = await open_pool(url_for(url, f"{service}_loop", self.kek), name=name, schema=schema, size=size)
        self.stack.callback(pool.terminate)
        return pool

    async def consumers(self, runtimes: Sequence[tuple[Service, Runtime]], health: Health) -> Priority:
        """Their loops, which health knows of; they give way to requests."""
        priority = Priority()
        for service, runtime in runtimes:
            heard: list[Reaction | View] = [*service.reactions(runtime), *service.views]
            for consumer in heard:
                processor = await self._processor(consumer, runtime, priority)
                health.processors.append((runtime, processor))
        self.stack.push_async_callback(_stop, [p.subscription for _, p in health.processors])
        return priority

    async def _processor(self, consumer: Reaction | View, runtime: Runtime, priority: Priority) -> Processor:
        """The loop of a reaction or view, started where its checkpoints say."""
        pool, name = runtime.database.loop, consumer.name
        sessions = PostgresSessions(pool, runtime.service, name, runtime.clock, runtime.wakeup.touch)
        await sessions.register(consumer.sources, self.cluster.partitions if self.cluster else 1)
        subscription: Subscription
        if self.cluster:
            places = PostgresPlaces(pool, runtime.service, name)
            subscription = KafkaSubscription(self.cluster, name, consumer.sources, places)
        else:
            positions = {source: at for (source, _), at in (await sessions.checkpoints()).items()}
            subscription = PostgresSubscription(
                pool, runtime.wakeup, {s: positions[s] for s in consumer.sources}, pace=PACE_SECONDS
            )
        return Processor(consumer, subscription, sessions, priority.rest)


async def _stop(subscriptions: Sequence[Subscription]) -> None:
    """Leave the consumer groups, all at once; each takes a bounded time."""
    await asyncio.gather(*(s.stop() for s in subscriptions if isinstance(s, KafkaSubscription)))
