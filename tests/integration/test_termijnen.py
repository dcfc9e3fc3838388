"""The clocks of a case: what is to come, what the time says, what a municipality sets, and the proof."""

import asyncio
import json
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from typer.testing import CliRunner, Result

from drempel.cli import app
from libs.chassis.clock import SimulatedClock
from libs.chassis.run import open_system
from libs.chassis.settings import Settings
from libs.events import catalogue as c
from libs.events.values import Signaalsoort
from services.escalation.controle import LOGS, controleer
from tests.bureau import Bureau
from tests.examples import example
from tests.ladders import (
    DORDRECHT,
    EVICTION,
    SLIEDRECHT,
    TRANSFER,
    about,
    alone,
    matched,
    post,
    received,
    report_signal,
)
from tests.system import fresh_database
from tests.year import Dag

MORNING = time(8, tzinfo=UTC)


async def test_what_is_to_come_and_what_the_time_says(postgres: Path) -> None:
    """Of a case, of a municipality; met in time, breached by the clock alone, and no other municipality's."""
    clock = SimulatedClock(datetime(2026, 3, 2, 9, tzinfo=UTC))
    async with alone(postgres, clock) as drempel:
        signaal, zaak, other = uuid4(), uuid4(), uuid4()
        await report_signal(drempel, signaal, zaak)
        await report_signal(drempel, uuid4(), other, gemeente=SLIEDRECHT)

        async def get(path: str) -> Any:
            answer = await drempel.http.get(f"/escalation/v1/{path}", headers=drempel.als("consulent", DORDRECHT))
            assert answer.status_code == 200, answer.text
            return answer.json()

        (term,) = (await get(f"zaken/{zaak}"))["verwachting"]
        assert term == (await get(f"zaken/{zaak}"))["termijnen"][0]
        assert (term["uiterlijk"], term["status"]) == ("2026-03-30", "Loopt")
        assert term["verwachting"] == {
            "verlooptOp": "2026-03-31", "werkdagenOver": 20, "nodig": "eerste gesprek voeren",
        }  # fmt: skip
        assert (await get("termijnen"))["termijnen"] == [], "not within a fortnight"
        coming = await get("termijnen?uiterlijkVoor=2026-04-01&paginaGrootte=1")
        assert [(one["zaakId"], one["gemeentecode"]) for one in coming["termijnen"]] == [(str(zaak), DORDRECHT)]
        strange = f"/escalation/v1/termijnen?gemeentecode={SLIEDRECHT}"
        elsewhere = await drempel.http.get(strange, headers=drempel.als("consulent", DORDRECHT))
        assert elsewhere.status_code == 403

        clock.move_to(datetime(2026, 3, 30, 21, 59, tzinfo=UTC))
        await asyncio.sleep(1.5)
        assert await drempel.said("escalation", c.TermBreached) == []
        clock.move_to(datetime(2026, 3, 30, 22, 1, tzinfo=UTC))  # midnight in Amsterdam
        breached = await _until(lambda: drempel.said("escalation", c.TermBreached), 2)
        assert {(event.zaak_id, event.datum) for event in breached} == {
            (zaak, date(2026, 3, 30)), (other, date(2026, 3, 30)),
        }  # fmt: skip
        assert (await get(f"zaken/{zaak}"))["termijnen"][0]["status"] == "Verlopen"
        assert (await get("termijnen?uiterlijkVoor=2027-01-01"))["termijnen"] == []
        assert (await controleer(lambda _: drempel.admin_url, date(2026, 3, 31)))["ok"]


async def _until(look: Any, count: int) -> Any:
    for _ in range(200):
        if len(found := await look()) == count:
            return found
        await asyncio.sleep(0.1)
    raise AssertionError(f"{len(found)} of {count}")


def _command(folder: Path, day: str, **urls: str) -> Result:
    given = {f"DREMPEL_DATABASE_URL{name}": url for name, url in urls.items()} | {"DREMPEL_DATA": str(folder)}
    return CliRunner().invoke(app, ["termijnen", "--json", "--op", day], env=given)


