"""One case of outreach over HTTP: opened, acted on, closed."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from libs.events.catalogue import (
    CaseClosed,
    CaseTransferred,
    EvictionCarriedOut,
    MeldingClosed,
)
from tests.household import BSN, NAAM, STRAAT, TELEFOON, Household
from tests.outreach import POGING, SLUIT, act, opened, said, worklist
from tests.system import Running

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio(loop_scope="module")]


async def test_a_case_is_opened_for_who_handles_it_and_logged(huis: Household) -> None:
    text = {"toelichting": "Belde zelf terug", "resultaat": "iets bijzonders", "uitvoerder": "Callcenter Noord"}
    await act(huis, "contactpogingen", POGING | text)
    found = await opened(huis)
    (client,) = found["clienten"]
    assert client["burgerservicenummer"] == BSN
    assert client["naam"] == f"A. {NAAM}"
    assert client["adres"] == f"{STRAAT} 10"
    assert client["telefoonnummer"] == TELEFOON
    assert client["geheimhouding"] is True
    (poging,) = found["pogingen"]
    assert {name: poging[name] for name in text} == text
    assert found["signalen"][0]["kenmerk"] == "HUUR-7"
    assert found["meldingen"][0]["open"] is True
    assert found["termijnen"] == [{"soort": "Contact", "uiterlijk": "2025-03-31", "bron": "beleid", "verlopen": False}]
    async with huis.drempel.admin() as conn:
        query = "SELECT verwerking, door FROM outreach.logboek WHERE betrokkene = $1"
        lines = await conn.fetch(query, huis.persoon_id)
    assert [tuple(line) for line in lines] == [("outreach: zaak inzien", "consulent")]


async def test_what_cannot_be_logged_is_not_read(huis: Household) -> None:
    async with huis.drempel.admin() as conn:
        await conn.execute("ALTER TABLE outreach.logboek ADD CONSTRAINT no_lines CHECK (false) NOT VALID")
        answer = await huis.drempel.http.get(huis.pad, headers=huis.als())
        await conn.execute("ALTER TABLE outreach.logboek DROP CONSTRAINT no_lines")
    assert answer.status_code >= 500
    assert NAAM not in answer.text


async def test_an_erased_person_is_gone_and_the_case_goes_on(huis: Household) -> None:
    await act(huis, "contactpogingen", POGING | {"toelichting": "Sprak met de bewoner"})
    await act(huis, "afwijzingen", {"reden": "Een eigen reden", "datum": "2025-03-11"})
    await huis.erase(huis.persoon_id)
    found = await opened(huis)
    assert found["clienten"] == [{"gewist": True}]
    assert found["pogingen"][0]["toelichting"] == {"gewist": True}
    assert found["hulp"][0]["reden"] is None
    assert found["signalen"][0]["kenmerk"] is None
    assert (await act(huis, "contactpogingen", POGING)).status_code == 201
    assert (await worklist(huis))[0]["pogingen"] == 2


async def test_erasing_one_person_spares_the_others_but_not_what_was_written_down(huis: Household) -> None:
    first, huis.persoon_id = huis.persoon_id, uuid4()
    await huis.signal(signaaldatum=date(2025, 3, 12))
    await act(huis, "contactpogingen", POGING | {"toelichting": "Sprak met beiden"})
    assert len((await opened(huis))["clienten"]) == 2
    await huis.erase(first)
    found = await opened(huis)
    assert sorted("gewist" in client for client in found["clienten"]) == [False, True]
    assert found["pogingen"][0]["toelichting"] == {"gewist": True}


async def test_the_way_from_acceptance_to_aftercare(huis: Household) -> None:
    assert (await act(huis, "hulpbeeindigingen", {"datum": "2025-03-15"})).status_code == 409
    steps = [
        ("hulpacceptaties", {"soort": "Vervolghulp en/of verwijzing financieel", "datum": "2025-03-15"}),
        ("gesprekken", {"datum": "2025-03-20", "soort": "Kantoor"}),
        ("beschikkingen", {"datum": "2025-04-10", "resultaat": "Toegekend"}),
        ("hulpbeeindigingen", {"datum": "2025-08-01", "resultaat": "Afgerond"}),
        ("nazorg", {"datum": "2025-09-01", "resultaat": "Gaat goed"}),
    ]
    for what, body in steps:
        answer = await act(huis, what, body)
        assert answer.status_code == 201, (what, answer.text)
    found = await opened(huis)
    assert [one["type"] for one in found["hulp"]] == ["HelpAccepted", "HelpEnded"]
    assert (found["beschikkingen"][0]["resultaat"], found["nazorg"][0]["resultaat"]) == ("Toegekend", "Gaat goed")
    assert (await worklist(huis))[0]["hulp"] == "Beëindigd"


async def test_a_handler_takes_the_place_of_the_route(huis: Household) -> None:
    body = {"organisatie": "Sociaal team", "team": "Oost", "medewerker": "J. Roodborst"}
    answer = await huis.drempel.http.put(f"{huis.pad}/behandelaar", json=body, headers=huis.als())
    assert answer.status_code == 200, answer.text
    assert (await worklist(huis))[0]["behandelaar"] == {"organisatie": "Sociaal team", "team": "Oost"}
    assert (await opened(huis))["behandelaar"] == body


async def test_a_closed_melding_leaves_the_list_and_a_new_signal_brings_it_back(huis: Household) -> None:
    assert (await act(huis, "afsluitingen", SLUIT)).status_code == 201
    assert await worklist(huis) == []
    (melding,) = (await opened(huis))["meldingen"]
    assert (melding["open"], melding["resultaat"]) == (False, SLUIT["resultaat"])
    assert (await act(huis, "afsluitingen", SLUIT)).json()["code"] == "meldingGesloten"
    assert (await act(huis, "contactpogingen", POGING)).status_code == 201
    assert await worklist(huis) == []
    await huis.signal()
    (row,) = await worklist(huis)
    assert len(row["signalen"]) == 2


async def test_a_closed_case_takes_no_acts(huis: Household) -> None:
    assert (await act(huis, "afsluitingen", SLUIT | {"zaak": True})).status_code == 201
    assert [type(event) for event in await said(huis)] == [MeldingClosed, CaseClosed]
    assert (await act(huis, "contactpogingen", POGING)).json()["code"] == "zaakBeeindigd"
    found = await opened(huis)
    assert found["einde"] == {"reden": "Afgesloten", "resultaat": SLUIT["resultaat"], "datum": SLUIT["datum"]}


async def test_a_case_that_others_end_takes_no_acts(outreach: Running, gemeente: str) -> None:
    endings: list[tuple[str, Any]] = [
        ("escalation", lambda zaak: EvictionCarriedOut(zaak_id=zaak, datum=date(2025, 4, 1), ontruiming_id=uuid4())),
        ("matching", lambda zaak: CaseTransferred(
            zaak_id=zaak, naar_gemeentecode="0523", naar_zaak_id=uuid4(), datum=date(2025, 4, 1))),
    ]  # fmt: skip
    for service, ending in endings:
        huis = Household(outreach, gemeente)
        await huis.signal()
        await huis.say(service, ending(huis.zaak_id))
        answer = await act(huis, "contactpogingen", POGING)
        assert (answer.status_code, answer.json()["code"]) == (409, "zaakBeeindigd")
        assert await worklist(huis) == []
