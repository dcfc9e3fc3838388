"""What runs on Kafka as a whole: all services over the topic, and the example of the integrators' guide."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from libs.chassis.settings import SERVICES
from libs.events.kafka.clients import Cluster
from services.monitoring import upkeep
from services.monitoring.views import VIEWS
from tests.contracts.transports import new_events, on_kafka
from tests.integration.test_kafka import messages_in
from tests.monitoring_story import Story, ladder, tell
from tests.system import Running, fresh_database, running

pytestmark = [pytest.mark.postgres, pytest.mark.kafka]


async def test_all_services_run_on_kafka_and_a_new_start_does_nothing_again(postgres: Path, kafka: str) -> None:
    story, topic = Story(), f"test-{uuid4().hex[:12]}"
    zaak = ladder(story)
    said = []
    async with fresh_database(postgres) as url:
        async with running(postgres, admin_url=url, alone="monitoring", kafka=kafka, kafka_topic=topic) as drempel:
            await tell(drempel, story)
            me = drempel.als("consulent", "0505")
            timeline = (await drempel.http.get(f"/monitoring/v1/zaken/{zaak}/tijdlijn", headers=me)).json()
            assert len(timeline["gebeurtenissen"]) == len(story.said)
        for _ in range(2):
            async with running(postgres, admin_url=url, kafka=kafka, kafka_topic=topic) as drempel:
                await drempel.rest()
                said.append([len(await drempel.log(service)) for service in SERVICES])
    assert said[0] == said[1]
    assert sum(said[0]) > len(story.said), "the others answered, once"
    found = await messages_in(Cluster(kafka, topic))
    assert len(found) == sum(said[1]), "each event of each log, once"


async def test_views_are_proven_and_made_again_where_checkpoints_are_per_partition(postgres: Path, kafka: str) -> None:
    story, topic = Story(), f"test-{uuid4().hex[:12]}"
    ladder(story)
    async with running(postgres, alone="monitoring", kafka=kafka, kafka_topic=topic) as drempel:
        await tell(drempel, story)
        kek = next(r.kek for s, r in drempel.system.runtimes if s.name == "monitoring")
        whole = await upkeep.verify(drempel.admin_url, kek)
        assert whole["ok"], whole
        async with drempel.admin() as conn:
            places = "SELECT DISTINCT partition FROM monitoring.checkpoint"
            assert len(await conn.fetch(places)) == 12
            await conn.execute("UPDATE monitoring.zaak SET fase = 'Afgesloten'")
            await conn.execute("DELETE FROM monitoring.signaal")
        broken = await upkeep.verify(drempel.admin_url, kek)
        assert [one["ok"] for one in broken["views"]] == [False, False]
        growing = asyncio.create_task(grow(drempel))
        for name in VIEWS:
            assert (await upkeep.rebuild(drempel.admin_url, name))["events"] > 0
        await growing
        await drempel.rest()
        found = await upkeep.verify(drempel.admin_url, kek)
        assert found["ok"], found
        async with drempel.admin() as conn:
            assert await conn.fetchval("SELECT count(*) FROM monitoring.parked") == 0


async def grow(drempel: Running) -> None:
    """Households go on arriving."""
    for seed in range(10, 16):
        story = Story(seed)
        ladder(story, kenmerk=f"G-{seed}")
        await tell(drempel, story)


async def test_the_example_of_the_guide_follows_a_case(postgres: Path, kafka: str) -> None:
    text = (Path(__file__).parents[2] / "docs" / "kafka-consumer.md").read_text()
    example: dict[str, Any] = {"__name__": "follow"}
    exec(text.split("```python\n")[1].split("```")[0], example)
    async with on_kafka(postgres, kafka, partitions=3) as transport:
        entries = new_events(30, subjects=6)
        await transport.append(entries)
        case = entries[4].envelope.subject
        async with asyncio.timeout(20):
            seen = []
            following = example["follow"](transport.cluster.bootstrap, case, transport.cluster.topic)
            async for kind, _, data in following:
                seen.append((kind.rpartition(".")[2], data["zaakId"]))
                if len(seen) == 5:
                    break
            await following.aclose()
        assert seen == [("CaseClosed", case)] * 5
