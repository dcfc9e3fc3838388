"""The views of monitoring: the same rows for every interleaving, and what they answer."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from libs.chassis.migrate import migrate
from libs.events import catalogue as c
from libs.events.envelope import Envelope
from services.monitoring.views import VIEWS
from tests.monitoring_story import Story, ladder, muddle, tell
from tests.system import fresh_database, running

TABLES = [table for view in VIEWS.values() for table in view.tables]
Rows = dict[str, list[tuple[Any, ...]]]


@asynccontextmanager
async def scratch(folder: Path) -> AsyncIterator[asyncpg.Connection]:
    """A database with the tables of monitoring and nothing that runs."""
    async with fresh_database(folder) as url:
        await migrate(url, ["keyring", "monitoring"])
        conn = await asyncpg.connect(url, server_settings={"search_path": "monitoring"})
        try:
            yield conn
        finally:
            await conn.close()


def interleaved(logs: dict[str, list[Envelope]], random: Random) -> list[Envelope]:
    """All events in an order that keeps only what is promised: that of one source and subject."""
    queues: dict[tuple[str, str], list[Envelope]] = {}
    for source, log in logs.items():
        for event in log:
            queues.setdefault((source, event.subject), []).append(event)
    found = []
    while queues:
        key = random.choice(list(queues))
        found.append(queues[key].pop(0))
        if not queues[key]:
            del queues[key]
    return found


async def rows_after(conn: asyncpg.Connection, events: Sequence[Envelope], sizes: Sequence[int]) -> Rows:
    """The rows of all tables after folding in batches of these sizes in turn; nothing is kept."""
    transaction = conn.transaction()
    await transaction.start()
    try:
        at, turn = 0, 0
        while at < len(events):
            batch = events[at : at + sizes[turn % len(sizes)]]
            for view in VIEWS.values():
                heard = [e for e in batch if e.type in view.hears]
                if heard:
                    await view.fold(conn, heard)
            at, turn = at + len(batch), turn + 1
        return {t: sorted(map(tuple, await conn.fetch(f"SELECT * FROM {t}")), key=repr) for t in TABLES}
    finally:
        await transaction.rollback()


def whole_story() -> dict[str, list[Envelope]]:
    story = Story()
    ladder(story)
    muddle(story)
    ladder(story, "0642", "trivire", "HUUR-2")
    return story.logs()


async def test_every_interleaving_and_batch_size_gives_the_same_rows(postgres: Path) -> None:
    logs = whole_story()
    in_order = [event for log in logs.values() for event in log]
    async with scratch(postgres) as conn:
        expected = await rows_after(conn, in_order, [len(in_order)])
        assert all(expected.values())

        async def holds(seed: int, sizes: list[int], twice: bool) -> None:
            events = interleaved(logs, Random(seed))
            assert await rows_after(conn, [*events, *events] if twice else events, sizes) == expected

        for seed in range(4):
            await holds(seed, [1], False)
        await _campaign(holds)


async def _campaign(holds: Any) -> None:
    """Hypothesis draws the cases; they are tried on our loop, because it knows no other way to await."""
    drawn: list[tuple[int, list[int], bool]] = []

    @settings(max_examples=25, database=None, derandomize=False, suppress_health_check=list(HealthCheck))
    @given(st.integers(0, 2**32), st.lists(st.integers(1, 40), min_size=1, max_size=4), st.booleans())
    def draw(seed: int, sizes: list[int], twice: bool) -> None:
        drawn.append((seed, sizes, twice))

    draw()
    for seed, sizes, twice in drawn:
        await holds(seed, sizes, twice)


async def test_a_household_from_first_signal_to_an_averted_eviction(postgres: Path) -> None:
    story = Story()
    zaak = ladder(story)
    async with running(postgres, alone="monitoring") as drempel:
        await tell(drempel, story)
        me = drempel.als("consulent", "0505")
        found = (await drempel.http.get(f"/monitoring/v1/zaken/{zaak}/tijdlijn", headers=me)).json()
        moments = [one["opTijdstip"] for one in found["gebeurtenissen"]]
        dated = [one["type"] for one in found["gebeurtenissen"] if one["type"] not in ("RouteAssigned", "BRPMatched")]
        assert (found["gemeentecode"], found["fase"]) == ("0505", "Deurwaarder")
        assert moments == sorted(moments)
        assert dated[0] == "CaseOpened" or dated[0] == "SignalReceived"
        assert [t for t in dated if t.startswith(("Dw", "Deurw", "Evic", "HelpA"))] == [
            "DeurwaarderTransferred", "DeurwaarderTransferred", "DeurwaarderTransferred", "EvictionScheduled",
            "HelpAccepted", "EvictionAverted"]  # fmt: skip
        assert [o["type"] for o in found["gebeurtenissen"] if o["vervallen"]] == ["SignalSetAside"]
        assert len(found["gebeurtenissen"]) == len(story.said)

        asked = "2026-04-10T12:00:00+02:00"
        then = (
            await drempel.http.get(f"/monitoring/v1/zaken/{zaak}/tijdlijn", headers=me, params={"opTijdstip": asked})
        ).json()
        assert "EvictionScheduled" not in [one["type"] for one in then["gebeurtenissen"]]
        day = await drempel.http.get(f"/monitoring/v1/zaken/{zaak}/tijdlijn?opTijdstip=2026-02-14", headers=me)
        assert day.json()["fase"] == "Signalering+"
        wrong = await drempel.http.get(f"/monitoring/v1/zaken/{zaak}/tijdlijn?opTijdstip=gisteren", headers=me)
        assert (wrong.status_code, wrong.json()["invalidParams"][0]["name"]) == (400, "opTijdstip")


async def test_a_signal_that_was_linked_anew_takes_its_history_along(postgres: Path) -> None:
    story = Story()
    muddle(story)
    wrong, right = [s.subject for s in story.said if isinstance(s.event, c.CaseOpened)][:2]
    async with running(postgres, alone="monitoring") as drempel:
        await tell(drempel, story)
        before = await drempel.http.get(f"/monitoring/v1/zaken/{wrong}/tijdlijn", headers=drempel.als("mpzo", "0505"))
        after = await drempel.http.get(f"/monitoring/v1/zaken/{right}/tijdlijn", headers=drempel.als("mpzo", "0642"))
        assert [one["type"] for one in before.json()["gebeurtenissen"]] == ["CaseOpened"]
        types = [one["type"] for one in after.json()["gebeurtenissen"]]
        assert types.count("SignalReceived") == 2
        assert types.count("DeurwaarderTransferred") == 1
        assert after.json()["fase"] == "Deurwaarder"
        gone = {one["type"]: one["vervallen"] for one in after.json()["gebeurtenissen"] if one["vervallen"]}
        assert gone == dict.fromkeys(("BRPMatched", "BRPMismatched", "RouteAssigned", "SelfReportMatched"), True)
        assert (types.count("SelfReported"), types.count("SelfReportMatched")) == (1, 2)


async def test_who_may_see_what(postgres: Path) -> None:
    story = Story()
    here, there = ladder(story), ladder(story, "0642", "trivire", "H-2")
    async with running(postgres, alone="monitoring") as drempel:
        await tell(drempel, story)
        get, me = drempel.http.get, drempel.als("consulent", "0505")
        listed = (await get("/monitoring/v1/zaken", headers=me)).json()["zaken"]
        assert [zaak["zaakId"] for zaak in listed] == [str(here)]
        assert listed[0]["partners"] == ["waardstroom", "woonbron"]
        assert (await get(f"/monitoring/v1/zaken/{there}/tijdlijn", headers=me)).status_code == 404
        assert (await get("/monitoring/v1/zaken?gemeentecode=0642", headers=me)).status_code == 403
        assert (await get("/monitoring/v1/partnerbeeld", headers=me)).status_code == 403
        assert (await get("/monitoring/v1/indicatoren?gemeentecode=0642", headers=me)).status_code == 403
        assert (await get("/monitoring/v1/zaken")).status_code == 401
        partner = drempel.als("partner", partner="woonbron")
        for path in ("zaken", f"zaken/{here}/tijdlijn", "partnerbeeld", "indicatoren"):
            assert (await get(f"/monitoring/v1/{path}", headers=partner)).status_code == 403
        both = drempel.als("coordinator", "0505", "0642")
        filtered = await get("/monitoring/v1/zaken?partner=trivire&fase=Deurwaarder", headers=both)
        assert [zaak["zaakId"] for zaak in filtered.json()["zaken"]] == [str(there)]
        assert (await get("/monitoring/v1/zaken?fase=Afgesloten", headers=both)).json()["zaken"] == []
        assert (await get("/monitoring/v1/zaken?fase=Onzin", headers=both)).status_code == 400
        page = (await get("/monitoring/v1/zaken?paginaGrootte=1", headers=both)).json()
        assert (len(page["zaken"]), "next" in page["_links"]) == (1, True)


async def test_the_api_role_sees_no_row_without_its_tenant(postgres: Path) -> None:
    story = Story()
    ladder(story)
    async with running(postgres, alone="monitoring") as drempel:
        await tell(drempel, story)
        runtime = next(r for s, r in drempel.system.runtimes if s.name == "monitoring")
        for table in TABLES:
            async with runtime.database.as_tenants(["0642"]) as conn:
                assert await conn.fetchval(f"SELECT count(*) FROM {table}") == 0, table
            async with runtime.database.as_tenants(["0505"]) as conn:
                assert await conn.fetchval(f"SELECT count(*) FROM {table}") > 0, table


def melding(story: Story, n: int, *, plus: bool, reached: bool, helped: bool) -> None:
    """A household with one melding, and what came of it."""
    day = date(2026, 1, 5)
    zaak = story.case("0505", day)
    signaal = story.signal("woonbron", f"B-{n}", day, zaak)
    story.route(signaal, zaak, "0505")
    story.about(c.ContactAttempted, zaak, "0505", day, contactpoging_id=story.id(), melding_id=zaak, bereikt=False)
    if plus:
        story.about(c.EscalatedToSignaleringPlus, zaak, "0505", day + timedelta(20))
    if reached:
        story.about(c.ContactAttempted, zaak, "0505", day, contactpoging_id=story.id(), melding_id=zaak, bereikt=True)
    if helped:
        story.about(c.HelpAccepted, zaak, "0505", day + timedelta(4), soort="Schuldregeling")


async def test_the_published_funnel_of_breda_follows_from_a_history(postgres: Path) -> None:
    story = Story()
    for plus, meldingen, reached, helped in ((False, 1704, 1008, 309), (True, 318, 195, 102)):
        for n in range(meldingen):
            melding(story, n, plus=plus, reached=n < reached, helped=n < helped)
    async with running(postgres, alone="monitoring") as drempel:
        await tell(drempel, story)
        me = drempel.als("consulent", "0505")
        found = (await drempel.http.get("/monitoring/v1/indicatoren?gemeentecode=0505&periode=2026", headers=me)).json()
    funnels = {n: (f["meldingen"], f["bereikt"], f["hulpacceptatie"]) for n, f in found["trechter"].items()}
    assert funnels == {
        "totaal": (2022, 1203, 411), "vroegsignalering": (1704, 1008, 309), "signaleringPlus": (318, 195, 102)
    }  # fmt: skip
    assert (found["bereikPercentage"], found["hulpacceptatiePercentage"]) == (59.5, 34.2)
    assert found["contactpogingenPerMelding"] == round((2022 + 1203) / 2022, 2)


async def test_the_partner_view_counts_over_municipalities(postgres: Path) -> None:
    story = Story()
    ladder(story)
    ladder(story, "0642", "woonbron", "HUUR-2")
    muddle(story)
    async with running(postgres, alone="monitoring") as drempel:
        await tell(drempel, story)
        me = drempel.als("coordinator", "0505")
        found = (await drempel.http.get("/monitoring/v1/partnerbeeld", headers=me)).json()
        months = (await drempel.http.get("/monitoring/v1/partnerbeeld?periode=2026-02", headers=me)).json()
        counted = (await drempel.http.get("/monitoring/v1/indicatoren", headers=me)).json()
    lines = {line["partner"]: line for line in found["partners"]}
    woonbron = lines["woonbron"]
    assert (woonbron["naam"], woonbron["corporatie"]) == ("Stichting Woonbron", True)
    assert woonbron["gemeentecodes"] == ["0505", "0642"]
    assert (woonbron["signalen"], woonbron["meldingen"], woonbron["bereikt"]) == (4, 4, 2)
    assert (woonbron["signaleringPlus"], woonbron["deurwaarder"]) == (2, 2)
    assert (woonbron["ontruimingenAangezegd"], woonbron["ontruimingenVoorkomen"]) == (2, 2)
    assert lines["waardstroom"]["deurwaarder"] == 0
    assert lines["killewater"]["signalen"] == 1
    assert lines["trivire"]["deurwaarder"] == 1
    assert lines["trivire"]["corporatie"]
    (team,) = [line for line in found["teams"] if line["team"] == "Oost"]
    assert (team["organisatie"], team["meldingen"], team["hulpacceptatie"]) == ("Sociale Wijkteams Dordrecht", 4, 2)
    assert found["totaal"]["signalen"] == 9
    assert found["totaal"]["ontruimingenAangezegd"] == 2
    assert {line["partner"]: line["signalen"] for line in months["partners"]}["woonbron"] == 2
    assert (counted["meldingen"], counted["meervoudig"], counted["recidive"]) == (5, 3, 2)


@pytest.mark.parametrize("path", ["zaken?gemeentecode=x", "indicatoren?periode=2026-13", "partnerbeeld?periode=nu"])
async def test_what_does_not_fit_is_refused(postgres: Path, path: str) -> None:
    async with running(postgres, alone="monitoring") as drempel:
        answer = await drempel.http.get(f"/monitoring/v1/{path}", headers=drempel.als("coordinator", "0505"))
        assert answer.status_code == 400
        unknown = await drempel.http.get("/monitoring/v1/zaken/1/tijdlijn", headers=drempel.als("coordinator", "0505"))
        assert unknown.status_code == 400
