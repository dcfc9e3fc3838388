"""Bad input to outreach, repetition, many at once."""

import asyncio
import logging
from typing import Any
from uuid import uuid4

import pytest

from libs.events.catalogue import (
    CaseClosed,
    ContactAttempted,
    Event,
    HelpAccepted,
    HelpDeclined,
    MeldingClosed,
)
from libs.events.values import Contactsoort
from tests.household import BSN, NAAM, STRAAT, TELEFOON, Household
from tests.outreach import ACTS, POGING, SLUIT, act, fields, opened, said, worklist
from tests.system import Running

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio(loop_scope="module")]


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
        ("contactpogingen", {"tijdstip": "24:00"}, "tijdstip"), ("contactpogingen", {"tijdstip": "13:00"}, "dagdeel"),
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


async def test_a_case_that_is_just_being_linked_is_waited_for(outreach: Running, gemeente: str) -> None:
    huis = Household(outreach, gemeente)
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


async def test_the_api_describes_itself(outreach: Running) -> None:
    document = (await outreach.http.get("/outreach/v1/openapi.json")).json()
    assert set(ACTS) <= {path.rpartition("/")[2] for path in document["paths"]}
    assert all(one.get("summary") for path in document["paths"].values() for one in path.values())


async def test_words_of_the_list_go_in_clear(huis: Household) -> None:
    await act(huis, "contactpogingen", POGING | {"resultaat": "gesprek gevoerd", "middel": "WhatsApp-oproep"})
    (poging,) = await said(huis, ContactAttempted)
    assert (poging.resultaat, poging.middel, poging.toelichting) == ("Gesprek gevoerd", "WhatsApp-oproep", None)
    assert poging.soort is Contactsoort.TELEFOON
    assert isinstance(poging, Event)
