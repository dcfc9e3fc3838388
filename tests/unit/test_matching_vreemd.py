"""Unusual and hostile clients, as a partner types them and intake reads them, against people of the trial BRP.

Nobody is linked to another person, and whoever is not certain waits with a reason.
"""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from libs.chassis.region import Region
from libs.chassis.settings import Settings
from libs.events.values import Koppelstatus, Signaalpartner
from services.intake.aanlevering import lees
from services.matching.gateway import BrpToegang
from services.matching.zoeken import Bevinding, Onderzoek
from tests.matching import overleden, persoon

BASIS = {"voorletters": "A.B.", "achternaam": "Janssen", "geboortedatum": "1985-06-15", "postcode": "3311AB",
         "huisnummer": 10}  # fmt: skip
REGIO = Region.load().gemeentecodes
Mens = dict[str, Any]


async def zoek(folder: Path, mensen: list[Mens], **client: Any) -> Bevinding:
    """What is found of this client, as it comes through intake."""
    bestand = folder / "personen.json"
    bestand.write_text(json.dumps(mensen))
    rij = {"kenmerk": "K", "bedrag": 100, "signaaldatum": "2026-01-03", "client": BASIS | client}
    regel = lees(rij, Signaalpartner.ZORG, date(2026, 2, 1))
    async with BrpToegang(Settings(brp_personen=bestand)).open() as brp:
        return await Onderzoek(brp, regel.client, regel.signaaldatum, REGIO).bevinding()


async def wie(folder: Path, mensen: list[Mens], **client: Any) -> str:
    """Last digit of whom it is linked to, else the reason."""
    gevonden = await zoek(folder, mensen, **client)
    assert (gevonden.wie is not None) is (gevonden.status is Koppelstatus.GEKOPPELD)
    assert gevonden.reden or gevonden.wie
    return gevonden.wie.burgerservicenummer[-1] if gevonden.wie else gevonden.reden


def p(nummer: int, naam: str = "Janssen", geboren: str = "1985-06-15", **meer: Any) -> Mens:
    return persoon(f"{nummer:09d}", naam, geboren, **meer)


def getrouwd(nummer: int, naam: str, **meer: Any) -> list[Mens]:
    return [{"burgerservicenummer": f"{nummer:09d}", "naam": {"geslachtsnaam": naam, **meer}}]


NAMEN = [  # as typed, as registered: prefix and surname
    ("Strasser", "", "Straßer"), ("Straser", "", "Straßer"), ("Weiß", "", "Weiss"), ("Meyer", "", "Meijer"),
    ("Meier", "", "Meijer"), ("Yzerman", "", "IJzerman"), ("Ĳzerman", "", "IJzerman"), ("v.d. Berg", "van den", "Berg"),
    ("v/d Berg", "van der", "Berg"), ("van ’t Hof", "van 't", "Hof"), ("vant Hof", "van 't", "Hof"),
    ("van het Hof", "van 't", "Hof"), ("d'Ancona", "d'", "Ancona"), ("Dancona", "d'", "Ancona"),
    ("ONeill", "", "O'Neill"), ("Vandenberg", "van den", "Berg"), ("BERG, VAN DEN", "van den", "Berg"),
    ("Yildirim", "", "Yıldırım"), ("El Amrani", "al", "Amrani"), ("Elamrani", "El", "Amrani"), ("Ng", "", "Ng"),
    ("Heeckeren", "van", "Heeckeren van Kell"), ("JANSSEN,", "", "Janssen"), ("<b>Janssen</b>", "", "Janssen"),
    ("Janssen 😀", "", "Janssen"), ("Mevr. Janssen", "", "Janssen"), ("A.B. Janssen", "", "Janssen"),
    ("Dhr. A.B. Janssen", "", "Janssen"), ("de heer A. B. Janssen", "", "Janssen"), ("Janssen, A.B.", "", "Janssen"),
    ("de Heer", "de", "Heer"), ("Drs. de Heer", "de", "Heer"), ("Mohammed Ali Hassan", "", "Mohammed Ali Hassan"),
    ("van Erven", "van", "Erven"), ("Erven-Janssen", "van", "Erven"),
]  # fmt: skip


@pytest.mark.parametrize(("getypt", "voorvoegsel", "naam"), NAMEN)
async def test_names_an_official_recognises(tmp_path: Path, getypt: str, voorvoegsel: str, naam: str) -> None:
    partner = getrouwd(9, "Janssen") if naam == "Erven" else []
    assert await wie(tmp_path, [p(1, naam, voorvoegsel=voorvoegsel, partners=partner)], achternaam=getypt) == "1"


