"""The facts a policy may ask about one signal: clear, non-identifying, and nothing else (Wgs art. 8b).

Unknown is None. A flag that is unknown counts as "nee", a count as what there is at least; a limit on another unknown
number is not met.
"""

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Annotated, Any

from pydantic import Field
from pydantic.alias_generators import to_camel

from libs.events.values import Bedrag, Contactsoort, Datum, Eindresultaat, Huishouden, Signaalpartner, Signaalsoort
from services.routing.policy.written import Geschreven

Code = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[\w ,.:()/+-]+$")]
Naam = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,59}$")]
"""How a document refers to a role, a letter or a maximum."""
Aantal = Annotated[int, Field(ge=0, le=100_000)]

BENUT = "benut."
"""Before the name of a maximum: the fact how much of it is in use."""


def outside(name: str) -> str:
    """A fact as documents and answers write it."""
    return name if name.startswith(BENUT) else to_camel(name)


class EerderContact(Geschreven):
    """Contact with the household before this melding."""

    bereikt: bool = True
    soort: Contactsoort | None = None
    resultaat: Code | None = None


class Feiten(Geschreven):
    """What is known of a signal when it is decided (contract, routing; `feiten`)."""

    signaalpartner: Signaalpartner
    soort: Signaalsoort = Signaalsoort.VROEGSIGNAAL
    bedrag: Bedrag | None = None
    leeftijd: int | None = Field(default=None, ge=0, le=150, description="jaren op de signaaldatum")
    minderjarige_kinderen: bool | None = None
    match_zelfde_periode: bool | None = Field(default=None, description="ander signaal in dezelfde melding")
    match_met_huur: bool | None = Field(default=None, description="match, en een van de signalen is van een verhuurder")
    aantal_signalen_zelfde_periode: Aantal | None = Field(default=None, description="op het adres, dit signaal mee")
    aantal_partners_zelfde_periode: Aantal | None = Field(default=None, description="soorten partners, dit signaal mee")
    bedrag_andere_signalen: Bedrag | None = Field(
        default=None, description="van de andere signalen in de periode samen"
    )
    recidive: bool | None = None
    herhaald: bool | None = None
    eerder_opgepakt: bool | None = Field(default=None, description="vorige melding van deze achterstand opgepakt")
    eerder_contact: bool | EerderContact | None = None
    contact_sinds_vorig_signaal: bool | None = Field(
        default=None, description="bereikt sinds de vorige melding van deze achterstand; niet gezegd: eerderContact"
    )
    signalering_plus: bool | None = Field(default=None, description="loopt in de zaak op de dag voor het signaal")
    maanden_achterstand: int | None = Field(
        default=None, ge=0, le=1200, description="sinds de ontstaansdatum; is die niet bekend: maanden met een melding"
    )
    crisissignaal: bool | None = None
    warme_overdracht: bool | None = None
    ontruiming_aangezegd: bool | None = None
    ontruiming_aangezegd_op: Datum | None = Field(
        default=None, description="als dat na de signaaldatum was: dan loopt de termijn vanaf die dag"
    )
    vorig_bedrag: Bedrag | None = None
    aantal_eerdere_signalen: int | None = Field(
        default=None, ge=0, le=100_000, description="op het adres, in de terugkijkmaanden voor de periode"
    )
    maanden_op_rij: Aantal | None = Field(default=None, description="met een signaal op het adres, deze periode mee")
    keren_zelf_betaald: Aantal | None = Field(
        default=None, description="maanden waarin een signaal van zo'n partner op het adres alsnog zelf werd betaald"
    )
    maanden_sinds_vorig_signaal: int | None = Field(default=None, ge=0, le=1200)
    maanden_sinds_contact: int | None = Field(default=None, ge=0, le=1200, description="sinds de inwoner is bereikt")
    maanden_sinds_poging: Aantal | None = Field(default=None, description="sinds de laatste poging, bereikt of niet")
    eerder_eindresultaat: Eindresultaat | None = Field(default=None, description="van de laatste gesloten melding")
    eerdere_signaalpartners: tuple[Signaalpartner, ...] = Field(default=(), max_length=100)
    hulp_aanvaard: bool | None = Field(default=None, description="laatste antwoord van voor deze periode")
    hulp_afgewezen: bool | None = Field(default=None, description="laatste antwoord van voor deze periode")
    huishouden: Huishouden | None = Field(default=None, description="wie er wonen, voor zover de BRP dat zegt")
    ouderdom_vordering: int | None = Field(default=None, ge=0, le=100_000, description="dagen tot de signaaldatum")
    gebied: Code | None = Field(default=None, description="wijk of buurt")
    bekend_bij_schuldhulpverlening: bool | None = None
    einddatum_levering: Datum | None = None
    telefoon_bruikbaar: bool | None = None
    email_bruikbaar: bool | None = None
    signalen_deze_maand: Aantal | None = Field(
        default=None, description="van de gemeente in de periode, voor dit signaal"
    )
    benut: dict[Naam, Aantal] | None = Field(
        default=None,
        max_length=20,
        description="hoeveel van ieder maximum in de periode al is ingezet, voor dit signaal",
    )
    signaaldatum: Datum | None = None

    @cached_property
    def values(self) -> Mapping[str, Any]:
        """Everything a condition may test, by its Python name, derived facts included."""
        return values_of(self.__dict__)