async def test_the_proof_names_what_passed_unseen(postgres: Path, tmp_path: Path) -> None:
    """Nobody rings: a term that ran out without a word, and one that never began."""
    clock = SimulatedClock(datetime(2026, 3, 2, 9, tzinfo=UTC))
    async with fresh_database(postgres) as url:
        admin = await asyncpg.connect(url)
        async with open_system(("escalation",), Settings(port=0), url, postgres, clock) as system:
            bureau, heard, deaf = Bureau(system.runtimes[0][1], admin), uuid4(), uuid4()
            await bureau.live(Dag(said=[matched(uuid4(), heard)]))
            await bureau._spoken([matched(uuid4(), deaf)])
        await admin.close()
        assert (await controleer(lambda _: url, date(2026, 3, 30)))["ok"]
        found = await controleer(lambda _: url, date(2026, 3, 31))
        assert not found["ok"]
        each = {f"_{name.upper()}": url for name in LOGS}
        in_time, late, apart, lacking = [
            await asyncio.to_thread(_command, tmp_path, day, **urls)
            for day, urls in (
                ("2026-03-30", {"": url}), ("2026-03-31", {"": url}), ("2026-03-31", each),
                ("2026-03-31", {name: url for name, url in each.items() if name != "_ROUTING"}),
            )
        ]  # fmt: skip
        assert json.loads(apart.stdout) == json.loads(late.stdout), "each service in a database of its own"
        assert (lacking.exit_code, "DREMPEL_DATABASE_URL_ROUTING" in lacking.stderr) == (2, True)
        assert (in_time.exit_code, late.exit_code) == (0, 1), late.output
        assert json.loads(late.stdout)["ongezien"] == found["ongezien"]
        assert {(one["zaakId"], one["wat"]) for one in found["ongezien"]} == {
            (str(heard), "ongezien verlopen"), (str(deaf), "nooit begonnen"),
        }  # fmt: skip


async def test_a_signal_set_aside_has_no_clock_and_one_taken_up_again_has(postgres: Path) -> None:
    clock = SimulatedClock(datetime(2026, 3, 2, 9, tzinfo=UTC))
    async with alone(postgres, clock) as drempel:
        signaal, zaak, melding, besluit = (uuid4() for _ in range(4))
        route = {"signaal_id": signaal, "zaak_id": zaak, "melding_id": melding, "besluit_id": besluit}
        aside = example(c.SignalSetAside, **route)
        again = example(c.RouteAssigned, **route | {"besluit_id": uuid4(), "vervangt": besluit})
        await drempel.emit_as("routing", [(aside, zaak, DORDRECHT)])
        await drempel.rest()
        await drempel.emit_as("intake", [(received(signaal), signaal, None)], tenant="woonbron")
        await drempel.emit_as("matching", [(matched(signaal, zaak, melding_id=melding), zaak, DORDRECHT)])
        await drempel.rest()
        assert await drempel.said("escalation", c.TermStarted) == []
        await drempel.emit_as("routing", [(again, zaak, DORDRECHT)])
        await drempel.rest()
        (started,) = await drempel.said("escalation", c.TermStarted)
        await drempel.emit_as("routing", [(example(c.SignalSetAside, **route), zaak, DORDRECHT)])
        await drempel.rest()
        (void,) = await drempel.said("escalation", c.TermMet)
        assert (void.termijn_id, void.vervallen) == (started.termijn_id, True)
        await drempel.emit_as("routing", [(again, zaak, DORDRECHT)])
        await drempel.rest()
        terms = await drempel.said("escalation", c.TermStarted)
        assert len({term.termijn_id for term in terms}) == 2, "it runs again, under an id of its own"


async def test_an_announced_eviction_starts_its_clocks_in_the_same_transaction(postgres: Path) -> None:
    clock = SimulatedClock(datetime(2026, 5, 4, 9, tzinfo=UTC))
    async with alone(postgres, clock) as drempel:
        signaal, zaak = uuid4(), uuid4()
        await report_signal(drempel, signaal, zaak)
        partner = drempel.als("partner", partner="woonbron")
        answer = await post(drempel, "ontruimingen", about(signaal, EVICTION), partner)
        assert answer.status_code == 201
        log = await drempel.log("escalation")
        (scheduled,) = [e for e in log if isinstance(e.data, c.EvictionScheduled)]
        started = {e.data.soort: e.data for e in log if isinstance(e.data, c.TermStarted)}
        assert started["Aanzegtermijn ontruiming"].uiterlijke_datum == date(2026, 5, 7)
        threat = started["Eerste gesprek bij bedreigende situatie"]
        assert (threat.bron, threat.uiterlijke_datum) == ("Wgs art. 4", date(2026, 5, 8)), "5 May is no working day"
        assert threat.oorzaken == (scheduled.id,)


