"""Synthetic signals and persons for the benchmarks: person number n lives at house number n."""

import json
from pathlib import Path
from typing import Any

PARTNER = "bench"


def settings(folder: Path, count: int) -> dict[str, str]:
    """Settings of an installation with so many persons and one signal partner."""
    partners = folder / "partners.json"
    partners.write_text(json.dumps([{"key": PARTNER, "naam": "Bench Zorg", "type": "Zorg", "kvkNummer": "90009999"}]))
    return {"BRP_PERSONEN": str(persons(folder, count)), "PARTNERS": str(partners)}


def persons(folder: Path, count: int) -> Path:
    """A file of so many persons for the trial BRP."""
    path = folder / "personen.json"
    with path.open("w") as file:
        file.write("[" + ",\n".join(json.dumps(_person(n)) for n in range(count)) + "]")
    return path


def signal(number: int, *, of: int = 500) -> dict[str, Any]:
    """Signal `number`, about person `number` modulo `of`; every signal has a reference of its own."""
    person = number % of
    return {
        "kenmerk": f"BENCH-{number:07d}", "soort": "Vroegsignaal", "bedrag": 100 + number % 900 + 0.25,
        "ontstaansdatum": "2025-01-01", "signaaldatum": "2025-03-03", "crisissignaal": False, "warmeOverdracht": False,
        "client": {"voorletters": "B.", "achternaam": _name(person), "geboortedatum": _born(person),
                   "postcode": _postcode(person), "huisnummer": person % 500 + 1,
                   "telefoonnummer": f"06{person:08d}", "email": f"b{person}@example.org"},
    }  # fmt: skip


def _person(n: int) -> dict[str, Any]:
    return {
        "burgerservicenummer": f"{990_000_000 + n:09d}",
        "naam": {"voornamen": "Bench", "voorletters": "B.", "geslachtsnaam": _name(n),
                 "aanduidingNaamgebruik": {"code": "E"}},
        "geboorte": {"datum": {"type": "Datum", "datum": _born(n), "langFormaat": _born(n)}},
        "gemeenteVanInschrijving": {"code": "0505", "omschrijving": "Dordrecht"},
        "verblijfplaats": {
            "type": "Adres",
            "verblijfadres": {"officieleStraatnaam": "Meetlat", "korteStraatnaam": "Meetlat",
                              "huisnummer": n % 500 + 1, "postcode": _postcode(n), "woonplaats": "Dordrecht"},
            "functieAdres": {"code": "W", "omschrijving": "woonadres"},
            "datumVan": {"type": "Datum", "datum": "2015-01-07", "langFormaat": "7 januari 2015"},
            "adresseerbaarObjectIdentificatie": f"050501{n:010d}",
            "nummeraanduidingIdentificatie": f"050520{n:010d}",
        },
        "adressering": {"adresregel1": f"Meetlat {n % 500 + 1}", "adresregel2": f"{_postcode(n)}  DORDRECHT"},
    }  # fmt: skip


def _name(n: int) -> str:
    return "Meter" + "".join(chr(97 + int(digit)) for digit in f"{n:06d}")


def _born(n: int) -> str:
    return f"{1950 + n % 50}-{n % 12 + 1:02d}-{n % 28 + 1:02d}"


def _postcode(n: int) -> str:
    block = n // 500
    return f"{3311 + block // 676}{chr(65 + block // 26 % 26)}{chr(65 + block % 26)}"
