"""What makes two spellings the same, and what does not."""

from datetime import date

import pytest

from libs.events.values import Client
from services.matching.beoordeling import Graad, vergelijk_datum, vergelijk_letters, vergelijk_namen
from services.matching.normalisatie import afstand, elfproef, is_bedrijf, letters, omgewisseld, toevoeging, woorden
from services.matching.personen import Geboorte, Naam
from services.matching.zoeken import _toevoegingen, _zoeknamen


@pytest.mark.parametrize(
    ("voorvoegsel", "gegeven", "brp", "graad"),
    [
        (None, "Jansen", ("", "Janssen"), Graad.VORM),
        (None, "Boss", ("", "Bos"), Graad.VORM),
        (None, "Deker", ("", "Dekker"), Graad.VORM),
        (None, "Verwey", ("", "Verweij"), Graad.VORM),
        (None, "Kloosterman-Duyts", ("", "Kloosterman-Duijts"), Graad.VORM),
        (None, "Yzerman", ("", "IJzerman"), Graad.VORM),
        (None, "Lukasik", ("", "Łukasik"), Graad.GELIJK),
        (None, "GÜNDOGAN", ("", "Gündoğan"), Graad.GELIJK),
        (None, "Yildiz", ("", "Yıldız"), Graad.GELIJK),
        (None, "  van  der   Linden ", ("van der", "Linden"), Graad.GELIJK),
        (None, "Linden", ("van der", "Linden"), Graad.GELIJK),
        ("v.d.", "Linden", ("van der", "Linden"), Graad.GELIJK),
        ("van den", "Berg", ("van der", "Berg"), Graad.GELIJK),
        (None, "Terhorst", ("ter", "Horst"), Graad.GELIJK),
        (None, "t Hart", ("'t", "Hart"), Graad.GELIJK),
        (None, "Mulder", ("", "Mulder-Buijs"), Graad.DEELS),
        (None, "Vermeulem", ("", "Vermeulen"), Graad.DEELS),
        (None, "Visser", ("", "Vissers"), Graad.DEELS),
        (None, "Mulder", ("", "Smulders"), Graad.ANDERS),
        (None, "Bos", ("", "Vos"), Graad.ANDERS),
        (None, "Bakker", ("", "Dekker"), Graad.ANDERS),
        (None, "Oeztuerk", ("", "Öztürk"), Graad.GELIJK),
        (None, "NoÃ«", ("", "Noë"), Graad.GELIJK),
        (None, "G?ne?", ("", "Güneş"), Graad.DEELS),
        (None, "?l?", ("", "Ali"), Graad.ANDERS),
        ("Aït", "Aït Said", ("Aït", "Said"), Graad.GELIJK),
        (None, "Weyers", ("", "Weijers"), Graad.VORM),
        (None, "Wijers", ("", "Weijers"), Graad.DEELS),
        (None, "Kallu", ("", "Kalloe"), Graad.DEELS),
        (None, "Sanders", ("", "Zanders"), Graad.DEELS),
        (None, "Peeers", ("", "Peeters"), Graad.DEELS),
    ],
)
def test_surnames(voorvoegsel: str | None, gegeven: str, brp: tuple[str, str], graad: Graad) -> None:
    assert vergelijk_namen(voorvoegsel, gegeven, [Naam(*brp)]) is graad


@pytest.mark.parametrize(
    ("gegeven", "brp", "graad"),
    [
        (date(1985, 6, 4), Geboorte(1985, 6, 4), Graad.GELIJK),
        (date(1985, 4, 6), Geboorte(1985, 6, 4), Graad.VORM),
        (date(1985, 6, 5), Geboorte(1985, 6, 4), Graad.DEELS),
        (date(1958, 6, 4), Geboorte(1985, 6, 4), Graad.ANDERS),
        (date(1986, 6, 4), Geboorte(1985, 6, 4), Graad.DEELS),
        (date(1985, 1, 1), Geboorte(1985), Graad.DEELS),
        (date(1984, 1, 1), Geboorte(1985), Graad.ANDERS),
        (date(1985, 6, 4), Geboorte(), Graad.ONBEKEND),
        (date(1900, 1, 1), Geboorte(1985, 6, 4), Graad.ONBEKEND),
        (None, Geboorte(1985, 6, 4), Graad.ONBEKEND),
    ],
)
def test_birth_dates(gegeven: date | None, brp: Geboorte, graad: Graad) -> None:
    assert vergelijk_datum(gegeven, brp) is graad


