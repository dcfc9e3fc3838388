"""Views proven and made again from the topic, where monitoring has a database of its own and sees no other log."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from pydantic import SecretStr

from drempel.cli import doctor, topic
from drempel.cli.doctor import chain
from drempel.cli.doctor.finding import Finding, Here
from libs.chassis.clock import SystemClock
from libs.chassis.settings import SERVICES, Settings
from libs.events.errors import Transient
from libs.events.kafka import audit
from libs.events.kafka.behind import At as Place
from libs.events.kafka.behind import behind
from libs.events.kafka.clients import Cluster
from libs.events.kafka.encoding import SEQUENCE
from libs.events.kafka.topic import Topic
from libs.events.keyring import Soort
from libs.events.postgres.keyring import PostgresKeyring
from services.monitoring import upkeep
from services.monitoring.views import VIEWS
from tests.contracts.transports import closed
from tests.integration.test_lag import measured, ready
from tests.integration.test_monitoring_upkeep import everything, lived_through
from tests.monitoring_story import Story, ladder, muddle, tell
from tests.system import At, Running, fresh_database, running

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.asyncio(loop_scope="module")]
ROOT = Path(__file__).parents[2]


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
    async with running(folder, admin_url=logs, alone="monitoring", **given) as drempel:
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


_watching: list[list[str]] = []


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "subprocess.Popen"):
        for reached in _watching:
            reached.append(str(arguments[1]).replace("'", ""))


@contextmanager
def watched() -> Iterator[list[str]]:
    """Whom this process connects to, for the length of the block."""
    if not _watching:
        sys.addaudithook(_watch)
    _watching.append([])
    try:
        yield _watching[-1]
    finally:
        _watching.pop()


CHECKPOINTS = "SELECT consumer, source, partition, position FROM monitoring.checkpoint ORDER BY 1, 2, 3"


async def test_from_the_topic_the_state_is_that_of_the_logs_and_a_rebuild_says_nothing(
    one: Apart, postgres: Path
) -> None:
    async with fresh_database(postgres) as url:
        embedded = await lived_through(url, story(), 1)
    async with one.conn() as conn, one.drempel.admin() as logs:
        whole = await one.verified()
        assert (whole["ok"], whole["topic"]["wrong"], whole["topic"]["unpublished"]) == (True, [], {}), whole
        assert whole["state"] == embedded
        assert whole["topic"]["events"] == await total(logs) >= len(story().said)
        assert whole["topic"]["compared"] == SERVICES
        zaak = await conn.fetchval("UPDATE monitoring.zaak SET fase = 'Afgesloten' RETURNING zaak_id")
        found = await one.verified()
        assert found["views"][0]["difference"]["columns"] == ["fase"]
        assert not found["ok"] and found["views"][1]["ok"] and zaak is not None
        others, end = await everything(logs), await ends(one.cluster)
        places = [tuple(row) for row in await conn.fetch(CHECKPOINTS)]
        with watched() as reached:
            for name in VIEWS:
                assert (await upkeep.rebuild(one.url, name, one.cluster))["events"] > 0
        known = (".s.PGSQL.", str(tuple(one.cluster.bootstrap.split(":"))).replace("'", ""))
        assert reached, "the watch works: it saw the database"
        assert {to for to in reached if not any(place in to for place in known)} == set(), "nobody else was asked"
        assert await one.verified() == whole
        assert [tuple(row) for row in await conn.fetch(CHECKPOINTS)] == places
        assert await everything(logs) == others, "no service was told anything"
        assert await ends(one.cluster) == end, "nothing was published"
        assert not await conn.fetch("SELECT FROM pg_namespace WHERE nspname LIKE 'monitoring\\_%'")


async def test_a_rebuild_that_is_killed_goes_on_where_it_was_while_events_come_in(one: Apart) -> None:
    async with one.conn() as conn:
        full = (await upkeep.rebuild(one.url, "timeline", one.cluster))["events"]
        assert (await one.rebuild("timeline", "rebuild.folded:1"))[0] == -signal.SIGKILL
        begun = await conn.fetchval("SELECT count(*) FROM monitoring_timeline_nieuw.gebeurtenis")
        assert begun > 0
        growing = asyncio.create_task(grow(one))
        assert (await one.rebuild("timeline", "rebuild.before_commit"))[0] == -signal.SIGKILL
        made = await upkeep.rebuild(one.url, "timeline", one.cluster)
        zaak = await growing
        assert made["events"] < full, "what was folded before is not folded again"
        await one.drempel.rest()
        found = await one.verified()
        assert found["ok"], found
        assert not await conn.fetch("SELECT FROM pg_namespace WHERE nspname LIKE 'monitoring\\_%'")
        me = one.drempel.als("consulent", "0505")
        answer = await one.drempel.http.get(f"/monitoring/v1/zaken/{zaak}/tijdlijn", headers=me)
        assert answer.json()["fase"] == "Deurwaarder"


async def grow(one: Apart) -> Any:
    """Households go on arriving."""
    for seed in range(10, 13):
        more = Story(seed)
        zaak = ladder(more, kenmerk=f"G-{seed}")
        await one.tell(more)
    return zaak


async def test_what_another_release_began_is_begun_anew(one: Apart) -> None:
    async with one.conn() as conn:
        full = (await upkeep.rebuild(one.url, "timeline", one.cluster))["events"]
        await conn.execute(
            """CREATE SCHEMA monitoring_timeline_nieuw; COMMENT ON SCHEMA monitoring_timeline_nieuw IS 'release 0.0';
               CREATE TABLE monitoring_timeline_nieuw.zaak (oud int)"""
        )
        assert (await upkeep.rebuild(one.url, "timeline", one.cluster))["events"] == full


async def ends(cluster: Cluster) -> dict[TopicPartition, int]:
    """The offsets behind the last messages."""
    async with AIOKafkaConsumer(bootstrap_servers=cluster.bootstrap) as consumer:
        return await consumer.end_offsets([TopicPartition(cluster.topic, p) for p in range(cluster.partitions)])


def at(record: ConsumerRecord) -> int:
    """The position of an event in its log."""
    return int(dict(record.headers)[SEQUENCE])


async def copied(cluster: Cluster, keep: Callable[[Sequence[ConsumerRecord]], Sequence[ConsumerRecord]]) -> str:
    """Another topic, with of each partition what is to be kept."""
    other = Cluster(cluster.bootstrap, f"test-{uuid4().hex[:12]}")
    await other.ensure_topic()
    consumer = cluster.consumer(None, 1000)
    await consumer.start()
    places = [TopicPartition(cluster.topic, p) for p in range(cluster.partitions)]
    consumer.assign(places)
    records: dict[int, list[ConsumerRecord]] = {p.partition: [] for p in places}
    end = await ends(cluster)
    while any([await consumer.position(place) < end[place] for place in places]):
        for place, found in (await consumer.getmany(timeout_ms=200)).items():
            records[place.partition] += found
    await consumer.stop()
    async with AIOKafkaProducer(bootstrap_servers=other.bootstrap) as producer:
        for partition, found in records.items():
            for r in keep(found):
                await producer.send_and_wait(
                    other.topic, r.value, key=r.key, headers=list(r.headers), partition=partition
                )
    return other.topic


async def total(logs: asyncpg.Connection) -> int:
    """Events in all logs: the story, and the policies that ship."""
    return sum([await logs.fetchval(f"SELECT count(*) FROM {service}.log") for service in SERVICES])


async def test_a_topic_that_is_not_whole_is_refused_in_words_and_nothing_changes(one: Apart) -> None:
    async with one.conn() as conn, one.drempel.admin() as logs:
        before = await everything(conn)
        del before["monitoring.kafka_offset"]  # a hint, which the service goes on writing

        async def said(name: str) -> str:
            found = await one.verified(kafka_topic=name)
            assert (found["ok"], found["views"]) == (False, [])
            with pytest.raises(upkeep.Gap):
                await upkeep.rebuild(one.url, "timeline", Cluster(one.cluster.bootstrap, name))
            return str(found["topic"]["wrong"][0])

        def without(index: int) -> Callable[[Sequence[ConsumerRecord]], Sequence[ConsumerRecord]]:
            def keep(records: Sequence[ConsumerRecord]) -> Sequence[ConsumerRecord]:
                mine = [r for r in records if dict(r.headers)["ce_source"].endswith(b":outreach")]
                return [r for r in records if len(mine) < 3 or r is not mine[index]]

            return keep

        assert "has a hole: position" in await said(await copied(one.cluster, without(1)))
        assert "no longer begins with the first event of outreach" in await said(await copied(one.cluster, without(0)))
        assert "the topic lost its end, or it is another topic" in await said(await copied(one.cluster, without(-1)))
        assert await said("nergens") == "there is no topic nergens"
        assert before.items() <= (await everything(conn)).items()
        assert not await conn.fetch("SELECT FROM pg_namespace WHERE nspname LIKE 'monitoring\\_%'")

        head = await logs.fetchval("SELECT position FROM outreach.head")
        await logs.execute("UPDATE outreach.head SET position = position - 1")
        try:
            (wrong,) = (await one.verified())["topic"]["wrong"]
            assert wrong.startswith(f"the topic holds position {head} of outreach, and its log ends at {head - 1}")
        finally:
            await logs.execute("UPDATE outreach.head SET position = position + 1")


async def test_how_far_consumers_are_is_told_against_the_end_of_the_topic(
    one: Apart, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain, "LOOK_SECONDS", 0.3)
    name, view = "monitoring.timeline", type(VIEWS["timeline"])
    await one.drempel.rest()
    assert (await found(one))["consumers"].says == "2 keep up (of monitoring)"
    with monkeypatch.context() as patch:
        patch.setattr(view, "prepare", away)
        ago, case = At(SystemClock().now() - timedelta(seconds=90)), uuid4()
        patch.setattr(one.drempel, "clock", ago)
        await one.drempel.emit_as("outreach", [(closed(case), case, "0505")] * 2)
        async with asyncio.timeout(20):
            while (waits := (await ready(one.drempel))[name]).get("wachtOp") != "Transient" or waits["lag"] != 2:
                await asyncio.sleep(0.05)
        assert 90 <= waits["seconden"] < 120
        assert {("drempel.consumer.lag", name, 2.0)} <= await measured(one.drempel)
        finding = (await found(one))["consumers"]
        assert not finding.ok
        assert re.search(rf"{name} is 2 events and \d+ seconds behind.*, and does not move", finding.says)
        assert "`drempel serve monitoring`" in finding.do
    await one.drempel.rest()
    assert (await ready(one.drempel))[name]["seconden"] == 0.0
    assert (await found(one))["views"].says == "what the logs say (timeline, partners)"


async def away(*_: object) -> None:
    """What a consumer asks does not answer."""
    raise Transient("away")


async def found(one: Apart) -> dict[str, Finding]:
    """What `drempel doctor --views` finds, by check, where it knows the address of monitoring alone."""
    settings = one.settings.model_copy(update={"database_url": None})
    return {f.check: f for f in await doctor._looked(Here(settings, one.drempel.folder), True)}


async def test_what_a_consumer_does_not_hear_or_has_had_does_not_count(
    one: Apart, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("libs.events.kafka.behind.WALK", 10_000)  # further messages count as they are
    async with Topic.opened(one.cluster) as topic_:
        walked = await audit.walked(topic_, [("intake", 2)])
        intake = {place: 0 for place in walked.last if place[0] == "intake"}
        new, done = Place(intake, {}), Place({place: walked.last[place] for place in intake}, {})
        seen = await behind(topic_, {"new": new, "done": done})
    assert walked.counts == {("intake", 2): 2}
    assert seen["new"].events == await head_of(one, "intake")
    assert seen["new"].since is not None
    assert (seen["done"].events, seen["done"].since) == (0, None)


async def head_of(one: Apart, service: str) -> int:
    """How many events a log holds."""
    async with one.drempel.admin() as conn:
        return int(await conn.fetchval(f"SELECT position FROM {service}.head"))


async def test_a_topic_that_was_lost_is_published_again_and_nothing_is_done_twice(postgres: Path, kafka: str) -> None:
    text = (ROOT / "docs" / "distributed.md").read_text()
    again = text.split("**Publish again.**")[1].split("```sql\n")[1].split("```")[0]
    async with fresh_database(postgres) as logs, fresh_database(postgres) as own:
        async with apart(postgres, kafka, logs, own) as first:
            await first.tell(story())
            before = await first.verified()
        for url in (logs, own):
            conn = await asyncpg.connect(url)
            for service in SERVICES:
                await conn.execute(again.replace("intake", service))
            await conn.close()
        async with apart(postgres, kafka, logs, own) as second:
            await second.drempel.rest()
            assert {p.handled for p in second.drempel.system.processors} == {0}
            found = await second.verified()
            assert found == before | {"topic": {**before["topic"], "topic": second.cluster.topic}}
            more = Story(2)
            ladder(more, kenmerk="DAARNA-1")
            await second.tell(more)
            assert (await second.verified())["ok"]
