"""From a route to tasks over HTTP: they follow routes, corrections, attempts, settings and the rest of a household."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from libs.chassis.clock import today
from libs.chassis.werkdagen import op_werkdag, plus_werkdagen
from libs.events.catalogue import (
    EvictionAverted,
    EvictionPostponed,
    EvictionScheduled,
    PolicyPublished,
    SignalWithdrawn,
)
from libs.events.values import Contactsoort, Intrekkingsreden, Signaalpartner, Stap
from tests.household import NAAM, Household
from tests.outreach import ACTS, POGING, act, fields, listed, opened, worklist
from tests.system import Running

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


async def test_a_route_becomes_tasks_and_attempts_make_them_go(huis: Household, outreach: Running) -> None:
    signaal = await huis.signal()
    await huis.route(signaal, prioriteit=1, stappen=CALLS, contactsoorten=(BELLEN, BRIEF))
    first, second = await listed(huis, "taken")
    assert (first["contactsoorten"], first["minimum"], first["maximum"], first["gedaan"]) == (["Telefoon"], 2, 3, 0)
    assert (second["contactsoorten"], second["brief"], second["verplicht"]) == (["Brief"], "aanbod", True)
    assert (first["uiterlijk"], first["teLaat"], first["behandelaar"]["team"]) == (
        "2025-03-31",
        True,
        "Vroegsignalering",
    )
    assert date.fromisoformat(first["gepland"]) >= now(huis)
    assert NAAM not in str([first, second])
    await act(huis, "contactpogingen", POGING | {"soort": "Brief"})
    await act(huis, "contactpogingen", POGING)
    ((zaak, step, kinds),) = await tasks(huis)
    assert (zaak, step, kinds) == (str(huis.zaak_id), 1, ["Telefoon"])
    await act(huis, "contactpogingen", POGING | {"bereikt": True})
    assert [row["gedaan"] for row in (await opened(huis))["taken"]] == []
    assert await tasks(huis) == []


async def test_a_replaced_route_replaces_the_tasks_and_a_withdrawn_signal_takes_them_away(huis: Household) -> None:
    await act(huis, "contactpogingen", POGING | {"soort": "Brief"})
    signaal = UUID((await opened(huis))["signalen"][0]["signaalId"])
    assert [kinds for _, _, kinds in await tasks(huis)] == [["Telefoon"]]
    await huis.route(signaal, stappen=(Stap(contactsoorten=(BRIEF,)), Stap(contactsoorten=(BEZOEK,))))
    assert [kinds for _, _, kinds in await tasks(huis)] == [["Huisbezoek"]]
    gone = SignalWithdrawn(
        signaal_id=signaal, partner="woonbron", signaalpartner=Signaalpartner.HUUR, periode="2025-03",
        reden=Intrekkingsreden.BETAALD, datum=date(2025, 3, 9),
    )  # fmt: skip
    await huis.say("intake", gone, subject=signaal)
    assert await tasks(huis) == []
    assert (await opened(huis))["taken"] == []


async def test_tasks_end_with_help_and_with_the_melding(outreach: Running, gemeente: str) -> None:
    ends = {"hulpacceptaties": {"soort": "Budgetbeheer", "datum": "2025-03-10"},
            "afsluitingen": {"resultaat": "Definitief geen contact kunnen krijgen", "datum": "2025-03-20"}}  # fmt: skip
    for what, body in ends.items():
        huis = Household(outreach, gemeente)
        await huis.route(await huis.signal())
        assert len(await tasks(huis)) == 1
        assert (await act(huis, what, body)).status_code == 201
        assert (await tasks(huis), (await opened(huis))["taken"]) == ([], [])


async def evict(huis: Household) -> UUID:
    """An eviction is announced."""
    scheduled = EvictionScheduled(
        zaak_id=huis.zaak_id, datum=date(2025, 3, 11), ontruiming_id=uuid4(), aanzegdatum=date(2025, 3, 11),
        ontruimingsdatum=date(2025, 3, 28),
    )  # fmt: skip
    await huis.say("escalation", scheduled)
    return scheduled.ontruiming_id


@pytest.mark.parametrize("what", ["hulpacceptaties", "afsluitingen", "afwijzingen", None])
@pytest.mark.parametrize("sooner", [True, False])
async def test_an_announced_eviction_is_a_visit_to_do_whatever_became_of_the_melding(
    huis: Household, what: str | None, sooner: bool
) -> None:
    await act(huis, "contactpogingen", POGING | {"soort": "Huisbezoek", "bereikt": True})
    if sooner:
        await evict(huis)
    if what:
        assert (await act(huis, what, ACTS[what])).status_code == 201
    ontruiming_id = None if sooner else await evict(huis)
    (row,) = await worklist(huis)
    assert (row["zaakId"], row["gesloten"]) == (str(huis.zaak_id), what == "afsluitingen")
    for rows in (await listed(huis, "taken"), (await opened(huis))["taken"]):
        (visit,) = [row for row in rows if row["contactsoorten"] == ["Huisbezoek"]]
        assert (visit["stap"], visit["verplicht"], visit["zoVaakAlsNodig"]) == (None, True, True)
        assert (visit["uiterlijk"], visit["bron"]) == ("2025-03-28", "ontruiming")
    await act(huis, "contactpogingen", POGING | {"soort": "Huisbezoek", "datum": "2025-03-12", "bereikt": True})
    assert [row for row in await listed(huis, "taken") if row["contactsoorten"] == ["Huisbezoek"]] == []
    if ontruiming_id:
        averted = EvictionAverted(zaak_id=huis.zaak_id, datum=date(2025, 3, 13), ontruiming_id=ontruiming_id)
        await huis.say("escalation", averted)
        assert len(await worklist(huis)) == (what != "afsluitingen")


async def test_an_eviction_of_a_case_that_is_not_picked_up_put_off_without_a_date_is_due_at_once(
    outreach: Running, gemeente: str
) -> None:
    huis = Household(outreach, gemeente)
    await huis.set_aside(await huis.signal())
    postponed = EvictionPostponed(zaak_id=huis.zaak_id, datum=date(2025, 3, 12), ontruiming_id=await evict(huis))
    await huis.say("escalation", postponed)
    (visit,) = await listed(huis, "taken")
    assert (visit["uiterlijk"], visit["bron"], visit["teLaat"]) == ("2025-03-11", "ontruiming", True)
    closing = ACTS["afsluitingen"] | {"zaak": True}
    refused = await act(huis, "afsluitingen", closing)
    assert (refused.status_code, refused.json()["code"], fields(refused)) == (409, "ontruimingDreigt", ["zaak"])
    averted = EvictionAverted(zaak_id=huis.zaak_id, datum=date(2025, 3, 13), ontruiming_id=postponed.ontruiming_id)
    await huis.say("escalation", averted)
    assert (await act(huis, "afsluitingen", closing)).status_code == 201


async def test_first_due_first_over_pages_by_team_and_day(outreach: Running, gemeente: str) -> None:
    cases = [Household(outreach, gemeente) for _ in range(5)]
    for n, huis in enumerate(cases):
        await huis.route(await huis.signal(), uiterlijke_datum=date(2025, 5, 16 - n), stappen=CALLS)
    await evict(cases[0])
    order = [(str(cases[n].zaak_id), step) for n in (0, 4, 3, 2, 1) for step in (1, 2)]
    pages = [await tasks(cases[0], pagina=page, paginaGrootte=3) for page in (1, 2, 3, 4)]
    assert [(zaak, step) for page in pages for zaak, step, _ in page] == [(str(cases[0].zaak_id), None), *order]
    assert [len(page) for page in pages] == [3, 3, 3, 2]
    assert len(await tasks(cases[0], uiterlijkVoor="2025-05-12")) == 5
    assert len(await tasks(cases[0], uiterlijkVoor="2000-01-01")) == 0
    assert len(await tasks(cases[0], team="Vroegsignalering")) == 11
    assert await tasks(cases[0], team="Ander team") == []


async def test_tasks_of_one_employee_by_a_pseudonym(huis: Household) -> None:
    body = {"organisatie": "Sociaal team", "team": "Oost", "medewerker": "J. Roodborst"}
    http = huis.drempel.http
    answer = await http.put(f"{huis.pad}/behandelaar", json=body, headers=huis.als())
    wie = answer.json()["medewerkerId"]
    assert len(await tasks(huis, medewerker=wie)) == 1
    assert await tasks(huis, medewerker=str(uuid4())) == []
    again = await http.put(f"{huis.pad}/behandelaar", json=body | {"medewerker": "j.  roodborst"}, headers=huis.als())
    assert again.json()["medewerkerId"] == wie
    assert "oodborst" not in str(await listed(huis, "taken"))
    await http.put(f"{huis.pad}/behandelaar", json=body | {"medewerker": None}, headers=huis.als())
    assert await tasks(huis, medewerker=wie) == []


async def test_settings_change_the_plan_at_once(huis: Household) -> None:
    signaal = UUID((await opened(huis))["signalen"][0]["signaalId"])
    await huis.route(signaal, uiterlijke_datum=now(huis) + timedelta(days=60))
    await act(huis, "contactpogingen", POGING | {"datum": str(now(huis))})

    async def planned() -> date:
        (row,) = await listed(huis, "taken")
        assert row["gepland"] == (await opened(huis))["taken"][0]["gepland"]
        return date.fromisoformat(row["gepland"])

    for werkdagen in (1, 20, 0):
        await agree(huis, werkdagenTussenPogingen=werkdagen)
        assert await planned() == op_werkdag(plus_werkdagen(now(huis), werkdagen))


# --- rest and "no" ----------------------------------------------------------------------------------


async def test_who_comes_by_himself_is_a_task_until_the_first_conversation(huis: Household) -> None:
    http, headers = huis.drempel.http, huis.als()
    client = {"achternaam": NAAM, "postcode": "3311AB", "huisnummer": 10}
    new = {"gemeentecode": huis.gemeentecode, "datum": "2025-02-03", "client": client}
    known = {"zaakId": str(huis.zaak_id), "datum": "2025-03-10"}
    places = [
        (await http.post("/outreach/v1/aanmeldingen", json=body, headers=headers)).headers["Location"]
        for body in (new, known)
    ]
    for place in places:
        found = (await http.get(place, headers=headers)).json()
        assert (found["type"], "client" in found) == ("SelfReported", False)
    rows = [row for row in await listed(huis, "taken") if row["soort"] == "Eerste gesprek"]
    assert [(row["zaakId"], row["uiterlijk"]) for row in rows] == [
        (None, "2025-03-03"), (str(huis.zaak_id), "2025-04-07"),
    ]  # fmt: skip
    assert [row["aanmeldingId"] for row in (await opened(huis))["taken"] if row["soort"] == "Eerste gesprek"] == [
        rows[1]["aanmeldingId"]
    ]
    await act(huis, "gesprekken", {"datum": "2025-03-12"})
    assert [row["zaakId"] for row in await listed(huis, "taken") if row["soort"] == "Eerste gesprek"] == [None]


async def test_the_location_of_an_act_can_be_read(huis: Household) -> None:
    answer = await act(huis, "contactpogingen", POGING | {"toelichting": "over de buurvrouw", "brief": "aanbod"})
    found = (await huis.drempel.http.get(answer.headers["Location"], headers=huis.als())).json()
    assert found["id"] == answer.json()["id"]
    assert (found["type"], found["soort"], found["resultaat"]) == ("ContactAttempted", "Telefoon", "Geen gehoor")
    assert (found["brief"], "toelichting" in found) == ("aanbod", False)
    other = huis.als("consulent", "0523")
    assert (await huis.drempel.http.get(answer.headers["Location"], headers=other)).status_code == 404
    assert (await huis.drempel.http.get(f"{huis.pad}/handelingen/{uuid4()}", headers=huis.als())).status_code == 404


async def test_who_may_see_tasks(huis: Household) -> None:
    http = huis.drempel.http
    path = f"/outreach/v1/taken?gemeentecode={huis.gemeentecode}"
    for rol, status in (("consulent", 200), ("coordinator", 200), ("partner", 403), ("beheer", 403)):
        headers = huis.drempel.als(rol, huis.gemeentecode, partner="woonbron")
        assert (await http.get(path, headers=headers)).status_code == status
    assert (await http.get(path, headers=huis.als("consulent", "0523"))).status_code == 403
    assert (await http.get("/outreach/v1/taken", headers=huis.als("consulent", "0523"))).json()["taken"] == []
    for wrong in ("uiterlijkVoor=2025-02-30", "medewerker=Jansen", "pagina=0"):
        assert (await http.get(f"{path}&{wrong}", headers=huis.als())).status_code == 400