def begin(values: Mapping[str, Any], vandaag: date) -> date:
    """The day from which terms run: of the signal, today where it is not known, or of an eviction announced later."""
    start: date = values["signaaldatum"] or vandaag
    announced = values["ontruiming_aangezegd_op"] if values["ontruiming_aangezegd"] else None
    return max(start, announced or start)


UNKNOWN: Mapping[str, Any] = {name: field.default for name, field in Feiten.model_fields.items()}
"""Every fact as it is when nobody said anything."""


_COUNTED: Mapping[str, int] = {
    "signalen_deze_maand": 0, "keren_zelf_betaald": 0, "maanden_op_rij": 1, "aantal_partners_zelfde_periode": 1,
}  # fmt: skip
"""How many there are at least, where nobody counted."""


def values_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """What ``Feiten(**given).values`` is, where `given` was checked before."""
    values = {**UNKNOWN, **given}
    contact, end, start = values["eerder_contact"], values["einddatum_levering"], values["signaaldatum"]
    known = contact if isinstance(contact, EerderContact) else None
    values["eerder_contact"] = known.bereikt if known else contact
    if values["contact_sinds_vorig_signaal"] is None:
        values["contact_sinds_vorig_signaal"] = values["eerder_contact"]
    values["eerder_contactsoort"] = known.soort if known else None
    values["eerder_contactresultaat"] = known.resultaat if known else None
    values["dagen_tot_einde_levering"] = max((end - start).days, 0) if end and start else None
    for name, least in _COUNTED.items():
        if values[name] is None:
            values[name] = least
    _around(values)
    for name, used in (values["benut"] or {}).items():
        values[BENUT + name] = used
    return with_derived(values)


def _around(values: dict[str, Any]) -> None:
    """A match, the number of signals and what they amount to tell of each other; who was counted is there, also where
    it was said otherwise."""
    count = max(values["aantal_signalen_zelfde_periode"] or 1, values["aantal_partners_zelfde_periode"])
    if count > 1 or values["match_met_huur"] or values["bedrag_andere_signalen"]:
        values["match_zelfde_periode"] = True
    values["aantal_signalen_zelfde_periode"] = max(count, 2) if values["match_zelfde_periode"] else 1
    if values["aantal_eerdere_signalen"] is None:
        values["aantal_eerdere_signalen"] = 1 if values["recidive"] else 0


def with_derived(values: dict[str, Any]) -> dict[str, Any]:
    """The same facts, with those that follow from two others: what rose is not herhaald (contract)."""
    now, before = values["bedrag"], values["vorig_bedrag"]
    risen = None if now is None or before is None else now > before
    values["bedrag_gestegen"] = risen
    values["bedrag_gedaald"] = None if now is None or before is None else now < before
    others = values["bedrag_andere_signalen"]
    values["totaalbedrag"] = now if others is None or now is None else now + others
    values["zelfde_signaalpartner"] = values["signaalpartner"] in values["eerdere_signaalpartners"]
    if risen and values["herhaald"]:
        values["herhaald"] = False
    return values
