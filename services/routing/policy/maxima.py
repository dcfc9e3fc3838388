"""Limits that depend on volume and capacity: so many contacts of a kind in a month, of the municipality or of a team.

Who comes first in the log goes first. A row that names an ``uitwijk`` gives way to it where its own steps no longer
fit; a row without one goes on, and counts along: so nothing holds back a crisis, unless a document says so.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Self

from pydantic import Field, model_validator

from libs.events.values import Contactsoort
from services.routing.policy.conditions import Grenzen, Voorwaarden
from services.routing.policy.facts import Naam
from services.routing.policy.rows import Regel, Rolbezetting, Uitkomst, Uitwijkregel
from services.routing.policy.wording import handler, listed
from services.routing.policy.written import Een, Geschreven, Getal


class Maximum(Geschreven):
    """At most so many contacts of these kinds in a calendar month: a number, or a number per fte of the document."""

    contactsoorten: Een[Contactsoort] = Field(default=(Contactsoort.HUISBEZOEK,), min_length=1)
    per_maand: int | None = Field(default=None, ge=0, le=100_000)
    per_fte: Getal | None = Field(default=None, gt=0, le=10_000, decimal_places=2)
    behandelaar: Naam | None = Field(default=None, description="alleen wat dit team doet; leeg: de hele gemeente")

    @model_validator(mode="after")
    def _one_number(self) -> Self:
        if (self.per_maand is None) == (self.per_fte is None):
            raise ValueError("noem perMaand of perFte, en niet allebei")
        return self

    def aantal(self, fte: Decimal | None) -> int:
        """The number of a month."""
        return self.per_maand if self.per_maand is not None else int((self.per_fte or 0) * (fte or 0))

    def in_words(self, fte: Decimal | None) -> str:
        """het maximum van 31 keer Huisbezoek in de maand is bereikt"""
        kinds = listed([str(kind) for kind in self.contactsoorten], "of")
        return f"het maximum van {self.aantal(fte)} keer {kinds} in de maand is bereikt"

    def counts(self, kind: str, who: str, roles: Mapping[str, Rolbezetting], gemeentecode: str) -> bool:
        """True when contacts of this kind by this handler (in words) fall under it."""
        own = self.behandelaar is None or handler(roles[self.behandelaar].voor(gemeentecode)) == who
        return own and kind in self.contactsoorten

    def needs(self, dan: Uitkomst) -> int:
        """How much of it these steps take."""
        if self.behandelaar is not None and self.behandelaar != dan.behandelaar:
            return 0
        return sum(times for kind, times in dan.pogingen.items() if kind in self.contactsoorten)


Maxima = Mapping[str, Maximum]


def in_order(regels: Iterable[Regel], maxima: Maxima, fte: Decimal | None) -> Iterator[Regel]:
    """The rows that take part; what gives way to a maximum comes before the row it belongs to."""
    for regel in regels:
        if regel.actief:
            if regel.dan.uitwijk is not None and (bound := list(_bound(regel, maxima, fte))):
                yield _gives_way(regel, bound, [maxima[name].in_words(fte) for name, _ in bound])
            yield regel


def _bound(regel: Regel, maxima: Maxima, fte: Decimal | None) -> Iterator[tuple[str, Grenzen]]:
    """The maxima over a row, each with what must be in use for its steps not to fit."""
    for name, maximum in maxima.items():
        if needed := maximum.needs(regel.dan):
            yield name, Grenzen(vanaf=Decimal(max(maximum.aantal(fte) - needed + 1, 0)))


def _gives_way(regel: Regel, bound: list[tuple[str, Grenzen]], words: list[str]) -> Uitwijkregel:
    uitwijk = regel.dan.uitwijk
    assert uitwijk is not None  # noqa: S101
    full = tuple(Voorwaarden(benut={name: edge}, een_van=(regel.als,)) for name, edge in bound)
    return Uitwijkregel(
        naam=regel.naam,
        omschrijving=regel.omschrijving,
        grondslag=regel.grondslag,
        als=Voorwaarden(een_van=full),
        dan=Uitkomst(
            oppakken=True,
            stappen=uitwijk.stappen,
            behandelaar=uitwijk.behandelaar or regel.dan.behandelaar,
            prioriteit=regel.dan.prioriteit,
            aanwijzingen=regel.dan.aanwijzingen,
            zelfde_consulent=regel.dan.zelfde_consulent,
        ),
        vol=" of ".join(words),
    )
