"""The work list of outreach over HTTP, on a real PostgreSQL."""

from datetime import date
from uuid import UUID, uuid4

import pytest

from libs.events.catalogue import (
    DeurwaarderTransferred,
    EvictionScheduled,
    SignalWithdrawn,
)
from libs.events.values import Deurwaardersfase, Intrekkingsreden, Signaalpartner
from tests.household import Household
from tests.outreach import POGING, act, worklist
from tests.system import Running

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio(loop_scope="module")]


async def test_a_routed_signal_is_work(huis: Household) -> None:
    (row,) = await worklist(huis)
    assert row["zaakId"] == str(huis.zaak_id)
    assert (row["status"], row["prioriteit"], row["uiterlijkeDatum"]) == ("Opgepakt", 3, "2025-03-31")
    assert row["contactsoorten"] == ["Brief", "Telefoon"]
    assert row["behandelaar"] == {"organisatie": "Sociale Dienst", "team": "Vroegsignalering"}
    (signaal,) = row["signalen"]
    assert (signaal["signaalpartner"], signaal["bedrag"], signaal["ingetrokken"]) == ("Huur", 812.4, None)
    await act(huis, "contactpogingen", POGING)
    await act(huis, "contactpogingen", POGING | {"datum": "2025-03-08", "bereikt": True})
    (row,) = await worklist(huis)
    assert (row["pogingen"], row["bereikt"]) == (2, True)
    assert row["laatstePoging"] == {"soort": "Telefoon", "datum": "2025-03-10", "bereikt": False}


async def test_what_is_set_aside_is_shown_and_takes_acts(outreach: Running, gemeente: str) -> None:
    huis = Household(outreach, gemeente)
    signaal = await huis.signal()
    assert [row["status"] for row in await worklist(huis)] == ["Nog niet opgepakt"]
    await huis.set_aside(signaal)
    assert [row["status"] for row in await worklist(huis)] == ["Niet opgepakt"]
    assert (await act(huis, "contactpogingen", POGING)).status_code == 201


async def test_a_withdrawn_melding_stays_open_and_says_so(huis: Household) -> None:
    signaal = UUID((await worklist(huis))[0]["signalen"][0]["signaalId"])
    gone = SignalWithdrawn(
        signaal_id=signaal, partner="woonbron", signaalpartner=Signaalpartner.HUUR, periode="2025-03",
        reden=Intrekkingsreden.BETAALD, datum=date(2025, 3, 9),
    )  # fmt: skip
    await huis.say("intake", gone, subject=signaal)
    (row,) = await worklist(huis)
    assert row["ingetrokken"] is True
    assert row["signalen"][0]["ingetrokken"] == "Betaald"
    assert (await act(huis, "contactpogingen", POGING)).status_code == 201


async def test_threat_of_eviction_comes_first_then_due_date_then_priority(outreach: Running, gemeente: str) -> None:
    cases = [Household(outreach, gemeente) for _ in range(5)]
    for n, huis in enumerate(cases):
        await huis.route(await huis.signal(), prioriteit=5 - n, uiterlijke_datum=date(2025, 4, 1 if n < 4 else 30))
    transfer = DeurwaarderTransferred(
        zaak_id=cases[1].zaak_id, datum=date(2025, 3, 9), deurwaarder="Kantoor", fase=Deurwaardersfase.VONNIS
    )
    await cases[1].say("escalation", transfer)
    scheduled = EvictionScheduled(
        zaak_id=cases[0].zaak_id, datum=date(2025, 3, 9), ontruiming_id=uuid4(), aanzegdatum=date(2025, 3, 9),
        ontruimingsdatum=date(2025, 3, 28),
    )  # fmt: skip
    await cases[0].say("escalation", scheduled)
    expected = [str(cases[n].zaak_id) for n in (0, 1, 3, 2, 4)]
    rows = await worklist(cases[0])
    assert [row["zaakId"] for row in rows] == expected
    assert rows[0]["ontruiming"]["ontruimingsdatum"] == "2025-03-28"
    assert rows[1]["deurwaarder"]["fase"] == "Vonnis"
    assert [r["zaakId"] for r in await worklist(cases[0], pagina=2, paginaGrootte=2)] == expected[2:4]
    assert await worklist(cases[0], team="Ander team") == []


async def test_a_moved_link_moves_the_signal(huis: Household, outreach: Running) -> None:
    other = Household(outreach, huis.gemeentecode, persoon_id=huis.persoon_id)
    signaal = UUID((await worklist(huis))[0]["signalen"][0]["signaalId"])
    await other.link(signaal)
    (row,) = await worklist(huis)
    assert row["zaakId"] == str(other.zaak_id)
    assert row["status"] == "Nog niet opgepakt"
