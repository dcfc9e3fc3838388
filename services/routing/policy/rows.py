"""The rows and terms of a policy document, and who fulfils its roles.

Two guarantees stand above every document (issue 4; Divosa, Onder de loep 2025, 2.1 and 2.2): a CAK list is never
below a threshold, and a herhaalde melding is set aside only where the earlier one was picked up. ``Regel.guarded``
keeps them whatever a document says: they are conditions too.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from libs.chassis.werkdagen import plus_werkdagen
from libs.events.values import (
    Behandelaar,
    Contactsoort,
    Eindresultaat,
    Gemeentecode,
    Signaalsoort,
    Stap,
)
from services.routing.policy.conditions import AMOUNTS, Voorwaarden
from services.routing.policy.facts import Naam
from services.routing.policy.wording import conditions
from services.routing.policy.written import Een, Geschreven, JaNee, Stappen

Tekst = Annotated[str, Field(min_length=1, max_length=1000)]
MEESTE_POGINGEN = 50
_CAK = Voorwaarden(soort=(Signaalsoort.CAK_LIJST,))
_NEVER_BELOW = "een signaal van een CAK-lijst valt nooit onder een drempelbedrag"
_ONLY_PICKED_UP = "een herhaalde melding blijft alleen liggen als de eerdere melding is opgepakt"
Regelnaam = Annotated[str, Field(pattern=r'^[^\s"\x00-\x1f][^"\x00-\x1f]{0,99}$')]
Altijd = Annotated[Voorwaarden, BeforeValidator(lambda value: {} if value is None else value)]


class Reden(StrEnum):
    """Why a policy leaves a signal alone."""

    DREMPELBEDRAG = "onder drempelbedrag"
    HERHAALD = "herhaalde melding"
    BEKEND = "bekend bij schuldhulpverlening"
    ANDER_TRAJECT = "ander lopend traject"
    RUST = "tijdelijke rust"
    ANDERS = "andere reden"

    @property
    def eindresultaat(self) -> Eindresultaat:
        """The DDAS result; a signal under a threshold counts as unjust (Divosa, Onder de loep 2025, 2.1)."""
        return _RESULT.get(self, Eindresultaat.NIET_OPGEPAKT_ANDERS)


_RESULT = {
    Reden.DREMPELBEDRAG: Eindresultaat.NIET_OPGEPAKT_ONTERECHT,
    Reden.HERHAALD: Eindresultaat.NIET_OPGEPAKT_HERHAALD,
    Reden.BEKEND: Eindresultaat.BEKEND_BIJ_SHV,
    Reden.ANDER_TRAJECT: Eindresultaat.ANDER_TRAJECT,
}


def pogingen(stappen: Sequence[Stap]) -> Mapping[Contactsoort, int]:
    """How often these steps seek each kind of contact at least; where one kind is enough, that is the first."""
    found: dict[Contactsoort, int] = {}
    for step in stappen:
        for kind in step.contactsoorten[:1] if step.keuze == "een van" else step.contactsoorten:
            found[kind] = found.get(kind, 0) + step.minimum
    return found


class Uitwijk(Geschreven):
    """The next best contact, where a maximum leaves no room for the steps of its row."""

    stappen: Stappen = Field(min_length=1, max_length=20)
    behandelaar: Naam | None = Field(default=None, description="wie dan; leeg: dezelfde")


class Uitkomst(Geschreven):
    """What a row decides: picked up along these steps, or left alone for this reason."""

    oppakken: JaNee
    reden: Reden | None = None
    stappen: Stappen = Field(default=(), max_length=50)
    behandelaar: Naam = Field(default="gemeente", description="een van de behandelaars van het document")
    prioriteit: int = Field(default=3, ge=1, le=5, description="1 eerst")
    aanwijzingen: Een[Tekst] = Field(
        default=(), max_length=10, description="dezelfde consulent, kijk in andere systemen, bespreek bewind ..."
    )

    zelfde_consulent: JaNee | None = Field(default=None, description="wie dit huishouden eerder sprak")
    uitwijk: Uitwijk | None = Field(default=None, description="als een maximum bereikt is")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.oppakken and (self.reden or not self.stappen):
            raise ValueError("wie oppakt, noemt stappen en geen reden")
        if not self.oppakken and (self.reden is None or self.stappen):
            raise ValueError("wie niet oppakt, noemt een reden en geen stappen")
        every = (*self.stappen, *(self.uitwijk.stappen if self.uitwijk else ()))
        if any(step.maximum is not None and step.maximum < step.minimum for step in every):
            raise ValueError("het maximum van een stap is lager dan het minimum")
        if any(not step.contactsoorten for step in every):
            raise ValueError("een stap noemt ten minste een contactsoort")
        if any(len(set(step.contactsoorten)) < len(step.contactsoorten) for step in every):
            raise ValueError("een stap noemt een contactsoort twee keer: gebruik minimum")
        if any(max(step.minimum, step.maximum or 0) > MEESTE_POGINGEN for step in every):
            raise ValueError(f"een stap vraagt ten hoogste {MEESTE_POGINGEN} pogingen")
        if not self.oppakken and (self.aanwijzingen or self.uitwijk or self.zelfde_consulent is not None):
            raise ValueError("wie niet oppakt, geeft geen aanwijzingen, consulent of uitwijk")
        return self

    @cached_property
    def merkbaar(self) -> tuple[Any, ...]:
        """What the household and the caseworker notice of it, beside who handles it and until when."""
        if not self.oppakken:
            return (self.reden,)
        return self.stappen, self.prioriteit, self.aanwijzingen, self.zelfde_consulent

    @cached_property
    def pogingen(self) -> Mapping[Contactsoort, int]:
        """How often each kind of contact is sought at least."""
        return pogingen(self.stappen)

    @cached_property
    def contactsoorten(self) -> tuple[Contactsoort, ...]:
        """The union over the steps, in the order of the steps."""
        return tuple(dict.fromkeys(kind for step in self.stappen for kind in step.contactsoorten))


class Regel(Geschreven):
    """One row: when these conditions fit, this is decided."""

    naam: Regelnaam
    omschrijving: Tekst | None = None
    grondslag: Tekst | None = Field(default=None, description="wet of afspraak waarop de regel rust")
    actief: JaNee = Field(default=True, description="nee: de regel staat klaar en doet niet mee")
    als: Altijd = Voorwaarden()
    dan: Uitkomst

    @cached_property
    def asked(self) -> tuple[str, ...]:
        """The facts it asks about."""
        return tuple(dict.fromkeys(name for name, _ in self.als.every()))

    @cached_property
    def asks(self) -> str:
        """What it asks, in words."""
        return "; ".join(conditions(self.als)) or "alles wat niet onder een eerdere regel valt"

    @cached_property
    def guarantees(self) -> Mapping[str, Voorwaarden]:
        """When a guarantee keeps this row from deciding though it fits, by the guarantee as a sentence."""
        if self.dan.oppakken:
            return {}
        found = {_NEVER_BELOW: _CAK if self._by_amount else None, _ONLY_PICKED_UP: self._not_picked_up}
        return {why: when for why, when in found.items() if when is not None}

    @property
    def _by_amount(self) -> bool:
        return self.dan.reden is Reden.DREMPELBEDRAG or any(name in AMOUNTS for name, _ in self.als.every())

    @property
    def _not_picked_up(self) -> Voorwaarden | None:
        """When it takes a signal for a repeat whose earlier report was not picked up: says so as its reason, or would
        not fit it were it no repeat, however its conditions put that."""
        if self.dan.reden is Reden.HERHAALD:
            return Voorwaarden(een_van=(Voorwaarden(herhaald=False), Voorwaarden(eerder_opgepakt=False)))
        otherwise = self.als.given("herhaald", False)
        if otherwise is True or all(name != "herhaald" for name, _ in self.als.every()):
            return None
        return Voorwaarden(herhaald=True, eerder_opgepakt=False, geen_van=(otherwise,) if otherwise else ())

    @cached_property
    def guarded(self) -> Voorwaarden:
        """What it asks, the guarantees included."""
        if not self.guarantees:
            return self.als
        return Voorwaarden(een_van=(self.als,), geen_van=tuple(self.guarantees.values()))

    def barred(self, values: Mapping[str, Any]) -> str | None:
        """The guarantee that keeps a fitting row from these facts, as a sentence; None when nothing does."""
        return next((why for why, when in self.guarantees.items() if when.hold(values)), None)

    def fits(self, values: Mapping[str, Any]) -> bool:
        """True when this row decides, if no row before it does."""
        return self.guarded.hold(values)


class Uitwijkregel(Regel):
    """A row whose steps a maximum leaves no room for; it decides before the row itself."""

    vol: str = Field(description="welk maximum, in woorden")

    @cached_property
    def asks(self) -> str:
        """What the row asks, and which maximum is reached."""
        (own,) = self.als.een_van[0].een_van
        return f"{'; '.join(conditions(own)) or 'alles wat niet onder een eerdere regel valt'}; {self.vol}"


class Termijn(Geschreven):
    """How long until a first conversation: calendar days or working days after the signaaldatum."""

    naam: Regelnaam
    als: Altijd = Voorwaarden()
    dagen: int | None = Field(default=None, ge=0, le=28, description="Wgs art. 4 lid 1: ten hoogste vier weken")
    werkdagen: int | None = Field(default=None, ge=0, le=19)
    grondslag: Tekst

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        if (self.dagen is None) == (self.werkdagen is None):
            raise ValueError("noem dagen of werkdagen, en niet allebei")
        return self

    @property
    def length(self) -> str:
        """3 werkdagen"""
        return f"{self.werkdagen} werkdagen" if self.werkdagen is not None else f"{self.dagen} dagen"

    def ends(self, start: date) -> date:
        """The last day of the term."""
        if self.werkdagen is not None:
            return plus_werkdagen(start, self.werkdagen)
        return start + timedelta(days=self.dagen or 0)


_BEDREIGEND = Voorwaarden(
    een_van=(
        Voorwaarden(soort=(Signaalsoort.CRISIS,)),
        Voorwaarden(crisissignaal=True),
        Voorwaarden(ontruiming_aangezegd=True),
    )
)
WETTELIJKE_TERMIJNEN = (
    Termijn(naam="bedreigend", als=_BEDREIGEND, werkdagen=3, grondslag="Wgs art. 4, tweede lid"),
    Termijn(naam="gewoon", dagen=28, grondslag="Wgs art. 4, eerste lid"),
)
"""Three working days in a threatening situation, else four weeks; an eindelevering is not threatening by
itself (SZW, Binnenlands Bestuur 3-11-2023) unless a municipality's document says so."""


class Rolbezetting(Geschreven):
    """Who fulfils a role: the same everywhere, or one per municipality."""

    standaard: Behandelaar
    per_gemeente: dict[Gemeentecode, Behandelaar] = Field(default_factory=dict, max_length=500)

    @model_validator(mode="before")
    @classmethod
    def _everywhere(cls, value: Any) -> Any:
        """An organisation by itself is the same everywhere."""
        value = {"organisatie": value} if isinstance(value, str) else value
        return {"standaard": value} if isinstance(value, dict) and "organisatie" in value else value

    def voor(self, gemeentecode: str | None) -> Behandelaar:
        """The organisation and team for this municipality."""
        return self.per_gemeente.get(gemeentecode or "", self.standaard)
