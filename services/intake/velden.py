"""Values as a partner writes them, in JSON or CSV: texts, dates, yes or no; and the rules they can break.

A rule is broken with `Fout`: it names the field and the rule, never the value.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from libs.chassis.strict import clean
from libs.events.values import EERSTE_DAG, LAATSTE_DAG

REGELS: Mapping[str, str] = {
    "geenObject": "Hier hoort een object.",
    "verplicht": "Dit veld is verplicht.",
    "geenTekst": "Hier hoort tekst.",
    "stuurteken": "De tekst bevat stuurtekens.",
    "teLang": "De tekst is te lang.",
    "onbekendeWaarde": "De waarde is geen van de mogelijke waarden.",
    "geenGetal": "Hier hoort een getal.",
    "nietPositief": "Het bedrag is niet groter dan nul.",
    "teGroot": "Het bedrag is te groot.",
    "meerDanTweeDecimalen": "Het bedrag heeft meer dan twee decimalen.",
    "geenDatum": "Hier hoort een bestaande datum (jjjj-mm-dd).",
    "inDeToekomst": "De datum ligt na vandaag.",
    "langGeleden": "De datum ligt te lang geleden.",
    "verWeg": "De datum ligt te ver in de toekomst.",
    "naSignaaldatum": "De datum ligt na de signaaldatum.",
    "geenJaNee": "Hier hoort waar of niet waar.",
    "formaat": "De waarde heeft niet het gevraagde formaat.",
    "huurderWeigerde": "De huurder weigerde het delen van gegevens (Bgs art. 2).",
    "onbekendVeld": "Dit veld bestaat niet.",
}
"""Each rule by its code, for a person to read."""

_DATUM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Fout(Exception):
    """A field is wrong: its dotted path and the code of the rule."""

    def __init__(self, veld: str, code: str) -> None:
        super().__init__(f"{veld}: {code}")
        self.veld = veld
        self.code = code


class CsvTekst(str):
    """A value from a CSV file, where everything is text: numbers and booleans are read from it."""

    __slots__ = ()


def lees_tekst(rij: Mapping[str, Any], naam: str, veld: str, langste: int) -> str | None:
    """A text of at most so many characters, without what surrounds it; None when there is none."""
    waarde = rij.get(naam)
    if waarde is None:
        return None
    if not isinstance(waarde, str):
        raise Fout(veld, "geenTekst")
    if not clean(waarde):
        raise Fout(veld, "stuurteken")
    tekst = waarde.strip()
    if len(tekst) > langste:
        raise Fout(veld, "teLang")
    return tekst or None


def lees_verplicht(rij: Mapping[str, Any], naam: str, veld: str, langste: int) -> str:
    """A text that must be there."""
    tekst = lees_tekst(rij, naam, veld, langste)
    if tekst is None:
        raise Fout(veld, "verplicht")
    return tekst


def lees_datum(
    rij: Mapping[str, Any], naam: str, veld: str, vroegst: date = EERSTE_DAG, laatst: date = LAATSTE_DAG
) -> date | None:
    """A calendar day, written as in ISO 8601."""
    tekst = lees_tekst(rij, naam, veld, 40)
    if tekst is None:
        return None
    try:
        if not _DATUM.fullmatch(tekst):  # fromisoformat reads weeks and ordinal days too
            raise ValueError
        datum = date.fromisoformat(tekst)
    except ValueError:
        raise Fout(veld, "geenDatum") from None
    if datum < vroegst:
        raise Fout(veld, "langGeleden")
    if datum > laatst:
        raise Fout(veld, "verWeg")
    return datum


def lees_verleden(
    rij: Mapping[str, Any], naam: str, veld: str, vandaag: date, *, vroegst: date = EERSTE_DAG, verplicht: bool = False
) -> date | None:
    """A date that is not after today."""
    datum = lees_datum(rij, naam, veld, vroegst, date.max)
    if datum is None and verplicht:
        raise Fout(veld, "verplicht")
    if datum is not None and datum > vandaag:
        raise Fout(veld, "inDeToekomst")
    return datum


_WAAR: Mapping[str, bool] = {"true": True, "ja": True, "1": True, "false": False, "nee": False, "0": False}


def lees_ja_nee(rij: Mapping[str, Any], naam: str, veld: str, *, verplicht: bool = False) -> bool:
    """Yes or no; absent is no, unless it must be there."""
    waarde = rij.get(naam)
    if waarde is None or (isinstance(waarde, CsvTekst) and not waarde.strip()):
        if verplicht:
            raise Fout(veld, "verplicht")
        return False
    if isinstance(waarde, bool):
        return waarde
    if isinstance(waarde, CsvTekst) and waarde.strip().lower() in _WAAR:
        return _WAAR[waarde.strip().lower()]
    raise Fout(veld, "geenJaNee")
