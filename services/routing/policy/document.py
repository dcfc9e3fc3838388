"""The policy document: rows in order, the first that fits decides. Dutch names, because officials write it."""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from libs.events.afspraken import Afspraken
from libs.events.values import Behandelaar, Contactsoort, Datum, Gemeentecode, Stap
from services.routing.policy.changes import Changes
from services.routing.policy.conditions import Voorwaarden
from services.routing.policy.domains import Domain, domains
from services.routing.policy.facts import Feiten, Naam
from services.routing.policy.maxima import Maximum, in_order
from services.routing.policy.rows import WETTELIJKE_TERMIJNEN, Reden, Regel, Regelnaam, Rolbezetting, Tekst, Termijn
from services.routing.policy.verdict import Verdicts
from services.routing.policy.written import Een, Geschreven, Getal, JaNee, feiten, overal

Versienaam = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$")]
GEMEENTE = {"gemeente": Rolbezetting(standaard=Behandelaar(organisatie="Gemeente"))}


class Verwacht(Geschreven):
    """What an example expects; only what is named is compared."""

    oppakken: JaNee | None = None
    reden: Reden | None = None
    regel: Regelnaam | None = None
    contactsoorten: Een[Contactsoort] | None = None
    prioriteit: int | None = None
    organisatie: Tekst | None = None
    team: Tekst | None = None
    uiterlijke_datum: Datum | None = None
    aanwijzingen: Een[Tekst] | None = None
    zelfde_consulent: JaNee | None = None


class Voorbeeld(Geschreven):
    """An example the document must keep; publication is refused when it does not."""

    naam: Tekst
    gemeentecode: Gemeentecode | None = None
    feiten: Annotated[Feiten, BeforeValidator(feiten)]
    verwacht: Verwacht


class Beleid(Geschreven):
    """A version of the policy of one or more municipalities."""

    naam: Tekst
    versie: Versienaam
    geldig_vanaf: Datum
    gemeentecodes: Een[Gemeentecode] = Field(default=(), description="leeg: voor wie geen eigen beleid heeft")
    bron: Tekst
    toelichting: Tekst | None = None
    behandelaars: dict[Naam, Rolbezetting] = Field(default=GEMEENTE, max_length=100, description="de rollen")
    brieven: dict[Naam, Tekst] = Field(default_factory=dict, max_length=100, description="welke brieven er zijn")
    standaardbrief: Naam | None = Field(default=None, description="de brief van een stap die er geen noemt")
    termijnen: tuple[Termijn, ...] = Field(default=WETTELIJKE_TERMIJNEN, min_length=1, max_length=50)
    afspraken: Annotated[Afspraken, BeforeValidator(overal)] = Field(
        default=Afspraken(), description="hoe het werk verder gaat: koppelen, uitvoering, termijnen"
    )
    terugkijkmaanden: int = Field(
        default=12, ge=1, le=24, description="zo ver tellen eerdere signalen op het adres mee"
    )
    fte: Getal | None = Field(default=None, gt=0, le=10_000, decimal_places=2, description="capaciteit")
    maxima: dict[Naam, Maximum] = Field(default_factory=dict, max_length=20, description="per maand")
    regels: tuple[Regel, ...] = Field(min_length=1, max_length=200)
    voorbeelden: tuple[Voorbeeld, ...] = Field(min_length=1, max_length=1000)

    @model_validator(mode="after")
    def _judgeable(self) -> Self:
        if sum(als.size for als in (*(row.als for row in self.rijen), *(term.als for term in self.termijnen))) > 1000:
            raise ValueError("het document stelt meer dan 1000 voorwaarden")
        return self

    @property
    def conditions(self) -> tuple[Voorwaarden, ...]:
        """What every row and every term asks, the guarantees included."""
        return (*(regel.guarded for regel in self.rijen), *(term.als for term in self.termijnen))

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
