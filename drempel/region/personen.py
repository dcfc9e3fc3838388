"""The people of the region in Haal Centraal `Persoon` shape, as the trial BRP serves them.

A household is made from its number alone, so a region of any size keeps only a few bytes per household.
"""

import hashlib
import json
import os
from array import array
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

from drempel.region.adressen import BUITEN, Adres, adres
from drempel.region.bsn import nummers
from drempel.region.huishoudens import AANDELEN, Huishouden, Huishoudsoort, Inwoner, huishouden, omvang
from drempel.region.namen import woorden
from libs.chassis.region import Gemeente, Regio

_MAANDEN = woorden("januari februari maart april mei juni juli augustus september oktober november december")
_SOORTEN = tuple(Huishoudsoort)
_BUITEN_AANDEEL = 0.008
SCHAAL = 0.02
"""Share of the inhabitants of the region that the trial environment knows when nobody asks for another."""
PEILDATUM = date(2025, 1, 1)
"""The day on which the synthetic region is as it is; nothing changes in the register afterwards."""


class Bevolking:
    """The households of a region at `schaal` of its inhabitants; the same arguments give the same people."""

    def __init__(self, regio: Regio, *, seed: int, schaal: float, peildatum: date) -> None:
        self.regio, self.seed, self.peildatum = regio, seed, peildatum
        self.gemeenten: tuple[Gemeente, ...] = (*regio.gemeenten, *BUITEN)
        self.bezet = [0] * len(self.gemeenten)
        self.inwoners = 0
        self._soort, self._gemeente = bytearray(), bytearray()
        self._adres, self._eerste = array("I"), array("I", [0])
        rng = Random(seed)
        for plaats, gemeente in enumerate(regio.gemeenten):
            self._vul(rng, plaats, max(4, round(gemeente.inwoners * schaal)))
        for nummer in range(max(4, round(len(self._soort) * _BUITEN_AANDEEL))):
            self._plan(rng, len(regio.gemeenten) + nummer % len(BUITEN), Huishoudsoort.BUITEN)
        self._bsn = nummers(rng, self._eerste[-1])

    def _vul(self, rng: Random, plaats: int, inwoners: int) -> None:
        gewichten = list(AANDELEN.values())
        gehaald = 0
        while gehaald < inwoners:
            soort = rng.choices(tuple(AANDELEN), gewichten)[0]
            leden = self._plan(rng, plaats, soort)
            gehaald += leden if soort is not Huishoudsoort.OVERLEDEN else 0
        self.inwoners += gehaald

    def _plan(self, rng: Random, plaats: int, soort: Huishoudsoort) -> int:
        leden = omvang(rng, soort)
        self._soort.append(_SOORTEN.index(soort))
        self._gemeente.append(plaats)
        self._adres.append(self.bezet[plaats])
        self._eerste.append(self._eerste[-1] + leden)
        self.bezet[plaats] += 1
        return leden

    def __len__(self) -> int:
        """Number of households, with those of deceased people and outside the region."""
        return len(self._soort)

    def soort(self, nummer: int) -> Huishoudsoort:
        """Kind of household `nummer`."""
        return _SOORTEN[self._soort[nummer]]

    def gemeentecode(self, nummer: int) -> str:
        """Municipality of household `nummer`."""
        return self.gemeenten[self._gemeente[nummer]].code

    def huishouden(self, nummer: int) -> Huishouden:
        """Household `nummer` (from 0), made again at every call."""
        bsns = [f"{bsn:09d}" for bsn in self._bsn[self._eerste[nummer] : self._eerste[nummer + 1]]]
        waar = adres(self.gemeenten[self._gemeente[nummer]], self._adres[nummer])
        eigen = Random(f"{self.seed}/huishouden/{nummer}")
        return huishouden(eigen, nummer, self.soort(nummer), waar, bsns, self.peildatum)

    def leeg_adres(self, gemeentecode: str, nummer: int) -> Adres:
        """An address of the municipality where nobody lives (any more)."""
        plaats = next(i for i, gemeente in enumerate(self.gemeenten) if gemeente.code == gemeentecode)
        return adres(self.gemeenten[plaats], self.bezet[plaats] + nummer)

    def personen(self) -> Iterator[dict[str, Any]]:
        """Every person in Haal Centraal `Persoon` shape, household by household."""
        for nummer in range(len(self)):
            thuis = self.huishouden(nummer)
            for lid in thuis.leden:
                yield persoon(thuis, lid)


def persons_path(
    folder: Path, *, regio: Regio, seed: int = 1, schaal: float = SCHAAL, peildatum: date = PEILDATUM
) -> Path:
    """Where `persons_file` writes them: a name for each region, seed, scale and day."""
    wat = f"{seed}/{schaal}/{peildatum}/{regio.model_dump_json()}"
    return folder / f"personen-{hashlib.sha256(wat.encode()).hexdigest()[:12]}.json"


def persons_file(
    folder: Path, *, regio: Regio | None = None, seed: int = 1, schaal: float = SCHAAL, peildatum: date = PEILDATUM
) -> Path:
    """The persons of the synthetic region as a file in `folder` for the trial BRP (DREMPEL_BRP_PERSONEN).

    Written once for the same region, seed, scale and day, in one move, so that no reader ever sees half of it.
    Raises OSError when the folder can't be written to.
    """
    regio = regio or Regio.load()
    doel = persons_path(folder, regio=regio, seed=seed, schaal=schaal, peildatum=peildatum)
    if not doel.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        half = doel.with_suffix(f".{os.getpid()}")
        bevolking = Bevolking(regio, seed=seed, schaal=schaal, peildatum=peildatum)
        with half.open("w", encoding="utf-8") as bestand:
            bestand.writelines(json_regels(bevolking.personen()))
        half.replace(doel)
    return doel


