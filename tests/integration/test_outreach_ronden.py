"""Many cases at once over HTTP: rounds of letters, and lists for a call centre."""

import asyncio
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from libs.chassis.auth import Rol
from libs.chassis.clock import today
from libs.events.catalogue import ContactAttempted, PolicyPublished
from libs.events.values import Contactsoort, Stap
from tests.household import NAAM, STRAAT, TELEFOON, Household
from tests.outreach import POGING, SLUIT, act, fields, listed, opened, said
from tests.system import Running

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio(loop_scope="module")]

LETTER = (Stap(contactsoorten=(Contactsoort.BRIEF,), brief="aanbod"), Stap(contactsoorten=(Contactsoort.TELEFOON,)))


def now(huis: Household) -> date:
    return today(huis.drempel.clock)


async def cases(outreach: Running, gemeente: str, n: int, **signal: Any) -> list[Household]:
    found = [Household(outreach, gemeente) for _ in range(n)]
    for huis in found:
        signaal = await huis.signal(**signal)
        await huis.route(signaal, stappen=LETTER, uiterlijke_datum=now(huis) + timedelta(days=20))
    return found


async def post(huis: Household, what: str, body: dict[str, Any], **headers: str) -> Any:
    path, body = f"/outreach/v1/{what}", {"gemeentecode": huis.gemeentecode} | body
    return await huis.drempel.http.post(path, json=body, headers=huis.als() | headers)


def verdicts(answer: Any) -> dict[str, tuple[str, str | None]]:
    assert answer.status_code == 201, answer.text
    return {regel["zaakId"]: (regel["oordeel"], regel.get("code")) for regel in answer.json()["regels"]}


# --- letters ----------------------------------------------------------------------------------------


async def test_a_round_of_letters_is_an_attempt_in_each_case_once(outreach: Running, gemeente: str) -> None:
    first, second, ended = await cases(outreach, gemeente, 3)
    await act(ended, "afsluitingen", SLUIT | {"zaak": True})
    elsewhere = Household(outreach, "0523")
    await elsewhere.signal()
    ids = [str(huis.zaak_id) for huis in (first, second, ended, elsewhere)]
    body = {"zaakIds": [*ids, str(uuid4())], "brief": "aanbod", "datum": str(now(first))}
    answer = await post(first, "brievenronden", body)
    found = verdicts(answer)
    assert [found[zaak] for zaak in ids] == [
        ("vastgelegd", None), ("vastgelegd", None), ("geweigerd", "zaakBeeindigd"), ("geweigerd", "nietGevonden"),
    ]  # fmt: skip
    assert answer.json()["aantallen"] == {"geweigerd": 3, "vastgelegd": 2}
    (poging,) = await said(first, ContactAttempted)
    assert (poging.soort, poging.brief, poging.resultaat, poging.bereikt) == ("Brief", "aanbod", "Verzonden", False)
    again = verdicts(await post(first, "brievenronden", body))
    assert [again[zaak][0] for zaak in ids[:2]] == ["dubbel", "dubbel"]
    assert len(await said(first, ContactAttempted)) == 1
    read = await outreach.http.get(answer.headers["Location"], headers=first.als())
    assert read.json() == answer.json()
    assert (
        await outreach.http.get(answer.headers["Location"], headers=first.als("consulent", "0523"))
    ).status_code == 404
    assert [row["contactsoorten"] for row in await listed(first, "taken")] == [["Telefoon"]] * 2
    assert (await opened(first))["pogingen"][0]["contactpogingId"] == str(poging.contactpoging_id)


async def test_the_same_key_is_the_same_round(outreach: Running, gemeente: str) -> None:
    (huis,) = await cases(outreach, gemeente, 1)
    body = {"zaakIds": [str(huis.zaak_id)], "datum": str(now(huis))}
    first, again = [await post(huis, "brievenronden", body, **{"Idempotency-Key": "ronde"}) for _ in range(2)]
    assert (first.json(), first.headers["Location"]) == (again.json(), again.headers["Location"])
    assert list(verdicts(again).values()) == [("vastgelegd", None)]


async def test_the_same_round_sent_five_times_at_once_is_recorded_once(outreach: Running, gemeente: str) -> None:
    huizen = await cases(outreach, gemeente, 2)
    ids = [str(huis.zaak_id) for huis in huizen]
    orders = [ids, ids[::-1], ids, ids[::-1], ids]
    answers = await asyncio.gather(
        *(post(huizen[0], "brievenronden", {"zaakIds": order, "datum": "2025-03-11"}) for order in orders)
    )
    found = [verdicts(answer)[zaak][0] for answer in answers for zaak in ids]
    assert sorted(found) == ["dubbel"] * 8 + ["vastgelegd"] * 2
    assert [len(await said(huis, ContactAttempted)) for huis in huizen] == [1, 1]


