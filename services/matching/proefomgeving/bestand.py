"""The persons of a file, found by index and read from disk one at a time.

A JSON list of `Persoon`, one a line as the synthetic region writes it, or in any other layout. Per person the memory
holds its place in the file and seven sorted keys of 8 bytes: 300,000 people take some 25 MB, not the file's 400.
"""

import mmap
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Lock
from typing import Any

from pydantic_core import from_json, to_json

from services.matching.normalisatie import kaal

Persoon = dict[str, Any]
_MASKER = 0xFFFFFFFF


class Personen:
    """People by key; loaded at the first question."""

    def __init__(self, bestand: Path | None) -> None:
        self._bestand = bestand
        self._inhoud: mmap.mmap | bytes = b""
        self._plaatsen = array("Q", [0])
        self._sleutels = array("Q")
        self._geladen = False
        self._slot = Lock()

    def laad(self) -> None:
        """Read the file, once. Raises OSError and ValueError (no JSON list of people)."""
        with self._slot:
            if not self._geladen and self._bestand is not None:
                self._lees(self._bestand)
            self._geladen = True

    def met(self, *sleutel: str) -> Iterator[Persoon]:
        """Everybody with this key, in the order of the file; a few others may come along, so look again."""
        zoek = (hash(sleutel) & _MASKER) << 32
        plek = bisect_left(self._sleutels, zoek)
        while plek < len(self._sleutels) and self._sleutels[plek] & ~_MASKER == zoek:
            yield self._persoon(self._sleutels[plek] & _MASKER)
            plek += 1

    def _persoon(self, nummer: int) -> Persoon:
        begin, eind = self._plaatsen[2 * nummer], self._plaatsen[2 * nummer + 1]
        persoon: Persoon = from_json(self._inhoud[begin:eind])
        return persoon

    def _lees(self, bestand: Path) -> None:
        with bestand.open("rb") as open_bestand:
            if bestand.stat().st_size:
                self._inhoud = mmap.mmap(open_bestand.fileno(), 0, access=mmap.ACCESS_READ)
        try:
            self._indexeer(_regels(self._inhoud))
        except ValueError:
            lijst = from_json(bytes(self._inhoud))
            if not isinstance(lijst, list):
                raise ValueError("not a JSON list of people") from None
            self._inhoud = b"\n".join(to_json(persoon) for persoon in lijst)
            self._indexeer(_regels(self._inhoud))

    def _indexeer(self, regels: Iterable[tuple[int, int]]) -> None:
        plaatsen, gevonden = array("Q"), array("Q")
        for nummer, (begin, eind) in enumerate(regels):
            plaatsen.extend((begin, eind))
            persoon = from_json(self._inhoud[begin:eind])
            if not isinstance(persoon, dict):
                raise ValueError("not a person")
            gevonden.extend((hash(s) & _MASKER) << 32 | nummer for s in set(sleutels(persoon)))
        self._plaatsen, self._sleutels = plaatsen, array("Q", sorted(gevonden))


def _regels(inhoud: "mmap.mmap | bytes") -> Iterator[tuple[int, int]]:
    """Begin and end of every line that should be a person, without its comma."""
    begin, lengte = 0, len(inhoud)
    while begin < lengte:
        eind = inhoud.find(b"\n", begin)
        eind = lengte if eind < 0 else eind
        regel = inhoud[begin:eind].rstrip()
        tot = len(regel.removesuffix(b",").rstrip())
        if tot and regel[:tot] not in (b"[", b"]", b"[]"):
            yield begin, begin + tot
        begin = eind + 1


def sleutels(persoon: Persoon) -> Iterator[tuple[str, ...]]:
    """Under which keys a person is found."""
    yield "bsn", str(persoon.get("burgerservicenummer"))
    gemeente = persoon.get("gemeenteVanInschrijving", {}).get("code", "")
    geslachtsnaam = persoon.get("naam", {}).get("geslachtsnaam", "")
    yield "naam", gemeente, naamsleutel(geslachtsnaam)
    if geboren := persoon.get("geboorte", {}).get("datum", {}).get("datum"):
        yield "geboren", geboren
    verblijf = persoon.get("verblijfplaats", {})
    for veld in ("adresseerbaarObjectIdentificatie", "nummeraanduidingIdentificatie"):
        if verblijf.get(veld):
            yield veld, verblijf[veld]
    adres = verblijf.get("verblijfadres", {})
    if adres.get("huisnummer") is not None:
        yield "nummer", gemeente, str(adres["huisnummer"])
        yield "postcode", str(adres.get("postcode", "")).replace(" ", "").upper(), str(adres["huisnummer"])


def naamsleutel(geslachtsnaam: str) -> str:
    """The first three letters, which a wildcard always has."""
    return kaal(geslachtsnaam).lower()[:3]
