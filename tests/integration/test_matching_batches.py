"""The same log in batches of another size gives the same events; and the sample, flags and all."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import UUID

import pytest

from drempel.cli.nauwkeurigheid import bevindingen, regels, scores
from libs.chassis.clock import SystemClock
from libs.chassis.run import open_system
from libs.chassis.settings import Settings
from libs.events.afspraken import Afspraken, Koppelen, Nakijken
from libs.events.envelope import Envelope, encode
from services.matching import views
from tests.matching import TWEEDE, Matching, client, matching, persoon, schrijf
from tests.system import Running, fresh_database

pytestmark = pytest.mark.postgres

BAKKER = client(achternaam="Bakker", voorletters="E.", geboortedatum=date(1960, 3, 4))
MENSEN = [
    persoon("999990019", "Janssen"),
    persoon("999990020", "Vries", "1987-02-03", voorvoegsel="de", voorletters="C."),
    persoon(TWEEDE, "Bakker", "1960-03-04", voorletters="E.", adres=("3371AA", 5, "", ""), gemeente="0523"),
]
VRIES = client(achternaam="de Vries", voorletters="C.", geboortedatum=date(1987, 2, 3))


async def _verhaal(m: Matching) -> None:
    """Signals, corrections and withdrawals that touch each other."""
    een = await m.signaal(kenmerk="A")
    await m.signaal(VRIES, kenmerk="B", partner="zorgbaken")
    await m.signaal(VRIES, signaal_id=een, kenmerk="A", correctie=1)
    twee = await m.signaal(BAKKER, "2026-02", kenmerk="C")
    await m.signaal(client(achternaam="Niemand"), signaal_id=twee, kenmerk="C", periode="2026-02", correctie=1)
    await m.trek_in(een)
    await m.signaal(BAKKER, "2026-03", kenmerk="C", bedrag="400.00")
    await m.signaal(signaal_id=een, kenmerk="A", correctie=2, bedrag="1.00")
    for kenmerk in ("E", "F", "G"):
        await m.signaal(client(geboortedatum=None, voorletters="X."), "2026-02", kenmerk=kenmerk)
    for maand in range(3, 9):
        await m.signaal(VRIES if maand % 2 else client(), f"2026-{maand:02d}", kenmerk="A" if maand % 2 else "D")

    for maand in (7, 5, 3):  # reports that come after the next of their arrears
        await m.signaal(VRIES, f"2026-{maand:02d}", kenmerk="D", bedrag=f"{maand}00.00")


async def _log(postgres: Path, tmp_path: Path, batch: int, *, eerst: bool = False) -> list[Any]:
    """What matching says when it reads this story in batches of this size; perhaps after all was received."""
    configured = Settings(brp_personen=schrijf(tmp_path, MENSEN))
    async with (
        fresh_database(postgres) as url,
        open_system(["intake", "matching"], configured, url, tmp_path) as system,
    ):
        drempel = Running(system, None, url, SystemClock(), tmp_path, asyncio.Event())  # type: ignore[arg-type]
        runtime = next(r for service, r in system.runtimes if service.name == "matching")
        async with drempel.admin() as conn:
            afspraak = Afspraken(koppelen=Koppelen(nakijken=Nakijken.CRISIS_EN_MATCH)).model_dump_json(by_alias=True)
            await conn.execute("INSERT INTO matching.afspraken VALUES ('0505', false, '2020-01-01', 1, $1)", afspraak)
        await _verhaal(Matching(drempel, runtime))
        loops = {p.consumer.name: p for p in system.processors}
        processor = loops["matching.koppelen"]
        processor.subscription._batch = batch  # type: ignore[attr-defined]
        for loop in (loops["matching.ontvangst"], processor) if eerst else (processor,):
            while await loop.step(0.01):
                pass
        assert not await conn_parked(drempel)
        return _zonder_ids(await drempel.log("matching"))


async def conn_parked(drempel: Running) -> int:
    """How many events of matching were parked."""
    async with drempel.admin() as conn:
        return int(await conn.fetchval("SELECT count(*) FROM matching.parked"))


def _zonder_ids(log: Sequence[Envelope]) -> list[Any]:
    """The events with every id replaced by the order in which it was first seen."""
    gezien: dict[str, int] = {}

    def vervang(waarde: Any) -> Any:
        if isinstance(waarde, dict):
            return {k: vervang(v) for k, v in waarde.items() if k not in ("persoon", "time", "id", "causationid")}
        if isinstance(waarde, list):
            return [vervang(een) for een in waarde]
        try:
            return gezien.setdefault(str(UUID(waarde)), len(gezien))
        except (ValueError, AttributeError, TypeError):
            return waarde

    return [vervang(json.loads(encode(replace(event, traceparent=None)))) for event in log]


async def test_batches_of_another_size_give_the_same_events(postgres: Path, tmp_path: Path) -> None:
    een = await _log(postgres, tmp_path, 1)
    assert len(een) >= 15
    afgedaan = [event["data"].get("afgedaan") for event in een if event["type"].endswith("BRPMismatched")]
    assert afgedaan.count(True) == 1, "the first of three, until the second"
    for batch, eerst in ((3, False), (500, False), (1, True), (500, True)):
        assert await _log(postgres, tmp_path, batch, eerst=eerst) == een, (batch, eerst)


@pytest.mark.shared
async def test_the_sample_is_matched_and_nobody_is_mistaken(shared: Path) -> None:
    alles = scores(await bevindingen(shared / "samples"))["alles"]
    assert alles.rijen > 400
    assert alles.verkeerd == 0
    assert alles.goed >= 0.99 * alles.rijen


@pytest.mark.shared
async def test_the_flags_of_the_sample_as_they_stand_when_all_is_in(
    postgres: Path, tmp_path: Path, shared: Path
) -> None:
    folder = shared / "samples"
    bestand = json.loads((folder / "personen.json").read_bytes())
    signalen: dict[tuple[str, str, str], UUID] = {}
    verwacht: dict[UUID, dict[str, Any]] = {}
    async with matching(postgres, tmp_path, bestand) as m:
        events = []
        for rij, regel in regels(folder):
            sleutel = (rij["partner"], rij["kenmerk"], rij["periode"])
            signaal, event = await m.event(
                regel.client, rij["periode"], rij["kenmerk"], rij["partner"], str(regel.bedrag),
                signalen.get(sleutel), 1 if sleutel in signalen else None,
            )  # fmt: skip
            signalen[sleutel], verwacht[signaal] = signaal, rij
            events.append((event, signaal, None))
        begin = perf_counter()
        await m.drempel.emit_as("intake", events, tenant="test")
        await m.drempel.rest()
        print(f"{len(events) / (perf_counter() - begin):.0f} signals/s")
        fout = []
        async with m.drempel.admin() as conn:
            await conn.execute("SET search_path = matching")
            for signaal, rij in verwacht.items():
                stand = await views.signaal(conn, signaal)
                assert stand is not None
                for vlag, waarde in (rij.get("vlaggen") or {}).items():
                    if stand["status"] == "Gekoppeld" and vlag not in (rij.get("vlaggenMag") or {}):
                        fout += [(rij["bestand"], rij["regel"], vlag)] * (stand[vlag] is not waarde)
    assert len(verwacht) > 500
    assert fout == []
