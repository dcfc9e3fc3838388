"""One row: every field wrong in every way, and what is right although it looks odd."""

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from libs.chassis.strict import parse
from libs.events.values import Signaalpartner, Signaalsoort
from services.intake.aanlevering import Aanlevering, kenmerk_van, lees
from services.intake.velden import REGELS, CsvTekst, Fout
from tests.intake import signaal

VANDAAG = date(2025, 3, 20)
TEKST_FOUTEN: tuple[tuple[Any, str], ...] = ((5, "geenTekst"), (True, "geenTekst"), ([], "geenTekst"),
                                             ({}, "geenTekst"),
                                             ("a\x00", "stuurteken"), ("\ud800", "stuurteken"), ("a\x07", "stuurteken"),
                                             ("x" * 1000, "teLang"))  # fmt: skip
DATUM_FOUTEN: tuple[tuple[Any, str], ...] = (
    (20250303, "geenTekst"), ("2025-02-30", "geenDatum"), ("2025-W01-1", "geenDatum"), ("20250303", "geenDatum"),
    ("03-03-2025", "geenDatum"), ("2025-03-03T00:00", "geenDatum"), ("٢٠٢٥-٠٣-٠٣", "geenDatum"),
    ("0001-01-01", "langGeleden"), ("\x00", "stuurteken"),
)  # fmt: skip
TOEKOMST = (("2025-03-21", "inDeToekomst"), ("9999-12-31", "inDeToekomst"))
JA_NEE_FOUTEN: tuple[tuple[Any, str], ...] = (("true", "geenJaNee"), (1, "geenJaNee"), ([], "geenJaNee"))
BEDRAG_FOUTEN: tuple[tuple[Any, str], ...] = (
    (None, "verplicht"), ("812.40", "geenGetal"), (True, "geenGetal"), ([], "geenGetal"), (0, "nietPositief"),
    (Decimal("-0"), "nietPositief"), (-1, "nietPositief"), (Decimal("0.001"), "meerDanTweeDecimalen"),
    (Decimal("1e-400"), "meerDanTweeDecimalen"), (Decimal("1e400"), "teGroot"), (10**39, "teGroot"),
    (CsvTekst("n.v.t."), "geenGetal"), (CsvTekst("1.234,56"), "geenGetal"), (CsvTekst("1_000"), "geenGetal"),
    (CsvTekst("NaN"), "geenGetal"), (CsvTekst("1e3"), "geenGetal"), (CsvTekst("-5"), "nietPositief"),
    (CsvTekst(" "), "verplicht"), (CsvTekst("٥"), "geenGetal"),
)  # fmt: skip
INCASSO = ("persoonlijkContact", "gewezenOpHulp", "schriftelijkeHerinnering", "aanbodGegevensdeling")
FOUTEN: dict[str, tuple[tuple[Any, str], ...]] = {
    "kenmerk": (*TEKST_FOUTEN, (None, "verplicht"), ("  ", "verplicht")),
    "soort": (*TEKST_FOUTEN, ("Aanmaning", "onbekendeWaarde"), ("vroegsignaal", "onbekendeWaarde")),
    "bedrag": BEDRAG_FOUTEN,
    "ontstaansdatum": (*DATUM_FOUTEN, *TOEKOMST, ("2025-03-04", "naSignaaldatum")),
    "signaaldatum": (*DATUM_FOUTEN, *TOEKOMST, (None, "verplicht"), ("", "verplicht")),
    "crisissignaal": JA_NEE_FOUTEN,
    "warmeOverdracht": JA_NEE_FOUTEN,
    "einddatumLevering": (*DATUM_FOUTEN, ("2101-01-01", "verWeg"), ("9999-12-31", "verWeg")),
    "client": (("x", "geenObject"), ([], "geenObject"), (1, "geenObject")),
    "client.voorletters": TEKST_FOUTEN,
    "client.voorvoegsel": TEKST_FOUTEN,
    "client.achternaam": (*TEKST_FOUTEN, (None, "verplicht"), (" ", "verplicht")),
    "client.geboortedatum": (*DATUM_FOUTEN, *TOEKOMST),
    "client.postcode": (*TEKST_FOUTEN, (None, "verplicht"), ("0311AB", "formaat"), ("3311", "formaat"),
                        ("3311ABC", "formaat"), ("1234ß", "formaat"), ("12345678", "formaat")),
    "client.huisnummer": ((None, "verplicht"), ("", "verplicht"), (0, "formaat"), (-1, "formaat"), (100_000, "formaat"),
                          (Decimal("10.5"), "geenGetal"), (True, "geenGetal"), ([], "geenGetal"), ("A", "formaat"),
                          ("0", "formaat"), ("\x00", "stuurteken"), ("10/../../", "formaat"), ("9" * 50, "teLang")),
    "client.huisletter": (*TEKST_FOUTEN, ("AB", "formaat"), ("1", "formaat")),
    "client.huisnummertoevoeging": TEKST_FOUTEN,
    "client.telefoonnummer": TEKST_FOUTEN,
    "client.email": TEKST_FOUTEN,
    "socialeIncasso": (("x", "geenObject"), ([], "geenObject")),
    **{f"socialeIncasso.{stap}": (*DATUM_FOUTEN, *TOEKOMST, (None, "verplicht"), ("2025-03-04", "naSignaaldatum"))
       for stap in INCASSO},
    "socialeIncasso.huurderWeigerde": (*JA_NEE_FOUTEN, (None, "verplicht"), (True, "huurderWeigerde")),
}  # fmt: skip
ORDER = list(FOUTEN)