async def test_a_round_goes_to_who_has_such_a_letter_to_come_and_no_rest(outreach: Running, gemeente: str) -> None:
    one, said_no, reached, done = await cases(outreach, gemeente, 4)
    await act(said_no, "afwijzingen", {"reden": "Wil geen hulp", "datum": str(now(one))})
    await act(reached, "contactpogingen", POGING | {"datum": str(now(one)), "bereikt": True})
    await act(done, "contactpogingen", POGING | {"soort": "Brief", "brief": "aanbod"})
    await outreach.rest()
    body = {"filter": {"team": "Vroegsignalering"}, "brief": "aanbod", "datum": str(now(one))}
    assert verdicts(await post(one, "brievenronden", body)) == {
        str(one.zaak_id): ("vastgelegd", None), str(said_no.zaak_id): ("overgeslagen", "nee"),
        str(reached.zaak_id): ("overgeslagen", "rustperiode"),
    }  # fmt: skip
    await outreach.rest()
    with_reason = await post(one, "brievenronden", body | {"reden": "Dreigende afsluiting"})
    assert [v for v, _ in verdicts(with_reason).values()] == ["vastgelegd"] * 2
    assert [e.reden for e in await said(said_no, ContactAttempted)] == ["Dreigende afsluiting"]
    past = body | {"zaakIds": [str(reached.zaak_id)], "filter": None, "datum": "2025-03-11"}
    assert verdicts(await post(one, "brievenronden", past))[str(reached.zaak_id)] == ("vastgelegd", None)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"datum": "2999-01-01"}, "datum"), ({"datum": "2011-01-01"}, "datum"), ({"soort": "Telefoon"}, "soort"),
        ({"brief": "Met Spatie"}, "brief"), ({"zaakIds": []}, "zaakIds"), ({"zaakIds": 5}, "zaakIds"),
        ({"zaakIds": [str(UUID(int=1))] * 501}, "zaakIds"), ({"filter": {}}, "body"), ({"reden": "zomaar"}, "reden"),
        ({"zaakIds": None}, "body"), ({"wat": 1}, "wat"), ({"filter": {"wie": 1}, "zaakIds": None}, "filter.wie"),
    ],
)  # fmt: skip
async def test_a_wrong_round_names_its_field(huis: Household, change: dict[str, Any], field: str) -> None:
    body = {"zaakIds": [str(huis.zaak_id)], "datum": "2025-03-11"}
    answer = await post(huis, "brievenronden", body | change)
    assert (answer.status_code, fields(answer)) == (400, [field]), answer.text
    assert await said(huis, ContactAttempted) == []


async def test_who_may_send_letters_and_make_lists(huis: Household) -> None:
    body = {"zaakIds": [str(huis.zaak_id)], "datum": "2025-03-11", "gemeentecode": huis.gemeentecode}
    for rol, status in (("coordinator", 403), ("partner", 403), ("callcenter", 403), ("sociaalteam", 201)):
        headers = huis.drempel.als(rol, huis.gemeentecode, partner="woonbron")
        answer = await huis.drempel.http.post("/outreach/v1/brievenronden", json=body, headers=headers)
        assert answer.status_code == status, rol
    assert (await post(huis, "brievenronden", body | {"gemeentecode": "0523"})).status_code == 403
    assert (await post(huis, "bellijsten", {"gemeentecode": "0523"})).status_code == 400


# --- call lists -------------------------------------------------------------------------------------


async def agree(huis: Household, **uitvoering: Any) -> None:
    event = PolicyPublished(
        gemeentecode=huis.gemeentecode, beleid_versie="v", geldig_vanaf=date(2020, 1, 1),
        beleid={"afspraken": {"uitvoering": {"callcenter": True} | uitvoering}},
    )  # fmt: skip
    await huis.say("routing", event, subject=uuid4())


def caller(huis: Household, team: str | None = "Belteam Noord", gemeente: str | None = None) -> dict[str, str]:
    codes = (gemeente or huis.gemeentecode,)
    token = huis.drempel.system.issuer.token(Rol.CALLCENTER, huis.drempel.clock, gemeenten=codes, team=team)
    return {"Authorization": f"Bearer {token}"}


def a_list(*huizen: Household, **changes: Any) -> dict[str, Any]:
    return {"zaakIds": [str(huis.zaak_id) for huis in huizen], "team": "Belteam Noord",
            "geldigTot": str(now(huizen[0]) + timedelta(days=7))} | changes  # fmt: skip


async def call(huis: Household, headers: dict[str, str], **changes: Any) -> Any:
    body = {"soort": "Telefoon", "datum": str(now(huis)), "bereikt": False, "resultaat": "Geen gehoor"} | changes
    return await huis.drempel.http.post(f"{huis.pad}/contactpogingen", json=body, headers=headers)


