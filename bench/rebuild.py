"""Rebuilding `timeline` from the logs: read, decode, fold, index and swap, in one process with one writer.

The best of three, because what else the machine does can only make it slower; then verifying both views.
"""

import gc
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter

import asyncpg

from bench.figure import Figure, at_least
from libs.chassis.embedded import RunningPostgres
from libs.chassis.migrate import migrate
from libs.chassis.settings import SERVICES
from libs.events import catalogue as c
from libs.events.ports import Entry
from libs.events.postgres.log import append
from services.monitoring import upkeep
from tests.monitoring_story import KEK, Story

HOUSEHOLDS, ROUNDS, BATCH = 10_000, 3, 1_000


async def measure(postgres: RunningPostgres, folder: Path) -> list[Figure]:
    """Events a second."""
    url = postgres.dsn(user="drempel", database="bench")
    await migrate(url, ["keyring", *SERVICES])
    await _fill(url)
    gc.collect()
    made = [await upkeep.rebuild(url, "timeline") for _ in range(ROUNDS)]
    others = await upkeep.rebuild(url, "partners")
    begin = perf_counter()
    found = await upkeep.verify(url, KEK)
    assert found["ok"], found
    best = max(one["perSecond"] for one in made)
    return [
        at_least(f"rebuild of timeline, {made[0]['events']:,} events", best, "events/s", 15_000),
        Figure("  rebuild of partners", others["perSecond"], "events/s"),
        Figure("  verify, both views and the state", perf_counter() - begin, "s"),
    ]


async def _fill(url: str) -> None:
    story = Story()
    for n in range(HOUSEHOLDS):
        _household(story, n)
    conn = await asyncpg.connect(url)
    for source, log in story.logs().items():
        for begin in range(0, len(log), BATCH):
            async with conn.transaction():
                await append(conn, source, [Entry(event, "0505") for event in log[begin : begin + BATCH]])
    await conn.close()


def _household(story: Story, n: int) -> None:
    """A signal, a case, a route, a call; some go further."""
    day = date(2026, 1, 5) + timedelta(days=n % 300)
    zaak = story.case("0505", day)
    story.route(story.signal("woonbron", f"B-{n}", day, zaak), zaak, "0505")
    story.about(c.ContactAttempted, zaak, "0505", day, contactpoging_id=story.id(), melding_id=zaak, bereikt=n % 2 == 0)
    if n % 5 == 0:
        story.about(c.HelpAccepted, zaak, "0505", day, melding_id=zaak, soort="Schuldregeling")
    if n % 6 == 0:
        story.about(c.EscalatedToSignaleringPlus, zaak, "0505", day)