async def test_a_municipality_sets_its_clocks(postgres: Path) -> None:
    """What Dordrecht publishes holds for Dordrecht, from the day it begins."""
    clock = SimulatedClock(datetime(2026, 5, 4, 9, tzinfo=UTC))
    agreed = {"eersteGesprekDagen": 14, "uitBeeldDagen": 30, "meldpuntZorgEnOverlast": False, "aanzegtermijnDagen": 14}
    published = c.PolicyPublished(
        gemeentecode=DORDRECHT, beleid_versie="eigen", geldig_vanaf=date(2026, 3, 1),
        beleid={"afspraken": {"termijnen": agreed}},
    )  # fmt: skip
    async with alone(postgres, clock) as drempel:
        await drempel.emit_as("routing", [(published, uuid4(), DORDRECHT)])
        await drempel.rest()
        early, here, there = uuid4(), uuid4(), uuid4()
        await report_signal(drempel, uuid4(), early, signaaldatum=date(2026, 2, 27))
        await report_signal(drempel, uuid4(), here, signaaldatum=date(2026, 3, 2))
        await report_signal(drempel, uuid4(), there, signaaldatum=date(2026, 3, 2), gemeente=SLIEDRECHT)
        started = await drempel.said("escalation", c.TermStarted)
        assert {term.zaak_id: (term.uiterlijke_datum - term.begin_datum).days for term in started} == {
            early: 28, here: 14, there: 28,
        }  # fmt: skip
        headers = drempel.als("coordinator", DORDRECHT, SLIEDRECHT)
        rows = (await drempel.http.get("/escalation/v1/overleglijst?maand=2026-04", headers=headers)).json()["rijen"]
        assert {UUID(row["zaakId"]): row["uitBeeld"] for row in rows} == {early: True, here: True, there: False}
        soon = {"aanzegdatum": "2026-05-04", "ontruimingsdatum": "2026-05-17"}
        official = drempel.als("consulent", DORDRECHT, SLIEDRECHT)
        answers = [await post(drempel, "ontruimingen", soon | {"zaakId": str(one)}, official) for one in (here, there)]
        assert [answer.status_code for answer in answers] == [201, 201], "lawful, so it is heard of"
        notices = [term for term in await drempel.said("escalation", c.TermStarted) if term.bron == "Rv art. 555"]
        assert {term.zaak_id: term.uiterlijke_datum for term in notices} == {
            here: date(2026, 5, 18), there: date(2026, 5, 7),
        }  # fmt: skip


async def test_care_cases_and_evictions_without_arrears_enter_too(postgres: Path) -> None:
    """A Zorgmelding without an amount is followed to an announced eviction for nuisance: no moratorium, no arrears."""
    clock = SimulatedClock(datetime(2026, 5, 4, 9, tzinfo=UTC))
    async with alone(postgres, clock) as drempel:
        signaal, zaak = uuid4(), uuid4()
        care = {"soort": Signaalsoort.ZORGMELDING, "bedrag": None, "signaaldatum": date(2026, 5, 1)}
        await report_signal(drempel, signaal, zaak, **care)
        partner, official = drempel.als("partner", partner="woonbron"), drempel.als("consulent", DORDRECHT)
        assert (await post(drempel, "ontruimingen", about(signaal, EVICTION, grond="Overlast"), partner)).is_success
        case = (await drempel.http.get(f"/escalation/v1/zaken/{zaak}", headers=official)).json()
        assert (case["fase"], case["bedragverloop"][0]["bedrag"]) == ("Ontruiming aangezegd", None)
        assert {term["termijn"] for term in case["verwachting"]} == {
            "Eerste gesprek", "Eerste gesprek bij bedreigende situatie",
        }  # fmt: skip
        assert not [task for task in case["open"] if "oratorium" in task or "incasso" in task]


