"""`drempel up` is killed at named points of a story, its database is killed under it, and nothing shows afterwards."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from libs.chassis.embedded.moved import followed
from libs.chassis.embedded.postmaster import read_postmaster
from tests.faults import points, seeds, story
from tests.faults.campaign import STOPPING, Campaign, planned, watched
from tests.faults.story import Story
from tests.installation import Installation

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

KILLS = 17 if seeds.SOAK else 6


async def test_killed_at_points_of_a_seed_the_story_ends_the_same(tmp_path: Path) -> None:
    settings = {"BRP_PERSONEN": str(story.personen(tmp_path))}
    undisturbed, seen = await watched(tmp_path / "rustig", settings)
    assert seen >= points.UP | points.COMMANDS, sorted((points.UP | points.COMMANDS) - seen)
    killed = 0
    for round_ in range(max(1, 8 * seeds.SOAK)):
        with seeds.named(f"points, round {round_}") as seed:
            drempel = Installation(tmp_path / f"gestoord-{round_}", dict(settings))
            drempel.folder.mkdir()
            campaign = Campaign(drempel, *planned(seed, KILLS, 17))
            try:
                assert await campaign.run() == undisturbed, campaign.killed
            finally:
                if drempel.process is not None and drempel.process.returncode is None:
                    await drempel.kill()
                await drempel.http.aclose()
            killed += campaign.killed.total()
    assert killed >= KILLS // 2, "the points were passed"


@pytest.mark.soak
@pytest.mark.parametrize("point", sorted(STOPPING))
async def test_killed_while_it_stops_it_starts_again(tmp_path: Path, point: str) -> None:
    drempel = Installation(tmp_path / "data", {"CRASH": f"{point}:1"})
    drempel.folder.mkdir()
    await drempel.up()
    assert await drempel.down() == -signal.SIGKILL
    drempel.settings.clear()
    await drempel.up()
    await drempel.rest()
    assert await drempel.down() == 0
    await drempel.http.aclose()


async def test_its_database_is_killed_under_load(tmp_path: Path) -> None:
    """SIGKILL of the postmaster; `drempel up` ends with it, and the next start recovers and goes on."""
    settings = {"BRP_PERSONEN": str(story.personen(tmp_path))}
    drempel = Installation(tmp_path / "data", settings)
    drempel.folder.mkdir()
    await drempel.up()
    try:
        told = Story(drempel)
        for kill, step in enumerate(told.steps()[: 17 if seeds.SOAK else 5]):
            sending = asyncio.create_task(step())
            await asyncio.sleep(0.01 * (kill % 4))
            if kill % 2 == 0:
                server = read_postmaster(followed(drempel.folder / "postgres") / "data")
                assert server is not None and drempel.process is not None
                os.kill(server.pid, signal.SIGKILL)
                await asyncio.wait_for(drempel.process.wait(), 60)
                await drempel.up()
            await asyncio.wait([sending])
            if sending.exception() is not None:
                await step()
        await drempel.rest()
        assert await drempel.down() == 0
        await drempel.whole()
    finally:
        if drempel.process is not None and drempel.process.returncode is None:
            await drempel.kill()
        await drempel.http.aclose()
