"""The policy document: rows in order, the first that fits decides. Dutch names, because officials write it."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Self

from pydantic import Field, model_validator

from libs.events.afspraken import Afspraken
from libs.events.values import Contactsoort, Gemeentecode, Stap, Value
from services.routing.policy.changes import Changes
from services.routing.policy.conditions import Voorwaarden
from services.routing.policy.domains import Domain, domains
from services.routing.policy.facts import Feiten, Naam
from services.routing.policy.maxima import Maximum, in_order
from services.routing.policy.rows import WETTELIJKE_TERMIJNEN, Reden, Regel, Rolbezetting, Tekst, Termijn
from services.routing.policy.verdict import Verdicts


class Verwacht(Value):
    """What an example expects; only what is named is compared."""

    oppakken: bool | None = None
    reden: Reden | None = None
    regel: Naam | None = None
    contactsoorten: tuple[Contactsoort, ...] | None = None
    prioriteit: int | None = None
    organisatie: Tekst | None = None
    team: Tekst | None = None
    uiterlijke_datum: date | None = None
    aanwijzingen: tuple[Tekst, ...] | None = None
    zelfde_consulent: bool | None = None


class Voorbeeld(Value):
    """An example the document must keep; publication is refused when it does not."""

    naam: Tekst
    gemeentecode: Gemeentecode | None = None
    feiten: Feiten
    verwacht: Verwacht


class Beleid(Value):
    """A version of the policy of one or more municipalities."""

    naam: Tekst
    versie: Naam
    geldig_vanaf: date
    gemeentecodes: tuple[Gemeentecode, ...] = Field(default=(), description="leeg: voor wie geen eigen beleid heeft")
    bron: Tekst
    toelichting: Tekst | None = None
    behandelaars: dict[Naam, Rolbezetting]
    brieven: dict[Naam, Tekst] = Field(default_factory=dict, description="welke brieven er zijn")
    standaardbrief: Naam | None = Field(default=None, description="de brief van een stap die er geen noemt")
    termijnen: tuple[Termijn, ...] = Field(default=WETTELIJKE_TERMIJNEN, min_length=1, max_length=50)
    afspraken: Afspraken = Field(
        default=Afspraken(), description="hoe het werk verder gaat: koppelen, uitvoering, termijnen"
    )
    terugkijkmaanden: int = Field(
        default=12, ge=1, le=24, description="zo ver tellen eerdere signalen op het adres mee"
    )
    fte: Decimal | None = Field(default=None, gt=0, le=10_000, decimal_places=2, description="capaciteit")
    maxima: dict[Naam, Maximum] = Field(default_factory=dict, max_length=20, description="per maand")
    regels: tuple[Regel, ...] = Field(min_length=1, max_length=200)
    voorbeelden: tuple[Voorbeeld, ...] = Field(min_length=1, max_length=1000)

    @model_validator(mode="after")
    def _judgeable(self) -> Self:
        if sum(als.size for als in self.conditions) > 2000:
            raise ValueError("het document stelt meer dan 2000 voorwaarden")
        return self

    @property
    def conditions(self) -> tuple[Voorwaarden, ...]:
        """What every row and every term asks."""
        return (*(regel.als for regel in self.rijen), *(term.als for term in self.termijnen))

    @cached_property
    def rijen(self) -> tuple[Regel, ...]:
        """The rows as they decide: without those that only stand ready, and with what gives way to a maximum."""
        return tuple(in_order(self.regels, self.maxima, self.fte))

    @cached_property
    def telt(self) -> bool:
        """True when a decision depends on what was decided on other households in the month."""
        return bool(self.maxima) or "signalen_deze_maand" in self.domains

    @cached_property
    def domains(self) -> Mapping[str, Domain]:
        """Per fact this document asks about, the values it can tell apart."""
        return domains(self.conditions)

    @cached_property
    def verdicts(self) -> Verdicts:
        """What this document decides."""
        return Verdicts(self.rijen, self.termijnen, self.behandelaars, self.domains)

    @cached_property
    def changes(self) -> Changes:
        """What would have changed what it decides."""
        return Changes(self.domains, self.verdicts)

    def steps(self, row: int) -> tuple[Stap, ...]:
        """The steps of one of the `rijen`, each letter named."""
        return self._steps[row]

    @cached_property
    def _steps(self) -> tuple[tuple[Stap, ...], ...]:
        return tuple(tuple(self._lettered(step) for step in regel.dan.stappen) for regel in self.rijen)

    def _lettered(self, step: Stap) -> Stap:
        if step.brief or not self.standaardbrief or Contactsoort.BRIEF not in step.contactsoorten:
            return step
        return step.model_copy(update={"brief": self.standaardbrief})