@pytest.mark.parametrize(
    ("gegeven", "brp", "graad"),
    [
        ("A.B.", "A.B.", Graad.GELIJK), ("AB", "A.B.", Graad.GELIJK), ("A. B.", "A.B.", Graad.GELIJK),
        ("Ł. P.", "Ł.P.", Graad.GELIJK), ("A", "A.B.", Graad.VORM), ("Anna", "A.B.", Graad.VORM),
        ("Th.A.", "T.A.", Graad.GELIJK), ("A.C.", "A.B.", Graad.DEELS), ("B.", "A.B.", Graad.ANDERS),
        (None, "A.B.", Graad.ONBEKEND), ("", "", Graad.ONBEKEND),
    ],
)  # fmt: skip
def test_initials(gegeven: str | None, brp: str, graad: Graad) -> None:
    assert vergelijk_letters(letters(gegeven), letters(brp)) is graad


@pytest.mark.parametrize(
    ("een", "ander"),
    [(("B", "2"), (None, "B-2")), (("a", None), (None, "A ")), ((None, "02"), (None, "2")), ((None, "-3"), (None, "3")),
     ((None, "huis"), (None, "HS")), ((None, "III"), (None, "3")), ((None, "2hoog"), (None, "2HG")),
     ((None, None), (None, " "))],
)  # fmt: skip
def test_suffixes_of_one_form(een: tuple[str | None, ...], ander: tuple[str | None, ...]) -> None:
    assert toevoeging(*een) == toevoeging(*ander)


@pytest.mark.parametrize(
    ("een", "ander"), [("1", "11"), ("A", "B"), ("A1", "A2"), ("", "A"), ("2", "20"), ("BIS", "HS")]
)
def test_suffixes_that_differ(een: str, ander: str) -> None:
    assert toevoeging(een) != toevoeging(ander)


def test_companies() -> None:
    for naam in ("Bouwbedrijf De Lekdijk B.V.", 'Eetcafé "De Sluis"', "Kapsalon Knip & Zo", "M. Kraan Holding BV"):
        assert is_bedrijf(naam), naam
    for naam in ("Bakker", "de Vries", "van Beek-Vollenhoven", "Noë", "Bedrijfs"):
        assert not is_bedrijf(naam), naam


def test_words_dates_distance_and_numbers() -> None:
    assert woorden("'s-Gravesande B.V.") == ("s", "gravesande", "bv")
    assert omgewisseld(date(1985, 4, 6)) == date(1985, 6, 4)
    assert omgewisseld(date(1985, 6, 6)) is None and omgewisseld(date(1985, 4, 13)) is None
    assert (afstand("bos", "bos"), afstand("bakker", "bakekr"), afstand("abc", "xyz")) == (0, 1, 3)
    assert elfproef("999990019") and not elfproef("999990018") and not elfproef("000000000") and not elfproef("12345")


def test_what_is_asked_of_the_brp_is_always_a_question_it_takes() -> None:
    from services.matching.proefomgeving.vragen import SOORTEN

    namen = SOORTEN["ZoekMetGeslachtsnaamEnGeboortedatum"].verplicht["geslachtsnaam"]
    adres = SOORTEN["ZoekMetPostcodeEnHuisnummer"].mag
    for naam in ("X", "O'Brien", "Nguyễn", 'Eetcafé "X" & <script>', "'t", "李", "van der", "Ab", "*", "Œuvre-Łódź"):
        client = Client(achternaam=naam, postcode="3311AB", huisnummer=1, huisnummertoevoeging="--!toren 12",
                        huisletter="é")  # fmt: skip
        for gevraagd in _zoeknamen(client):
            assert namen(gevraagd) is None, gevraagd
        for poging in _toevoegingen(client):
            assert all(adres[veld](waarde) is None for veld, waarde in poging.items()), poging
