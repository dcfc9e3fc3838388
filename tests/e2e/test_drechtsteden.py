"""A Drechtsteden case through both tracks to an averted eviction: real services, HTTP only, a simulated clock."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from libs.chassis.clock import SimulatedClock
from services.escalation.controle import controleer
from services.monitoring import upkeep
from tests.drechtsteden import BEGIN, WOONBRON, Walk, persons
from tests.system import running

pytestmark = pytest.mark.postgres


async def test_both_tracks_to_an_averted_eviction(postgres: Path, tmp_path: Path) -> None:
    clock = SimulatedClock(BEGIN)
    async with running(postgres, clock=clock, brp_personen=persons(tmp_path)) as drempel:
        walk = Walk(drempel, clock)

        async def case() -> Any:
            return await walk.get(f"escalation/v1/zaken/{walk.zaak}")

        await walk.until(date(2025, 4, 1))
        await walk.breached(1)  # four weeks without a conversation, said by the clock
        plus = await case()
        assert plus["fase"] == "Signalering+"
        assert sum(one["minimum"] for one in plus["signaleringPlus"]["verplicht"]) == 8
        await walk.until(date(2025, 4, 10))
        assert (await case())["open"] == [
            "Melding bij het Meldpunt Zorg en Overlast: er is geen contact met de huurder",
            "Signalering+: nog 1 keer een huisbezoek",
            "Signalering+: nog 1 keer een contactmoment buiten kantoortijd",
        ]
        await walk.until(date(2025, 6, 17))
        assert "Corporatie laten weten dat de hulp is beëindigd: de incasso wordt hervat" in (await case())["open"]
        await walk.until(date(2025, 7, 22))
        rows = await walk.get("escalation/v1/overleglijst?maand=2025-07", "partner", partner=WOONBRON)
        assert rows["rijen"][0]["open"] == ["Melding bij het Meldpunt Zorg en Overlast: er is gedagvaard"]
        await walk.until(date(2025, 9, 1))
        assert (await case())["spoor"] == "Spoor 2: zorg en ondersteuning"
        assert {"Ontruiming: huisbezoek", "Ontruiming: afspreken wie wat oppakt met de inwoner"} <= set(
            (await case())["open"]
        )
        assert [t["uiterlijk"] for t in (await case())["verwachting"]][:1] == ["2025-09-04"]
        await walk.until()
        done = await case()
        assert done["open"] == []
        assert done["taakverdeling"][0] == {"taak": "Casusregie", "uitvoerder": "Sociaal team", "datum": "2025-09-02"}
        story = await walk.timeline()
        await as_the_agreements_say(walk, story)
        found = await controleer(lambda _: drempel.admin_url, date(2025, 11, 18))
        assert found["ok"], found
        kek = next(r.kek for s, r in drempel.system.runtimes if s.name == "monitoring")
        assert (await upkeep.verify(drempel.admin_url, kek))["ok"]


async def as_the_agreements_say(walk: Walk, story: dict[str, Any]) -> None:
    """The order of the ladder, the track at each moment, and every term with its end."""
    kinds = [event["type"] for event in story["gebeurtenissen"]]
    ladder = ["EscalatedToSignaleringPlus", "HelpAccepted", "CollectionPaused", "HelpEnded", "CollectionResumed",
              "DeurwaarderTransferred", "ReportedToMPZO", "EvictionScheduled", "SelfReported", "MoratoriumRequested",
              "EvictionPostponed", "MoratoriumDecided", "EvictionAverted", "AftercareDone"]  # fmt: skip
    assert sorted(ladder, key=kinds.index) == ladder
    tracks = {day: (await walk.timeline(day))["spoor"][:7] for day in ("2025-05-01", "2025-08-01", "2025-10-10")}
    assert tracks == {"2025-05-01": "Spoor 1", "2025-08-01": "Spoor 2", "2025-10-10": "Spoor 1"}
    phases = [(await walk.timeline(day))["fase"] for day in ("2025-04-02", "2025-07-10", "2025-09-10", "2025-11-30")]
    assert phases == ["Signalering+", "Deurwaarder", "Ontruiming aangezegd", "Hulp aanvaard"]
    assert (story["stap"], story["behandelaar"]["team"]) == ("5. Woningontruiming", "Crisisprotocol")
    terms = (await walk.get(f"escalation/v1/zaken/{walk.zaak}"))["termijnen"]
    ends = [(t["termijn"], t["begin"], t["status"]) for t in terms]
    assert ("Eerste gesprek", "2025-03-03", "Verlopen") in ends
    assert ("Eerste gesprek", "2025-04-01", "Gehaald") in ends
    assert ("Eerste gesprek bij bedreigende situatie", "2025-09-01", "Gehaald") in ends
    assert ("Aanzegtermijn ontruiming", "2025-09-01", "Gehaald") in ends
    assert ("Moratorium", "2025-09-10", "Gehaald") in ends
    assert not [end for end in ends if end[2] == "Loopt"]
