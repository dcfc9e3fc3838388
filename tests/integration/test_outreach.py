"""Outreach over HTTP on a real PostgreSQL: the work list, an opened case, acts, and who may do what."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from libs.events.catalogue import (
    CaseClosed,
    CaseTransferred,
    ContactAttempted,
    DeurwaarderTransferred,
    Event,
    EvictionCarriedOut,
    EvictionScheduled,
    HelpAccepted,
    HelpDeclined,
    MeldingClosed,
    SelfReported,
    SignalWithdrawn,
)
from libs.events.values import Contactsoort, Deurwaardersfase, Intrekkingsreden, Signaalpartner
from tests.household import BSN, NAAM, STRAAT, TELEFOON, Household
from tests.system import Running, running

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio(loop_scope="module")]

POGING = {"soort": "Telefoon", "datum": "2025-03-10", "dagdeel": "Avond", "bereikt": False, "resultaat": "Geen gehoor"}
_CODES = count(1000)
SLUIT = {"resultaat": "Definitief geen contact kunnen krijgen", "datum": "2025-03-20"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def drempel(postgres: Path) -> AsyncIterator[Running]:
    """All services, once for these tests; the others are spoken for."""
    async with running(postgres, alone="outreach") as system:
        yield system


@pytest.fixture
def gemeente() -> str:
    """A municipality of its own for each test."""
    return f"{next(_CODES):04}"


@pytest_asyncio.fixture(loop_scope="module")
async def huis(drempel: Running, gemeente: str) -> Household:
    """A case with one routed signal."""
    found = Household(drempel, gemeente)
    await found.route(await found.signal())
    return found


async def act(huis: Household, what: str, body: dict[str, Any], **headers: str) -> Any:
    return await huis.drempel.http.post(f"{huis.pad}/{what}", json=body, headers=huis.als() | headers)


async def worklist(huis: Household, rol: str = "consulent", **query: Any) -> list[dict[str, Any]]:
    await huis.drempel.rest()
    query = {"gemeentecode": huis.gemeentecode} | query
    answer = await huis.drempel.http.get("/outreach/v1/werkvoorraad", params=query, headers=huis.als(rol))
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()["werkvoorraad"]
    return rows


async def opened(huis: Household, rol: str = "consulent") -> dict[str, Any]:
    answer = await huis.drempel.http.get(huis.pad, headers=huis.als(rol))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def said(huis: Household, kind: type[Event] = Event) -> list[Any]:
    return [e.data for e in await huis.drempel.log("outreach")
            if isinstance(e.data, kind) and e.subject == str(huis.zaak_id)]  # fmt: skip


def fields(answer: Any) -> list[str]:
    return [wrong["name"] for wrong in answer.json().get("invalidParams", [])]


# --- the work list ----------------------------------------------------------------------------------


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


async def test_what_is_set_aside_is_shown_and_takes_acts(drempel: Running, gemeente: str) -> None:
    huis = Household(drempel, gemeente)
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


async def test_threat_of_eviction_comes_first_then_due_date_then_priority(drempel: Running, gemeente: str) -> None:
    cases = [Household(drempel, gemeente) for _ in range(5)]
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


async def test_a_moved_link_moves_the_signal(huis: Household, drempel: Running) -> None:
    other = Household(drempel, huis.gemeentecode, persoon_id=huis.persoon_id)
    signaal = UUID((await worklist(huis))[0]["signalen"][0]["signaalId"])
    await other.link(signaal)
    (row,) = await worklist(huis)
    assert row["zaakId"] == str(other.zaak_id)
    assert row["status"] == "Nog niet opgepakt"


# --- one case ---------------------------------------------------------------------------------------


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
    assert found["termijnen"] == [{"soort": "Contact", "uiterlijk": "2025-03-31", "bron": "beleid"}]
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
        if what == "gesprekken":
            assert {t["bron"]: t["uiterlijk"] for t in (await opened(huis))["termijnen"]}["Wgs art. 4a"] == "2025-05-15"
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


# --- closing ----------------------------------------------------------------------------------------


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


async def test_a_case_that_others_end_takes_no_acts(drempel: Running, gemeente: str) -> None:
    endings: list[tuple[str, Any]] = [
        ("escalation", lambda zaak: EvictionCarriedOut(zaak_id=zaak, datum=date(2025, 4, 1), ontruiming_id=uuid4())),
        ("matching", lambda zaak: CaseTransferred(
            zaak_id=zaak, naar_gemeentecode="0523", naar_zaak_id=uuid4(), datum=date(2025, 4, 1))),
    ]  # fmt: skip
    for service, ending in endings:
        huis = Household(drempel, gemeente)
        await huis.signal()
        await huis.say(service, ending(huis.zaak_id))
        answer = await act(huis, "contactpogingen", POGING)
        assert (answer.status_code, answer.json()["code"]) == (409, "zaakBeeindigd")
        assert await worklist(huis) == []


# --- aanmeldingen -----------------------------------------------------------------------------------


async def test_a_household_comes_by_itself(huis: Household) -> None:
    http, headers = huis.drempel.http, huis.als()
    known = {"zaakId": str(huis.zaak_id), "datum": "2025-03-10"}
    unknown = {"gemeentecode": huis.gemeentecode, "datum": "2025-03-11",
               "client": {"achternaam": NAAM, "postcode": "3311AB", "huisnummer": 10}}  # fmt: skip
    for body in (known, unknown):
        answer = await http.post("/outreach/v1/aanmeldingen", json=body, headers=headers)
        assert answer.status_code == 201, answer.text
    assert [e.zaak_id for e in await said(huis, SelfReported)] == [huis.zaak_id]
    await huis.drempel.rest()
    waiting = (await http.get("/outreach/v1/aanmeldingen", headers=headers)).json()["aanmeldingen"]
    expected = {"gemeentecode": huis.gemeentecode, "datum": "2025-03-11"}
    assert waiting == [expected | {"aanmeldingId": answer.json()["aanmeldingId"]}]
    for wrong in (known | unknown, {"datum": "2025-03-10"}, unknown | {"gemeentecode": None}):
        assert (await http.post("/outreach/v1/aanmeldingen", json=wrong, headers=headers)).status_code == 400
    elsewhere = unknown | {"gemeentecode": "0523"}
    assert (await http.post("/outreach/v1/aanmeldingen", json=elsewhere, headers=headers)).status_code == 403


# --- who may ----------------------------------------------------------------------------------------


async def test_another_municipality_sees_nothing(huis: Household) -> None:
    http, other = huis.drempel.http, huis.als("consulent", "0523")
    assert (await http.get(huis.pad, headers=other)).status_code == 404
    assert (await http.post(f"{huis.pad}/contactpogingen", json=POGING, headers=other)).status_code == 404
    assert (
        await http.get(f"/outreach/v1/werkvoorraad?gemeentecode={huis.gemeentecode}", headers=other)
    ).status_code == 403
    assert (await http.get("/outreach/v1/werkvoorraad", headers=other)).json()["werkvoorraad"] == []
    assert await said(huis, ContactAttempted) == []


@pytest.mark.parametrize(
    ("rol", "list_", "case", "acting"),
    [("consulent", 200, 200, 201), ("sociaalteam", 200, 200, 201), ("socialedienst", 200, 200, 201),
     ("coordinator", 200, 403, 403), ("mpzo", 403, 403, 403), ("beleid", 403, 403, 403), ("beheer", 403, 403, 403),
     ("partner", 403, 403, 403)],
)  # fmt: skip
async def test_scopes(huis: Household, rol: str, list_: int, case: int, acting: int) -> None:
    http, headers = huis.drempel.http, huis.drempel.als(rol, huis.gemeentecode, partner="woonbron")
    answer = await http.get(f"/outreach/v1/werkvoorraad?gemeentecode={huis.gemeentecode}", headers=headers)
    assert answer.status_code == list_
    assert NAAM not in answer.text
    assert (await http.get(huis.pad, headers=headers)).status_code == case
    assert (await http.post(f"{huis.pad}/contactpogingen", json=POGING, headers=headers)).status_code == acting


async def test_without_a_token_nothing(huis: Household) -> None:
    for path in ("/outreach/v1/werkvoorraad", huis.pad, "/outreach/v1/aanmeldingen"):
        assert (await huis.drempel.http.get(path)).status_code == 401
    assert (await huis.drempel.http.post(f"{huis.pad}/nazorg", json={"datum": "2025-03-10"})).status_code == 401


# --- bad input, repetition, many at once ------------------------------------------------------------

ACTS: dict[str, dict[str, Any]] = {
    "contactpogingen": POGING, "hulpacceptaties": {"soort": "Budgetbeheer", "datum": "2025-03-10"},
    "afwijzingen": {"reden": "Wil geen hulp", "datum": "2025-03-10"}, "afsluitingen": SLUIT,
    "gesprekken": {"datum": "2025-03-10"}, "beschikkingen": {"datum": "2025-03-10"},
    "hulpbeeindigingen": {"datum": "2025-03-10"}, "nazorg": {"datum": "2025-03-10"},
}  # fmt: skip
HOSTILE: list[Any] = [
    None, "", " ", 0, 1, -1, 1.5, True, [], {}, "\x00", "x" * 5000, "2025-02-30", "9999-12-31", "0001-01-01",
    "2025-03-10T00:00:00", 1741564800, "'; DROP TABLE log; --", "=1+1", "../../etc/passwd", "‮nav", "Telefoon\n",
]  # fmt: skip


async def test_hostile_values_are_refused_or_kept_never_a_fault(huis: Household) -> None:
    for what, body in ACTS.items():
        for name in body:
            answers = await asyncio.gather(*(act(huis, what, body | {name: value}) for value in HOSTILE))
            for value, answer in zip(HOSTILE, answers, strict=True):
                assert answer.status_code in (201, 400, 409), (what, name, value, answer.text)
                if answer.status_code == 400 and isinstance(value, str) and len(value) > 4:
                    assert value not in answer.text
    assert await said(huis, CaseClosed) == []


@pytest.mark.parametrize(
    ("what", "change", "field"),
    [
        ("contactpogingen", {"datum": "2999-01-01"}, "datum"), ("contactpogingen", {"soort": "Duif"}, "soort"),
        ("contactpogingen", {"bereikt": "ja"}, "bereikt"), ("contactpogingen", {"dagdeel": "Nacht"}, "dagdeel"),
        ("contactpogingen", {"tijdstip": "24:00"}, "tijdstip"), ("contactpogingen", {"tijdstip": "09:00"}, "dagdeel"),
        ("contactpogingen", {"meldingId": str(uuid4())}, "meldingId"), ("contactpogingen", {"wie": "x"}, "wie"),
        ("contactpogingen", {"datum": 20250310}, "datum"), ("afsluitingen", {"resultaat": "Klaar"}, "resultaat"),
        ("afsluitingen", {"zaak": "ja"}, "zaak"), ("afwijzingen", {"reden": ""}, "reden"),
        ("hulpacceptaties", {"datum": "2999-01-01"}, "datum"), ("nazorg", {"datum": "2999-01-01"}, "datum"),
    ],
)  # fmt: skip
async def test_a_wrong_field_is_named(huis: Household, what: str, change: dict[str, Any], field: str) -> None:
    answer = await act(huis, what, ACTS[what] | change)
    assert (answer.status_code, fields(answer)) == (400, [field]), answer.text


async def test_a_missing_field_is_named(huis: Household) -> None:
    for what, body in ACTS.items():
        for name in set(body) - {"dagdeel"} - ({"resultaat"} if what == "contactpogingen" else set()):
            answer = await act(huis, what, {key: value for key, value in body.items() if key != name})
            assert (answer.status_code, fields(answer)) == (400, [name]), (what, name, answer.text)


async def test_an_unknown_case_is_not_found(huis: Household) -> None:
    path = f"/outreach/v1/zaken/{uuid4()}"
    assert (await huis.drempel.http.get(path, headers=huis.als())).status_code == 404
    answer = await huis.drempel.http.post(f"{path}/nazorg", json={"datum": "2025-03-10"}, headers=huis.als())
    assert answer.status_code == 404


async def test_a_case_that_is_just_being_linked_is_waited_for(drempel: Running, gemeente: str) -> None:
    huis = Household(drempel, gemeente)
    posting = asyncio.create_task(act(huis, "contactpogingen", POGING | {"meldingId": str(huis.melding_id)}))
    await asyncio.sleep(0.2)
    await huis.signal()
    assert (await posting).status_code == 201


async def test_the_same_key_is_the_same_act(huis: Household) -> None:
    first = await act(huis, "contactpogingen", POGING, **{"Idempotency-Key": "k1"})
    again = await act(huis, "contactpogingen", POGING, **{"Idempotency-Key": "k1"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    other = await act(huis, "contactpogingen", POGING | {"bereikt": True}, **{"Idempotency-Key": "k1"})
    assert other.status_code == 409
    assert len(await said(huis, ContactAttempted)) == 1


async def test_twenty_at_once_are_all_recorded_once(huis: Household) -> None:
    answers = await asyncio.gather(*(act(huis, "contactpogingen", POGING) for _ in range(20)))
    assert [answer.status_code for answer in answers] == [201] * 20
    ids = {answer.json()["contactpogingId"] for answer in answers}
    assert sorted(str(e.contactpoging_id) for e in await said(huis, ContactAttempted)) == sorted(ids)
    assert len(ids) == 20
    assert (await worklist(huis))[0]["pogingen"] == 20


async def test_of_many_closings_at_once_one_is_accepted(huis: Household) -> None:
    answers = await asyncio.gather(*(act(huis, "afsluitingen", SLUIT) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    assert len(await said(huis, MeldingClosed)) == 1


async def test_nothing_personal_is_in_clear(huis: Household, caplog: pytest.LogCaptureFixture, capfd: Any) -> None:
    secret = "Kwikstaartje"
    with caplog.at_level(logging.DEBUG):
        await act(huis, "contactpogingen", POGING | {"toelichting": secret, "middel": secret, "uitvoerder": secret})
        await act(huis, "afwijzingen", {"reden": secret, "datum": "2025-03-10", "toelichting": secret})
        await act(huis, "hulpacceptaties", {"soort": secret, "datum": "2025-03-10"})
        for what in ("gesprekken", "beschikkingen", "nazorg", "hulpbeeindigingen"):
            words = {"soort": secret, "resultaat": secret, "toelichting": secret}
            assert (await act(huis, what, words | {"datum": "2025-03-11"})).status_code == 201
        body = {"organisatie": "Sociaal team", "team": "Oost", "medewerker": secret}
        await huis.drempel.http.put(f"{huis.pad}/behandelaar", json=body, headers=huis.als())
        client = {"achternaam": secret, "postcode": "3311AB", "huisnummer": 10}
        self_reported = {
            "gemeentecode": huis.gemeentecode,
            "datum": "2025-03-11",
            "client": client,
            "toelichting": secret,
        }
        await huis.drempel.http.post("/outreach/v1/aanmeldingen", json=self_reported, headers=huis.als())
        assert secret in str(await opened(huis))
        await huis.drempel.rest()
    async with huis.drempel.admin() as conn:
        tables = await conn.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'outreach'")
        raw = {"log": "convert_from(envelope, 'UTF8')", "parked": "convert_from(envelope, 'UTF8')"}
        dump = "".join([
            str(await conn.fetchval(f"SELECT string_agg({raw.get(t[0], 't::text')}, '') FROM outreach.{t[0]} t"))
            for t in tables
        ])  # fmt: skip
    assert str(huis.zaak_id) in dump
    out, err = capfd.readouterr()
    for canary in (secret, NAAM, TELEFOON, BSN, STRAAT, "HUUR-7"):
        assert canary not in dump
        assert canary not in out + err + caplog.text
    accepted = (await said(huis, HelpAccepted))[0]
    declined = (await said(huis, HelpDeclined))[0]
    assert (accepted.soort, declined.reden) == ("Overige", None)


async def test_the_api_describes_itself(drempel: Running) -> None:
    document = (await drempel.http.get("/outreach/v1/openapi.json")).json()
    assert set(ACTS) <= {path.rpartition("/")[2] for path in document["paths"]}
    assert all(one.get("summary") for path in document["paths"].values() for one in path.values())


async def test_words_of_the_list_go_in_clear(huis: Household) -> None:
    await act(huis, "contactpogingen", POGING | {"resultaat": "gesprek gevoerd", "middel": "WhatsApp-oproep"})
    (poging,) = await said(huis, ContactAttempted)
    assert (poging.resultaat, poging.middel, poging.toelichting) == ("Gesprek gevoerd", "WhatsApp-oproep", None)
    assert poging.soort is Contactsoort.TELEFOON
    assert isinstance(poging, Event)
