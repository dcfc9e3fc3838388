"""The list that is always there for a call centre: whom the routes give it to call, and nobody else."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from libs.chassis.auth import Rol
from libs.chassis.clock import today
from libs.events.catalogue import ContactAttempted, EscalatedToSignaleringPlus, PolicyPublished
from libs.events.values import Contactsoort, Stap
from tests.household import NAAM, STRAAT, TELEFOON, Household
from tests.outreach import act, listed, said
from tests.system import Running

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio(loop_scope="module")]

TEAM = "Belteam Noord"
BRIEF, BELLEN, BEZOEK = Contactsoort.BRIEF, Contactsoort.TELEFOON, Contactsoort.HUISBEZOEK
ROUTE = (Stap(contactsoorten=(BEZOEK,)), Stap(contactsoorten=(BELLEN,), minimum=3, maximum=7, uitvoerder=TEAM))


def now(huis: Household) -> date:
    return today(huis.drempel.clock)


async def agree(huis: Household, **uitvoering: Any) -> None:
    event = PolicyPublished(
        gemeentecode=huis.gemeentecode, beleid_versie="v", geldig_vanaf=date(2020, 1, 1),
        beleid={"afspraken": {"uitvoering": {"callcenter": True, "werkdagenTussenPogingen": 0} | uitvoering}},
    )  # fmt: skip
    await huis.say("routing", event, subject=uuid4())


async def case(outreach: Running, gemeente: str, *stappen: Stap, **signal: Any) -> Household:
    huis = Household(outreach, gemeente)
    signaal = await huis.signal(**{"telefoon_bruikbaar": True} | signal)
    await huis.route(signaal, stappen=stappen or ROUTE, uiterlijke_datum=now(huis) + timedelta(days=20))
    return huis


def centre(huis: Household, team: str | None = TEAM, gemeente: str | None = None) -> dict[str, str]:
    codes = (gemeente or huis.gemeentecode,)
    token = huis.drempel.system.issuer.token(Rol.CALLCENTER, huis.drempel.clock, gemeenten=codes, team=team)
    return {"Authorization": f"Bearer {token}"}


async def lists(huis: Household, headers: dict[str, str], **query: Any) -> list[dict[str, Any]]:
    await huis.drempel.rest()
    answer = await huis.drempel.http.get("/outreach/v1/bellijsten", headers=headers, params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["bellijsten"]
    return found


async def to_call(huis: Household, headers: dict[str, str]) -> dict[str, int]:
    """The cases on the standing list, with how often they were called."""
    rows = await lists(huis, headers)
    if not rows:
        return {}
    found = (await huis.drempel.http.get(f"/outreach/v1/bellijsten/{rows[0]['bellijstId']}", headers=headers)).json()
    assert len(found["zaken"]) == rows[0]["aantal"]
    return {row["zaakId"]: row["gebeld"] for row in found["zaken"]}


async def call(huis: Household, headers: dict[str, str], **changes: Any) -> int:
    body = {"soort": "Telefoon", "datum": str(now(huis)), "bereikt": False, "resultaat": "Geen gehoor"} | changes
    answer = await huis.drempel.http.post(f"{huis.pad}/contactpogingen", json=body, headers=headers)
    return int(answer.status_code)


async def test_a_route_that_names_a_call_centre_puts_the_household_on_its_list(
    outreach: Running, gemeente: str
) -> None:
    huis = await case(outreach, gemeente)
    headers = centre(huis)
    assert await lists(huis, headers) == [], "not agreed"
    assert await call(huis, headers) == 404
    await agree(huis)
    (row,) = await lists(huis, headers)
    day = str(now(huis))
    assert row == {"bellijstId": row["bellijstId"], "gemeentecode": gemeente, "team": TEAM, "datum": day,
                   "geldigTot": day, "doorlopend": True, "aantal": 1}  # fmt: skip
    place = f"/outreach/v1/bellijsten/{row['bellijstId']}"
    seen = await outreach.http.get(place, headers=headers)
    client = {"naam": f"A. {NAAM}", "telefoonnummer": TELEFOON}
    assert seen.json()["zaken"] == [{"zaakId": str(huis.zaak_id), "gebeld": 0, "clienten": [client]}]
    assert STRAAT not in seen.text
    async with outreach.admin() as conn:
        lines = await conn.fetch("SELECT door FROM outreach.logboek WHERE betrokkene = $1", huis.persoon_id)
    assert [line[0] for line in lines] == ["callcenter"]
    assert [await call(huis, headers), await call(huis, headers, soort="SMS/Whatsapp")] == [201, 201]
    assert await call(huis, headers, soort="Huisbezoek") == 403
    assert [e.middel for e in await said(huis, ContactAttempted)] == ["Callcenter"] * 2
    await agree(huis, callcenter=False)
    assert await lists(huis, headers) == []
    assert ((await outreach.http.get(place, headers=headers)).status_code, await call(huis, headers)) == (404, 404)


async def test_of_a_case_that_is_not_on_its_list_a_call_centre_sees_nothing(outreach: Running, gemeente: str) -> None:
    """Another's step, no number, a rest, a "no", or not yet; nor what is of another team or municipality."""
    mine = await case(outreach, gemeente)
    await agree(mine, rustperiodeDagen=7)
    others = [
        await case(outreach, gemeente, Stap(contactsoorten=(BELLEN,))),
        await case(outreach, gemeente, Stap(contactsoorten=(BELLEN,), uitvoerder="Belteam Zuid")),
        await case(outreach, gemeente, Stap(contactsoorten=(BEZOEK,), uitvoerder=TEAM)),
        await case(outreach, gemeente, telefoon_bruikbaar=False),
        await case(outreach, gemeente, Stap(contactsoorten=(BRIEF,)), Stap(contactsoorten=(BELLEN,), uitvoerder=TEAM,
                                                                           na_dagen=7)),
    ]  # fmt: skip
    refused, reached, elsewhere = [await case(outreach, gemeente) for _ in range(3)]
    await act(refused, "afwijzingen", {"reden": "Wil geen hulp", "datum": str(now(mine))})
    spoken = {"soort": "Huisbezoek", "bereikt": True, "datum": str(now(mine) - timedelta(days=1))}
    await act(reached, "contactpogingen", spoken)
    await act(elsewhere, "afsluitingen", {"resultaat": "Geen reactie na eerder contact", "datum": str(now(mine)),
                                          "zaak": True})  # fmt: skip
    headers = centre(mine, team=TEAM.upper())
    assert await to_call(mine, headers) == {str(mine.zaak_id): 0}
    for huis in (*others, refused, reached, elsewhere):
        assert await call(huis, headers) == 404
        for path in (huis.pad, f"{huis.pad}/brieven/brief"):
            assert (await outreach.http.get(path, headers=headers)).status_code == 403
    (row,) = await lists(mine, headers)
    place = f"/outreach/v1/bellijsten/{row['bellijstId']}"
    for strange in (
        centre(mine, "Belteam Oost"),
        centre(mine, gemeente="0523"),
        mine.als(),
        mine.als("consulent", "0523"),
    ):
        assert (await outreach.http.get(place, headers=strange)).status_code == 404
    assert (await outreach.http.get(place, headers=mine.als("coordinator"))).status_code == 403
    assert await call(mine, centre(mine, gemeente="0523")) == 404


