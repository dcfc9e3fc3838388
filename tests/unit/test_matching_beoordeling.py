"""When an official would link without a second look, and when nobody may."""

from datetime import date
from typing import Any

import pytest

from libs.events.values import Client
from services.matching.beoordeling import ZEKER, Adres, Graad, Vergelijking, beoordeel, keuze, weeg
from services.matching.personen import ingeschrevene
from tests.matching import CLIENT, client, persoon

OP = date(2026, 1, 3)


def oordeel(wie: Client, *personen: dict[str, Any]) -> str | None:
    """BSN of the chosen person."""
    kandidaten = [beoordeel(wie, ingeschrevene(een), "vraag", OP) for een in personen]
    gekozen = keuze(kandidaten)
    return gekozen.wie.burgerservicenummer if gekozen else None


ZELF = persoon("1", "Janssen")
GETROUWD = persoon("1", "Janssen", partners=[{"naam": {"voorvoegsel": "de", "geslachtsnaam": "Vries"}}])


@pytest.mark.parametrize(
    "anders",
    [
        {}, {"achternaam": "JANSEN"}, {"voorletters": None}, {"voorletters": "X."}, {"geboortedatum": None},
        {"huisnummertoevoeging": "A"}, {"postcode": "3312AB"}, {"postcode": "3311 ab"}, {"achternaam": " Janssen "},
        {"postcode": "9711ZZ", "huisnummer": 3},
    ],
)  # fmt: skip
def test_one_slip_is_forgiven(anders: dict[str, Any]) -> None:
    assert oordeel(client(**anders), ZELF) == "1"


@pytest.mark.parametrize(
    "anders",
    [
        {"geboortedatum": None, "voorletters": None}, {"geboortedatum": None, "voorletters": "X."},
        {"geboortedatum": None, "postcode": "3312AB"}, {"geboortedatum": None, "huisnummer": 99},
        {"achternaam": "Bakker"}, {"geboortedatum": date(1950, 1, 1)}, {"voorletters": "X.", "huisnummer": 99},
        {"voorletters": None, "huisnummer": 99}, {"achternaam": "Janssen Holding B.V."},
    ],
)  # fmt: skip
def test_two_slips_go_to_review(anders: dict[str, Any]) -> None:
    assert oordeel(client(**anders), ZELF) is None


@pytest.mark.parametrize("naam", ["de Vries", "Vries", "Janssen-de Vries", "de Vries-Janssen", "Vries Jansen"])
def test_partner_names_in_every_use(naam: str) -> None:
    assert oordeel(client(achternaam=naam), GETROUWD) == "1"
    if "ans" not in naam:
        assert oordeel(client(achternaam=naam), ZELF) is None, "a name the BRP does not know, nor half of one"
        assert oordeel(client(achternaam=naam, geboortedatum=None), GETROUWD) is None


def test_namesakes() -> None:
    vader, zoon = persoon("1", "Janssen", "1955-01-01"), persoon("2", "Janssen", "1985-06-15")
    assert oordeel(CLIENT, vader, zoon) == "2"
    assert oordeel(client(geboortedatum=None), vader, zoon) is None, "both have these initials"
    kind = persoon("3", "Janssen", "2015-01-01")
    assert oordeel(client(geboortedatum=None), zoon, kind) == "2", "a minor has no contract"
    tweeling = persoon("4", "Janssen", "1985-06-15", voorletters="C.")
    assert oordeel(CLIENT, zoon, tweeling) == "2"
    assert oordeel(client(voorletters=None), zoon, tweeling) is None
    assert oordeel(CLIENT, zoon, persoon("5", "Janssen", "1985-06-16")) == "2", "the other's birth date is not this one"
    elders = persoon("6", "Janssen", adres=("3371AA", 5, "", ""))
    om = persoon("7", "Janssen", "1985-02-03")
    assert (
        oordeel(client(geboortedatum=date(1985, 3, 2)), om, elders | {"geboorte": {"datum": {"datum": "1985-03-02"}}})
        is None
    )


def test_every_row_of_the_table_loses_certainty_with_every_field_that_agrees_less() -> None:
    graden = [Graad.GELIJK, Graad.VORM, Graad.ONBEKEND]
    adressen = [Adres.ZELFDE, Adres.GEBOUW, Adres.BIJNA, Adres.ELDERS]
    letters = [Graad.GELIJK, Graad.ONBEKEND, Graad.ANDERS]
    for naam in (Graad.GELIJK, Graad.DEELS, Graad.ANDERS):
        for datum in graden:
            for adres in adressen:
                rij = [weeg(Vergelijking(naam, datum, letter, adres)) for letter in letters]
                assert rij == sorted(rij, reverse=True)
    beste = weeg(Vergelijking(Graad.GELIJK, Graad.GELIJK, Graad.GELIJK, Adres.ZELFDE))
    assert beste == 1.0
    assert all(weeg(Vergelijking(Graad.ANDERS, Graad.GELIJK, Graad.GELIJK, a)) < ZEKER for a in adressen)


def test_evidence_names_fields_and_no_values() -> None:
    bewijs = beoordeel(client(achternaam="Jansen", voorletters="X."), ingeschrevene(ZELF), "vraag", OP).bewijs()
    assert bewijs.overeenkomst == ("achternaam", "geboortedatum", "adres")
    assert bewijs.afwijking == ("voorletters", "achternaamSchrijfwijze")
    assert "ansen" not in bewijs.model_dump_json()