def met(veld: str, waarde: Any, rij: Any = None) -> Any:
    """A row with this value at a dotted path."""
    rij = signaal() if rij is None else rij
    outer, dot, inner = veld.partition(".")
    return rij | {outer: rij[outer] | {inner: waarde} if dot else waarde}


def oordeel(rij: Any, partner: Signaalpartner = Signaalpartner.HUUR) -> Aanlevering | tuple[str, str]:
    """The row, or field and code of what is wrong in it."""
    exact = rij | {"bedrag": Decimal(str(rij["bedrag"]))} if isinstance(rij.get("bedrag"), float) else rij
    try:
        return lees(exact, partner, VANDAAG)
    except Fout as fout:
        assert fout.code in REGELS
        return fout.veld, fout.code


@pytest.mark.parametrize("veld", FOUTEN)
def test_every_field_wrong_in_every_way(veld: str) -> None:
    for waarde, code in FOUTEN[veld]:
        assert oordeel(met(veld, waarde)) == (veld, code), repr(waarde)[:40]


def test_the_first_wrong_field_in_the_order_of_the_contract_is_named() -> None:
    flat = [veld for veld in ORDER if veld not in ("client", "socialeIncasso")]
    for eerst, later in pairwise(flat):
        rij = met(later, FOUTEN[later][0][0])
        assert oordeel(met(eerst, FOUTEN[eerst][0][0], rij)) == (eerst, FOUTEN[eerst][0][1])


def test_what_is_absent_without_being_needed_is_fine() -> None:
    for veld in (
        "soort",
        "ontstaansdatum",
        "crisissignaal",
        "client.geboortedatum",
        "client.email",
        "client.voorletters",
    ):
        assert isinstance(oordeel(met(veld, None)), Aanlevering), veld
    kaal = {"kenmerk": "K", "bedrag": 5, "signaaldatum": "2025-03-03",
            "client": {"achternaam": "Dijk", "postcode": "3311 ab", "huisnummer": 1}}  # fmt: skip
    gelezen = oordeel(kaal, Signaalpartner.WATER)
    assert isinstance(gelezen, Aanlevering)
    assert (gelezen.soort, gelezen.client.postcode, gelezen.sociale_incasso) == (
        Signaalsoort.VROEGSIGNAAL,
        "3311AB",
        None,
    )
    assert oordeel(kaal) == ("socialeIncasso.persoonlijkContact", "verplicht")
    assert oordeel(kaal | {"client": None}, Signaalpartner.WATER) == ("client.achternaam", "verplicht")


def test_a_care_case_needs_no_amount_and_no_collection() -> None:
    for bedrag in (None, 0, CsvTekst("0,00")):
        gelezen = oordeel(signaal(soort="Zorgmelding", bedrag=bedrag, socialeIncasso=None))
        assert isinstance(gelezen, Aanlevering)
        assert gelezen.bedrag is None
    assert oordeel(signaal(soort="Zorgmelding", bedrag=-1)) == ("bedrag", "nietPositief")


