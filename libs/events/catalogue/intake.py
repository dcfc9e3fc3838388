"""What intake says."""

from datetime import date
from uuid import UUID

from pydantic import Field

from libs.events.catalogue.event import Event
from libs.events.sealed import Sealed
from libs.events.values import (
    Bedrag,
    Client,
    Intrekkingsreden,
    PartnerKey,
    Periode,
    Signaalpartner,
    Signaalsoort,
    SocialeIncasso,
)


class SignalReceived(Event):
    """A signal of payment arrears arrived from a partner and passed validation; intake says so."""

    owner = "intake"

    signaal_id: UUID
    achterstand_id: UUID = Field(description="the partner's arrears: one per partner and kenmerk, over the periods")
    partner: PartnerKey
    signaalpartner: Signaalpartner
    soort: Signaalsoort
    bedrag: Bedrag | None = Field(default=None, description="absent only for a Zorgmelding")
    ontstaansdatum: date | None = None
    signaaldatum: date
    periode: Periode
    crisissignaal: bool = False
    warme_overdracht: bool = False
    einddatum_levering: date | None = None
    telefoon_bruikbaar: bool = Field(default=False, description="the number can be called")
    email_bruikbaar: bool = False
    sociale_incasso: SocialeIncasso | None = None
    namens: bool = Field(default=False, description="typed in by a caseworker for a partner that is not connected")
    partner_naam: Sealed[str] | None = Field(default=None, description="name of a partner that is not connected")
    levering_id: UUID | None = None
    kenmerk: Sealed[str]
    client: Sealed[Client]


class SignalCorrected(SignalReceived):
    """A partner sent a known signal again in the same period with other content; this is all of it."""

    correctie: int = Field(ge=1, description="1 for the first correction")


class SignalWithdrawn(Event):
    """A partner took a signal back: paid, an arrangement, or unjustly sent; intake says so."""

    owner = "intake"

    signaal_id: UUID
    partner: PartnerKey
    signaalpartner: Signaalpartner
    periode: Periode
    reden: Intrekkingsreden
    datum: date
