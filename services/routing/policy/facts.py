"""The facts a policy may ask about one signal: clear, non-identifying, and nothing else (Wgs art. 8b).

Unknown is None. A flag that is unknown counts as "nee"; a limit on an unknown number is not met.
"""

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Annotated, Any

from pydantic import Field

from libs.events.values import Bedrag, Contactsoort, Signaalpartner, Signaalsoort, Value

Code = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[\w ,.:()/+-]+$")]


class EerderContact(Value):
    """Contact with the household before this melding."""

    bereikt: bool = True
    soort: Contactsoort | None = None
    resultaat: Code | None = None


class Feiten(Value):
    """What is known of a signal when it is decided (contract, routing; `feiten`)."""

    signaalpartner: Signaalpartner
    soort: Signaalsoort = Signaalsoort.VROEGSIGNAAL
    bedrag: Bedrag | None = None
    leeftijd: int | None = Field(default=None, ge=0, le=150, description="jaren op de signaaldatum")
    minderjarige_kinderen: bool | None = None
    match_zelfde_periode: bool | None = Field(default=None, description="ander signaal in dezelfde melding")
    recidive: bool | None = None
    herhaald: bool | None = None
    eerder_opgepakt: bool | None = Field(default=None, description="vorige melding van deze achterstand opgepakt")
    eerder_contact: bool | EerderContact | None = None
    maanden_achterstand: int | None = Field(default=None, ge=0, le=1200)
    crisissignaal: bool | None = None
    warme_overdracht: bool | None = None
    ontruiming_aangezegd: bool | None = None
    vorig_bedrag: Bedrag | None = None
    aantal_eerdere_signalen: int | None = Field(
        default=None, ge=0, le=100_000, description="op het adres, in de twaalf maanden voor de periode"
    )
    maanden_sinds_vorig_signaal: int | None = Field(default=None, ge=0, le=1200)
    maanden_sinds_contact: int | None = Field(default=None, ge=0, le=1200, description="sinds de inwoner is bereikt")
    eerdere_signaalpartners: tuple[Signaalpartner, ...] = Field(default=(), max_length=100)
    hulp_aanvaard: bool | None = Field(default=None, description="laatste antwoord van voor deze periode")
    hulp_afgewezen: bool | None = Field(default=None, description="laatste antwoord van voor deze periode")
    huishouden: Code | None = None
    ouderdom_vordering: int | None = Field(default=None, ge=0, le=100_000, description="dagen tot de signaaldatum")
    gebied: Code | None = Field(default=None, description="wijk of buurt")
    bekend_bij_schuldhulpverlening: bool | None = None
    einddatum_levering: date | None = None
    telefoon_bruikbaar: bool | None = None
    email_bruikbaar: bool | None = None
    signaaldatum: date | None = None

    @cached_property
    def values(self) -> Mapping[str, Any]:
        """Everything a condition may test, by its Python name, derived facts included."""
        return values_of(self.__dict__)


UNKNOWN: Mapping[str, Any] = {name: field.default for name, field in Feiten.model_fields.items()}
"""Every fact as it is when nobody said anything."""


def values_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """What ``Feiten(**given).values`` is, where `given` was checked before."""
    values = {**UNKNOWN, **given}
    contact, end, start = values["eerder_contact"], values["einddatum_levering"], values["signaaldatum"]
    known = contact if isinstance(contact, EerderContact) else None
    values["eerder_contact"] = known.bereikt if known else contact
    values["eerder_contactsoort"] = known.soort if known else None
    values["eerder_contactresultaat"] = known.resultaat if known else None
    values["dagen_tot_einde_levering"] = max((end - start).days, 0) if end and start else None
    return with_derived(values)


def with_derived(values: dict[str, Any]) -> dict[str, Any]:
    """The same facts, with those that follow from two others: what rose is not herhaald (contract)."""
    now, before = values["bedrag"], values["vorig_bedrag"]
    risen = None if now is None or before is None else now > before
    values["bedrag_gestegen"] = risen
    values["zelfde_signaalpartner"] = values["signaalpartner"] in values["eerdere_signaalpartners"]
    if risen and values["herhaald"]:
        values["herhaald"] = False
    return values
