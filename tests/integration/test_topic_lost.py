"""A topic that lacks something, or was lost: it is refused in words, published again, and nothing is done twice."""

from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer, ConsumerRecord, TopicPartition

from libs.chassis.settings import SERVICES
from libs.events.kafka import audit
from libs.events.kafka.clients import Cluster
from libs.events.kafka.encoding import SEQUENCE
from libs.events.kafka.topic import Topic
from services.monitoring import upkeep
from services.monitoring.history import Published, Reached
from services.monitoring.views import VIEWS
from tests.apart import ROOT, Apart, apart, ends, one, story
from tests.integration.test_monitoring_upkeep import everything
from tests.monitoring_story import Story, ladder
from tests.system import fresh_database

__all__ = ["one"]
pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.asyncio(loop_scope="module")]


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


async def test_what_a_rebuild_that_went_on_elsewhere_has_missed_is_lacking(one: Apart) -> None:
    view = VIEWS["timeline"]
    async with one.conn() as conn, Topic.opened(one.cluster) as topic:
        had, found = await upkeep._checkpoints(conn, view), await audit.walked(topic)
        place = max((place for place in found.last if place[0] == "intake"), key=lambda place: found.last[place])
        history, missed = Published(topic), {**found.last, place: 0}
        assert await history.lacks(view.name, had, Reached(found.last)) == []
        (wrong,) = await history.lacks(view.name, had, Reached(missed))
        assert f"of intake, and partition {place[1]} of the topic ends at 0" in wrong


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
