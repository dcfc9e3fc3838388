"""The trial environment answers as the published feature files of the BRP say."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.matching.proefomgeving import Binnen, Personen, Proefomgeving
from tests.matching import overleden, persoon, schrijf

GUNDOGAN = persoon("000000024", "Gündoğan", "1983-05-26")
GUNDOGAN["naam"]["voornamen"] = "Zoë Zümra"
MENSEN = [
    GUNDOGAN,
    persoon("000000048", "Gundogan", "1983-05-26", adres=("2628HJ", 2, "", "")),
    persoon("000000025", "Maassen", "1990-01-02", voorvoegsel="van", adres=("2628HJ", 2, "A", "")),
    persoon("000000026", "Maassen", "1990-01-03", adres=("2628HJ", 2, "", "III"), geheimhoudingPersoonsgegevens=1),
    persoon("000000028", "Dood", "1990-01-05", adres=("2629HJ", 2, "", ""), **overleden()),
    persoon("000000029", "Fout", "1990-01-05", opschortingBijhouding={"reden": {"code": "F"}}),
    persoon("000000030", "Gewist", "1990-01-05", opschortingBijhouding={"reden": {"code": "W"}}),
    persoon("000000031", "Weg", "1990-01-05", opschortingBijhouding={"reden": {"code": "E"}}),
    *(persoon(f"1000000{n:02d}", "Velen", "1980-01-01", adres=("1111AA", 1, "", "")) for n in range(11)),
]
NAAM, ADRES, BSN = (
    "ZoekMetGeslachtsnaamEnGeboortedatum",
    "ZoekMetPostcodeEnHuisnummer",
    "RaadpleegMetBurgerservicenummer",
)


async def vraag(tmp_path: Path, *, koppen: dict[str, str] | None = None, **inhoud: Any) -> httpx.Response:
    """One question to a BRP with these people."""
    app = Proefomgeving(Personen(schrijf(tmp_path, MENSEN)))
    async with httpx.AsyncClient(transport=Binnen(app), base_url="http://brp") as client:
        inhoud = {"fields": ["burgerservicenummer"], **inhoud}
        return await client.post("/haalcentraal/api/brp/personen", json=inhoud, headers=koppen or {})


async def bsns(tmp_path: Path, **inhoud: Any) -> list[str]:
    """Who is found."""
    antwoord = await vraag(tmp_path, **inhoud)
    assert antwoord.status_code == 200, antwoord.text
    assert antwoord.json()["type"] == inhoud["type"]
    return [p["burgerservicenummer"] for p in antwoord.json()["personen"]]


@pytest.mark.parametrize(
    ("geslachtsnaam", "voornamen", "gevonden"),
    [
        ("gundogan", None, ["000000024", "000000048"]), ("GÜNDOĞAN", None, ["000000024"]),
        ("gundo*", "zoe*", ["000000024"]), ("gündo*", "ZOË ZÜMRA", ["000000024"]), ("gundog", None, []),
    ],
)  # fmt: skip
async def test_names_without_case_with_or_without_diacritics(
    tmp_path: Path, geslachtsnaam: str, voornamen: str | None, gevonden: list[str]
) -> None:
    extra = {"voornamen": voornamen} if voornamen else {}
    assert await bsns(tmp_path, type=NAAM, geslachtsnaam=geslachtsnaam, geboortedatum="1983-05-26", **extra) == gevonden


@pytest.mark.parametrize(
    ("extra", "gevonden"),
    [
        ({}, ["000000048", "000000025", "000000026"]), ({"huisletter": "a"}, ["000000025"]),
        ({"huisnummertoevoeging": "iii"}, ["000000026"]), ({"geboortedatum": "1990-01-02"}, ["000000025"]),
        ({"geslachtsnaam": "maas*"}, ["000000025", "000000026"]), ({"gemeenteVanInschrijving": "0600"}, []),
    ],
)  # fmt: skip
async def test_addresses(tmp_path: Path, extra: dict[str, Any], gevonden: list[str]) -> None:
    for postcode in ("2628HJ", "2628 hj"):
        assert await bsns(tmp_path, type=ADRES, postcode=postcode, huisnummer=2, **extra) == gevonden


async def test_other_ways_to_ask(tmp_path: Path) -> None:
    object_id = MENSEN[1]["verblijfplaats"]["adresseerbaarObjectIdentificatie"]
    zoek = {"type": "ZoekMetAdresseerbaarObjectIdentificatie", "adresseerbaarObjectIdentificatie": object_id}
    assert await bsns(tmp_path, **zoek) == ["000000048"]
    naam = {"type": "ZoekMetNaamEnGemeenteVanInschrijving", "geslachtsnaam": "günd*", "voornamen": "zoë*"}
    assert await bsns(tmp_path, **naam, gemeenteVanInschrijving="0505") == ["000000024"]
    straat = {"type": "ZoekMetStraatHuisnummerEnGemeenteVanInschrijving", "straat": "lekstraat", "huisnummer": 2}
    assert len(await bsns(tmp_path, **straat, gemeenteVanInschrijving="0505")) == 3


async def test_the_deceased_the_wiped_and_the_emigrated(tmp_path: Path) -> None:
    adres = {"type": ADRES, "postcode": "2629HJ", "huisnummer": 2}
    assert await bsns(tmp_path, **adres) == []
    antwoord = await vraag(tmp_path, **adres, inclusiefOverledenPersonen=True)
    assert antwoord.json()["personen"][0]["opschortingBijhouding"]["reden"]["code"] == "O"
    vier = ["000000028", "000000029", "000000030", "000000031"]
    assert await bsns(tmp_path, type=BSN, burgerservicenummer=vier) == ["000000028", "000000031"]


async def test_more_than_ten_is_too_many(tmp_path: Path) -> None:
    antwoord = await vraag(tmp_path, type=ADRES, postcode="1111AA", huisnummer=1)
    assert antwoord.status_code == 400
    assert (antwoord.json()["code"], antwoord.json()["title"]) == ("tooManyResults", "Teveel zoekresultaten.")
    assert len(await bsns(tmp_path, type=BSN, burgerservicenummer=[f"1000000{n:02d}" for n in range(11)])) == 11


@pytest.mark.parametrize(
    ("inhoud", "fouten"),
    [
        ({}, [("required", "type")]), ({"type": ""}, [("required", "type")]), ({"type": "Zoek"}, [("value", "type")]),
        ({"type": ADRES}, [("required", "postcode"), ("required", "huisnummer")]),
        ({"type": ADRES, "postcode": "0628HJ", "huisnummer": "twee"},
         [("pattern", "postcode"), ("integer", "huisnummer")]),
        ({"type": ADRES, "postcode": "2628HJ", "huisnummer": 0}, [("minimum", "huisnummer")]),
        ({"type": ADRES, "postcode": "2628HJ", "huisnummer": 100_000}, [("maximum", "huisnummer")]),
        ({"type": ADRES, "postcode": "2628HJ", "huisnummer": 2, "huisletter": "1"}, [("pattern", "huisletter")]),
        ({"type": NAAM, "geslachtsnaam": "*sen", "geboortedatum": "19830526"},
         [("date", "geboortedatum"), ("pattern", "geslachtsnaam")]),
        ({"type": NAAM, "geslachtsnaam": "ab*", "geboortedatum": "1983-02-30"},
         [("date", "geboortedatum"), ("pattern", "geslachtsnaam")]),
        ({"type": BSN}, [("required", "burgerservicenummer")]),
        ({"type": BSN, "burgerservicenummer": []}, [("minItems", "burgerservicenummer")]),
        ({"type": BSN, "burgerservicenummer": "000000024"}, [("array", "burgerservicenummer")]),
        ({"type": BSN, "burgerservicenummer": ["12345678"]}, [("pattern", "burgerservicenummer[0]")]),
        ({"type": BSN, "burgerservicenummer": ["000000024"] * 21}, [("maxItems", "burgerservicenummer")]),
        ({"type": BSN, "burgerservicenummer": ["000000024"], "voornamen": "X"}, [("unknownParam", "voornamen")]),
        ({"type": BSN, "burgerservicenummer": ["000000024"], "fields": []}, [("minItems", "fields")]),
        ({"type": BSN, "burgerservicenummer": ["000000024"], "fields": ["rni"]}, [("fields", "fields[0]")]),
        ({"type": BSN, "burgerservicenummer": ["000000024"], "fields": ["a*"]}, [("pattern", "fields[0]")]),
        ({"type": ADRES, "postcode": "2628HJ", "huisnummer": 2, "fields": ["verblijfplaats"]},
         [("fields", "fields[0]")]),
    ],
)  # fmt: skip
async def test_wrong_questions(tmp_path: Path, inhoud: dict[str, Any], fouten: list[tuple[str, str]]) -> None:
    antwoord = await vraag(tmp_path, **inhoud)
    assert antwoord.status_code == 400 and antwoord.json()["code"] == "paramsValidation"
    assert [(f["code"], f["name"]) for f in antwoord.json()["invalidParams"]] == fouten
    assert antwoord.json()["detail"] == f"De foutieve parameter(s) zijn: {', '.join(n for _, n in fouten)}."


async def test_only_what_was_asked_and_what_comes_by_itself(tmp_path: Path) -> None:
    velden = ["naam.geslachtsnaam", "geboorte.datum.jaar", "partners.naam.voornamen"]
    antwoord = await vraag(tmp_path, type=BSN, burgerservicenummer=["000000026"], fields=velden)
    (gevonden,) = antwoord.json()["personen"]
    assert set(gevonden) == {"naam", "geboorte", "geheimhoudingPersoonsgegevens"}
    assert gevonden["naam"] == {"geslachtsnaam": "Maassen"} and gevonden["geboorte"]["datum"]["datum"] == "1990-01-03"


async def test_the_envelope_of_http(tmp_path: Path) -> None:
    een = {"type": BSN, "burgerservicenummer": ["000000024"]}
    gevallen = [
        ("content-type", "application/xml", 415),
        ("accept", "text/csv", 406),
        ("accept", "*/*; charset=utf-8", 200),
        ("content-type", "application/json;charset=UTF-8", 200),
    ]
    for kop, waarde, status in gevallen:
        assert (await vraag(tmp_path, koppen={kop: waarde}, **een)).status_code == status


async def test_any_layout_of_the_file_and_none(tmp_path: Path) -> None:
    for indent in (None, 1):
        bestand = tmp_path / f"{indent}.json"
        bestand.write_text(json.dumps(MENSEN, indent=indent))
        personen = Personen(bestand)
        personen.laad()
        assert [p["naam"]["geslachtsnaam"] for p in personen.met("bsn", "000000025")] == ["Maassen"]
    leeg = Personen(None)
    leeg.laad()
    assert list(leeg.met("bsn", "000000025")) == []