async def test_a_household_that_comes_by_itself_has_a_clock_which_goes_where_it_is_found(postgres: Path) -> None:
    clock = SimulatedClock(datetime(2026, 3, 9, 9, tzinfo=UTC))
    async with alone(postgres, clock) as drempel:
        asked, wrong, right = uuid4(), uuid4(), uuid4()
        known = {"aanmelding_id": asked, "gemeentecode": DORDRECHT, "datum": date(2026, 3, 2)}

        async def found(zaak: UUID | None) -> tuple[set[Any], set[Any]]:
            kind = c.SelfReportMismatched if zaak is None else c.SelfReportMatched
            event = example(kind, **known | ({"zaak_id": zaak} if zaak else {}))
            await drempel.emit_as("matching", [(event, zaak or asked, DORDRECHT)])
            await drempel.rest()
            started = await drempel.said("escalation", c.TermStarted)
            void = await drempel.said("escalation", c.TermMet)
            return {(t.zaak_id, t.uiterlijke_datum) for t in started}, {(t.zaak_id, t.vervallen) for t in void}

        last = date(2026, 3, 30)
        assert await found(None) == (set(), set())
        assert await found(wrong) == ({(wrong, last)}, set())
        assert await found(right) == ({(wrong, last), (right, last)}, {(wrong, True)})
        assert (await controleer(lambda _: drempel.admin_url, date(2026, 3, 9)))["ok"]
        assert (await found(None))[1] == {(wrong, True), (right, True)}
        assert (await controleer(lambda _: drempel.admin_url, date(2026, 5, 9)))["ok"]


async def test_what_can_not_be_is_refused_with_the_rule(postgres: Path) -> None:
    clock = SimulatedClock(datetime(2026, 6, 1, 9, tzinfo=UTC))
    async with alone(postgres, clock) as drempel:
        signaal, zaak, over = uuid4(), uuid4(), uuid4()
        await report_signal(drempel, signaal, zaak)
        await report_signal(drempel, uuid4(), over)
        ended = example(c.CaseClosed, zaak_id=over, datum=date(2026, 5, 2))
        await drempel.emit_as("outreach", [(ended, over, DORDRECHT)])
        await drempel.rest()
        partner, official = drempel.als("partner", partner="woonbron"), drempel.als("consulent", DORDRECHT)
        early = about(signaal, {"aanzegdatum": "2026-05-15", "ontruimingsdatum": "2026-05-04"})
        act, mpzo = {"soort": "Driegesprek", "datum": "2026-05-12"}, {"soort": "Dagvaarding", "datum": "2026-05-12"}
        task = {"soort": "Driegesprek", "datum": "2026-05-12", "taak": "Inboedel", "uitvoerder": "Gemeente"}
        for path, body, headers, status, code, rule in [
            ("deurwaarderoverdrachten", about(uuid4(), TRANSFER), partner, 404, "nietGevonden", "niet bekend"),
            ("ontruimingen", early, partner, 400, "aanzegtermijn", "Rv art. 555"),
            (f"zaken/{over}/acties", act, official, 409, "zaakAfgesloten", "afgesloten"),
            (f"zaken/{over}/moratoria", {"datum": "2026-05-12"}, official, 409, "zaakAfgesloten", "afgesloten"),
            (f"zaken/{zaak}/acties", task, official, 400, "taakverdeling", "taakverdeling"),
            ("mpzo-meldingen", about(uuid4(), mpzo), partner, 404, "nietGevonden", "niet bekend"),
            ("incassostanden", about(signaal, {"soort": "Hervat", "datum": "2026-05-12"}), partner, 409,
             "incassoStaatAlZo", "staat al zo"),
            ("deurwaarderoverdrachten", about(signaal, TRANSFER, fase="Geregeld"), partner, 409, "geenDossier",
             "geen dossier"),
        ]:  # fmt: skip
            answer = await post(drempel, path, body, headers)
            found = answer.json()
            assert (answer.status_code, found["code"]) == (status, code), (path, answer.text)
            assert rule in found["detail"], found