@pytest.mark.parametrize(
    ("huisnummer", "expected"),
    [
        (10, (10, None, None)), ("10", (10, None, None)), ("10A", (10, "A", None)), ("10 a", (10, "a", None)),
        ("10-2", (10, None, "2")), ("52B  2", (52, "B", "2")), ("10bis", (10, None, "bis")),
        ("71-hs", (71, None, "hs")),
        ("12A-III", (12, "A", "III")), (" 7 ", (7, None, None)), (CsvTekst("8B"), (8, "B", None)),
    ],
)  # fmt: skip
def test_a_house_number_with_its_suffix_in_it_is_taken_apart(huisnummer: Any, expected: tuple[Any, ...]) -> None:
    gelezen = oordeel(signaal({"huisnummer": huisnummer, "huisnummertoevoeging": None}))
    assert isinstance(gelezen, Aanlevering)
    assert (gelezen.client.huisnummer, gelezen.client.huisletter, gelezen.client.huisnummertoevoeging) == expected


@pytest.mark.parametrize("nummer", ["0612345678", "06-12345678", "+31 6 1234 5678", "0031612345678", "(078) 5552576",
                                    "+31(0)6-12345324", "078-5557615"])  # fmt: skip
def test_numbers_that_can_be_called(nummer: str) -> None:
    gelezen = oordeel(signaal({"telefoonnummer": nummer}))
    assert isinstance(gelezen, Aanlevering)
    assert gelezen.telefoon_bruikbaar


@pytest.mark.parametrize("nummer", ["06123", "onbekend", "0000000000", "061234567890", "+49 30 1234567", "0", "١٢٣"])
def test_an_unusable_number_is_kept_and_reported(nummer: str) -> None:
    gelezen = oordeel(signaal({"telefoonnummer": nummer, "email": "x"}))
    assert isinstance(gelezen, Aanlevering)
    assert gelezen.onbruikbaar == ("client.telefoonnummer", "client.email")


def test_csv_text_is_read_as_what_it_stands_for() -> None:
    rij = signaal(bedrag=CsvTekst("812,40"), crisissignaal=CsvTekst("True"), warmeOverdracht=CsvTekst("nee"),
                  incasso={"huurderWeigerde": CsvTekst("false")})  # fmt: skip
    gelezen = oordeel(rij)
    assert isinstance(gelezen, Aanlevering)
    assert (gelezen.bedrag, gelezen.crisissignaal, gelezen.warme_overdracht) == (Decimal("812.40"), True, False)


def test_an_unknown_field_is_named_only_when_it_reads_as_a_name_of_a_field() -> None:
    assert oordeel(signaal(bedragen=1)) == ("bedragen", "onbekendVeld")
    assert oordeel(signaal(client={"bsn": "1"})) == ("client.bsn", "onbekendVeld")
    assert oordeel(signaal(**{"Jansen, A.": 1})) == ("body", "onbekendVeld")
    assert oordeel(signaal(client={"Jansen": 1})) == ("client", "onbekendVeld")
    assert oordeel(signaal(incasso={"x\ud800": 1})) == ("socialeIncasso", "onbekendVeld")


@pytest.mark.parametrize("rij", [None, [], 1, "x"])
def test_what_is_no_object_is_no_row(rij: Any) -> None:
    with pytest.raises(Fout) as fout:
        lees(rij, Signaalpartner.HUUR, VANDAAG)
    assert (fout.value.veld, fout.value.code) == ("body", "geenObject")
    assert kenmerk_van(rij) is None


def test_a_refused_row_keeps_its_kenmerk_where_it_can_be_read() -> None:
    assert kenmerk_van({"kenmerk": " K1 "}) == "K1"
    assert kenmerk_van({"kenmerk": "\x00"}) is None
    assert kenmerk_van({"kenmerk": "x" * 101}) is None


def test_amounts_are_exact() -> None:
    gelezen = oordeel(parse(b'{"bedrag": 0.1}', exact=True) | {k: v for k, v in signaal().items() if k != "bedrag"})
    assert isinstance(gelezen, Aanlevering)
    assert gelezen.bedrag == Decimal("0.10")
