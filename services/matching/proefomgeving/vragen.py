"""The query types: which parameters each has, what a wrong one is called, and who fits.

Codes and sentences are those of the feature files (`fout-cases`): they are the protocol. `fields` are in `velden.py`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.matching.normalisatie import kaal
from services.matching.proefomgeving.bestand import Personen, Persoon, naamsleutel

Fout = dict[str, str]
Toets = Callable[[Any], tuple[str, str] | None]
Vraag = Mapping[str, Any]

MEESTE = 10
"""Results of one search (feature files: maximaal-aantal-zoekresultaten)."""
NAAM = r"^[a-zA-Z0-9À-ž \.\-\']{1,200}$|^[a-zA-Z0-9À-ž \.\-\']{3,199}\*{1}$"
STRAAT = r"^[a-zA-Z0-9À-ž \-\'\.]{1,80}$|^[a-zA-Z0-9À-ž \-\'\.]{7,79}\*{1}$|^\*{1}[a-zA-Z0-9À-ž \-\'\.]{7,79}$"
NIET_GELEVERD = frozenset({"F", "W"})


def fout(code: str, naam: str, reden: str) -> Fout:
    """One wrong parameter."""
    return {"code": code, "name": naam, "reason": reden}


def _patroon(patroon: str) -> Toets:
    gelezen = re.compile(patroon)
    reden = f"Waarde voldoet niet aan patroon {patroon}."
    return lambda waarde: None if isinstance(waarde, str) and gelezen.match(waarde) else ("pattern", reden)


def _huisnummer(waarde: Any) -> tuple[str, str] | None:
    if isinstance(waarde, str) and waarde.isascii() and waarde.isdigit():
        waarde = int(waarde)
    if isinstance(waarde, bool) or not isinstance(waarde, int):
        return "integer", "Waarde is geen geldig getal."
    if waarde < 1:
        return "minimum", "Waarde is lager dan minimum 1."
    return ("maximum", "Waarde is hoger dan maximum 99999.") if waarde > 99_999 else None


def _datum(waarde: Any) -> tuple[str, str] | None:
    try:
        if isinstance(waarde, str) and re.match(r"^\d{4}-\d{2}-\d{2}$", waarde):
            date.fromisoformat(waarde)
            return None
    except ValueError:
        pass
    return "date", "Waarde is geen geldige datum."


def _boolean(waarde: Any) -> tuple[str, str] | None:
    return None if isinstance(waarde, bool) else ("boolean", "Waarde is geen boolean.")


_GEMEENTE, _IDENTIFICATIE = _patroon(r"^[0-9]{4}$"), _patroon(r"^(?!0{16})[0-9]{16}$")
_LETTER, _EXTRA = _patroon(r"^[a-zA-Z]{1}$"), _patroon(r"^[a-zA-Z0-9 \-]{1,4}$")
_ALTIJD: dict[str, Toets] = {"gemeenteVanInschrijving": _GEMEENTE}
_ZOEK: dict[str, Toets] = {"inclusiefOverledenPersonen": _boolean, **_ALTIJD}
_NAAM: dict[str, Toets] = {"geslacht": _patroon(r"^([Mm]|[Vv]|[Oo])$"), "voorvoegsel": _patroon(r"^[a-zA-Z \']{1,10}$")}


@dataclass(frozen=True, slots=True)
class Soort:
    """One query type: required and optional parameters with their tests, and the index it starts from."""

    verplicht: Mapping[str, Toets]
    mag: Mapping[str, Toets]
    sleutel: Callable[[Vraag], tuple[str, ...]]


SOORTEN: dict[str, Soort] = {
    "ZoekMetGeslachtsnaamEnGeboortedatum": Soort(
        {"geboortedatum": _datum, "geslachtsnaam": _patroon(NAAM)},
        {"voornamen": _patroon(r"^[a-zA-Z0-9À-ž \.\-\']{1,199}\*{0,1}$"), **_NAAM, **_ZOEK},
        lambda v: ("geboren", v["geboortedatum"]),
    ),
    "ZoekMetNaamEnGemeenteVanInschrijving": Soort(
        {"gemeenteVanInschrijving": _GEMEENTE, "geslachtsnaam": _patroon(NAAM), "voornamen": _patroon(NAAM)},
        {**_NAAM, **_ZOEK},
        lambda v: ("naam", v["gemeenteVanInschrijving"], naamsleutel(v["geslachtsnaam"].rstrip("*"))),
    ),
    "ZoekMetPostcodeEnHuisnummer": Soort(
        {"postcode": _patroon(r"^[1-9]{1}[0-9]{3}[ ]?[A-Za-z]{2}$"), "huisnummer": _huisnummer},
        {"huisletter": _LETTER, "huisnummertoevoeging": _EXTRA, "geboortedatum": _datum,
         "geslachtsnaam": _patroon(NAAM), **_ZOEK},
        lambda v: ("postcode", v["postcode"].replace(" ", "").upper(), str(int(v["huisnummer"]))),
    ),
    "ZoekMetStraatHuisnummerEnGemeenteVanInschrijving": Soort(
        {"gemeenteVanInschrijving": _GEMEENTE, "huisnummer": _huisnummer, "straat": _patroon(STRAAT)},
        {"huisletter": _LETTER, "huisnummertoevoeging": _EXTRA, **_ZOEK},
        lambda v: ("nummer", v["gemeenteVanInschrijving"], str(int(v["huisnummer"]))),
    ),
    "ZoekMetNummeraanduidingIdentificatie": Soort(
        {"nummeraanduidingIdentificatie": _IDENTIFICATIE}, _ZOEK,
        lambda v: ("nummeraanduidingIdentificatie", v["nummeraanduidingIdentificatie"]),
    ),
    "ZoekMetAdresseerbaarObjectIdentificatie": Soort(
        {"adresseerbaarObjectIdentificatie": _IDENTIFICATIE}, _ZOEK,
        lambda v: ("adresseerbaarObjectIdentificatie", v["adresseerbaarObjectIdentificatie"]),
    ),
}  # fmt: skip
RAADPLEEG = "RaadpleegMetBurgerservicenummer"


def fouten(vraag: Vraag) -> list[Fout]:
    """What is wrong with the parameters, beside `fields`."""
    soort = vraag.get("type")
    if soort in (None, ""):
        return [fout("required", "type", "Parameter is verplicht.")]
    if soort == RAADPLEEG:
        return _bsn_fouten(vraag.get("burgerservicenummer")) + _overige(vraag, {"burgerservicenummer": None}, _ALTIJD)
    if not isinstance(soort, str) or soort not in SOORTEN:
        return [fout("value", "type", "Waarde is geen geldig zoek type.")]
    return _overige(vraag, SOORTEN[soort].verplicht, SOORTEN[soort].mag)


def _overige(vraag: Vraag, verplicht: Mapping[str, Toets | None], mag: Mapping[str, Toets]) -> list[Fout]:
    gevonden = []
    for naam, toets in verplicht.items():
        if toets is not None and vraag.get(naam) in (None, ""):
            gevonden.append(fout("required", naam, "Parameter is verplicht."))
    for naam, toets in {**verplicht, **mag}.items():
        if toets is not None and vraag.get(naam) not in (None, "") and (verdict := toets(vraag[naam])):
            gevonden.append(fout(verdict[0], naam, verdict[1]))
    onbekend = set(vraag) - set(verplicht) - set(mag) - {"type", "fields"}
    gevonden += [fout("unknownParam", naam, "Parameter is niet verwacht.") for naam in sorted(onbekend)]
    return gevonden


def _bsn_fouten(bsns: Any) -> list[Fout]:
    naam = "burgerservicenummer"
    if bsns is None:
        return [fout("required", naam, "Parameter is verplicht.")]
    if not isinstance(bsns, list):
        return [fout("array", naam, "Parameter is geen array.")]
    if not bsns:
        return [fout("minItems", naam, "Array bevat minder dan 1 items.")]
    if len(bsns) > 20:
        return [fout("maxItems", naam, "Array bevat meer dan 20 items.")]
    toets = _patroon(r"^[0-9]{9}$")
    return [fout(v[0], f"{naam}[{i}]", v[1]) for i, bsn in enumerate(bsns) if (v := toets(bsn))]


def gevonden(personen: Personen, vraag: Vraag) -> list[Persoon]:
    """Everybody who fits; suspended as wrong or wiped never, the deceased only where asked or read by BSN."""
    weg = NIET_GELEVERD
    if vraag["type"] == RAADPLEEG:
        bsns, velden = list(dict.fromkeys(vraag["burgerservicenummer"])), ["gemeenteVanInschrijving"]
        mensen = [p for bsn in bsns for p in personen.met("bsn", bsn) if p.get("burgerservicenummer") == bsn]
    else:
        weg = weg if vraag.get("inclusiefOverledenPersonen") is True else weg | {"O"}
        velden = [naam for naam in vraag if naam in _PAST]
        mensen = list(personen.met(*SOORTEN[vraag["type"]].sleutel(vraag)))
    return [p for p in mensen if _opschorting(p) not in weg and _past(p, vraag, velden)]


def _opschorting(persoon: Persoon) -> str | None:
    code: str | None = persoon.get("opschortingBijhouding", {}).get("reden", {}).get("code")
    return code


def _past(persoon: Persoon, vraag: Vraag, velden: Sequence[str]) -> bool:
    return all(vraag.get(naam) in (None, "") or _PAST[naam](persoon, vraag[naam]) for naam in velden)


def _gelijk(waarde: Any, gevraagd: Any) -> bool:
    return str(waarde or "").lower() == str(gevraagd).lower()


def _tekst(waarde: Any, gevraagd: str) -> bool:
    """Case-insensitive, `*` at either end; a diacritic that is asked must be there, one that is not may be."""
    eigen, zoek = str(waarde or "").lower(), gevraagd.lower()
    if kaal(zoek) == zoek:
        eigen = kaal(eigen).lower()
    if zoek.endswith("*"):
        return eigen.startswith(zoek[:-1])
    return eigen.endswith(zoek[1:]) if zoek.startswith("*") else eigen == zoek


def _adres(persoon: Persoon) -> Persoon:
    adres: Persoon = persoon.get("verblijfplaats", {}).get("verblijfadres", {})
    return adres


_PAST: dict[str, Callable[[Persoon, Any], bool]] = {
    "gemeenteVanInschrijving": lambda p, w: p.get("gemeenteVanInschrijving", {}).get("code") == w,
    "geboortedatum": lambda p, w: p.get("geboorte", {}).get("datum", {}).get("datum") == w,
    "geslachtsnaam": lambda p, w: _tekst(p.get("naam", {}).get("geslachtsnaam"), w),
    "voornamen": lambda p, w: _tekst(p.get("naam", {}).get("voornamen"), w),
    "voorvoegsel": lambda p, w: _gelijk(p.get("naam", {}).get("voorvoegsel"), w),
    "geslacht": lambda p, w: _gelijk(p.get("geslacht", {}).get("code"), w),
    "postcode": lambda p, w: _gelijk(str(_adres(p).get("postcode", "")).replace(" ", ""), str(w).replace(" ", "")),
    "huisnummer": lambda p, w: _adres(p).get("huisnummer") == int(w),
    "huisletter": lambda p, w: _gelijk(_adres(p).get("huisletter"), w),
    "huisnummertoevoeging": lambda p, w: _gelijk(_adres(p).get("huisnummertoevoeging"), w),
    "straat": lambda p, w: any(_tekst(_adres(p).get(naam), w) for naam in ("officieleStraatnaam", "korteStraatnaam")),
    "nummeraanduidingIdentificatie":
        lambda p, w: p.get("verblijfplaats", {}).get("nummeraanduidingIdentificatie") == w,
    "adresseerbaarObjectIdentificatie":
        lambda p, w: p.get("verblijfplaats", {}).get("adresseerbaarObjectIdentificatie") == w,
}  # fmt: skip
