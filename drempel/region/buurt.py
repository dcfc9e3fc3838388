"""Who lives where, for cases that are made up one by one: fresh addresses and numbers, and households at them."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from random import Random
from typing import Any

from drempel.region.adressen import BUITEN, Adres, adres
from drempel.region.bsn import nummers
from drempel.region.huishoudens import Huishouden, Huishoudsoort, Inwoner, huishouden, omvang
from drempel.region.personen import persoon
from drempel.region.ruis import Velden
from libs.chassis.region import Gemeente, Regio

PEILDATUM = date(2025, 3, 1)
NERGENS = BUITEN[1]
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Geval:
    """A client, the right answer (`mag`: all that are right, the first is the best), and whom the BRP knows beside."""

    client: Velden
    mag: tuple[Json, ...]
    mensen: tuple[Json, ...]


@dataclass
class Buurt:
    """Gives out addresses and numbers; the same seed gives the same ones."""

    rng: Random
    regio: Regio
    plek: int = 0
    bsns: Iterator[int] = field(init=False)

    def __post_init__(self) -> None:
        self.bsns = iter(nummers(self.rng, 16_000))

    def bsn(self) -> str:
        """The next number."""
        return f"{next(self.bsns):09d}"

    def adres(self, gemeente: Gemeente | None = None, **anders: Any) -> Adres:
        """The next dwelling, in any municipality of the region or in this one."""
        self.plek += 1
        return replace(adres(gemeente or self.rng.choice(self.regio.gemeenten), self.plek * 7), **anders)

    def thuis(self, soort: Huishoudsoort, waar: Adres | None = None, leden: int | None = None) -> Huishouden:
        """A new household, at this address or a new one; no two members have the same initials."""
        while True:
            bsns = [self.bsn() for _ in range(leden or omvang(self.rng, soort))]
            gemaakt = huishouden(self.rng, self.plek, soort, waar or self.adres(), bsns, PEILDATUM)
            if len({lid.voorletters[0] for lid in gemaakt.leden}) == len(gemaakt.leden):
                return gemaakt


def velden(thuis: Huishouden, lid: Inwoner, **anders: Any) -> Velden:
    """The client block with nothing wrong in it, but for what is named."""
    a = thuis.adres
    heel: Velden = {
        "voorletters": lid.voorletters, "voorvoegsel": lid.voorvoegsel or None, "achternaam": lid.geslachtsnaam,
        "geboortedatum": lid.geboortedatum.isoformat(), "postcode": a.postcode, "huisnummer": a.huisnummer,
        "huisletter": a.huisletter, "huisnummertoevoeging": a.huisnummertoevoeging,
    }  # fmt: skip
    return heel | anders


def brp(*huishoudens: Huishouden) -> tuple[Json, ...]:
    """Everybody who lives there, as the BRP has them."""
    return tuple(persoon(thuis, lid) for thuis in huishoudens for lid in thuis.leden)


def is_(lid: Inwoner) -> tuple[Json, ...]:
    """The answer: this person."""
    return ({"bsn": lid.burgerservicenummer},)
