"""When a household is left alone, and when not, over HTTP."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from libs.chassis.clock import today
from libs.events.catalogue import (
    CaseOpened,
    EscalatedToSignaleringPlus,
    PolicyPublished,
)
from libs.events.values import Contactsoort, Stap
from tests.household import Household
from tests.outreach import act, fields, listed, opened

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio(loop_scope="module")]

BRIEF, BELLEN, BEZOEK = Contactsoort.BRIEF, Contactsoort.TELEFOON, Contactsoort.HUISBEZOEK
CALLS = (Stap(contactsoorten=(BELLEN,), minimum=2, maximum=3), Stap(contactsoorten=(BRIEF,), brief="aanbod"))


async def tasks(huis: Household, **query: Any) -> list[tuple[str, int | None, list[str]]]:
    rows = await listed(huis, "taken", **query)
    return [(row["zaakId"], row.get("stap", 0), row["contactsoorten"]) for row in rows]


def now(huis: Household) -> date:
    return today(huis.drempel.clock)


async def agree(huis: Household, **uitvoering: Any) -> None:
    """The municipality publishes how it carries out a route."""
    event = PolicyPublished(
        gemeentecode=huis.gemeentecode, beleid_versie="v", geldig_vanaf=date(2020, 1, 1),
        beleid={"afspraken": {"uitvoering": uitvoering}},
    )  # fmt: skip
    await huis.say("routing", event, subject=uuid4())


async def elsewhere(huis: Household, **changes: Any) -> None:
    """An attempt of today for another melding of the household, then a route for the one it is about."""
    eerste = huis.melding_id
    await act(huis, "contactpogingen", {"soort": "Brief", "datum": str(now(huis)), "bereikt": False,
                                        "resultaat": "Verzonden", "meldingId": str(eerste)} | changes)  # fmt: skip
    huis.melding_id = uuid4()
    signaal = await huis.signal(signaaldatum=now(huis), periode=f"{now(huis):%Y-%m}")
    await huis.route(signaal, uiterlijke_datum=now(huis) + timedelta(days=20))


async def test_the_guard_warns_in_the_plan_and_refuses_what_is_not_done_yet(huis: Household) -> None:
    await elsewhere(huis)
    tot = now(huis) + timedelta(days=7)
    nieuw = [row for row in (await opened(huis))["taken"] if row["meldingId"] == str(huis.melding_id)]
    assert [row["rust"] for row in nieuw] == [{"tot": str(tot), "regel": "rustperiode"}] * len(nieuw)
    assert all(date.fromisoformat(row["gepland"]) >= tot for row in nieuw)
    bare = {"soort": "Telefoon", "datum": str(now(huis)), "bereikt": False}
    answer = await act(huis, "contactpogingen", bare)
    assert (answer.status_code, answer.json()["code"], fields(answer)) == (409, "rustperiode", ["reden"])
    yesterday = str(now(huis) - timedelta(days=1))
    for done in ({"reden": "Dreigende afsluiting"}, {"reden": "moeder belde"}, {"resultaat": "Geen gehoor"},
                 {"bereikt": True}, {"datum": yesterday}, {"soort": "Administratief"}):  # fmt: skip
        assert (await act(huis, "contactpogingen", bare | done)).status_code == 201, done
    redenen = [poging.get("reden") for poging in (await opened(huis))["pogingen"]]
    assert redenen[1:3] == ["Dreigende afsluiting", "moeder belde"]
    log = [e.data for e in await huis.drempel.log("outreach") if e.subject == str(huis.zaak_id)]
    assert [e.reden for e in log[1:3]] == ["Dreigende afsluiting", None]


async def test_a_no_is_respected_for_the_agreed_time_and_ends_when_they_come(huis: Household) -> None:
    await agree(huis, neeRespecterenDagen=10, rustperiodeDagen=0)
    bare = {"soort": "Telefoon", "datum": str(now(huis)), "bereikt": False}
    assert (await act(huis, "contactpogingen", bare)).status_code == 201
    day = now(huis) - timedelta(days=9)
    assert (await act(huis, "afwijzingen", {"reden": "Wil geen hulp", "datum": str(day)})).status_code == 201
    answer = await act(huis, "contactpogingen", bare)
    assert (answer.status_code, answer.json()["code"]) == (409, "nee")
    await agree(huis, neeRespecterenDagen=9, rustperiodeDagen=0)
    assert (await act(huis, "contactpogingen", bare)).status_code == 201
    await agree(huis, neeRespecterenDagen=100)
    assert (await act(huis, "contactpogingen", bare)).status_code == 409
    came = {"zaakId": str(huis.zaak_id), "datum": str(now(huis))}
    await huis.drempel.http.post("/outreach/v1/aanmeldingen", json=came, headers=huis.als())
    assert (await act(huis, "contactpogingen", bare)).status_code == 201


async def test_a_no_outlives_the_case(huis: Household) -> None:
    day = str(now(huis))
    await act(huis, "afwijzingen", {"reden": "Wil geen hulp", "datum": day})
    closed = {"resultaat": "Definitief geen contact kunnen krijgen", "datum": day, "zaak": True}
    assert (await act(huis, "afsluitingen", closed)).status_code == 201
    later = Household(huis.drempel, huis.gemeentecode, persoon_id=huis.persoon_id, adres_id=huis.adres_id, opened=True)
    opening = CaseOpened(zaak_id=later.zaak_id, adres_id=later.adres_id, gemeentecode=later.gemeentecode,
                         vorige_zaak_id=huis.zaak_id, datum=now(huis))  # fmt: skip
    await later.say("matching", opening)
    await later.route(await later.signal())
    bare = {"soort": "Telefoon", "datum": day, "bereikt": False}
    assert (await act(later, "contactpogingen", bare)).json()["code"] == "nee"
    assert [row["rust"]["regel"] for row in await listed(later, "taken")] == ["nee"]


async def test_urgency_lifts_the_rest_until_somebody_was_reached(huis: Household) -> None:
    no = {"reden": "Wil geen hulp", "datum": str(now(huis) - timedelta(days=1))}
    await act(huis, "afwijzingen", no)
    bare = {"soort": "Telefoon", "datum": str(now(huis)), "bereikt": False}
    assert (await act(huis, "contactpogingen", bare)).status_code == 409
    plus = EscalatedToSignaleringPlus(zaak_id=huis.zaak_id, datum=now(huis), aanleiding="geen contact")
    await huis.say("escalation", plus)
    assert (await act(huis, "contactpogingen", bare)).status_code == 201
    assert all(row["zoVaakAlsNodig"] and row["rust"] is None for row in (await opened(huis))["taken"])
    await act(huis, "afwijzingen", no | {"datum": str(now(huis))})
    assert (await act(huis, "contactpogingen", bare)).json()["code"] == "nee"
    for rows in (await listed(huis, "taken"), (await opened(huis))["taken"]):
        assert rows and all(row["rust"]["regel"] == "nee" and not row["zoVaakAlsNodig"] for row in rows)


# --- who comes by himself, and where things can be read ---------------------------------------------
