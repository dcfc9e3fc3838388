"""Fifty signals a second, one POST each: from the answer to the POST until the timeline shows it.

`drempel up` in a process of its own, the whole chain at work; the timeline's table is looked at every 5 ms.
"""

import asyncio
from pathlib import Path
from statistics import quantiles
from time import perf_counter

import asyncpg

from bench.figure import Figure, at_most
from bench.signals import PARTNER, settings, signal
from libs.chassis.embedded import RunningPostgres, serving
from tests.installation import Installation, installed

RATE, SECONDS = 50, 20
SHOWN = "SELECT signaal_id, type FROM monitoring.gebeurtenis WHERE type = ANY($1) AND signaal_id = ANY($2)"
KINDS = ("SignalReceived", "BRPMatched")


async def measure(postgres: RunningPostgres, folder: Path) -> list[Figure]:
    """The 99th percentiles, in seconds."""
    async with (
        installed(folder / "data", settings(folder, 500)) as drempel,
        serving(drempel.folder) as server,
    ):
        conn = await asyncpg.connect(server.dsn(user="drempel", database="drempel"))
        posted: dict[str, float] = {}
        watching = asyncio.create_task(_watch(conn, posted))
        await _post(drempel, posted)
        seen = await watching
        await conn.close()
    return [
        at_most("append to timeline at 50 signals/s, p99", _p99(seen["SignalReceived"]), "s", 1.0),
        Figure("  until linked and in the timeline, p99", _p99(seen["BRPMatched"]), "s"),
    ]


async def _post(drempel: Installation, posted: dict[str, float]) -> None:
    headers = drempel.als("partner", partner=PARTNER)
    begin = perf_counter()
    tasks = []

    async def one(number: int) -> None:
        answer = await drempel.http.post("/intake/v1/signalen", json=signal(number), headers=headers)
        posted[answer.raise_for_status().json()["signaalId"]] = perf_counter()

    for number in range(RATE * SECONDS):
        await asyncio.sleep(max(0.0, begin + number / RATE - perf_counter()))
        tasks.append(asyncio.create_task(one(number)))
    await asyncio.gather(*tasks)


async def _watch(conn: asyncpg.Connection, posted: dict[str, float]) -> dict[str, list[float]]:
    """How long each took to show, per kind of event."""
    seen: dict[str, dict[str, float]] = {kind: {} for kind in KINDS}
    end = perf_counter() + SECONDS + 60
    while min(map(len, seen.values())) < RATE * SECONDS and perf_counter() < end:
        missing = [s for s in posted if any(s not in seen[kind] for kind in KINDS)]
        for found, kind in await conn.fetch(SHOWN, list(KINDS), missing):
            seen[kind].setdefault(str(found), perf_counter() - posted[str(found)])
        await asyncio.sleep(0.005)
    assert min(map(len, seen.values())) == RATE * SECONDS, {kind: len(found) for kind, found in seen.items()}
    return {kind: list(found.values()) for kind, found in seen.items()}


def _p99(seconds: list[float]) -> float:
    return quantiles(seconds, n=100)[98]
