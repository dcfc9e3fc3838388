"""What matching reads of a person of the BRP (Haal Centraal `Persoon` and `PersoonBeperkt`). Pure.

Every field may be absent: the BRP leaves out what is unknown, not asked or standard.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from libs.events.errors import Unreadable
from libs.events.values import Persoon
from services.matching.normalisatie import toevoeging

Json = Mapping[str, Any]

VELDEN_ZOEKEN = ("burgerservicenummer", "naam.voorletters", "naam.voorvoegsel", "naam.geslachtsnaam", "geboorte.datum",
                 "adressering.adresregel1", "adressering.adresregel2")  # fmt: skip
VELDEN_RAADPLEGEN = ("burgerservicenummer", "naam.voorletters", "naam.voorvoegsel", "naam.geslachtsnaam",
                     "naam.aanduidingNaamgebruik", "geboorte.datum", "gemeenteVanInschrijving", "verblijfplaats",
                     "adressering.adresregel1", "adressering.adresregel2", "partners.burgerservicenummer",
                     "partners.naam.voorvoegsel", "partners.naam.geslachtsnaam",
                     "partners.ontbindingHuwelijkPartnerschap.datum", "kinderen.geboorte.datum",
                     "overlijden.datum")  # fmt: skip
"""The least that is needed (Wgs art. 8b): no gender, no nationality, no parents."""

VOLWASSEN = 18
"""Age from which a person has contracts (BW 1:233)."""
WEG = frozenset({"E", "R", "M"})
"""Suspended because the person left: emigrated, in the register of non-residents, by ministerial decision."""


class OnleesbaarAntwoord(Unreadable):
    """The BRP answered something that is not what it promises; names fields, never values."""


@dataclass(frozen=True, slots=True)
class Geboorte:
    """A birth date as far as it is known."""

    jaar: int | None = None
    maand: int | None = None
    dag: int | None = None

    @property
    def _bekend(self) -> tuple[int, ...]:
        """Year, month and day, until the first that is not known."""
        delen = (self.jaar, self.maand, self.dag)
        return tuple(deel for n, deel in enumerate(delen) if deel is not None and None not in delen[:n])

    def voor(self, dag: date, jaren: int = 0) -> bool | None:
        """Whether so many years had passed on a day; None where what is known leaves it open."""
        grens = (dag.year - jaren, dag.month, dag.day)[: len(self._bekend)]
        if len(grens) < 3 and self._bekend == grens:
            return None
        return self._bekend <= grens

    @property
    def datum(self) -> date | None:
        """The whole date, when all of it is known."""
        if self.jaar is None or self.maand is None or self.dag is None:
            return None
        return date(self.jaar, self.maand, self.dag)

    def leeftijd(self, op: date) -> int | None:
        """Completed years on a day; None when the date is not wholly known."""
        geboren = self.datum
        if geboren is None or geboren > op:
            return None
        return op.year - geboren.year - ((op.month, op.day) < (geboren.month, geboren.day))


@dataclass(frozen=True, slots=True)
class Naam:
    """A surname and its prefix."""

    voorvoegsel: str
    geslachtsnaam: str

    def __str__(self) -> str:
        return f"{self.voorvoegsel} {self.geslachtsnaam}".strip()


@dataclass(frozen=True, slots=True)
class Treffer:
    """A person found by a search, who may be somebody else."""

    burgerservicenummer: str
    naam: Naam
    voorletters: str
    geboorte: Geboorte
    adresregels: tuple[str, str]
    woont_er: bool | None = True
    """False: died, or does not live there as was established; None: that is being looked into."""


@dataclass(frozen=True, slots=True)
class Ingeschrevene:
    """A person as read by BSN: names, birth, where it lives, and what became of it."""

    burgerservicenummer: str
    naam: Naam
    voorletters: str
    naamgebruik: str
    partners: tuple[Naam, ...]
    geboorte: Geboorte
    kinderen: tuple[Geboorte, ...]
    gemeentecode: str | None
    soort_verblijf: str
    object: str | None
    straat: str
    postcode: str | None
    huisnummer: int | None
    toevoeging: str
    adresregels: tuple[str, str]
    woonplaats: str | None
    briefadres: bool
    niet_op_adres: bool
    opschorting: str | None
    overleden: bool
    geheimhouding: bool = field(default=False)
    in_onderzoek: bool = field(default=False)
    samen_met: frozenset[str] = frozenset()
    """BSNs of spouses and registered partners, where that did not end."""

    @property
    def woont(self) -> tuple[str, ...] | None:
        """What tells this household's address from others; None when no address is known.

        People at one letter address (a municipality's, a shelter's) are no household.
        """
        if self.object is None and (self.gemeentecode is None or self.soort_verblijf not in ("Adres", "Locatie")):
            return None
        plaats = ("object", self.object) if self.object else ("regels", self.gemeentecode or "", *self.adresregels)
        return (*plaats, "brief", self.burgerservicenummer) if self.briefadres else plaats

    def persoon(self) -> Persoon:
        """The block that is sealed for the caseworker."""
        geboren = self.geboorte.datum
        return Persoon(
            burgerservicenummer=self.burgerservicenummer, naam=self._aanschrijfnaam(),
            geboortedatum=geboren.isoformat() if geboren else None, adres=self.adresregels[0], postcode=self.postcode,
            woonplaats=self.woonplaats, geheimhouding=self.geheimhouding,
        )  # fmt: skip

    def _aanschrijfnaam(self) -> str:
        eigen, partner = str(self.naam), str(self.partners[0]) if self.partners else ""
        vormen = {"P": partner, "V": f"{partner}-{eigen}", "N": f"{eigen}-{partner}"}
        naam = vormen.get(self.naamgebruik, eigen) if partner else eigen
        return f"{self.voorletters} {naam}".strip()


def treffer(persoon: Json) -> Treffer:
    """Read a search result; raises OnleesbaarAntwoord."""
    try:
        return Treffer(
            _bsn(persoon), _naam(persoon), _tekst(persoon.get("naam", {}).get("voorletters")),
            geboorte(persoon.get("geboorte", {}).get("datum")), _regels(persoon), _woont_er(persoon),
        )  # fmt: skip
    except (AttributeError, TypeError, ValueError, KeyError):
        raise OnleesbaarAntwoord("the BRP gave a search result that can't be read") from None


def ingeschrevene(persoon: Json) -> Ingeschrevene:
    """Read a person; raises OnleesbaarAntwoord."""
    try:
        return _ingeschrevene(persoon)
    except (AttributeError, TypeError, ValueError, KeyError):
        raise OnleesbaarAntwoord("the BRP gave a person that can't be read") from None


def _ingeschrevene(persoon: Json) -> Ingeschrevene:
    naam: Json = persoon.get("naam", {})
    reden = _tekst(persoon.get("opschortingBijhouding", {}).get("reden", {}).get("code")) or None
    return Ingeschrevene(
        burgerservicenummer=_bsn(persoon),
        naam=_naam(persoon),
        voorletters=_tekst(naam.get("voorletters")),
        naamgebruik=_tekst(naam.get("aanduidingNaamgebruik", {}).get("code")) or "E",
        partners=tuple(_naam(partner) for partner in persoon.get("partners", ())),
        geboorte=geboorte(persoon.get("geboorte", {}).get("datum")),
        kinderen=tuple(geboorte(kind.get("geboorte", {}).get("datum")) for kind in persoon.get("kinderen", ())),
        gemeentecode=_tekst(persoon.get("gemeenteVanInschrijving", {}).get("code")) or None,
        adresregels=_regels(persoon),
        opschorting=reden,
        overleden=reden == "O" or "overlijden" in persoon,
        geheimhouding=bool(persoon.get("geheimhoudingPersoonsgegevens")),
        samen_met=frozenset(
            partner["burgerservicenummer"] for partner in persoon.get("partners", ())
            if "burgerservicenummer" in partner and "ontbindingHuwelijkPartnerschap" not in partner
        ),
        **_verblijf(persoon.get("verblijfplaats", {})),
    )  # fmt: skip


def _verblijf(verblijf: Json) -> dict[str, Any]:
    """What the place where it lives tells."""
    adres: Json = verblijf.get("verblijfadres", {})
    return {
        "soort_verblijf": _tekst(verblijf.get("type")) or "VerblijfplaatsOnbekend",
        "object": _tekst(verblijf.get("adresseerbaarObjectIdentificatie")) or None,
        "straat": _tekst(adres.get("officieleStraatnaam") or adres.get("korteStraatnaam")),
        "postcode": _tekst(adres.get("postcode")).replace(" ", "").upper() or None,
        "huisnummer": _getal(adres.get("huisnummer")),
        "toevoeging": toevoeging(adres.get("huisletter"), adres.get("huisnummertoevoeging")),
        "woonplaats": _tekst(adres.get("woonplaats")) or None,
        "briefadres": verblijf.get("functieAdres", {}).get("code") == "B",
        "niet_op_adres": bool(verblijf.get("indicatieVastgesteldVerblijftNietOpAdres")),
        "in_onderzoek": "inOnderzoek" in verblijf or "inOnderzoek" in adres,
    }


def _woont_er(persoon: Json) -> bool | None:
    adressering = persoon.get("adressering", {})
    if persoon.get("opschortingBijhouding", {}).get("reden", {}).get("code") is not None:
        return False
    if adressering.get("indicatieVastgesteldVerblijftNietOpAdres"):
        return False
    return None if "inOnderzoek" in adressering else True


def geboorte(datum: Json | None) -> Geboorte:
    """Any of the four date types of the BRP."""
    if not datum or datum.get("type") == "DatumOnbekend":
        return Geboorte()
    if "datum" in datum:
        heel = date.fromisoformat(datum["datum"])
        return Geboorte(heel.year, heel.month, heel.day)
    return Geboorte(_getal(datum.get("jaar")), _getal(datum.get("maand")))


def _naam(persoon: Json) -> Naam:
    naam = persoon.get("naam", {})
    return Naam(_tekst(naam.get("voorvoegsel")), _tekst(naam.get("geslachtsnaam")))


def _bsn(persoon: Json) -> str:
    return str(persoon["burgerservicenummer"])


def _regels(persoon: Json) -> tuple[str, str]:
    adressering = persoon.get("adressering", {})
    return _tekst(adressering.get("adresregel1")), _tekst(adressering.get("adresregel2"))


def _getal(waarde: object) -> int | None:
    """A whole number, which may be written as text."""
    if waarde is None:
        return None
    if isinstance(waarde, bool) or not isinstance(waarde, int | str):
        raise TypeError
    return int(waarde)


def _tekst(waarde: object) -> str:
    if waarde is not None and not isinstance(waarde, str):
        raise TypeError
    return (waarde or "").strip()
