"""Outreach as people meet it, over the whole chain: a policy, its tasks, call centre, rest, threat, and a return."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from libs.chassis.auth import Rol
from services.routing.beleid import meegeleverd
from tests.keten import Keten, keten
from tests.matching import persoon

pytestmark = pytest.mark.postgres

CLIENT: dict[str, Any] = {
    "voorletters": "A.B.", "achternaam": "Zwaluwenberg", "geboortedatum": "1985-06-15", "postcode": "3311AB",
    "huisnummer": 10, "telefoonnummer": "0612345678",
}  # fmt: skip
INCASSO = {"persoonlijkContact": "2025-01-20", "gewezenOpHulp": "2025-01-20", "schriftelijkeHerinnering": "2025-02-03",
           "aanbodGegevensdeling": "2025-02-03", "huurderWeigerde": False}  # fmt: skip
TEAM = "Belteam"
ROUTE: list[dict[str, Any]] = [
    {"contactsoorten": ["Brief"], "brief": "aanbod"},
    {"contactsoorten": ["Telefoon"], "minimum": 2, "maximum": 3, "buitenKantooruren": True, "uitvoerder": TEAM},
    {"contactsoorten": ["Huisbezoek"], "minimum": 1, "maximum": 2, "aangekondigd": True},
]


def document() -> dict[str, Any]:
    """Dordrecht's shipped policy, with one row for everybody and a call centre."""
    found = meegeleverd().voor("0505").model_dump(mode="json", by_alias=True, exclude_none=True)
    rij = {"naam": "iedereen", "omschrijving": "Ieder signaal", "grondslag": "Collegebesluit",
           "dan": {"oppakken": True, "stappen": ROUTE, "zelfdeConsulent": True}}  # fmt: skip
    afspraken = {"uitvoering": {"callcenter": True, "werkdagenTussenPogingen": 0}}
    voorbeeld = found["voorbeelden"][0] | {"verwacht": {"regel": "iedereen"}}
    return found | {"versie": "belteam", "geldigVanaf": "2025-03-03", "regels": [rij], "voorbeelden": [voorbeeld],
                    "brieven": {"aanbod": "Hulp aangeboden"},
                    "maxima": {}, "afspraken": afspraken}  # fmt: skip


async def taken(k: Keten) -> dict[str, dict[str, Any]]:
    """What is to do, by kind of contact."""
    await k.drempel.rest()
    rows = (await k.haal("/outreach/v1/taken?gemeentecode=0505"))["taken"]
    return {(row["contactsoorten"] or [row["soort"]])[0]: row for row in rows}


async def bel(k: Keten, zaak: str, **changes: Any) -> int:
    """The call centre records a call of today."""
    token = k.drempel.system.issuer.token(Rol.CALLCENTER, k.clock, gemeenten=("0505",), team=TEAM)
    body = {"soort": "Telefoon", "datum": str(k.clock.now().date()), "bereikt": False, "resultaat": "Geen gehoor"}
    pad, koppen = f"/outreach/v1/zaken/{zaak}/contactpogingen", {"Authorization": f"Bearer {token}"}
    answer = await k.drempel.http.post(pad, json=body | changes, headers=koppen)
    await k.drempel.rest()
    return answer.status_code


async def test_a_route_is_carried_out_and_a_household_that_returns_finds_its_caseworker(
    postgres: Path, tmp_path: Path
) -> None:
    async with keten(postgres, tmp_path, [persoon("999990019", "Zwaluwenberg")]) as k:
        k.clock.moment = datetime(2025, 3, 3, 19, tzinfo=UTC)
        published = await k.drempel.http.post(
            "/routing/v1/beleid/0505/versies", json=document(), headers=k.drempel.als("beleid", "0505")
        )
        assert published.status_code == 201, published.text
        await k.drempel.rest()
        signaal = await k.post(CLIENT)
        zaak = str((await k.stand(signaal))["zaakId"])
        pad = f"/outreach/v1/zaken/{zaak}"

        todo = await taken(k)
        assert list(todo) == ["Brief", "Telefoon", "Huisbezoek"]
        assert {(row["uiterlijk"], row["bron"]) for row in todo.values()} == {("2025-03-31", "Wgs art. 4")}
        ladder = await k.haal(f"/escalation/v1/zaken/{zaak}")
        assert {term["uiterlijk"] for term in ladder["termijnen"]} == {"2025-03-31"}
        ronde = {"gemeentecode": "0505", "filter": {}, "brief": "aanbod", "datum": "2025-03-03"}
        assert (await k.doe("/outreach/v1/brievenronden", ronde))["aantallen"] == {"vastgelegd": 1}
        assert "Brief" not in await taken(k)
        letter = f"{pad}/brieven/brief?brief=aanbod"
        printed = await k.drempel.http.get(letter, headers=k.drempel.als("consulent", "0505"))
        assert printed.content.startswith(b"%PDF")

        for tijd in ("10:00", "14:00"):
            assert await bel(k, zaak, tijdstip=tijd) == 201
        missing = (await taken(k))["Telefoon"]
        assert (missing["gedaan"], missing["buitenKantooruren"], missing["verplicht"]) == (2, True, True)
        assert await bel(k, zaak, tijdstip="19:30") == 201
        todo = await taken(k)
        assert list(todo) == ["Huisbezoek"]
        assert todo["Huisbezoek"]["aankondiging"] is None, "the letter announced it"

        wie = await k.drempel.http.put(
            f"{pad}/behandelaar", json={"organisatie": "Sociaal team", "team": "Oost", "medewerker": "J. Roodborst"},
            headers=k.drempel.als("consulent", "0505"),
        )  # fmt: skip
        await k.doe(f"{pad}/contactpogingen", {"soort": "Huisbezoek", "datum": "2025-03-03", "bereikt": True})
        assert await taken(k) == {}

        other = await k.post(CLIENT, partner="woonbron", socialeIncasso=INCASSO)
        assert (await k.stand(other))["zaakId"] == zaak
        ended = {"resultaat": "Geen reactie na eerder contact", "datum": "2025-03-03", "zaak": True}
        await k.doe(f"{pad}/afsluitingen", ended)
        k.ga_naar(date(2025, 4, 7))
        again = await k.post(CLIENT, "2025-04", kenmerk="K2")
        next_case = str((await k.stand(again))["zaakId"])
        assert next_case != zaak
        rows = (await k.haal(f"/outreach/v1/taken?medewerker={wie.json()['medewerkerId']}"))["taken"]
        assert {row["zaakId"] for row in rows} == {next_case}
        told = (await k.haal(f"/monitoring/v1/zaken/{next_case}/tijdlijn"))["gebeurtenissen"]
        assert "In behandeling bij Sociaal team, Oost; zelfde consulent" in [one["omschrijving"] for one in told]


