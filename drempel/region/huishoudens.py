"""Households: who lives together, how old they are, and how they are called."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from random import Random

from drempel.region.adressen import Adres
from drempel.region.namen import ACHTERGRONDEN, Achtergrond, achtergrond, geslachtsnaam, voornamen


class Huishoudsoort(StrEnum):
    """Kind of household; the shares below are an assumption that gives about 2.1 people each."""

    GEZIN = "gezin"
    EENOUDER = "eenoudergezin"
    ALLEENSTAAND = "alleenstaand"
    STEL = "stel"
    SENIOR = "senior"
    JONGERE = "jongere"
    NIET_VERWANT = "niet verwant"
    OVERLEDEN = "overleden"
    BUITEN = "buiten de regio"


AANDELEN = {
    Huishoudsoort.GEZIN: 24,
    Huishoudsoort.EENOUDER: 7,
    Huishoudsoort.ALLEENSTAAND: 24,
    Huishoudsoort.STEL: 19,
    Huishoudsoort.SENIOR: 17,
    Huishoudsoort.JONGERE: 6,
    Huishoudsoort.NIET_VERWANT: 2,
    Huishoudsoort.OVERLEDEN: 1,
}
_VOLWASSENEN = {Huishoudsoort.GEZIN: (2,), Huishoudsoort.STEL: (2,), Huishoudsoort.SENIOR: (1, 2)}
_LEEFTIJD = {
    Huishoudsoort.GEZIN: (26, 55),
    Huishoudsoort.EENOUDER: (24, 52),
    Huishoudsoort.ALLEENSTAAND: (27, 65),
    Huishoudsoort.STEL: (25, 66),
    Huishoudsoort.SENIOR: (67, 93),
    Huishoudsoort.JONGERE: (18, 26),
    Huishoudsoort.NIET_VERWANT: (20, 58),
    Huishoudsoort.OVERLEDEN: (60, 95),
    Huishoudsoort.BUITEN: (22, 68),
}
_MET_KINDEREN = (Huishoudsoort.GEZIN, Huishoudsoort.EENOUDER)


def omvang(rng: Random, soort: Huishoudsoort) -> int:
    """How many people such a household has."""
    if soort is Huishoudsoort.NIET_VERWANT:
        return rng.choice((2, 2, 3))
    volwassenen = rng.choice(_VOLWASSENEN.get(soort, (1,)))
    return volwassenen + (rng.choices((1, 2, 3, 4), (38, 42, 15, 5))[0] if soort in _MET_KINDEREN else 0)


@dataclass(frozen=True, slots=True)
class Inwoner:
    """A person; `naamgebruik` is E (own), P (partner's), V (partner's, own) or N (own, partner's)."""

    burgerservicenummer: str
    voornamen: tuple[str, ...]
    voorvoegsel: str
    geslachtsnaam: str
    man: bool
    geboortedatum: date
    kind: bool = False
    overleden: date | None = None
    naamgebruik: str = "E"

    @property
    def voorletters(self) -> str:
        """Initials, each followed by a dot."""
        return "".join(f"{naam[0]}." for naam in self.voornamen)

    def leeftijd(self, dag: date) -> int:
        """Completed years on a day."""
        jarig = (dag.month, dag.day) >= (self.geboortedatum.month, self.geboortedatum.day)
        return dag.year - self.geboortedatum.year - (not jarig)


@dataclass(frozen=True, slots=True)
class Huishouden:
    """Who lives at an address; with `verbintenis` the first two are married since that day."""

    nummer: int
    soort: Huishoudsoort
    adres: Adres
    sinds: date
    leden: tuple[Inwoner, ...]
    verbintenis: date | None = None
    geheim: bool = False

    @property
    def volwassenen(self) -> tuple[Inwoner, ...]:
        """Members who are no children of another member."""
        return tuple(lid for lid in self.leden if not lid.kind)


def huishouden(
    rng: Random, nummer: int, soort: Huishoudsoort, adres: Adres, bsns: list[str], peildatum: date
) -> Huishouden:
    """The household of these numbers; `rng` is its own stream, so that it can be made again at any time."""
    kinderen = len(bsns) - (2 if soort is Huishoudsoort.GEZIN else 1) if soort in _MET_KINDEREN else 0
    leden = list(_volwassenen(rng, soort, bsns[: len(bsns) - kinderen], peildatum))
    getrouwd = len(leden) == 2 and soort is not Huishoudsoort.NIET_VERWANT and rng.random() < 0.7
    verbintenis = _dag(rng, peildatum, 1, _jaren_volwassen(leden, peildatum)) if getrouwd else None
    if verbintenis and rng.random() < 0.5:
        leden[1] = replace(leden[1], naamgebruik=rng.choices("PVNE", (35, 20, 35, 10))[0])
    bron = achtergrond(rng) if rng.random() < 0.1 else _bron(leden[0])
    leden += _kinderen(rng, bron, leden, bsns[len(bsns) - kinderen :], peildatum)
    sinds = _dag(rng, peildatum, 1, 22)
    return Huishouden(nummer, soort, adres, sinds, tuple(leden), verbintenis, rng.random() < 0.02)


def _volwassenen(rng: Random, soort: Huishoudsoort, bsns: list[str], peildatum: date) -> Iterator[Inwoner]:
    bron, laag_hoog = achtergrond(rng), _LEEFTIJD[soort]
    eerste, man = rng.randint(*laag_hoog), rng.random() < 0.5
    for plaats, bsn in enumerate(bsns):
        if soort is Huishoudsoort.NIET_VERWANT:
            bron, eerste, man = achtergrond(rng), rng.randint(*laag_hoog), rng.random() < 0.5
        leeftijd = eerste if plaats == 0 else min(max(eerste + rng.randint(-4, 4), laag_hoog[0]), 95)
        voorvoegsel, naam = geslachtsnaam(rng, bron)
        dood = _dag(rng, peildatum, 1, 3) if soort is Huishoudsoort.OVERLEDEN else None
        geslacht = man if plaats != 1 else not man
        namen = voornamen(rng, bron, geslacht)
        yield Inwoner(bsn, namen, voorvoegsel, naam, geslacht, _dag(rng, peildatum, leeftijd, leeftijd), overleden=dood)


def _kinderen(
    rng: Random, bron: Achtergrond, ouders: list[Inwoner], bsns: list[str], peildatum: date
) -> Iterator[Inwoner]:
    jongste_ouder = min(ouder.leeftijd(peildatum) for ouder in ouders)
    naamgever = ouders[0] if rng.random() < 0.8 else ouders[-1]
    for bsn in bsns:
        geboren = _dag(rng, peildatum, 0, max(0, min(17, jongste_ouder - 19)))
        man = rng.random() < 0.5
        namen = voornamen(rng, bron, man)
        yield Inwoner(bsn, namen, naamgever.voorvoegsel, naamgever.geslachtsnaam, man, geboren, kind=True)


def _bron(lid: Inwoner) -> Achtergrond:
    return next(bron for bron in ACHTERGRONDEN if (lid.voorvoegsel, lid.geslachtsnaam) in bron[0])


def _jaren_volwassen(leden: list[Inwoner], peildatum: date) -> int:
    return max(1, min(20, min(lid.leeftijd(peildatum) for lid in leden) - 20))


def _dag(rng: Random, peildatum: date, jaren_min: int, jaren_max: int) -> date:
    """A day between `jaren_min` and `jaren_max + 1` years before the reference day."""
    return peildatum - timedelta(days=rng.randint(int(jaren_min * 365.25) + 1, int((jaren_max + 1) * 365.25) - 1))
