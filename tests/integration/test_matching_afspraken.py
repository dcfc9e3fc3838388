"""What a municipality agreed on checking: what is asked, what an official looks at, what the partner hears."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from libs.events.catalogue import BRPMatched, BRPMismatched, RouteAssigned
from tests.keten import Keten, keten
from tests.matching import DEVRIES, JANSSEN, persoon

pytestmark = pytest.mark.postgres

MENSEN = [persoon(JANSSEN, "Janssen"), persoon(DEVRIES, "Vries", "1987-02-03", voorvoegsel="de", voorletters="C.")]
THUIS = {"voorletters": "A.B.", "achternaam": "Janssen", "geboortedatum": "1985-06-15", "postcode": "3311AB",
         "huisnummer": 10}  # fmt: skip
WIE: dict[str, Any] = THUIS | {"voorletters": "X.", "geboortedatum": "1985-01-30"}


@pytest.fixture
async def k(postgres: Path, tmp_path: Path) -> AsyncIterator[Keten]:
    async with keten(postgres, tmp_path, MENSEN) as gestart:
        yield gestart


def nergens(nummer: int) -> dict[str, Any]:
    """Nobody, at an address where somebody else lives."""
    return WIE | {"achternaam": f"Niemand{'abcdefgh'[nummer]}"}


async def _wachtrij(k: Keten, extra: str = "") -> list[str]:
    return [rij["signaalId"] for rij in (await k.haal(f"/matching/v1/uitval?gemeentecode=0505{extra}"))["uitval"]]


async def test_crisis_and_match_only_and_above_an_amount(k: Keten) -> None:
    afspraak = {"nakijken": "crisis en match", "nakijkenVanaf": 1000}
    antwoord = await k.spreek_af("0505", "krap-1", **afspraak)
    assert antwoord.status_code == 201, antwoord.text
    dag = {"signaaldatum": "2025-03-20"}
    klein = await k.post(WIE, kenmerk="klein", **dag)
    elders = [THUIS | {"huisnummer": n, "achternaam": "Niemand"} for n in (20, 30)]
    hoog = await k.post(elders[0], kenmerk="hoog", bedrag=1000, **dag)
    crisis = await k.post(elders[1], kenmerk="crisis", soort="Crisis", **dag)
    stand = await k.stand(klein)
    assert (stand["status"], stand["reden"], stand["afgedaan"]) == ("Uitval", "onzeker", True)
    assert await _wachtrij(k) == [] and await _wachtrij(k, "&afgedaan=true") == [klein], "closed in sight"
    regio = await k.haal("/matching/v1/uitval?gemeentecode=regio", "regio")
    assert {rij["signaalId"] for rij in regio["uitval"]} == {hoog, crisis}, "of no municipality: the desk sees all"
    assert [await k.partner_hoort(s) for s in (klein, hoog, crisis)] == ["Niet opgepakt", "Ontvangen", "Ontvangen"]
    ander = await k.post(WIE | {"huisnummertoevoeging": " "}, kenmerk="ander", partner="fien", **_huur(dag))
    assert sorted(await _wachtrij(k)) == sorted([klein, ander]), "together they are a match"
    assert await k.partner_hoort(klein) == "Ontvangen"
    assert [e.afgedaan for e in await k.drempel.said("matching", BRPMismatched) if str(e.signaal_id) == klein] == [
        True, None,
    ]  # fmt: skip
    assert (await k.besluit(klein, besluit="Gekoppeld", burgerservicenummer=JANSSEN))["status"] == "Gekoppeld"


async def test_nothing_is_looked_at_but_an_eviction_and_what_an_official_takes_up(k: Keten) -> None:
    assert (await k.spreek_af("0505", "niets-1", nakijken="geen")).status_code == 201
    dag = {"signaaldatum": "2025-03-20"}
    een, twee, eerder = [
        await k.post(WIE | {"achternaam": naam}, kenmerk=naam, partner="fien", **_huur(datum))
        for naam, datum in (("Janssen", dag), ("Jansen", dag), ("Jansens", {"signaaldatum": "2025-03-19"}))
    ]
    assert await _wachtrij(k) == [eerder], "the agreement begins on the day it was published for"
    assert (await k.besluit(twee, besluit="Gekoppeld", burgerservicenummer=JANSSEN))["status"] == "Gekoppeld"
    assert await k.partner_hoort(twee, "fien") != "Niet opgepakt"
    await k.post(WIE | {"achternaam": "Janssen"}, kenmerk="Janssen", partner="fien", **_huur(dag), bedrag=400)
    assert (await k.stand(een))["afgedaan"], "a correction is judged by the same agreement"
    uit = {"signaalId": een, "aanzegdatum": "2025-03-18", "ontruimingsdatum": "2025-04-10"}
    await k.doe("/escalation/v1/ontruimingen", uit, rol="deurwaarder")
    assert await _wachtrij(k) == [een, eerder]
    assert await k.partner_hoort(een, "fien") == "Ontvangen"


async def test_without_the_automatic_check_nobody_is_asked_and_an_official_links(k: Keten) -> None:
    assert (await k.spreek_af("0505", "hand-1", automatischeControle=False)).status_code == 201
    eerder = k.brp.vragen
    signaal = await k.post(THUIS, signaaldatum="2025-03-20")
    assert k.brp.vragen == eerder
    stand = await k.stand(signaal)
    assert (stand["status"], stand["reden"], stand["gemeentecode"]) == ("Uitval", "handmatigeControle", "0505")
    assert await _wachtrij(k) == [signaal] and await k.partner_hoort(signaal) == "Ontvangen"
    assert (await k.besluit(signaal, besluit="Gekoppeld", burgerservicenummer=JANSSEN))["zaakId"]
    ergens = await k.post(THUIS | {"postcode": "9711ZZ"}, kenmerk="K2", signaaldatum="2025-03-20")
    verhuisd = await k.stand(ergens)
    assert (verhuisd["reden"], verhuisd["gemeentecode"]) == ("handmatigeControle", "0505")
    assert verhuisd["bewijs"], "found by name and birth date: what the official sees"


async def test_agreements_that_contradict_themselves_are_refused(k: Keten) -> None:
    for afspraak in (
        {"automatischeControle": False, "nakijken": "geen"}, {"nakijkenVanaf": 100}, {"nakijken": "soms"},
        {"nakijken": "geen", "nakijkenVanaf": -1},
    ):  # fmt: skip
        assert (await k.spreek_af("0505", "fout-1", **afspraak)).status_code == 400, afspraak


def _huur(dag: dict[str, Any]) -> dict[str, Any]:
    """What a landlord adds."""
    stappen = ("persoonlijkContact", "gewezenOpHulp", "schriftelijkeHerinnering", "aanbodGegevensdeling")
    return dag | {"socialeIncasso": dict.fromkeys(stappen, "2025-02-03") | {"huurderWeigerde": False}}


async def test_an_area_is_told_where_the_municipality_named_it(k: Keten) -> None:
    assert (await k.spreek_af("0505", "wijk-1", gebieden={"Crabbehof": ["3317", "3311"]})).status_code == 201
    eerder = await k.post(THUIS, kenmerk="eerder", signaaldatum="2025-03-19")
    erna = await k.post(THUIS, kenmerk="erna", signaaldatum="2025-03-20")
    told = {str(e.signaal_id): e.gebied for e in await k.drempel.said("matching", BRPMatched)}
    assert told == {eerder: None, erna: "Crabbehof"}, "as agreed on the day of the signal"
    besluit = {str(e.signaal_id): e.feiten for e in await k.drempel.said("routing", RouteAssigned)}
    assert (besluit[erna] or {}).get("gebied") == "Crabbehof"
    assert (await k.spreek_af("0505", "wijk-2", gebieden={"Crabbehof": ["33110"]})).status_code == 400