async def test_rest_and_no_hold_back_until_a_threat_or_the_household_itself_ends_them(
    postgres: Path, tmp_path: Path
) -> None:
    async with keten(postgres, tmp_path, [persoon("999990019", "Zwaluwenberg")]) as k:
        k.clock.moment = datetime(2025, 3, 3, 11, tzinfo=UTC)
        await k.drempel.http.post(
            "/routing/v1/beleid/0505/versies", json=document(), headers=k.drempel.als("beleid", "0505")
        )
        await k.drempel.rest()
        signaal = await k.post(CLIENT, partner="woonbron", socialeIncasso=INCASSO)
        zaak = str((await k.stand(signaal))["zaakId"])
        pad = f"/outreach/v1/zaken/{zaak}"

        async def tries(**changes: Any) -> tuple[int, str | None]:
            bare = {"soort": "Telefoon", "datum": str(k.clock.now().date()), "bereikt": False}
            koppen = k.drempel.als("consulent", "0505")
            answer = await k.drempel.http.post(f"{pad}/contactpogingen", json=bare | changes, headers=koppen)
            await k.drempel.rest()
            return answer.status_code, answer.json().get("code")

        assert await bel(k, zaak) == 201
        await k.doe(f"{pad}/afwijzingen", {"reden": "Wil geen hulp", "datum": "2025-03-03"})
        assert await bel(k, zaak) == 404, "off the list of the call centre"
        assert await tries() == (409, "nee")
        assert (await tries(reden="Dreigende afsluiting"))[0] == 201
        came = {"gemeentecode": "0505", "datum": "2025-03-03", "client": CLIENT}
        await k.doe("/outreach/v1/aanmeldingen", came)
        todo = await taken(k)
        assert (todo["Eerste gesprek"]["zaakId"], todo["Eerste gesprek"]["uiterlijk"]) == (zaak, "2025-03-31")
        assert todo["Huisbezoek"]["rust"] is None
        assert (await tries())[0] == 201

        k.ga_naar(date(2025, 3, 4))
        eviction = {"signaalId": signaal, "aanzegdatum": "2025-03-04", "ontruimingsdatum": "2025-03-20"}
        await k.doe("/escalation/v1/ontruimingen", eviction)
        todo = await taken(k)
        assert {(row["uiterlijk"], row["bron"]) for row in todo.values()} == {("2025-03-07", "Wgs art. 4")}
        assert todo["Telefoon"]["zoVaakAlsNodig"]
        assert todo["Telefoon"]["maximum"] is None
        await k.doe(f"{pad}/afwijzingen", {"reden": "Wil geen hulp", "datum": "2025-03-04"})
        assert [await tries() for _ in range(4)] == [(201, None)] * 4, "nothing holds contact back before an eviction"
        card = await k.drempel.http.get(f"{pad}/brieven/gele-kaart", headers=k.drempel.als("consulent", "0505"))
        assert card.content.startswith(b"%PDF")
        given = {"soort": "Kaartje", "middel": "Gele kaart", "datum": "2025-03-04", "bereikt": False}
        assert (await k.doe(f"{pad}/contactpogingen", given))["zaakId"] == zaak
        todo = await taken(k)
        assert "Eerste gesprek" not in todo, "it said no after it came"
        assert todo["Huisbezoek"]["rust"] is None
