"""How far consumers are, in events and in seconds: on /health/ready, and as metrics."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from libs.chassis import lag
from libs.chassis.telemetry import Consumers
from libs.events.catalogue import CaseClosed
from libs.events.errors import Transient
from libs.events.kafka.encoding import partition_of
from tests.contracts.transports import Recorder, closed, drain, new_events, on_kafka
from tests.system import At, Running, running

pytestmark = pytest.mark.postgres
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
VIEW = "monitoring.timeline"


async def ready(drempel: Running) -> dict[str, dict[str, float]]:
    """The consumers of /health/ready."""
    return (await drempel.http.get("/health/ready")).json()["consumers"]


async def test_a_consumer_says_how_many_events_it_is_behind_and_for_how_long(
    postgres: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = At(NOON)
    async with running(postgres, clock=clock, alone="monitoring") as drempel:
        views = [p for p in drempel.system.processors if p.consumer.name == VIEW]
        fold = type(views[0].consumer).prepare

        async def away(*_: object) -> None:
            raise Transient("away")

        await drempel.rest()
        before = (await ready(drempel))[VIEW]["verwerkt"]
        cases = [uuid4() for _ in range(3)]
        await drempel.emit_as("outreach", [(closed(case), case, "0505") for case in cases])
        await drempel.rest()
        done = (await ready(drempel))[VIEW]
        assert (done["lag"], done["seconden"], done["geparkeerd"], done["verwerkt"] - before) == (0, 0.0, 0, 3)

        monkeypatch.setattr(type(views[0].consumer), "prepare", away)
        await drempel.emit_as("outreach", [(closed(case), case, "0505") for case in cases[:2]])
        clock.moment += timedelta(seconds=90)
        await drempel.emit_as("outreach", [(closed(cases[2]), cases[2], "0505")])
        async with asyncio.timeout(20):
            while "wachtOp" not in (waits := (await ready(drempel))[VIEW]):
                await asyncio.sleep(0.05)
        assert (waits["lag"], waits["seconden"], waits["wachtOp"]) == (3, 90.0, "Transient")
        assert await measured(drempel) >= {
            ("drempel.consumer.lag", VIEW, 3), ("drempel.consumer.lag.seconds", VIEW, 90.0),
            ("drempel.consumer.parked", VIEW, 0), ("drempel.consumer.events", VIEW, before + 3),
        }  # fmt: skip
        monkeypatch.setattr(type(views[0].consumer), "prepare", fold)
        await drempel.rest()


async def measured(drempel: Running) -> set[tuple[str, str, float]]:
    """Every point that would be exported now: metric, consumer, value."""
    reader, stop = InMemoryMetricReader(), asyncio.Event()
    provider = MeterProvider([reader])
    looking = asyncio.create_task(Consumers(drempel.system.health.lags, provider.get_meter("test")).run(stop))
    await asyncio.sleep(0.3)
    data = reader.get_metrics_data()
    stop.set()
    await looking
    provider.shutdown()
    assert data is not None
    found = [
        metric for resource in data.resource_metrics for scope in resource.scope_metrics for metric in scope.metrics
    ]
    return {(m.name, str(p.attributes["consumer"]), p.value) for m in found for p in m.data.data_points}  # type: ignore


async def test_what_is_not_there_has_no_age(postgres: Path) -> None:
    async with running(postgres, alone="monitoring") as drempel:
        pool = drempel.system.runtimes[0][1].database.loop
        assert await lag.seconds(pool, {VIEW: lag.Lag(1, 0, {("outreach", None): 7})}, None, NOON) == {VIEW: 0.0}


async def test_only_partitions_that_are_behind_count(postgres: Path) -> None:
    clock = At(NOON)
    async with running(postgres, clock=clock, alone="monitoring") as drempel:
        handled = uuid4()
        waiting = next(case for case in iter(uuid4, None) if place(case) != place(handled))
        for case in (handled, waiting, handled):
            await drempel.emit_as("outreach", [(closed(case), case, "0505")])
            clock.moment += timedelta(seconds=60)
        pool, now = drempel.system.runtimes[0][1].database.loop, clock.moment
        ages = [
            await lag.seconds(pool, {VIEW: lag.Lag(1, 0, after)}, 12, now)
            for after in (
                {("outreach", place(waiting)): 0},
                {("outreach", place(waiting)): 0, ("outreach", place(handled)): 0},
                {("outreach", place(handled)): 1},
                {("outreach", None): 2},
            )
        ]
        assert ages == [{VIEW: 120.0}, {VIEW: 180.0}, {VIEW: 60.0}, {VIEW: 60.0}]


def place(case: UUID) -> int:
    """Its partition of the topic."""
    return partition_of(str(case), 12)


@pytest.mark.kafka
async def test_over_partitions_the_oldest_is_the_first_that_is_not_handled(postgres: Path, kafka: str) -> None:
    async with on_kafka(postgres, kafka, partitions=3) as transport:
        await transport.append(new_events(40, subjects=9))
        await drain(await transport.processor(Recorder(hears=frozenset({CaseClosed.name()}))))
        pool, name = transport.reader.loop, "recorder"

        async def seen() -> tuple[int, float]:
            lags = await lag.snapshot(pool, ["monitoring"], [name], 3)
            return lags[name].events, (await lag.seconds(pool, lags, 3, NOON)).get(name, 0.0)

        assert await seen() == (0, 0.0)
        await transport.append(new_events(9, subjects=9))  # recorded at nine
        behind, age = await seen()
        assert behind >= 3
        assert age == 3 * 3600.0
