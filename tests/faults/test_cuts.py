"""Connections to the database break while something is being committed, and nobody can tell whether it was."""

import asyncio
import random
from pathlib import Path

import pytest

from libs.chassis.run import kek_of
from libs.chassis.settings import Settings
from libs.events import failure
from libs.events.kafka import relay
from libs.events.ports import Entry
from libs.events.postgres import parked
from libs.events.postgres.log import append
from libs.events.postgres.sessions import PostgresSessions
from tests import invariants
from tests.contracts.transports import NOW, SERVICE, SOURCE, OnKafka, Recorder, new_events, on_kafka
from tests.faults import story
from tests.faults.proxy import Cuts, cutting
from tests.faults.soak import SOAK, amount, part
from tests.faults.story import Story
from tests.integration.test_kafka import consuming
from tests.system import At, fresh_database, running

pytestmark = [pytest.mark.postgres, pytest.mark.campaign]

CUTS = amount("cuts", 60, 600)
OVER_KAFKA = max(1, CUTS // 4)
CHAIN = {"api": 0.35, "loop": 0.12, "wakeup": 0.2}
TRANSPORT = {f"{SOURCE} loop": 0.3, f"{SERVICE} loop": 0.1}
"""The source's is its relay's, which moves the mark once per round."""


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """An attempt that commits five times breaks every other time here; nobody has a minute between two of them."""
    monkeypatch.setattr(failure, "MOST_SECONDS", 1.0)


async def told(folder: Path, personen: Path, cuts: Cuts) -> str:
    """The whole story over connections that break; a client that got no 2xx sends it again. Gives the state's hash."""
    async with fresh_database(folder) as direct, cutting(direct, cuts) as url:
        async with running(folder, admin_url=url, brp_personen=personen) as drempel:
            cuts.armed = True
            for step in Story(drempel).steps():
                while not await answered(step()):
                    await asyncio.sleep(0.01)
            cuts.armed = False
            await drempel.rest()
        return await invariants.assert_whole(direct, kek_of(Settings(), folder))


async def answered(step: "asyncio._CoroutineLike[None]") -> bool:
    """Whether it was answered with 2xx; anything but "not now" fails."""
    try:
        await step
    except AssertionError as error:
        if "nietBeschikbaar" not in str(error):
            raise
        return False
    return True


async def test_cuts_while_the_chain_commits(postgres: Path, tmp_path: Path) -> None:
    """Commands (HTTP under an Idempotency-Key), reactions, views and the wake-up of all six services."""
    personen = story.personen(tmp_path)
    quiet = await told(postgres, personen, Cuts(random.Random(0), {}))
    with part("cuts", "connections cut at COMMIT, six services") as row:
        while row.done < CUTS - OVER_KAFKA:
            with row.round() as seed:
                cuts = Cuts(random.Random(seed), CHAIN)
                try:
                    assert await told(postgres, personen, cuts) == quiet, cuts.made
                finally:
                    row.done += cuts.made.total()
                assert {moment for _, moment in cuts.made} and len(cuts.made) > 3, cuts.made


@pytest.mark.kafka
async def test_cuts_while_relay_and_consumer_commit(
    postgres: Path, kafka: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The relay's mark and the consumer's effects, and events that are parked over such connections."""
    monkeypatch.setattr(relay, "RETRY_SECONDS", 0.05)
    with part("cuts", "connections cut at COMMIT, relay and consumer over Kafka") as row:
        while row.done < OVER_KAFKA:
            with row.round() as seed:
                cuts = Cuts(random.Random(seed), TRANSPORT, most=40 if SOAK else OVER_KAFKA)
                async with on_kafka(postgres, kafka, partitions=3, way=lambda url: cutting(url, cuts)) as transport:  # noqa: B023
                    try:
                        invariants.assert_none(await over_kafka(transport, cuts))
                    finally:
                        row.done += cuts.made.total()


async def over_kafka(transport: OnKafka, cuts: Cuts) -> list[str]:
    """Events come, a tenth of them poisoned, until so many connections broke; then what is parked is tried again.

    Gives what does not hold at the end.
    """
    said: list[Entry] = []
    poison = Recorder(emits=True)
    async with consuming(await transport.member(poison, size=5)):
        cuts.armed = True
        while cuts.made.total() < cuts.most:
            said += (entries := new_events(6, subjects=4))
            poison.poison |= {e.envelope.id for e in entries if cuts.chance.random() < 0.1}
            async with transport.admin.transaction():
                await append(transport.admin, SOURCE, entries)
            transport.wakeup.touch(SOURCE)
            await asyncio.sleep(cuts.chance.random() * 0.1)
        cuts.armed = False
        async with asyncio.timeout(60):
            while len(await transport.effects()) + len(await transport.parked()) < len(said):
                await asyncio.sleep(0.05)
    sessions = PostgresSessions(transport.reader.loop, SERVICE, "recorder", At(NOW), lambda source: None)
    assert poison.poison <= {e.envelope.id for e in said}
    await parked.retry(transport.reader.loop, SERVICE, Recorder(emits=True), sessions)
    found = invariants.of_effects(said, await transport.effects())
    found += await invariants.of_logs(transport.admin, (SOURCE, SERVICE))
    return found + [f"by hand: parked: {one}" for one in await transport.parked()]
