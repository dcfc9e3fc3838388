"""The documents that ship are said as well, once: what their municipalities agreed reaches every service."""

import asyncio
import json
from contextlib import AsyncExitStack
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from libs.chassis.afspraken import published
from libs.chassis.clock import SimulatedClock
from libs.chassis.run import open_system
from libs.chassis.settings import Settings
from libs.events import catalogue as c
from libs.events.afspraken import Afspraken, Termijnen
from services.routing import versies
from services.routing.beleid import Meegeleverd, meegeleverd
from tests.ladders import NOW, matched
from tests.system import Running, fresh_database, running

BREDA, DORDRECHT, LEIDEN, OOST_GELRE, ANDER = "0758", "0505", "0546", "1586", "0344"
PLACES = (BREDA, DORDRECHT, LEIDEN, OOST_GELRE, ANDER)
KEEPERS = ("matching", "outreach", "escalation")


@pytest.fixture
def regio(tmp_path: Path) -> Path:
    """A region in which each of the documents that ship holds somewhere."""
    path = tmp_path / "regio.json"
    path.write_text(json.dumps({"naam": "Proef", "gemeenten": [{"code": one, "naam": one} for one in PLACES]}))
    return path


async def agreed(drempel: Running, service: str, code: str, day: date) -> Afspraken:
    async with drempel.admin() as conn:
        await conn.execute(f"SET search_path = {service}")
        return (await published(conn, [code])).op(code, day)


async def test_each_municipality_of_the_region_hears_its_document(postgres: Path, regio: Path) -> None:
    async with running(postgres, clock=NOW, regio=regio) as drempel:
        await drempel.rest()
        said = await drempel.said("routing", c.PolicyPublished)
        assert {one.gemeentecode: one.beleid_versie for one in said} == {
            code: meegeleverd().voor(code).versie for code in PLACES
        }
        assert len(said) == len(PLACES)
        assert all(one.meegeleverd for one in said)
        for service in KEEPERS:
            for code in PLACES:
                expected = meegeleverd().voor(code).afspraken
                assert await agreed(drempel, service, code, date(2026, 1, 1)) == expected
        shown = (await drempel.http.get(f"/routing/v1/beleid/{BREDA}", headers=drempel.als("beleid", BREDA))).json()
        assert [(one["versie"], one["meegeleverd"], one["inWerking"]) for one in shown["versies"]] == [
            ("breda-2025.3", True, True)
        ]


async def say(url: str, folder: Path, clock: Any, times: int = 1) -> None:
    """So many routing processes begin at once."""
    async with AsyncExitStack() as stack:
        opened = [
            await stack.enter_async_context(open_system(("routing",), Settings(port=0), url, folder, clock))
            for _ in range(times)
        ]
        await asyncio.gather(*(system.begin() for system in opened))


def release(code: str, **changes: Any) -> Meegeleverd:
    """A release that ships another document for one municipality."""
    shipped = meegeleverd()
    return Meegeleverd(shipped.standaard, {**shipped.per_gemeente, code: shipped.voor(code).model_copy(update=changes)})


async def test_it_is_said_once_and_a_new_release_says_its_new_version(
    postgres: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SimulatedClock(datetime(2026, 3, 2, 9, tzinfo=UTC))
    async with fresh_database(postgres) as url:
        await say(url, postgres, clock, times=3)
        await say(url, postgres, clock)
        async with running(postgres, clock=clock, admin_url=url) as drempel:
            await drempel.rest()
            first = {e.id for e in await drempel.log("routing")}
            assert len(first) == len(drempel.system.runtimes[0][1].region.gemeentecodes)
            beleid = drempel.als("beleid", DORDRECHT)
            own = meegeleverd().voor(DORDRECHT).model_dump(mode="json", by_alias=True, exclude_none=True)
            own |= {"versie": "eigen", "geldigVanaf": "2026-04-01", "afspraken": {"termijnen": {"uitBeeldDagen": 11}}}
            answer = await drempel.http.post(f"/routing/v1/beleid/{DORDRECHT}/versies", json=own, headers=beleid)
            assert answer.status_code == 201
            clock.move_to(datetime(2026, 3, 9, 9, tzinfo=UTC))
            newer = (
                meegeleverd().voor(DORDRECHT).afspraken.model_copy(update={"termijnen": Termijnen(uit_beeld_dagen=22)})
            )
            changed = release(DORDRECHT, versie="drechtsteden-2026.1", afspraken=newer)
            monkeypatch.setattr(versies, "meegeleverd", lambda: changed)
            await drempel.system.begin()
            await drempel.system.begin()
            await drempel.rest()
            said = [e.data for e in await drempel.log("routing") if e.id not in first]
            assert [(e.beleid_versie, e.geldig_vanaf, bool(e.meegeleverd)) for e in said] == [
                ("eigen", date(2026, 4, 1), False), ("drechtsteden-2026.1", date(2026, 3, 9), True),
            ]  # fmt: skip
            for service in KEEPERS:
                days = [date(2026, 3, 8), date(2026, 3, 9), date(2026, 4, 1)]
                found = [(await agreed(drempel, service, DORDRECHT, day)).termijnen.uit_beeld_dagen for day in days]
                assert found == [60, 22, 11], "what is its own holds from its day on, also where a release says more"
            path, beleid = f"/routing/v1/beleid/{DORDRECHT}", drempel.als("beleid", DORDRECHT)
            shown = (await drempel.http.get(path, headers=beleid)).json()
            assert [(one["versie"], one["inWerking"]) for one in shown["versies"]] == [
                ("drechtsteden-2022.2", False), ("drechtsteden-2026.1", True), ("eigen", False),
            ]  # fmt: skip
            assert (await drempel.http.get(f"{path}/versies/drechtsteden-2022.2", headers=beleid)).status_code == 200


async def story(drempel: Running, code: str) -> UUID:
    """Rent arrears that rise three months in a row while nobody has spoken to the household."""
    zaak, achterstand = uuid4(), uuid4()
    amounts = (None, Decimal(600), Decimal(1200), Decimal(1800))
    for month in (1, 2, 3):
        event = matched(
            uuid4(), zaak, code, achterstand_id=achterstand, signaaldatum=date(2026, month + 2, 2),
            periode=f"2026-0{month + 2}", bedrag=amounts[month], vorig_bedrag=amounts[month - 1],
        )  # fmt: skip
        await drempel.emit_as("matching", [(event, zaak, code)])
    return zaak


async def test_escalation_follows_the_document_of_each(postgres: Path, regio: Path) -> None:
    """A Meldpunt is of the Drechtsteden, Signalering+ of Breda; nobody else has a task for what they did not agree."""
    async with running(postgres, clock=NOW, regio=regio, alone="escalation") as drempel:
        zaken = {code: await story(drempel, code) for code in PLACES}
        await drempel.rest()
        found = {}
        for code, zaak in zaken.items():
            answer = await drempel.http.get(f"/escalation/v1/zaken/{zaak}", headers=drempel.als("consulent", code))
            case = answer.json()
            found[code] = case["fase"], any("Meldpunt" in task for task in case["open"])
            plus = [task for task in case["open"] if task.startswith("Signalering+")]
            assert len(plus) == (6 if case["fase"] == "Signalering+" else 0), plus
        assert found == {
            BREDA: ("Signalering+", False),
            DORDRECHT: ("Signalering+", True),
            LEIDEN: ("Vroegsignalering", False),
            OOST_GELRE: ("Vroegsignalering", False),
            ANDER: ("Vroegsignalering", False),
        }
        started = await drempel.said("escalation", c.TermStarted)
        assert {term.soort for term in started} == {"Eerste gesprek"}
