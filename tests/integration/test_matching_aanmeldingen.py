"""Households that come by themselves: in the case of their household, whatever was heard first."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from libs.events.catalogue import BRPMatched, CaseOpened, SelfReported, SelfReportMatched, SelfReportMismatched
from libs.events.keyring import Soort
from libs.events.values import Client
from services.matching.store import forget
from tests.keten import keten
from tests.matching import DEVRIES, JANSSEN, TWEEDE, Matching, client, matching, persoon

pytestmark = pytest.mark.postgres

MENSEN = [
    persoon(JANSSEN, "Janssen"),
    persoon(DEVRIES, "Vries", "1987-02-03", voorvoegsel="de", voorletters="C."),
    persoon(TWEEDE, "Bakker", "1960-03-04", voorletters="E.", adres=("3371AA", 5, "", ""), gemeente="0523"),
]
VRIES = client(achternaam="de Vries", voorletters="C.", geboortedatum=date(1987, 2, 3))
THUIS = {"voorletters": "A.B.", "achternaam": "Janssen", "geboortedatum": "1985-06-15", "postcode": "3311AB",
         "huisnummer": 10}  # fmt: skip


@pytest.fixture
async def m(postgres: Path, tmp_path: Path) -> AsyncIterator[Matching]:
    async with matching(postgres, tmp_path, MENSEN) as gestart:
        yield gestart


async def meldt_zich(m: Matching, wie: Client, dag: date = date(2026, 1, 12), gemeente: str = "0505") -> Any:
    """A household comes by itself, as outreach says it; gives the id."""
    nieuw = uuid4()
    keys = await m.runtime.keyring.create([nieuw], Soort.SIGNAAL)
    event = SelfReported(aanmelding_id=nieuw, gemeentecode=gemeente, datum=dag, client=keys.seal(nieuw, nieuw, wie))
    await m.drempel.emit_as("outreach", [(event, nieuw, gemeente)])
    await m.drempel.rest()
    return nieuw


@pytest.mark.parametrize("eerst", ["aanmelding", "signaal"])
async def test_whichever_comes_first_there_is_one_case(m: Matching, eerst: str) -> None:
    if eerst == "aanmelding":
        await meldt_zich(m, VRIES)
        signaal = await m.signaal()
    else:
        signaal = await m.signaal()
        await m.stand(signaal)
        await meldt_zich(m, VRIES)
    stand = await m.stand(signaal)
    (geopend,) = await m.drempel.said("matching", CaseOpened)
    (gevonden,) = await m.drempel.said("matching", SelfReportMatched)
    assert stand["zaakId"] == str(geopend.zaak_id) == str(gevonden.zaak_id), "one household, one case"
    assert stand["meldingId"] == str(gevonden.melding_id), "and one melding a month"
    assert not stand["match"] and not stand["recidive"], "who comes by itself is no signal"
    (link,) = await m.drempel.said("matching", BRPMatched)
    assert not link.match and link.persoon_id != gevonden.persoon_id


async def test_a_later_signal_a_closed_case_and_a_move(m: Matching) -> None:
    bakker = client(achternaam="Bakker", voorletters="E.", geboortedatum=date(1960, 3, 4))
    await meldt_zich(m, bakker)
    (gevonden,) = await m.drempel.said("matching", SelfReportMatched)
    assert gevonden.gemeentecode == "0523", "found where it lives, wherever it came"
    later = await m.stand(await m.signaal(bakker, "2026-04"))
    assert later["zaakId"] == str(gevonden.zaak_id) and later["meldingId"] != str(gevonden.melding_id)
    assert not later["recidive"]


async def test_who_is_not_found_waits_for_an_official_who_decides_and_may_undo(m: Matching) -> None:
    wie = await meldt_zich(m, client(achternaam="Niemand", geboortedatum=date(1950, 1, 1)))
    (niet,) = await m.drempel.said("matching", SelfReportMismatched)
    assert (niet.reden, niet.gemeentecode) == ("geenTreffer", "0505")
    assert await _wachtrij(m) == [str(wie)]
    assert (await _besluit(m, wie, "0523", besluit="Gekoppeld", burgerservicenummer=TWEEDE)).status_code == 404
    gekoppeld = await _besluit(m, wie, besluit="Gekoppeld", burgerservicenummer=JANSSEN)
    assert gekoppeld.status_code == 201, gekoppeld.text
    signaal = await m.stand(await m.signaal())
    assert gekoppeld.json()["zaakId"] == signaal["zaakId"] and await _wachtrij(m) == []
    weg = await _besluit(m, wie, besluit="Geen inwoner")
    assert weg.json()["status"] == "Geen inwoner" and "zaakId" not in weg.json()
    assert [e.type for e in await m.drempel.log("matching")] == [
        "SelfReportMismatched", "CaseOpened", "SelfReportMatched", "BRPMatched", "SelfReportMismatched",
    ]  # fmt: skip


async def test_an_erased_person_is_forgotten_and_nothing_stops(m: Matching) -> None:
    await meldt_zich(m, client())
    async with m.drempel.admin() as conn:
        personen = [r[0] for r in await conn.fetch("SELECT persoon_id FROM matching.persoon")]
        await conn.execute("UPDATE keyring.sleutel SET sleutel = NULL WHERE subject = ANY($1)", personen)
        await forget(conn, personen)
        assert await conn.fetchval("SELECT count(*) FROM matching.adres") == 0
    await meldt_zich(m, client())
    een, ander = await m.drempel.said("matching", SelfReportMatched)
    assert een.persoon_id != ander.persoon_id


async def _wachtrij(m: Matching) -> list[str]:
    koppen = m.drempel.als("consulent", "0505")
    antwoord = await m.drempel.http.get("/matching/v1/aanmeldingen?gemeentecode=0505", headers=koppen)
    return [rij["aanmeldingId"] for rij in antwoord.json()["aanmeldingen"]]


async def _besluit(m: Matching, wie: Any, gemeente: str = "0505", **body: Any) -> Any:
    pad = f"/matching/v1/aanmeldingen/{wie}/besluiten"
    return await m.drempel.http.post(pad, json=body, headers=m.drempel.als("consulent", gemeente))


async def test_through_the_chain_the_household_is_on_the_work_list(postgres: Path, tmp_path: Path) -> None:
    async with keten(postgres, tmp_path, MENSEN) as k:
        wie = {"gemeentecode": "0505", "datum": "2025-03-19", "client": THUIS}
        gemeld = await k.doe("/outreach/v1/aanmeldingen", wie)
        (gevonden,) = await k.drempel.said("matching", SelfReportMatched)
        assert (await k.haal("/outreach/v1/aanmeldingen?gemeentecode=0505"))["aanmeldingen"] == []
        (rij,) = (await k.haal("/outreach/v1/werkvoorraad?gemeentecode=0505"))["werkvoorraad"]
        assert rij["zaakId"] == str(gevonden.zaak_id) and rij["signalen"][0]["soort"] == "Aanmelding"
        assert rij["signalen"][0]["signaalId"] == gemeld["aanmeldingId"]
        zaak = await k.haal(f"/outreach/v1/zaken/{gevonden.zaak_id}")
        assert [een["burgerservicenummer"] for een in zaak["clienten"]] == [JANSSEN]
        poging = {"soort": "Telefoon", "datum": "2025-03-19", "bereikt": True}
        await k.doe(f"/outreach/v1/zaken/{gevonden.zaak_id}/contactpogingen", poging)
        signaal = await k.stand(await k.post(THUIS))
        assert signaal["zaakId"] == str(gevonden.zaak_id)
        verhaal = await k.haal(f"/monitoring/v1/zaken/{gevonden.zaak_id}/tijdlijn")
        soorten = [een["type"] for een in verhaal["gebeurtenissen"]]
        assert {"CaseOpened", "SelfReportMatched", "ContactAttempted", "BRPMatched"} <= set(soorten)
        (rij,) = (await k.haal("/outreach/v1/werkvoorraad?gemeentecode=0505"))["werkvoorraad"]
        assert len(rij["signalen"]) == 2


async def test_an_official_moves_it_to_another_household_and_takes_it_back(postgres: Path, tmp_path: Path) -> None:
    ander = persoon(TWEEDE, "Bakker", "1960-03-04", voorletters="E.", adres=("3311AC", 5, "", ""))
    async with keten(postgres, tmp_path, [*MENSEN[:2], ander]) as k:

        async def gezien(zaak: str) -> list[tuple[str, bool]]:
            verhaal = await k.haal(f"/monitoring/v1/zaken/{zaak}/tijdlijn")
            eigen = [een for een in verhaal["gebeurtenissen"] if een.get("aanmeldingId") == gemeld["aanmeldingId"]]
            return sorted((een["type"], een["vervallen"]) for een in eigen)

        async def werk() -> dict[str, str]:
            rijen = (await k.haal("/outreach/v1/werkvoorraad?gemeentecode=0505"))["werkvoorraad"]
            return {rij["zaakId"]: rij["signalen"][0]["signaalId"] for rij in rijen}

        wie = {"gemeentecode": "0505", "datum": "2025-03-19", "client": THUIS}
        gemeld = await k.doe("/outreach/v1/aanmeldingen", wie)
        (gevonden,) = await k.drempel.said("matching", SelfReportMatched)
        eerst, pad = str(gevonden.zaak_id), f"/matching/v1/aanmeldingen/{gemeld['aanmeldingId']}/besluiten"
        assert await gezien(eerst) == [("SelfReportMatched", False), ("SelfReported", False)]
        naar = (await k.doe(pad, {"besluit": "Gekoppeld", "burgerservicenummer": TWEEDE}))["zaakId"]
        assert naar != eerst and await gezien(eerst) == []
        verhaal = [("SelfReportMatched", False), ("SelfReportMatched", True), ("SelfReported", False)]
        assert await gezien(naar) == verhaal and await werk() == {naar: gemeld["aanmeldingId"]}
        await k.doe(pad, {"besluit": "Geen inwoner"})
        assert await gezien(naar) == [] and await werk() == {}
        wacht = (await k.haal("/outreach/v1/aanmeldingen?gemeentecode=0505"))["aanmeldingen"]
        assert [een["aanmeldingId"] for een in wacht] == [gemeld["aanmeldingId"]], "it is still somebody who came"
        zaken = (await k.haal("/monitoring/v1/zaken?gemeentecode=0505"))["zaken"]
        assert {(een["zaakId"], tuple(een["partners"])) for een in zaken} == {(eerst, ()), (naar, ())}


async def test_a_couple_that_comes_apart_is_one_household(m: Matching) -> None:
    await meldt_zich(m, VRIES)
    await meldt_zich(m, client())
    een, ander = await m.drempel.said("matching", SelfReportMatched)
    assert een.zaak_id == ander.zaak_id and een.persoon_id != ander.persoon_id
