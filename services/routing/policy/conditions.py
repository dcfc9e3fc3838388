"""Conditions on the facts: all of them hold together, and each says by itself whether its edge counts.

``vanaf`` and ``totEnMet`` include their edge, ``meerDan`` and ``minderDan`` do not. ``eenVan`` holds when one
of its groups does, ``geenVan`` when none does.
"""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from libs.events.values import Contactsoort, Eindresultaat, Huishouden, Signaalpartner, Signaalsoort
from services.routing.policy.facts import BENUT, Code, Naam, outside
from services.routing.policy.written import Een, Geschreven, Getal, JaNee, grenzen

Edge = Annotated[Getal, Field(ge=0, le=1_000_000, decimal_places=2)]
Test = Callable[[Any], bool]

AMOUNTS = frozenset({"bedrag", "vorig_bedrag", "bedrag_andere_signalen", "totaalbedrag"})
"""Numbers that are money; the others are whole."""


class Grenzen(Geschreven):
    """A range of numbers; each edge says itself whether it belongs to the range."""

    vanaf: Edge | None = None
    meer_dan: Edge | None = None
    minder_dan: Edge | None = None
    tot_en_met: Edge | None = None

    @model_validator(mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:
        return grenzen(value)

    @model_validator(mode="after")
    def _one_edge_a_side(self) -> Self:
        if self.vanaf is not None and self.meer_dan is not None:
            raise ValueError("kies vanaf of meerDan")
        if self.minder_dan is not None and self.tot_en_met is not None:
            raise ValueError("kies minderDan of totEnMet")
        if not self.edges:
            raise ValueError("noem ten minste een grens")
        return self

    @property
    def edges(self) -> tuple[Decimal, ...]:
        """The numbers at which something changes."""
        every = (self.vanaf, self.meer_dan, self.minder_dan, self.tot_en_met)
        return tuple(edge for edge in every if edge is not None)

    def holds(self, number: Decimal | int | None) -> bool:
        """True when the number is known and inside."""
        if number is None:
            return False
        above = (self.vanaf is None or number >= self.vanaf) and (self.meer_dan is None or number > self.meer_dan)
        below = self.minder_dan is None or number < self.minder_dan
        return above and below and (self.tot_en_met is None or number <= self.tot_en_met)


class Voorwaarden(Geschreven):
    """What must be so for a row to fit. Without any condition it always fits."""

    signaalpartner: Een[Signaalpartner] | None = Field(default=None, max_length=500)
    soort: Een[Signaalsoort] | None = Field(default=None, max_length=500)
    bedrag: Grenzen | None = None
    vorig_bedrag: Grenzen | None = None
    totaalbedrag: Grenzen | None = Field(default=None, description="van alle signalen op het adres in de periode")
    bedrag_andere_signalen: Grenzen | None = None
    leeftijd: Grenzen | None = None
    maanden_achterstand: Grenzen | None = None
    aantal_eerdere_signalen: Grenzen | None = None
    maanden_sinds_vorig_signaal: Grenzen | None = None
    maanden_sinds_contact: Grenzen | None = None
    maanden_sinds_poging: Grenzen | None = None
    maanden_op_rij: Grenzen | None = None
    keren_zelf_betaald: Grenzen | None = None
    aantal_signalen_zelfde_periode: Grenzen | None = None
    aantal_partners_zelfde_periode: Grenzen | None = None
    signalen_deze_maand: Grenzen | None = None
    benut: dict[Naam, Grenzen] | None = Field(
        default=None, min_length=1, max_length=20, description="van een maximum, al ingezet"
    )
    ouderdom_vordering: Grenzen | None = None
    dagen_tot_einde_levering: Grenzen | None = None
    minderjarige_kinderen: JaNee | None = None
    match_zelfde_periode: JaNee | None = None
    match_met_huur: JaNee | None = None
    recidive: JaNee | None = None
    herhaald: JaNee | None = None
    eerder_opgepakt: JaNee | None = None
    eerder_contact: JaNee | None = None
    contact_sinds_vorig_signaal: JaNee | None = None
    signalering_plus: JaNee | None = None
    hulp_aanvaard: JaNee | None = None
    hulp_afgewezen: JaNee | None = None
    crisissignaal: JaNee | None = None
    warme_overdracht: JaNee | None = None
    ontruiming_aangezegd: JaNee | None = None
    bekend_bij_schuldhulpverlening: JaNee | None = None
    bedrag_gestegen: JaNee | None = None
    bedrag_gedaald: JaNee | None = None
    zelfde_signaalpartner: JaNee | None = None
    telefoon_bruikbaar: JaNee | None = None
    email_bruikbaar: JaNee | None = None
    eerder_contactsoort: Een[Contactsoort] | None = Field(default=None, max_length=500)
    eerder_contactresultaat: Een[Code] | None = Field(default=None, max_length=500)
    eerder_eindresultaat: Een[Eindresultaat] | None = Field(default=None, max_length=500)
    huishouden: Een[Huishouden] | None = Field(default=None, max_length=500)
    gebied: Een[Code] | None = Field(default=None, max_length=500)
    een_van: Een["Voorwaarden"] = Field(default=(), max_length=50)
    geen_van: Een["Voorwaarden"] = Field(default=(), max_length=50)

    @model_validator(mode="after")
    def _answerable(self) -> Self:
        for name, asked in self.asked.items():
            whole = name in AMOUNTS or not isinstance(asked, Grenzen) or all(e == int(e) for e in asked.edges)
            if not whole:
                raise ValueError(f"{outside(name)} is een geheel getal")
            if asked in ((), {}):
                raise ValueError(f"{outside(name)} noemt geen enkele waarde")
        return self

    @cached_property
    def asked(self) -> Mapping[str, Any]:
        """The conditions of this group itself, by fact; nested groups are apart."""
        names = (name for name in type(self).model_fields if name not in ("een_van", "geen_van", "benut"))
        plain = {name: asked for name in names if (asked := getattr(self, name)) is not None}
        return plain | {BENUT + name: asked for name, asked in (self.benut or {}).items()}

    @cached_property
    def tests(self) -> tuple[tuple[str, Test], ...]:
        """A test per fact of this group."""
        return tuple((name, test_of(asked)) for name, asked in self.asked.items())

    def hold(self, values: Mapping[str, Any]) -> bool:
        """True when these facts fit."""
        return (
            all(test(values.get(name, 0)) for name, test in self.tests)
            and (not self.een_van or any(group.hold(values) for group in self.een_van))
            and not any(group.hold(values) for group in self.geen_van)
        )

    def given(self, name: str, value: Any) -> "Voorwaarden | bool":
        """What is still asked once a fact has this value: True where nothing is, False where it can't hold."""
        if name in self.asked and not test_of(self.asked[name])(value):
            return False
        either, none = ([one.given(name, value) for one in groups] for groups in (self.een_van, self.geen_van))
        if any(one is True for one in none) or (either and not any(either)):
            return False
        own = {one: getattr(self, one) for one in type(self).model_fields if one not in (name, "een_van", "geen_van")}
        if not any(one is True for one in either):
            own["een_van"] = [one for one in either if one]
        left = Voorwaarden(**own, geen_van=[one for one in none if one])
        return left if left.size else True

    @cached_property
    def size(self) -> int:
        """How many conditions and groups it has."""
        return len(self.asked) + sum(1 + group.size for group in (*self.een_van, *self.geen_van))

    def every(self) -> Iterator[tuple[str, Any]]:
        """Every condition with its fact, nested groups included."""
        yield from self.asked.items()
        for group in (*self.een_van, *self.geen_van):
            yield from group.every()


def test_of(asked: Any) -> Test:
    """Whether a value meets what is asked of a fact."""
    if isinstance(asked, Grenzen):
        return asked.holds
    if isinstance(asked, bool):
        return (lambda value: value is True) if asked else (lambda value: value is not True)
    wanted = frozenset(asked)
    return lambda value: value in wanted