def json_regels(personen: Iterator[dict[str, Any]]) -> Iterator[str]:
    """A JSON list, one person a line, in pieces to write to a file (DREMPEL_BRP_PERSONEN)."""
    scheiding = "[\n"
    for een in personen:
        yield scheiding + json.dumps(een, ensure_ascii=False)
        scheiding = ",\n"
    yield "\n]\n" if scheiding == ",\n" else "[]\n"


def persoon(thuis: Huishouden, lid: Inwoner) -> dict[str, Any]:
    """One person as Haal Centraal BRP gives it; what is not there is left out."""
    code, naam = thuis.adres.gemeentecode, thuis.adres.gemeente
    uit: dict[str, Any] = {
        "burgerservicenummer": lid.burgerservicenummer,
        "naam": _naam(lid) | {"volledigeNaam": _volledig(lid), "aanduidingNaamgebruik": {"code": lid.naamgebruik}},
        "geslacht": _geslacht(lid),
        "geboorte": {"datum": _datum(lid.geboortedatum)},
        "gemeenteVanInschrijving": {"code": code, "omschrijving": naam},
        **_verblijf(thuis, max(thuis.sinds, lid.geboortedatum)),
    }
    if thuis.verbintenis and not lid.kind:
        partner = thuis.leden[lid.burgerservicenummer == thuis.leden[0].burgerservicenummer]
        uit["partners"] = [_partner(partner, thuis.verbintenis)]
    kinderen = [kind for kind in thuis.leden if kind.kind]
    if kinderen and not lid.kind:
        uit["kinderen"] = [_verwijzing(kind) for kind in kinderen]
    if thuis.geheim:
        uit["geheimhoudingPersoonsgegevens"] = True
    if lid.overleden:
        dood = _datum(lid.overleden)
        uit["overlijden"] = {"datum": dood}
        uit["opschortingBijhouding"] = {"reden": {"code": "O", "omschrijving": "overlijden"}, "datum": dood}
    return uit


def _verblijf(thuis: Huishouden, sinds: date) -> dict[str, Any]:
    waar = thuis.adres
    nummer = {
        "huisnummer": waar.huisnummer,
        **({"huisletter": waar.huisletter} if waar.huisletter else {}),
        **({"huisnummertoevoeging": waar.huisnummertoevoeging} if waar.huisnummertoevoeging else {}),
    }
    straat = {"officieleStraatnaam": waar.straat, "korteStraatnaam": waar.straat}
    regel = f"{waar.straat} {waar.huisnummer} {waar.huisletter or ''}{waar.huisnummertoevoeging or ''}".strip()
    verblijfplaats = {
        "type": "Adres",
        "verblijfadres": straat | nummer | {"postcode": waar.postcode, "woonplaats": waar.woonplaats},
        "functieAdres": {"code": "W", "omschrijving": "woonadres"},
        "datumVan": _datum(sinds),
        "adresseerbaarObjectIdentificatie": f"{waar.gemeentecode}01{waar.volgnummer + 1:010d}",
        "nummeraanduidingIdentificatie": f"{waar.gemeentecode}20{waar.volgnummer + 1:010d}",
    }
    postcode = f"{waar.postcode[:4]} {waar.postcode[4:]}"
    adressering = {"adresregel1": regel, "adresregel2": f"{postcode}  {waar.woonplaats.upper()}"}
    return {"verblijfplaats": verblijfplaats, "adressering": adressering}


def _naam(lid: Inwoner) -> dict[str, Any]:
    naam = {"voornamen": " ".join(lid.voornamen), "voorletters": lid.voorletters}
    return naam | ({"voorvoegsel": lid.voorvoegsel} if lid.voorvoegsel else {}) | {"geslachtsnaam": lid.geslachtsnaam}


def _volledig(lid: Inwoner) -> str:
    return " ".join(deel for deel in (*lid.voornamen, lid.voorvoegsel, lid.geslachtsnaam) if deel)


def _geslacht(lid: Inwoner) -> dict[str, str]:
    return {"code": "M", "omschrijving": "man"} if lid.man else {"code": "V", "omschrijving": "vrouw"}


def _verwijzing(lid: Inwoner) -> dict[str, Any]:
    geboorte = {"datum": _datum(lid.geboortedatum)}
    return {"burgerservicenummer": lid.burgerservicenummer, "naam": _naam(lid), "geboorte": geboorte}


def _partner(lid: Inwoner, sinds: date) -> dict[str, Any]:
    verbintenis = {"code": "H", "omschrijving": "huwelijk"}
    extra = {"geslacht": _geslacht(lid), "soortVerbintenis": verbintenis}
    return _verwijzing(lid) | extra | {"aangaanHuwelijkPartnerschap": {"datum": _datum(sinds)}}


def _datum(dag: date) -> dict[str, str]:
    lang = f"{dag.day} {_MAANDEN[dag.month - 1]} {dag.year}"
    return {"type": "Datum", "datum": dag.isoformat(), "langFormaat": lang}
