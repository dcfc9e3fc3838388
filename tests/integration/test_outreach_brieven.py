"""Letters over HTTP: a PDF of one household, opened for who handles the case, and logged."""

import io
from datetime import date
from uuid import uuid4

import pytest
from pypdf import PdfReader

from libs.chassis.clock import today
from libs.events.catalogue import PolicyPublished
from tests.household import BSN, NAAM, STRAAT, Household
from tests.outreach import act
from tests.system import Running

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio(loop_scope="module")]


def text(content: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split())


async def test_a_letter_is_a_pdf_and_its_making_is_logged(huis: Household) -> None:
    for soort in ("brief", "kaartje", "gele-kaart"):
        answer = await huis.drempel.http.get(f"{huis.pad}/brieven/{soort}", headers=huis.als())
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf"), answer.text
        assert f"A. {NAAM}" in text(answer.content)
        assert (STRAAT in text(answer.content), BSN in text(answer.content)) == (soort == "brief", False)
        assert answer.headers["Cache-Control"] == "no-store"
    async with huis.drempel.admin() as conn:
        query = "SELECT verwerking, door FROM outreach.logboek WHERE betrokkene = $1"
        lines = [tuple(line) for line in await conn.fetch(query, huis.persoon_id)]
    assert lines == [("outreach: brief maken", "consulent")] * 3


async def test_a_municipality_of_the_region_writes_in_its_own_words(outreach: Running) -> None:
    huis = Household(outreach, "0505")
    await huis.signal()
    uitvoering = {"contactregels": ["Bel 14 078"], "brieven": {"jongeren": ["Hoi {naam}", "Groet van {gemeente}"]}}
    event = PolicyPublished(gemeentecode="0505", beleid_versie="v", geldig_vanaf=date(2020, 1, 1),
                            beleid={"afspraken": {"uitvoering": uitvoering}})  # fmt: skip
    await huis.say("routing", event, subject=uuid4())
    answer = await outreach.http.get(f"{huis.pad}/brieven/brief?brief=jongeren", headers=huis.als())
    assert f"Hoi A. {NAAM} Groet van Gemeente Dordrecht" in text(answer.content)
    assert text(answer.content).endswith("Gemeente Dordrecht Bel 14 078")
    unknown = await outreach.http.get(f"{huis.pad}/brieven/brief?brief=ouderen", headers=huis.als())
    assert (unknown.status_code, unknown.headers["content-type"]) == (404, "application/problem+json")


async def test_who_may_print_and_what_cannot_be_printed(huis: Household) -> None:
    http, path = huis.drempel.http, f"{huis.pad}/brieven/brief"
    for rol, status in (("coordinator", 403), ("partner", 403), ("callcenter", 403), ("sociaalteam", 200)):
        headers = huis.drempel.als(rol, huis.gemeentecode, partner="woonbron")
        assert (await http.get(path, headers=headers)).status_code == status
    assert (await http.get(path, headers=huis.als("consulent", "0523"))).status_code == 404
    assert (await http.get(f"{huis.pad}/brieven/ansicht", headers=huis.als())).status_code == 400
    await huis.erase(huis.persoon_id)
    assert (await http.get(path, headers=huis.als())).status_code == 410


async def test_the_letters_of_a_round_are_one_pdf(outreach: Running, gemeente: str) -> None:
    """A page for each household it went to, dated as the round; nobody who was passed over or erased."""
    went, rests, erased = [Household(outreach, gemeente) for _ in range(3)]
    for huis in (went, rests, erased):
        await huis.route(await huis.signal())
    said_no = {"reden": "Wil geen hulp", "datum": str(today(outreach.clock))}
    await act(rests, "afwijzingen", said_no)
    body = {"gemeentecode": gemeente, "zaakIds": [str(huis.zaak_id) for huis in (went, rests, erased)],
            "datum": str(today(outreach.clock))}  # fmt: skip
    made = await outreach.http.post("/outreach/v1/brievenronden", json=body, headers=went.als())
    assert made.json()["aantallen"] == {"overgeslagen": 1, "vastgelegd": 2}
    path = f"{made.headers['Location']}/brieven"
    answer = await outreach.http.get(path, headers=went.als())
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf"), answer.text
    assert len(PdfReader(io.BytesIO(answer.content)).pages) == 2
    async with outreach.admin() as conn:
        query = "SELECT betrokkene FROM outreach.logboek WHERE verwerking = 'outreach: brief maken'"
        logged = {line[0] for line in await conn.fetch(query)}
    assert {huis.persoon_id in logged for huis in (went, erased)} == {True}
    assert rests.persoon_id not in logged
    await erased.erase(erased.persoon_id)
    left = await outreach.http.get(path, headers=went.als())
    assert len(PdfReader(io.BytesIO(left.content)).pages) == 1
    for headers, status in ((went.als("consulent", "0523"), 404), (went.als("coordinator"), 403)):
        assert (await outreach.http.get(path, headers=headers)).status_code == status
    mails = await outreach.http.post("/outreach/v1/brievenronden", json=body | {"soort": "Mail"}, headers=went.als())
    assert (await outreach.http.get(f"{mails.headers['Location']}/brieven", headers=went.als())).status_code == 404
