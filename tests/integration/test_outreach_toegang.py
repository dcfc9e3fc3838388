"""Who may see and do what in outreach, and households that come by themselves."""

import pytest

from libs.events.catalogue import (
    ContactAttempted,
    SelfReported,
)
from tests.household import NAAM, Household
from tests.outreach import POGING, said

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio(loop_scope="module")]


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
