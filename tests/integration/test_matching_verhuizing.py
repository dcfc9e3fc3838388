"""Links that are undone and households that move, from the posted signal to the timeline, with a BRP that changes."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from libs.events.catalogue import CaseOpened, CaseTransferred, RouteAssigned, SignalSetAside
from tests.keten import Keten, keten
from tests.matching import DEVRIES, JANSSEN, TWEEDE, persoon

pytestmark = pytest.mark.postgres

JANSSEN_THUIS = persoon(JANSSEN, "Janssen")
VRIES_THUIS = persoon(DEVRIES, "Vries", "1987-02-03", voorvoegsel="de", voorletters="C.", adres=("3311AC", 4, "", ""))
BAKKER_THUIS = persoon(TWEEDE, "Bakker", "1960-03-04", voorletters="E.", adres=("3371AA", 5, "", ""), gemeente="0523")
MENSEN = [JANSSEN_THUIS, VRIES_THUIS, BAKKER_THUIS]
JANSSEN_CLIENT = {"voorletters": "A.B.", "achternaam": "Janssen", "geboortedatum": "1985-06-15",
                  "postcode": "3311AB", "huisnummer": 10}  # fmt: skip


@pytest.fixture
async def k(postgres: Path, tmp_path: Path) -> AsyncIterator[Keten]:
    async with keten(postgres, tmp_path, MENSEN) as gestart:
        yield gestart


def verhuisd(postcode: str, nummer: int, gemeente: str) -> list[dict[str, Any]]:
    """Everybody, Janssen at another address."""
    nu = persoon(JANSSEN, "Janssen", adres=(postcode, nummer, "", ""), gemeente=gemeente)
    return [nu, VRIES_THUIS, BAKKER_THUIS]


async def _zaak(k: Keten, signaal: str, *gemeenten: str) -> str:
    return str((await k.stand(signaal, *gemeenten))["zaakId"])


async def _tijdlijn(k: Keten, zaak: str, gemeente: str = "0505") -> list[str]:
    verhaal = await k.haal(f"/monitoring/v1/zaken/{zaak}/tijdlijn", gemeente)
    return [een["type"] for een in verhaal["gebeurtenissen"]]


async def _werk(k: Keten, gemeente: str = "0505") -> dict[str, list[str]]:
    rijen = (await k.haal(f"/outreach/v1/werkvoorraad?gemeentecode={gemeente}", gemeente))["werkvoorraad"]
    werk: dict[str, list[str]] = {}
    for rij in rijen:
        werk.setdefault(rij["zaakId"], []).extend(signaal["signaalId"] for signaal in rij["signalen"])
    return werk


async def test_inside_the_municipality_the_case_goes_along(k: Keten) -> None:
    zaak = await _zaak(k, await k.post(JANSSEN_CLIENT))
    k.ga_naar(date(2025, 4, 10))
    k.brp.wordt(verhuisd("3312BB", 8, "0505"))
    nieuw = await k.post(JANSSEN_CLIENT | {"postcode": "3312BB", "huisnummer": 8}, "2025-04", partner="waardstroom")
    assert await _zaak(k, nieuw) == zaak
    (geopend,) = await k.drempel.said("matching", CaseOpened)
    assert str(geopend.zaak_id) == zaak and not await k.drempel.said("matching", CaseTransferred)
    (client,) = (await k.haal(f"/outreach/v1/zaken/{zaak}"))["clienten"]
    assert client["postcode"] == "3312BB", "a visit goes to where the household lives now"
    oud = await k.post(JANSSEN_CLIENT | {"achternaam": "Jansen"}, "2025-04", kenmerk="K9", partner="killewater")
    assert await _zaak(k, oud) == zaak, "also what is still sent to the old address"
    assert len((await _werk(k))[zaak]) == 3


PARTNER = {"voorletters": "F.", "achternaam": "Smit", "geboortedatum": "1986-07-08"}


@pytest.mark.parametrize("samen", [True, False])
async def test_a_household_of_two_takes_its_case_along_when_both_moved(k: Keten, samen: bool) -> None:
    def smit(*adres: Any) -> dict[str, Any]:
        return persoon("999990056", "Smit", "1986-07-08", voorletters="F.", adres=(*adres, "", ""))

    k.brp.wordt([*MENSEN, smit("3311AB", 10)])
    zaak = await _zaak(k, await k.post(JANSSEN_CLIENT))
    ander = PARTNER | {"postcode": "3311AB", "huisnummer": 10}
    assert await _zaak(k, await k.post(ander, kenmerk="K2", partner="waardstroom")) == zaak
    k.ga_naar(date(2025, 4, 10))
    k.brp.wordt([*verhuisd("3312BB", 8, "0505"), smit(*(("3312BB", 8) if samen else ("3311AB", 10)))])
    vervolg = JANSSEN_CLIENT | {"postcode": "3312BB", "huisnummer": 8}
    nieuw = await _zaak(k, await k.post(vervolg, "2025-04", kenmerk="K3"))
    assert (nieuw == zaak) is samen


async def test_to_another_municipality_of_the_region_the_case_is_handed_over(k: Keten) -> None:
    signaal = await k.post(JANSSEN_CLIENT, partner="woonbron", **_huur())
    zaak = await _zaak(k, signaal)
    deurwaarder = {"signaalId": signaal, "deurwaarder": "Kantoor", "dossierkenmerk": "D1", "fase": "Dagvaarding",
                   "datum": "2025-03-19"}  # fmt: skip
    await k.doe("/escalation/v1/deurwaarderoverdrachten", deurwaarder, rol="deurwaarder")
    k.ga_naar(date(2025, 4, 10))
    k.brp.wordt(verhuisd("3371BB", 8, "0523"))
    later = await k.post(JANSSEN_CLIENT | {"postcode": "3371BB", "huisnummer": 8}, "2025-04", kenmerk="K2")
    opvolger = await _zaak(k, later, "0523")
    assert opvolger != zaak
    (over,) = await k.drempel.said("matching", CaseTransferred)
    assert (str(over.zaak_id), str(over.naar_zaak_id), over.naar_gemeentecode) == (zaak, opvolger, "0523")
    geopend = (await k.drempel.said("matching", CaseOpened))[-1]
    assert (str(geopend.zaak_id), str(geopend.vorige_zaak_id), geopend.gemeentecode) == (opvolger, zaak, "0523")
    einde = (await k.haal(f"/outreach/v1/zaken/{zaak}"))["einde"]
    assert (einde["reden"], einde["naarZaakId"]) == ("Overgedragen", opvolger)
    assert zaak not in await _werk(k) and opvolger in await _werk(k, "0523")
    poging = {"soort": "Telefoon", "datum": "2025-04-10", "bereikt": False}
    for pad, verwacht, gemeente in ((zaak, 409, "0505"), (opvolger, 404, "0505"), (opvolger, 201, "0523")):
        antwoord = await k.drempel.http.post(
            f"/outreach/v1/zaken/{pad}/contactpogingen", json=poging, headers=k.drempel.als("consulent", gemeente)
        )
        assert antwoord.status_code == verwacht, (pad, gemeente, antwoord.text)
    await k.drempel.rest()
    assert "CaseTransferred" in await _tijdlijn(k, zaak)
    assert {"CaseOpened", "BRPMatched", "ContactAttempted"} <= set(await _tijdlijn(k, opvolger, "0523"))
    ladder = await k.haal(f"/escalation/v1/zaken/{opvolger}", "0523")
    assert "Dagvaarding" in str(ladder), "the file of the bailiff went along"


async def test_out_of_the_region_the_partner_hears_so(k: Keten) -> None:
    zaak = await _zaak(k, await k.post(JANSSEN_CLIENT))
    k.ga_naar(date(2025, 4, 10))
    k.brp.wordt(verhuisd("3011AA", 8, "0599"))
    weg = await k.post(JANSSEN_CLIENT, "2025-04", kenmerk="K2")
    stand = await k.stand(weg)
    assert (stand["status"], stand["reden"]) == ("Geen inwoner", "anderePlaats") and "zaakId" not in stand
    assert await k.partner_hoort(weg) == "Geen inwoner"
    assert weg not in (await _werk(k))[zaak]
    k.brp.wordt(MENSEN)
    terug = await k.post(JANSSEN_CLIENT, "2025-04", kenmerk="K3", partner="waardstroom")
    assert await _zaak(k, terug) == zaak, "back before the case ended"


async def test_an_undone_link_leaves_everything_and_counts_for_the_others(k: Keten) -> None:
    fout = await k.post(JANSSEN_CLIENT, "2025-01", kenmerk="K1")
    ander = await k.post(JANSSEN_CLIENT, "2025-03", kenmerk="K2", partner="waardstroom", bedrag=30)
    derde = await k.post(JANSSEN_CLIENT, "2025-03", kenmerk="K3", partner="killewater", bedrag=30)
    zaak = await _zaak(k, fout)
    uit = {"signaalId": derde, "deurwaarder": "Kantoor", "dossierkenmerk": "D1", "fase": "Overgedragen",
           "datum": "2025-03-19"}  # fmt: skip
    await k.doe("/escalation/v1/deurwaarderoverdrachten", uit, rol="deurwaarder")
    assert {(await k.stand(s))["recidive"] for s in (ander, derde)} == {True}
    assert (await _feiten(k, ander))["recidive"] is True and (await _feiten(k, ander))["matchZelfdePeriode"] is True
    await k.besluit(fout, besluit="Onterecht")
    assert {(await k.stand(s))["recidive"] for s in (ander, derde)} == {False}
    naar = await k.besluit(derde, besluit="Gekoppeld", burgerservicenummer=DEVRIES)
    assert naar["zaakId"] != zaak and not (await k.stand(ander))["match"]
    assert (await _feiten(k, ander))["matchZelfdePeriode"] is False, "decided again"
    werk = await _werk(k)
    assert (werk[zaak], werk[naar["zaakId"]]) == ([ander], [derde])
    assert "DeurwaarderTransferred" not in await _tijdlijn(k, zaak), "what was said of the signal goes along"
    assert {"DeurwaarderTransferred", "BRPMatched"} <= set(await _tijdlijn(k, naar["zaakId"]))
    assert "Kantoor" in str(await k.haal(f"/escalation/v1/zaken/{naar['zaakId']}"))
    assert "Kantoor" not in str(await k.haal(f"/escalation/v1/zaken/{zaak}"))
    assert await k.partner_hoort(fout) == "Niet opgepakt: onterecht signaal"
    terug = await k.besluit(fout, besluit="Gekoppeld", burgerservicenummer=JANSSEN)
    assert terug["zaakId"] == zaak and (await k.stand(ander))["recidive"], "and it can be undone again"


async def _feiten(k: Keten, signaal: str) -> dict[str, Any]:
    """The facts of the decision in force on a signal."""
    alle = [e.data for e in await k.drempel.log("routing") if isinstance(e.data, RouteAssigned | SignalSetAside)]
    feiten: dict[str, Any] = [e.feiten for e in alle if str(e.signaal_id) == signaal][-1]
    return feiten


def _huur() -> dict[str, Any]:
    stappen = ("persoonlijkContact", "gewezenOpHulp", "schriftelijkeHerinnering", "aanbodGegevensdeling")
    return {"socialeIncasso": dict.fromkeys(stappen, "2025-02-03") | {"huurderWeigerde": False}}