@pytest.mark.parametrize(
    "getypt",
    ["Jansen-de Vries", "de Vries-Jansen", "Jansen - de Vries", "de Vries e/v Jansen", "Jansen geb. de Vries", "Jansen",
     "Vries", "de Vries - Jansen", "A.B. Jansen-de Vries"],
)  # fmt: skip
async def test_names_of_a_marriage_in_both_orders(tmp_path: Path, getypt: str) -> None:
    vries = p(1, "Vries", voorvoegsel="de", partners=getrouwd(2, "Jansen"))
    assert await wie(tmp_path, [vries], achternaam=getypt) == "1"


@pytest.mark.parametrize(
    ("getypt", "anders", "reden"),
    [
        ("J.", {}, "onzeker"), (".", {}, "onzeker"), ("12345", {}, "onzeker"), ("Jan*", {}, "onzeker"),
        ("Jan*", {"geboortedatum": None}, "geenTreffer"), ("Janssen" * 28, {}, "onzeker"), ("Vos", {}, "onzeker"),
        ("Bakkerij Janssen (p. Janssen)", {}, "bedrijfsnaam"), ("Janssen V.O.F.", {}, "bedrijfsnaam"),
        ("Fa. Janssen & Zn.", {}, "bedrijfsnaam"), ("Janssen h.o.d.n. Klusman", {}, "bedrijfsnaam"),
        ("Firma A.B. Janssen", {}, "bedrijfsnaam"), ("Erven van Janssen", {}, "onzeker"),
        ("De erfgenamen Janssen", {}, "onzeker"), ("Nalatenschap A.B. Janssen", {}, "onzeker"),
        ("Fam. Janssen", {"geboortedatum": None, "voorletters": None}, "onzeker"),
        ("Dhr en mevr Janssen", {"geboortedatum": None, "voorletters": None}, "onzeker"),
        ("Dhr. C. Janssen", {"geboortedatum": None, "voorletters": None}, "onzeker"),
        ("Anna", {"voorletters": "Janssen"}, "onzeker"), ("Hansen", {"geboortedatum": "1985-06-14"}, "onzeker"),
    ],
)  # fmt: skip
async def test_names_somebody_has_to_look_at(tmp_path: Path, getypt: str, anders: Mens, reden: str) -> None:
    assert await wie(tmp_path, [p(1)], achternaam=getypt, **anders) == reden


@pytest.mark.parametrize(
    ("getypt", "letter", "toevoeging"),
    [
        ("12A-3", "A", "3"), ("12a3", "A", "3"), ("12 bis", "", "BIS"), ("12hs", "", "HS"), ("12 huis", "", "HS"),
        ("12 II", "", "2"), ("12-II", "", "II"), ("12/3", "", "3"), ("12 3-hoog", "", "3HG"), ("12 t/o", "", ""),
        ("12B", "A", ""), (" 12 ", "", ""),
    ],
)  # fmt: skip
async def test_house_numbers_in_one_field(tmp_path: Path, getypt: str, letter: str, toevoeging: str) -> None:
    mensen = [p(1, adres=("3311AB", 12, letter, toevoeging))]
    assert await wie(tmp_path, mensen, huisnummer=getypt, postcode="3311 ab") == "1"


MAAND_OM = p(1, geboren="1985-06-05")
DATUMS: list[tuple[Mens, list[Mens], str]] = [
    ({"geboortedatum": None}, [p(1)], "1"),
    ({"geboortedatum": "1900-01-01"}, [p(1)], "1"),
    ({"geboortedatum": "1970-01-01"}, [p(1)], "onzeker"),
    ({"geboortedatum": "1985-05-06"}, [MAAND_OM], "1"),
    ({"geboortedatum": "1985-05-06"}, [MAAND_OM, p(2, geboren="1985-05-06", voorletters="C.")], "meerKandidaten"),
    ({"geboortedatum": "1885-06-15"}, [p(1)], "1"),
    ({"geboortedatum": "1984-06-15", "voorletters": "C."}, [p(1)], "onzeker"),
    ({}, [p(1, geboorte={"datum": {"type": "JaarDatum", "jaar": 1985}})], "1"),
    ({}, [p(1, geboorte={"datum": {"type": "JaarDatum", "jaar": 1984}})], "onzeker"),
    ({}, [p(1, geboorte={"datum": {"type": "DatumOnbekend", "onbekend": True}})], "1"),
]


@pytest.mark.parametrize(("client", "mensen", "wordt"), DATUMS)
async def test_birth_dates(tmp_path: Path, client: Mens, mensen: list[Mens], wordt: str) -> None:
    assert await wie(tmp_path, mensen, **client) == wordt


