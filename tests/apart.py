"""A system whose monitoring has a database of its own and sees no other log: what tests of the topic share."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, TopicPartition
from pydantic import SecretStr

from drempel.cli import topic
from libs.chassis.clock import SystemClock
from libs.chassis.settings import SERVICES, Settings
from libs.events.kafka.clients import Cluster
from libs.events.keyring import Soort
from libs.events.postgres.keyring import PostgresKeyring
from tests.monitoring_story import Story, ladder, muddle, tell
from tests.system import Running, fresh_database, running

ROOT = Path(__file__).parents[1]


@dataclass
class Apart:
    """A system whose monitoring has a database of its own, and what an operator beside it would set."""

    drempel: Running
    settings: Settings

    @property
    def url(self) -> str:
        """Of monitoring's database."""
        return self.settings.database_of("monitoring", None)

    @property
    def cluster(self) -> Cluster:
        """With the topic."""
        return topic.cluster_of(self.settings)

    @asynccontextmanager
    async def conn(self) -> AsyncIterator[asyncpg.Connection]:
        """Owner of monitoring's database."""
        conn = await asyncpg.connect(self.url)
        try:
            yield conn
        finally:
            await conn.close()

    async def tell(self, story: Story) -> None:
        """The story, with keys for what is sealed in it."""
        kek = self.drempel.system.runtimes[0][1].kek
        async with asyncpg.create_pool(self.drempel.admin_url, min_size=1, max_size=1) as pool:
            story.sealed_with(await PostgresKeyring(pool, kek).create(list(story.kenmerken), Soort.SIGNAAL))
        await tell(self.drempel, story)

    async def verified(self, **other: str) -> dict[str, Any]:
        """What `drempel verify` finds."""
        kek = self.drempel.system.runtimes[0][1].kek
        settings = self.settings.model_copy(update=other)
        return await topic.verified(settings, self.drempel.admin_url, kek)

    async def rebuild(self, name: str, crash: str = "") -> tuple[int, str]:
        """`drempel rebuild` in a process of its own: exit status and what it said."""
        own = {"DREMPEL_KAFKA": self.cluster.bootstrap, "DREMPEL_KAFKA_TOPIC": self.cluster.topic,
               "DREMPEL_DATABASE_URL_MONITORING": self.url, "DREMPEL_DATA": str(self.drempel.folder),
               "DREMPEL_CRASH": crash, "PYTHONPATH": str(ROOT)}  # fmt: skip
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "drempel", "rebuild", name, env={**os.environ, **own},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        out, _ = await asyncio.wait_for(process.communicate(), 60)
        return process.returncode or 0, out.decode()


@asynccontextmanager
async def apart(folder: Path, kafka: str, logs: str, own: str) -> AsyncIterator[Apart]:
    """The logs of the others in one database, monitoring in another, a new topic between them."""
    given = {"kafka": kafka, "kafka_topic": f"test-{uuid4().hex[:12]}",
             "database_url_per_service": {"monitoring": SecretStr(own)}}  # fmt: skip
    async with running(folder, clock=SystemClock(), admin_url=logs, alone="monitoring", **given) as drempel:
        yield Apart(drempel, Settings(database_url=SecretStr(logs), **given))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one(postgres: Path, kafka: str) -> AsyncIterator[Apart]:
    """One for all tests, to which the story was told: each leaves it whole."""
    async with (
        fresh_database(postgres) as logs,
        fresh_database(postgres) as own,
        apart(postgres, kafka, logs, own) as found,
    ):
        await found.tell(story())
        yield found


def story(seed: int = 1) -> Story:
    """Households, some of whose events are hard to place."""
    found = Story(seed)
    ladder(found)
    muddle(found)
    return found


async def ends(cluster: Cluster) -> dict[TopicPartition, int]:
    """The offsets behind the last messages."""
    async with AIOKafkaConsumer(bootstrap_servers=cluster.bootstrap) as consumer:
        return await consumer.end_offsets([TopicPartition(cluster.topic, p) for p in range(cluster.partitions)])


async def total(logs: asyncpg.Connection) -> int:
    """Events in all logs: the story, and the policies that ship."""
    return sum([await logs.fetchval(f"SELECT count(*) FROM {service}.log") for service in SERVICES])
