"""Which fields may be asked (`fields`), and a person cut down to them.

Asking for any part of a date or a code gives all of it; what is delivered by itself may not be asked.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from services.matching.proefomgeving.bestand import Persoon
from services.matching.proefomgeving.vragen import RAADPLEEG, Fout, fout

_NAAM = "voornamen adellijkeTitelPredicaat voorvoegsel geslachtsnaam voorletters"
_DATUM, _CODE = "type datum langFormaat onbekend jaar maand", "code omschrijving"
BEPERKT = frozenset(
    ["burgerservicenummer", "leeftijd", "geslacht", *(f"geslacht.{d}" for d in _CODE.split()), "naam", "geboorte",
     "geboorte.datum", *(f"geboorte.datum.{d}" for d in _DATUM.split()), "naam.volledigeNaam",
     *(f"naam.{d}" for d in _NAAM.split()), "adressering", "adresseringBinnenland",
     *(f"adressering{b}.adresregel{n}" for b in ("", "Binnenland") for n in (1, 2, 3)), "adressering.land",
     "adressering.land.code", "adressering.land.omschrijving"]
)  # fmt: skip
"""What a search may give (openapi, PersoonBeperkt)."""
HEEL = frozenset(
    ["aNummer", "burgerservicenummer", "leeftijd", "geslacht", "naam", "geboorte", "gemeenteVanInschrijving",
     "datumInschrijvingInGemeente", "verblijfplaats", "verblijfplaatsBinnenland", "adressering", "partners", "kinderen",
     "adresseringBinnenland", "ouders", "nationaliteiten", "overlijden", "verblijfstitel", "immigratie", "gezag",
     "europeesKiesrecht", "uitsluitingKiesrecht", "indicatieCurateleRegister", "indicatieGezagMinderjarige",
     "datumEersteInschrijvingGBA"]
)  # fmt: skip
"""First parts of what reading a person may give (openapi, Persoon); deeper parts are checked for their form only."""
VANZELF = ("geheimhoudingPersoonsgegevens", "opschortingBijhouding", "rni", "verificatie", "inOnderzoek")
_VORM = re.compile(r"^[a-zA-Z0-9\._]{1,200}$")


def fouten(soort: object, fields: Any) -> list[Fout]:
    """What is wrong with `fields`."""
    if fields is None:
        return [fout("required", "fields", "Parameter is verplicht.")]
    if not isinstance(fields, list):
        return [fout("array", "fields", "Parameter is geen array.")]
    if not fields:
        return [fout("minItems", "fields", "Array bevat minder dan 1 items.")]
    if len(fields) > 130:
        return [fout("maxItems", "fields", "Array bevat meer dan 130 items.")]
    return [gevonden for i, veld in enumerate(fields) if (gevonden := _veldfout(soort, veld, f"fields[{i}]"))]


def _veldfout(soort: object, veld: Any, naam: str) -> Fout | None:
    if not isinstance(veld, str) or not _VORM.match(veld):
        return fout("pattern", naam, r"Waarde voldoet niet aan patroon ^[a-zA-Z0-9\._]{1,200}$.")
    delen = veld.split(".")
    if delen[0] in VANZELF or "inOnderzoek" in delen or "indicatieVastgesteldVerblijftNietOpAdres" in delen:
        return fout("fields", naam, "Parameter bevat een niet toegestane veldnaam.")
    if delen[0] in HEEL if soort == RAADPLEEG else veld in BEPERKT:
        return None
    return fout("fields", naam, "Parameter bevat een niet bestaande veldnaam.")


def gekozen(persoon: Persoon, fields: Iterable[str]) -> Persoon:
    """A person with the asked fields, and those that come by themselves."""
    uit: Persoon = {}
    for veld in fields:
        delen = veld.replace("Binnenland", "").split(".")
        _neem(persoon, uit, delen)
    for naam in VANZELF:
        if naam in persoon:
            uit[naam] = persoon[naam]
    for groep in ("verblijfplaats", "adressering"):
        for naam in ("indicatieVastgesteldVerblijftNietOpAdres", "inOnderzoek"):
            if groep in uit and (waarde := persoon.get(groep, {}).get(naam)):
                uit[groep] = {**uit[groep], naam: waarde}
    if "partners" in uit:
        uit["partners"] = _actueel(persoon["partners"], uit["partners"])
    return {naam: waarde for naam, waarde in uit.items() if waarde not in ({}, [])}


def _neem(bron: Persoon, doel: Persoon, delen: Sequence[str]) -> None:
    eerste, *rest = delen
    waarde = bron.get(eerste)
    if waarde is None:
        return
    if isinstance(waarde, list) and rest:
        lijst = doel.setdefault(eerste, [{} for _ in waarde])
        for een, uit in zip(waarde, lijst, strict=True):
            _neem(een, uit, rest)
    elif not rest or not isinstance(waarde, dict) or "langFormaat" in waarde or "code" in waarde:
        doel[eerste] = waarde
    else:
        _neem(waarde, doel.setdefault(eerste, {}), rest)
    if isinstance(waarde, dict) and "type" in waarde and isinstance(doel.get(eerste), dict):
        doel[eerste] = {"type": waarde["type"], **doel[eerste]}


def _actueel(alle: Sequence[Persoon], gevraagd: Sequence[Persoon]) -> list[Persoon]:
    """Marriages that were not ended; when all were, the one that ended last."""
    paren = list(zip(alle, gevraagd, strict=True))
    lopend = [uit for een, uit in paren if "ontbindingHuwelijkPartnerschap" not in een]
    if lopend or not paren:
        return lopend
    return [
        max(paren, key=lambda paar: str(paar[0]["ontbindingHuwelijkPartnerschap"].get("datum", {}).get("datum")))[1]
    ]
