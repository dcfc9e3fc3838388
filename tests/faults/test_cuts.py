"""Connections to the database break while something is being committed, and nobody can tell whether it was."""

import asyncio
import random
from pathlib import Path

import pytest

from libs.chassis.run import kek_of
from libs.chassis.settings import Settings
from tests import invariants
from tests.faults import seeds, story
from tests.faults.proxy import Cuts, cutting
from tests.faults.story import Story
from tests.system import fresh_database, running

pytestmark = pytest.mark.postgres

CHANCES = {"api": 0.35, "loop": 0.12, "wakeup": 0.2}


async def told(folder: Path, personen: Path, cuts: Cuts) -> str:
    """The whole story over connections that break; a client that got no 2xx sends it again. Gives the state's hash."""
    async with fresh_database(folder) as direct, cutting(direct, cuts) as url:
        async with running(folder, admin_url=url, brp_personen=personen) as drempel:
            cuts.armed = True
            for step in Story(drempel).steps():
                while True:
                    try:
                        await step()
                        break
                    except AssertionError as error:
                        if "nietBeschikbaar" not in str(error):
                            raise
                    await asyncio.sleep(0.01)
            cuts.armed = False
            await drempel.rest()
        return await invariants.assert_whole(direct, kek_of(Settings(), folder))


async def test_cuts_while_the_chain_commits(postgres: Path, tmp_path: Path) -> None:
    personen = story.personen(tmp_path)
    quiet = await told(postgres, personen, Cuts(random.Random(0), {}))
    with seeds.named("cuts") as seed:
        cuts = Cuts(random.Random(seed), CHANCES)
        assert await told(postgres, personen, cuts) == quiet
        print(cuts.made)
        assert len(cuts.made) > 5, cuts.made
