"""What-if end to end: ten years of a region of 300,000 inhabitants in PostgreSQL, asked over HTTP of a running Drempel.

`drempel up` in a process of its own. The tables of routing are written by routing's own code, in batches instead of
event by event; the decision on each signal is what the document in force makes of it. While the replay runs, the same
process is asked for a page, to see that it keeps answering.
"""

import asyncio
import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from statistics import quantiles
from time import perf_counter
from typing import Any

import asyncpg

from bench.figure import Figure, at_most
from bench.signals import settings
from bench.simulatie import SIGNALEN, contacten, recorded, signalen, threshold
from libs.chassis.embedded import RunningPostgres, serving
from services.routing import store
from services.routing.beleid import meegeleverd
from services.routing.domain import Beeld
from services.routing.policy.document import Beleid
from services.routing.simulatie.historie import Historie
from tests.installation import Installation, installed

BELEID = "/routing/v1/beleid/0505"
AT_ONCE = 5_000
Seconds = list[float]


async def measure(postgres: RunningPostgres, folder: Path) -> list[Figure]:
    """Wall seconds from the POST to the report, for a plain candidate and for one that counts what is done in a
    month."""
    nu = meegeleverd().voor("0505")
    async with installed(folder / "data", settings(folder, 10)) as drempel, serving(drempel.folder) as server:
        await _filled(server, nu)
        plain = await _asked(drempel, threshold(nu, 100))
        counting = await _asked(drempel, telt(nu))
        stopped = await _stopped(drempel, threshold(nu, 100))
    return [
        *_figures("what if, ten years end to end", plain),
        *_figures("what if, candidate with a monthly maximum", counting),
        at_most("what if, cancelled: until at rest", stopped, "s", 2),
    ]


def _figures(name: str, found: tuple[float, float, float, Seconds, float]) -> Iterator[Figure]:
    wall, processor, anders, answers, memory = found
    yield at_most(name, wall, "s", 60)
    yield Figure("  of these on a processor", processor, "s")
    yield Figure("  gone differently", anders, "signals")
    yield Figure("  another request meanwhile, p99", quantiles(answers, n=100)[98], "s")
    yield Figure("  most memory of the process", memory, "MB")


async def _filled(server: RunningPostgres, nu: Beleid) -> None:
    """The tables as routing keeps them."""
    historie = Historie(list(signalen(SIGNALEN)))
    historie.handelingen = list(contacten(historie.signalen))
    conn = await asyncpg.connect(server.dsn(user="drempel", database="drempel"))
    await conn.execute("SET search_path = routing")
    rows = recorded(historie.beeld(), nu)
    acts = iter(historie.handelingen)
    while batch := list(islice(rows, AT_ONCE)):
        beeld = Beeld({one.signaal_id: one for one in batch}, {one.id: one for one in islice(acts, AT_ONCE)})
        await store.save(conn, Beeld(), beeld)
    await conn.execute("ANALYZE")
    await conn.close()


async def _asked(drempel: Installation, beleid: Beleid) -> tuple[float, float, float, Seconds, float]:
    """Wall and processor seconds, what went differently, how long other requests took, and the most memory in MB."""
    begin, spent = perf_counter(), _processor(drempel)
    where = await _begun(drempel, beleid)
    answers: Seconds = []
    while (found := await _stand(drempel, where))["status"] == "Loopt":
        asked = perf_counter()
        (await drempel.http.get(BELEID, headers=drempel.als("beleid", "0505"))).raise_for_status()
        answers.append(perf_counter() - asked)
        await asyncio.sleep(0.1)
    wall, spent = perf_counter() - begin, _processor(drempel) - spent
    assert found["status"] == "Klaar", found
    verslag = found["verslag"]
    assert (verslag["signalen"], verslag["afwijkendVanHistorie"]) == (SIGNALEN, 0), verslag["afwijkendVanHistorie"]
    return wall, spent, verslag["anders"]["aantal"], answers, _memory(drempel)


async def _stopped(drempel: Installation, beleid: Beleid) -> float:
    """How long the process is still at work for a replay that was stopped halfway."""
    where = await _begun(drempel, beleid)
    while (await _stand(drempel, where))["voortgang"] == 0:
        await asyncio.sleep(0.1)
    begin = perf_counter()
    (await drempel.http.delete(where, headers=drempel.als("beleid", "0505"))).raise_for_status()
    before = _processor(drempel)
    while True:
        await asyncio.sleep(0.5)
        if (now := _processor(drempel)) - before < 0.25:
            return perf_counter() - begin - 0.5
        before = now


async def _begun(drempel: Installation, beleid: Beleid) -> str:
    body = {"beleid": beleid.model_dump(mode="json", by_alias=True, exclude_none=True)}
    answer = await drempel.http.post(f"{BELEID}/simulaties", json=body, headers=drempel.als("beleid", "0505"))
    return str(answer.raise_for_status().headers["Location"])


async def _stand(drempel: Installation, where: str) -> dict[str, Any]:
    found: dict[str, Any] = (await drempel.http.get(where, headers=drempel.als("beleid", "0505"))).json()
    return found


def _pid(drempel: Installation) -> int:
    assert drempel.process is not None
    return drempel.process.pid


def _processor(drempel: Installation) -> float:
    """Processor seconds of the process so far."""
    fields = Path(f"/proc/{_pid(drempel)}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory(drempel: Installation) -> float:
    """The most memory it ever had, in MB."""
    text = Path(f"/proc/{_pid(drempel)}/status").read_text()
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("VmHWM")) / 1024


def telt(beleid: Beleid) -> Beleid:
    """The document with at most 300 visits a month; what is not urgent gives way to calls."""
    found = beleid.model_dump(mode="json", by_alias=True, exclude_none=True) | {"versie": "telt-300"}
    found["maxima"] = {"huisbezoeken": {"perMaand": 300}}
    for regel in found["regels"]:
        dan = regel["dan"]
        visits = any("Huisbezoek" in step["contactsoorten"] for step in dan.get("stappen", ()))
        if visits and dan["prioriteit"] > 1:
            dan["uitwijk"] = {"stappen": [{"contactsoorten": ["Telefoon"], "minimum": 2}]}
    return Beleid.model_validate(found)
