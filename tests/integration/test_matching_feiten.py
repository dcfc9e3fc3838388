"""Facts of matching that decisions are taken on, from the BRP and the posted signals to the route."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from libs.events.catalogue import BRPMatched, RouteAssigned, SignalSetAside
from services.routing.beleid import meegeleverd
from tests.keten import Keten, keten
from tests.matching import DEVRIES, JANSSEN, KIND, TWEEDE, persoon

pytestmark = pytest.mark.postgres

SAMEN = [{"burgerservicenummer": DEVRIES, "naam": {"voorvoegsel": "de", "geslachtsnaam": "Vries"}}]
MENSEN = [
    persoon(JANSSEN, "Janssen", partners=SAMEN),
    persoon(DEVRIES, "Vries", "1987-02-03", voorvoegsel="de", voorletters="C."),
    persoon(KIND, "Janssen", "2015-02-03", voorletters="D."),
    persoon(TWEEDE, "Bakker", "1960-03-04", voorletters="E.", adres=("3311AC", 4, "", "")),
]
JANSSEN_CLIENT = {"voorletters": "A.B.", "achternaam": "Janssen", "geboortedatum": "1985-06-15",
                  "postcode": "3311AB", "huisnummer": 10}  # fmt: skip
BAKKER_CLIENT = {"voorletters": "E.", "achternaam": "Bakker", "geboortedatum": "1960-03-04",
                 "postcode": "3311AC", "huisnummer": 4}  # fmt: skip
VANDAAG, GEZIN = "2025-03-20", "Samenwonend met kinderen"


@pytest.fixture
async def k(postgres: Path, tmp_path: Path) -> AsyncIterator[Keten]:
    async with keten(postgres, tmp_path, MENSEN) as gestart:
        yield gestart


async def _besluiten(k: Keten, signaal: str) -> list[RouteAssigned | SignalSetAside]:
    alle = [e.data for e in await k.drempel.log("routing")]
    return [e for e in alle if isinstance(e, RouteAssigned | SignalSetAside) and str(e.signaal_id) == signaal]


async def test_a_policy_asks_for_the_household_and_no_question_more_is_asked(k: Keten) -> None:
    document: Any = meegeleverd().voor("0505").model_dump(mode="json", by_alias=True, exclude_none=True)
    visite = {"oppakken": True, "stappen": [{"contactsoorten": ["Huisbezoek"]}]}
    document["regels"].insert(0, {"naam": "gezin", "als": {"huishouden": [GEZIN]}, "dan": visite})
    document |= {"versie": "gezin-1", "geldigVanaf": VANDAAG}
    await k.doe("/routing/v1/beleid/0505/versies", document, rol="beleid")
    k.brp.vragen = 0
    gezin = await k.post(JANSSEN_CLIENT, signaaldatum=VANDAAG)
    alleen = await k.post(BAKKER_CLIENT, kenmerk="K2", signaaldatum=VANDAAG)
    assert k.brp.vragen == 4, "the address, and who may be meant: as before"
    told = {str(e.signaal_id): e.huishouden for e in await k.drempel.said("matching", BRPMatched)}
    assert told == {gezin: GEZIN, alleen: "Alleenstaand"}
    (een,), (ander,) = await _besluiten(k, gezin), await _besluiten(k, alleen)
    assert een.regel == "gezin" and een.feiten["huishouden"] == GEZIN and "gezin" in str(een.uitleg)
    assert ander.regel != "gezin" and ander.feiten["huishouden"] == "Alleenstaand"
    await k.besluit(alleen, besluit="Gekoppeld", burgerservicenummer=DEVRIES)
    assert (await k.drempel.said("matching", BRPMatched))[-1].huishouden == "Meer volwassenen", "married one-sidedly"


async def test_a_report_that_comes_late_or_is_corrected_decides_the_next_again(k: Keten) -> None:
    maart = await k.post(BAKKER_CLIENT)
    (eerst,) = await _besluiten(k, maart)
    assert eerst.regel == "bericht" and not eerst.feiten["herhaald"]
    januari = await k.post(BAKKER_CLIENT, "2025-01")
    _, laat = await _besluiten(k, maart)
    assert isinstance(laat, SignalSetAside) and laat.regel == "herhaalde-melding"
    assert laat.vervangt == eerst.besluit_id and laat.feiten["vorigBedrag"] == "312.50" and laat.feiten["recidive"]
    assert await k.partner_hoort(maart) == "Niet opgepakt: herhaalde melding"
    stand = await k.stand(maart)
    assert stand["herhaald"] and stand["recidive"] and len(await _besluiten(k, januari)) == 1
    assert await k.post(BAKKER_CLIENT, "2025-01", bedrag=300) == januari, "a correction: it rose since"
    *_, gestegen = await _besluiten(k, maart)
    assert gestegen.regel == "bericht" and not gestegen.feiten["herhaald"] and gestegen.vervangt == laat.besluit_id
    zaak = stand["zaakId"]
    verhaal = (await k.haal(f"/monitoring/v1/zaken/{zaak}/tijdlijn"))["gebeurtenissen"]
    links = [een["vervallen"] for een in verhaal if een["type"] == "BRPMatched" and een["signaalId"] == maart]
    assert links == [True, True, False]


async def test_what_got_its_result_stays_as_it_was_told(k: Keten) -> None:
    maart = await k.post(BAKKER_CLIENT)
    zaak = (await k.stand(maart))["zaakId"]
    einde = {"resultaat": "(Budget)advies en/of quick fix", "datum": "2025-03-19"}
    await k.doe(f"/outreach/v1/zaken/{zaak}/afsluitingen", einde)
    await k.post(BAKKER_CLIENT, "2025-01")
    (enige,) = await _besluiten(k, maart)
    assert enige.regel == "bericht" and await k.partner_hoort(maart) == "Opgepakt"
    assert (await k.stand(maart))["herhaald"], "as things stand"
