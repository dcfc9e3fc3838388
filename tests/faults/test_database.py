"""The database is killed under load: its postmaster, and `drempel up` ends with it, or a backend, and it goes on."""

import asyncio
import os
import random
import signal
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import httpx
import pytest

from drempel.cli.place import DATABASE
from libs.chassis.embedded.moved import followed
from libs.chassis.embedded.postmaster import read_postmaster
from libs.chassis.embedded.running import running_dsn
from tests.faults.campaign import MOMENT, STEPS, Campaign, Kill, Step, ended
from tests.faults.conftest import Quiet
from tests.faults.nursery import Nursery
from tests.faults.soak import SOAK, amount, part
from tests.installation import Installation
from tests.invariants import Broken

pytestmark = [pytest.mark.postgres, pytest.mark.campaign, pytest.mark.slow]

KILLS = amount("database", 2, 36)
A_STORY = 12 if SOAK else KILLS
WHOLE, ONE = "postmaster", "a backend"
RECOVERY_SECONDS = 60
ONES = "SELECT pid FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1"


@dataclass
class Databases(Campaign):
    """The story, with the database killed some milliseconds after a step was sent."""

    died: Counter[str] = field(default_factory=Counter)

    async def _disturb(self, kill: Kill, step: Step) -> None:
        sending = asyncio.create_task(self._patiently(step))
        await asyncio.sleep(kill[1] / 1000)
        if kill[0] == WHOLE:
            await self._kill_whole()
        else:
            await self._kill_one()
        self.died[kill[0]] += 1
        await asyncio.wait([sending], timeout=RECOVERY_SECONDS)
        error = sending.exception() if sending.done() else TimeoutError("no answer")
        if error is not None and not (kill[0] == WHOLE and isinstance(error, httpx.HTTPError)):
            sending.cancel()
            raise Broken([f"other: after {kill} {error!r}"])

    async def _patiently(self, step: Step) -> None:
        """As a client does that is told: not now."""
        while self._alive():
            try:
                return await step()
            except AssertionError as error:
                if "nietBeschikbaar" not in str(error):
                    raise
                await asyncio.sleep(0.05)
        return None

    async def _kill_whole(self) -> None:
        server = read_postmaster(followed(self.drempel.folder / "postgres") / "data")
        assert server is not None
        assert self.drempel.process is not None
        os.kill(server.pid, signal.SIGKILL)
        try:
            await asyncio.wait_for(self.drempel.process.wait(), RECOVERY_SECONDS)
        except TimeoutError:
            raise Broken(["by hand: drempel up goes on without its database"]) from None
        self.drempel.process = None
        await self._start(None)

    async def _kill_one(self) -> None:
        url = running_dsn(self.drempel.folder, user="drempel", database="postgres")
        conn = await asyncpg.connect(url)
        pid = await conn.fetchval(ONES, DATABASE)
        await conn.close()
        assert pid is not None
        os.kill(pid, signal.SIGKILL)


def planned(chance: random.Random, kills: int) -> dict[int, list[Kill]]:
    """So many kills, each in a step of its own; of three one is of a single process."""
    places = chance.sample(range(STEPS), min(kills, STEPS))
    return {place: [((WHOLE, ONE, WHOLE)[n % 3], chance.randrange(60))] for n, place in enumerate(places)}


async def test_database_dies_under_load(tmp_path: Path, quiet: Quiet, nursery: Nursery) -> None:
    with part("database", "SIGKILL of PostgreSQL under load") as row:
        died: Counter[str] = Counter()
        while row.done < KILLS:
            with row.round() as seed:
                drempel = Installation(tmp_path / f"data-{seed}", {"BRP_PERSONEN": str(quiet.personen)}, nursery.start)
                drempel.folder.mkdir()
                campaign = Databases(drempel, planned(random.Random(seed), A_STORY))
                try:
                    assert await ended(drempel, campaign.run()) == quiet.state, campaign.died
                finally:
                    died += campaign.died
                    row.done += campaign.died.total()
        row.more = f"({died[WHOLE]} of the postmaster, {died[ONE]} of a backend)"
        assert MOMENT not in campaign.killed
