"""What matching says."""

from datetime import date
from uuid import UUID

from pydantic import Field

from libs.events.catalogue.event import Event
from libs.events.sealed import Sealed
from libs.events.values import (
    Bedrag,
    Bewijs,
    Gemeentecode,
    Huishouden,
    Koppelstatus,
    PartnerKey,
    Periode,
    Persoon,
    Signaalpartner,
    Signaalsoort,
)


class CaseOpened(Event):
    """A household came into view in a municipality and has no running case; matching says so."""

    owner = "matching"

    zaak_id: UUID
    adres_id: UUID
    gemeentecode: Gemeentecode
    vorige_zaak_id: UUID | None = None
    datum: date = Field(description="signaaldatum of the signal that opened it")


class BRPMatched(Event):
    """A signal belongs to this person, household, case and melding; the BRP or an official says so."""

    owner = "matching"

    signaal_id: UUID
    zaak_id: UUID
    melding_id: UUID
    persoon_id: UUID
    adres_id: UUID
    achterstand_id: UUID
    gemeentecode: Gemeentecode
    partner: PartnerKey
    signaalpartner: Signaalpartner
    soort: Signaalsoort
    bedrag: Bedrag | None = None
    ontstaansdatum: date | None = None
    signaaldatum: date
    periode: Periode
    crisissignaal: bool = False
    warme_overdracht: bool = False
    einddatum_levering: date | None = None
    telefoon_bruikbaar: bool = False
    email_bruikbaar: bool = False
    match: bool = Field(description="another signal at this address in this period, when this was linked")
    recidive: bool = Field(description="a signal at this address in the six calendar months before the period")
    herhaald: bool = Field(description="same partner and kenmerk in an earlier period, amount not risen")
    vorig_bedrag: Bedrag | None = Field(default=None, description="amount of the previous report of this arrears")
    leeftijd: int | None = Field(default=None, ge=0, le=150, description="years on signaaldatum")
    minderjarige_kinderen: bool = False
    huishouden: Huishouden | None = Field(default=None, description="absent: the BRP can't tell")
    bekend_bij_schuldhulpverlening: bool | None = Field(default=None, description="Wgs art. 8d; absent: nobody asked")
    gebied: str | None = Field(
        default=None, max_length=100, description="area the municipality named; absent elsewhere"
    )
    bewijs: tuple[Bewijs, ...] = ()
    persoon: Sealed[Persoon]


class BRPMismatched(Event):
    """A signal could not be linked: it waits in the review queue, or no resident of the region is meant."""

    owner = "matching"

    signaal_id: UUID
    partner: PartnerKey
    signaalpartner: Signaalpartner
    periode: Periode
    status: Koppelstatus
    reden: str = Field(pattern=r"^[a-zA-Z]{1,40}$", description="code of the reason, never a value")
    gemeentecode: str = Field(description="municipality of the address, or `regio` for the regional desk")
    kandidaten: int = Field(default=0, ge=0)
    bewijs: tuple[Bewijs, ...] = ()
    afgedaan: bool | None = Field(
        default=None, description="closed as fall-out: the municipality agreed that nobody looks; may still be decided"
    )


class CaseTransferred(Event):
    """A household moved to another municipality of the region: its case went along and ended here."""

    owner = "matching"

    zaak_id: UUID
    naar_gemeentecode: Gemeentecode
    naar_zaak_id: UUID
    datum: date


class SelfReportMatched(Event):
    """A household that came by itself is this person, household and case; the BRP or an official says so.

    The one with the highest `sequence` in the log of matching holds. `meldingId` is that of the month it came in.
    """

    owner = "matching"

    aanmelding_id: UUID
    zaak_id: UUID
    melding_id: UUID
    persoon_id: UUID
    adres_id: UUID
    gemeentecode: Gemeentecode
    periode: Periode
    datum: date
    leeftijd: int | None = Field(default=None, ge=0, le=150, description="years on the day it came")
    minderjarige_kinderen: bool = False
    bekend_bij_schuldhulpverlening: bool | None = Field(default=None, description="Wgs art. 8d; absent: nobody asked")
    bewijs: tuple[Bewijs, ...] = ()
    persoon: Sealed[Persoon]


class SelfReportMismatched(Event):
    """A household that came by itself could not be found in the BRP: it waits for an official where it came."""

    owner = "matching"

    aanmelding_id: UUID
    gemeentecode: Gemeentecode
    datum: date
    status: Koppelstatus
    reden: str = Field(pattern=r"^[a-zA-Z]{1,40}$", description="code of the reason, never a value")
    kandidaten: int = Field(default=0, ge=0)
    bewijs: tuple[Bewijs, ...] = ()
