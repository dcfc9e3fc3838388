"""Views proven and made again from the topic, where monitoring has a database of its own and sees no other log."""

import asyncio
import re
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from drempel.cli import doctor
from drempel.cli.doctor import chain
from drempel.cli.doctor.finding import Finding, Here
from libs.chassis.clock import SystemClock
from libs.chassis.settings import SERVICES
from libs.events.errors import Transient
from libs.events.kafka import audit
from libs.events.kafka.behind import At as Place
from libs.events.kafka.behind import behind
from libs.events.kafka.topic import Topic
from services.monitoring import upkeep
from services.monitoring.views import VIEWS
from tests.apart import Apart, ends, one, story, total
from tests.contracts.transports import closed
from tests.integration.test_lag import measured, ready
from tests.integration.test_monitoring_upkeep import everything, lived_through
from tests.monitoring_story import Story, ladder
from tests.system import At, fresh_database

__all__ = ["one"]
pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.asyncio(loop_scope="module")]


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