ELDERS, WEG = ("3371AA", 5, "", ""), ("9999ZZ", 1, "", "")
VADER, TWEEDE = p(2, geboren="1955-01-01"), p(2, voorletters="C.")
VRIES = p(2, "Vries", "1987-02-03", voorvoegsel="de", voorletters="C.")
DATUM_WEG, VRIES_DATUM = {"geboortedatum": None}, {"geboortedatum": "1987-02-03"}
BUITEN = {"verblijfplaats": {"type": "VerblijfplaatsBuitenland"}}
NIET_DAAR = {"verblijfplaats": p(1)["verblijfplaats"] | {"indicatieVastgesteldVerblijftNietOpAdres": True}}


def weg(code: str) -> Mens:
    return {"opschortingBijhouding": {"reden": {"code": code}}}


def flat(*, naam: str = "", letters: str = "Z.") -> list[Mens]:
    """Eleven neighbours behind one number."""
    return [p(n, naam or f"Bewoner{chr(96 + n)}", f"1970-01-{n:02d}", voorletters=letters) for n in range(10, 21)]


MENSEN: list[tuple[Mens, list[Mens], str]] = [
    ({"voorletters": "B.A."}, [p(1)], "1"),
    ({"voorletters": "Anna"}, [p(1)], "1"),
    ({"voorletters": None}, [p(1), TWEEDE], "meerKandidaten"),
    ({}, [p(1), TWEEDE], "1"),
    ({"voorletters": "A."}, [p(1), p(2, voorletters="A.C.")], "meerKandidaten"),
    ({}, [p(2, voorletters="A.C.")], "2"),
    ({}, [p(2, voorletters="A.C."), p(1, adres=ELDERS, gemeente="0523")], "meerKandidaten"),  # the twin who moved out
    (DATUM_WEG, [p(1), VADER], "meerKandidaten"),
    ({"geboortedatum": "1960-03-04"}, [p(1), VADER], "onzeker"),
    ({}, [VADER, p(1, adres=ELDERS, gemeente="0523")], "1"),
    (DATUM_WEG | {"voorletters": "C."}, [p(1)], "onzeker"),
    (DATUM_WEG, [p(2, **overleden()), p(1, geboren="1990-01-01")], "meerKandidaten"),
    (DATUM_WEG | {"huisnummer": "12A"}, [p(1, adres=("3311AB", 12, "B", ""))], "onzeker"),
    (DATUM_WEG | {"huisnummer": "12A"}, [p(n, adres=("3311AB", 12, "AB"[n - 1], "")) for n in (1, 2)], "1"),
    (VRIES_DATUM, [p(1), VRIES], "onzeker"),
    (VRIES_DATUM, [p(1), VRIES, p(3, geboren="1987-02-03", adres=ELDERS, gemeente="0523")], "onzeker"),
    (VRIES_DATUM | {"voorletters": "C."}, [p(1), VRIES | {"partners": getrouwd(1, "Janssen")}], "2"),
    ({"achternaam": "Erven Janssen"}, [p(1, **overleden())], "overleden"),
    ({}, [p(1, **overleden())], "overleden"),
    ({}, [p(1, gemeente="1999", **BUITEN, **weg("R"))], "anderePlaats"),
    ({}, [p(1, **BUITEN, **weg("E")), p(2, geboren="1990-01-01", voorletters="X.")], "anderePlaats"),
    ({}, [p(1, **weg("M"))], "anderePlaats"),
    ({}, [p(1, **weg("F"))], "geenTreffer"),
    ({}, [p(1, **weg("W"))], "geenTreffer"),
    ({}, [p(1, **NIET_DAAR)], "verblijfOnbekend"),
    ({}, [p(1, geheimhoudingPersoonsgegevens=True)], "1"),
    ({}, [p(1, adres=ELDERS, gemeente="0523"), VRIES], "1"),
    ({}, [p(1, adres=WEG, gemeente="0014")], "anderePlaats"),
    ({"voorletters": "C."}, [p(1, adres=ELDERS, gemeente="0523")], "onzeker"),
    ({"postcode": "3300AA", "huisnummer": 12}, [p(1)], "1"),  # a post-office box
    ({"postcode": "3300AA", "huisnummer": 12, **DATUM_WEG}, [p(1)], "geenTreffer"),
    ({"achternaam": "Niemand"}, [], "geenTreffer"),
    ({}, [*flat(), p(1)], "1"),
    (DATUM_WEG, [*flat(), p(1)], "1"),
    (DATUM_WEG, [*flat(naam="Janssen", letters="A.B."), p(1)], "teveelTreffers"),
    (DATUM_WEG | {"achternaam": "Jonge", "voorvoegsel": "de"}, [p(1, "Jong", voorvoegsel="de")], "geenTreffer"),
]


@pytest.mark.parametrize(("client", "mensen", "wordt"), MENSEN)
async def test_people(tmp_path: Path, client: Mens, mensen: list[Mens], wordt: str) -> None:
    assert await wie(tmp_path, mensen, **client) == wordt