async def test_who_was_reached_or_called_often_enough_goes_off_unless_it_is_urgent(
    outreach: Running, gemeente: str
) -> None:
    huis, other = [await case(outreach, gemeente) for _ in range(2)]
    await agree(huis, callcenterPogingen=2, rustperiodeDagen=0)
    headers, yesterday = centre(huis), now(huis) - timedelta(days=1)
    for _ in range(2):
        await act(huis, "contactpogingen", {"soort": "Telefoon", "datum": str(yesterday), "bereikt": False})
    assert await to_call(huis, headers) == {str(other.zaak_id): 0}
    assert await call(huis, headers) == 404
    plus = EscalatedToSignaleringPlus(zaak_id=huis.zaak_id, datum=yesterday, aanleiding="geen contact")
    await huis.say("escalation", plus)
    assert await to_call(huis, headers) == {str(huis.zaak_id): 2, str(other.zaak_id): 0}
    assert await call(other, headers, bereikt=True) == 201
    assert await to_call(huis, headers) == {str(huis.zaak_id): 2}


async def test_its_step_waits_for_no_other_unless_the_route_says_so(outreach: Running, gemeente: str) -> None:
    """A visit that is still to be made holds no call up; a call of so many days after the letter waits for it."""
    route = (Stap(contactsoorten=(BRIEF,)), Stap(contactsoorten=(BELLEN,), uitvoerder=TEAM, na_dagen=7))
    parallel, waits = await case(outreach, gemeente), await case(outreach, gemeente, *route)
    await agree(parallel, werkdagenTussenPogingen=3, rustperiodeDagen=0)
    headers = centre(parallel)
    assert await to_call(parallel, headers) == {str(parallel.zaak_id): 0}
    sent = {"soort": "Brief", "bereikt": False, "resultaat": "Verzonden"}
    await act(waits, "contactpogingen", sent | {"datum": str(now(waits) - timedelta(days=9))})
    assert await to_call(parallel, headers) == {str(parallel.zaak_id): 0, str(waits.zaak_id): 0}


async def test_tasks_and_lists_by_who_carries_a_step_out(outreach: Running, gemeente: str) -> None:
    huis, plain = await case(outreach, gemeente), await case(outreach, gemeente, Stap(contactsoorten=(BELLEN,)))
    await agree(huis)
    rows = await listed(huis, "taken", uitvoerder="belteam noord")
    assert [(row["zaakId"], row["stap"], row["uitvoerder"]) for row in rows] == [(str(huis.zaak_id), 2, TEAM)]
    assert await listed(huis, "taken", uitvoerder="Iemand anders") == []
    body = {"gemeentecode": gemeente, "filter": {"uitvoerder": TEAM}, "team": "Belteam Oost",
            "geldigTot": str(now(huis) + timedelta(days=3))}  # fmt: skip
    made = await outreach.http.post("/outreach/v1/bellijsten", json=body, headers=huis.als())
    assert [row["zaakId"] for row in made.json()["regels"]] == [str(huis.zaak_id)]
    east = centre(huis, "Belteam Oost")
    assert [row.get("doorlopend") for row in await lists(huis, east)] == [None]
    assert (await call(huis, east), await call(plain, east)) == (201, 404)
    await agree(huis, callcenter=False)
    assert await call(huis, east) == 404, "a list made by hand ends with the agreement too"
    assert (await outreach.http.get(made.headers["Location"], headers=east)).status_code == 404


async def test_standing_lists_come_first_over_pages(outreach: Running, gemeente: str) -> None:
    huis = await case(outreach, gemeente)
    await agree(huis)
    body = {"gemeentecode": gemeente, "zaakIds": [str(huis.zaak_id)], "team": TEAM, "geldigTot": str(now(huis))}
    for _ in range(2):
        await outreach.http.post("/outreach/v1/bellijsten", json=body, headers=huis.als())
    pages = [await lists(huis, centre(huis), pagina=page, paginaGrootte=1) for page in (1, 2, 3, 4)]
    assert [[row.get("doorlopend") for row in page] for page in pages] == [[True], [None], [None], []]
    assert len({row["bellijstId"] for page in pages for row in page}) == 3
