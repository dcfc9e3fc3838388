"""Invented addresses: the n-th dwelling of a municipality, always the same one for the same n."""

from dataclasses import dataclass

from drempel.region.namen import woorden
from libs.chassis.region import Gemeente, Woonplaats

_STAMMEN = woorden(
    "Hoepelmaker Griendwerker Baggeraar Zalmvisser Vlasschuur Lisdodde Ankersmid Dijkgraver Scheepstimmer Mandenmaker "
    "Rietvink Wilgenroos Sluiswachter Touwslager Schippers Kadewerker Turfdrager Veerman Otter Reigers Kiekendief "
    "Waterlelie Dotterbloem Smederij Lijnbaan Houtvlot Poldergemaal Korenmaat Zeilmaker Boezem Elzen Populieren "
    "Merel Zwaluw Kwartel Tarwe Boekweit Klinkers Bakens Peilschaal"
)
_UITGANGEN = woorden("straat laan weg pad hof singel kade plein dreef erf steeg gaarde ring wal stoep baan")
_LETTERS = [a + b for a in "ABCDEGHJKLMNPRSTVWXZ" for b in "ABCDEGHJKLMNPRSTVWXZ" if a + b not in ("SS", "SD", "SA")]
WONINGEN_PER_STRAAT = 60
BUITEN = (
    Gemeente(code="0758", naam="Breda", woonplaatsen=(Woonplaats(naam="Breda", postcodegebieden=("4814", "4826")),)),
    Gemeente(
        code="0599", naam="Rotterdam", woonplaatsen=(Woonplaats(naam="Rotterdam", postcodegebieden=("3071", "3083")),)
    ),
)
"""Where people live who moved away from the region, or never lived in it."""


@dataclass(frozen=True, slots=True)
class Adres:
    """A dwelling; the four parts as the BRP keeps them."""

    gemeentecode: str
    gemeente: str
    woonplaats: str
    straat: str
    postcode: str
    huisnummer: int
    huisletter: str | None
    huisnummertoevoeging: str | None
    volgnummer: int


def adres(gemeente: Gemeente, nummer: int) -> Adres:
    """Dwelling `nummer` (from 0). Every twelfth street has letters, every ninth a block with additions."""
    straat, woning = divmod(nummer, WONINGEN_PER_STRAAT)
    plaatsen = gemeente.woonplaatsen or (Woonplaats(naam=gemeente.naam, postcodegebieden=("9990",)),)
    gebieden = [(plaats.naam, gebied) for plaats in plaatsen for gebied in plaats.postcodegebieden]
    woonplaats, gebied = gebieden[straat % len(gebieden)]
    huisnummer, letter, toevoeging = _huisnummer(straat, woning)
    stam = _STAMMEN[(straat * 7 + int(gemeente.code)) % len(_STAMMEN)]
    uitgang = _UITGANGEN[(straat // len(_STAMMEN) + straat) % len(_UITGANGEN)]
    letters = _LETTERS[(straat // len(gebieden) * 61 + straat) % len(_LETTERS)]
    return Adres(
        gemeente.code,
        gemeente.naam,
        woonplaats,
        stam + uitgang,
        gebied + letters,
        huisnummer,
        letter,
        toevoeging,
        nummer,
    )


def _huisnummer(straat: int, woning: int) -> tuple[int, str | None, str | None]:
    if straat % 12 == 3:
        return 2 + 2 * (woning // 2), "AB"[woning % 2], None
    if straat % 9 == 4:
        return 10 + 2 * (woning // 6), None, str(woning % 6 + 1)
    return 1 + woning * 2 + straat % 2, None, None