async def test_a_call_centre_sees_and_records_only_what_it_was_given(outreach: Running, gemeente: str) -> None:
    given, other, silent = await cases(outreach, gemeente, 3, telefoon_bruikbaar=True)
    await agree(given, callcenterPogingen=2)
    await act(silent, "afwijzingen", {"reden": "Wil geen hulp", "datum": str(now(given))})
    made = await post(given, "bellijsten", a_list(given, silent))
    assert sorted(verdicts(made).values()) == [("opgenomen", None), ("overgeslagen", "nee")]
    assert TELEFOON not in made.text
    place, centre = made.headers["Location"], caller(given)
    seen = (await outreach.http.get(place, headers=centre)).json()
    assert seen["zaken"] == [
        {"zaakId": str(given.zaak_id), "gebeld": 0, "clienten": [{"naam": f"A. {NAAM}", "telefoonnummer": TELEFOON}]}
    ]
    assert STRAAT not in str(seen)
    async with outreach.admin() as conn:
        lines = await conn.fetch("SELECT door FROM outreach.logboek WHERE betrokkene = $1", given.persoon_id)
    assert [line[0] for line in lines] == ["callcenter"]
    assert (await call(other, centre)).status_code == 404
    assert (await call(silent, centre)).status_code == 404
    assert (await call(given, centre, soort="Huisbezoek")).status_code == 403
    answer = await call(given, centre)
    assert (answer.status_code, "Location" in answer.headers) == (201, False)
    assert [(e.middel, e.bereikt) for e in await said(given, ContactAttempted)] == [("Callcenter", False)]
    assert (await outreach.http.get(place, headers=centre)).json()["zaken"][0]["gebeld"] == 1
    await call(given, centre)
    assert (await outreach.http.get(place, headers=centre)).json()["zaken"] == []
    for path in (given.pad, "/outreach/v1/werkvoorraad", "/outreach/v1/taken", f"{given.pad}/handelingen/{uuid4()}"):
        assert (await outreach.http.get(path, headers=centre)).status_code == 403
    assert (await outreach.http.post(f"{given.pad}/afwijzingen", json={}, headers=centre)).status_code == 403


async def test_a_list_is_of_one_team_for_a_time(outreach: Running, gemeente: str) -> None:
    (huis,) = await cases(outreach, gemeente, 1, telefoon_bruikbaar=True)
    await agree(huis)
    place = (await post(huis, "bellijsten", a_list(huis))).headers["Location"]
    for headers, reads, calls in (
        (caller(huis), 200, 201), (caller(huis, "Belteam Zuid"), 404, 404), (caller(huis, None), 403, 403),
        (caller(huis, gemeente="0523"), 404, 404), (huis.als("consulent", "0523"), 404, 404),
    ):  # fmt: skip
        assert (await outreach.http.get(place, headers=headers)).status_code == reads
        assert (await call(huis, headers)).status_code == calls
    mine = (await outreach.http.get("/outreach/v1/bellijsten", headers=caller(huis))).json()["bellijsten"]
    assert [(row["bellijstId"], row["aantal"]) for row in mine] == [(place.rpartition("/")[2], 1)]
    assert (await outreach.http.get("/outreach/v1/bellijsten", headers=caller(huis, "Belteam Zuid"))).json()[
        "bellijsten"
    ] == []
    made_by = (await outreach.http.get(place, headers=huis.als())).json()
    assert (made_by["aantallen"], TELEFOON in str(made_by)) == ({"opgenomen": 1}, False)
    async with outreach.admin() as conn:
        await conn.execute("UPDATE outreach.lijst SET geldig_tot = geldig_tot - 30")
    assert (await outreach.http.get(place, headers=caller(huis))).status_code == 404
    assert (await call(huis, caller(huis))).status_code == 404


async def test_a_list_needs_an_agreement_a_number_and_a_near_end(outreach: Running, gemeente: str) -> None:
    (without,) = await cases(outreach, gemeente, 1)
    refused = await post(without, "bellijsten", a_list(without))
    assert (refused.status_code, refused.json()["code"]) == (409, "geenCallcenter")
    await agree(without)
    assert list(verdicts(await post(without, "bellijsten", a_list(without))).values()) == [
        ("overgeslagen", "geenTelefoonnummer")
    ]
    for day in (-1, 32):
        wrong = a_list(without, geldigTot=str(now(without) + timedelta(days=day)))
        assert fields(await post(without, "bellijsten", wrong)) == ["geldigTot"]


async def test_the_reason_of_a_list_goes_with_its_calls_and_who_was_reached_is_off_it(
    outreach: Running, gemeente: str
) -> None:
    (huis,) = await cases(outreach, gemeente, 1, telefoon_bruikbaar=True)
    await agree(huis)
    await act(huis, "afwijzingen", {"reden": "Wil geen hulp", "datum": str(now(huis))})
    body = a_list(huis, reden="Dreigende afsluiting") | {"zaakIds": None, "filter": {}}
    await outreach.rest()
    made = await post(huis, "bellijsten", body)
    assert list(verdicts(made).values()) == [("opgenomen", None)]
    assert (await call(huis, caller(huis), bereikt=True)).status_code == 201
    assert [e.reden for e in await said(huis, ContactAttempted)] == ["Dreigende afsluiting"]
    assert (await outreach.http.get(made.headers["Location"], headers=caller(huis))).json()["zaken"] == []


async def test_an_erased_person_is_on_no_list(outreach: Running, gemeente: str) -> None:
    (huis,) = await cases(outreach, gemeente, 1, telefoon_bruikbaar=True)
    await agree(huis)
    place = (await post(huis, "bellijsten", a_list(huis))).headers["Location"]
    await huis.erase(huis.persoon_id)
    assert (await outreach.http.get(place, headers=caller(huis))).json()["zaken"] == []
