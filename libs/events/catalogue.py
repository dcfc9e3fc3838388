"""The domain events: what is now true, and who says so.

One frozen class each; the docstring's first sentence is the summary in the published documents. A stored
name never changes; a new shape raises `version` and adds one step in `upcasting.py`. Every case event may
carry `zaakId` None with a `signaalId` only where the case of a known signal is not known yet: whoever keeps
cases joins it when the signal is linked.
"""

from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from pydantic import Field

from libs.events.sealed import Sealed
from libs.events.values import (
    Bedrag,
    Behandelaar,
    Bewijs,
    Client,
    Contactsoort,
    Dagdeel,
    Deurwaardersfase,
    Eindresultaat,
    Gemeentecode,
    Intrekkingsreden,
    Koppelstatus,
    Ontruimingsgrond,
    PartnerKey,
    Periode,
    Persoon,
    Signaalpartner,
    Signaalsoort,
    SocialeIncasso,
    Stap,
    Value,
)


class Event(Value):
    """Base of all domain events."""

    version: ClassVar[int] = 1
    owner: ClassVar[str] = ""

    @classmethod
    def name(cls) -> str:
        """The stored name: chosen once, never derived from a module path."""
        return cls.__name__


# --- intake -----------------------------------------------------------------------------------------


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


# --- matching ---------------------------------------------------------------------------------------


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
    bekend_bij_schuldhulpverlening: bool | None = Field(default=None, description="Wgs art. 8d; absent: nobody asked")
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


# --- routing ----------------------------------------------------------------------------------------


class RouteAssigned(Event):
    """A signal is picked up along this route, for these reasons, under this version of the policy."""

    owner = "routing"

    besluit_id: UUID
    signaal_id: UUID
    zaak_id: UUID
    melding_id: UUID
    oppakken: bool = True
    contactsoorten: tuple[Contactsoort, ...]
    stappen: tuple[Stap, ...]
    behandelaar: Behandelaar
    prioriteit: int = Field(ge=1, le=5, description="1 first")
    uiterlijke_datum: date
    regel: str
    uitleg: tuple[str, ...]
    beleid_versie: str
    vervangt: UUID | None = Field(default=None, description="besluitId this decision replaces")
    aanwijzingen: tuple[str, ...] | None = Field(default=None, description="what the policy tells the caseworker")
    zelfde_consulent: bool | None = Field(default=None, description="whoever worked with this household before")
    feiten: dict[str, Any] | None = Field(default=None, description="the facts it was decided on")


class SignalSetAside(Event):
    """A signal is not picked up, for this reason, under this version of the policy."""

    owner = "routing"

    besluit_id: UUID
    signaal_id: UUID
    zaak_id: UUID
    melding_id: UUID
    reden: Eindresultaat
    regel: str
    uitleg: tuple[str, ...]
    beleid_versie: str
    vervangt: UUID | None = None
    feiten: dict[str, Any] | None = Field(default=None, description="the facts it was decided on")


class PolicyPublished(Event):
    """A municipality published a version of its policy; routing says so."""

    owner = "routing"

    gemeentecode: Gemeentecode
    beleid_versie: str
    geldig_vanaf: date
    beleid: dict[str, Any]


# --- outreach ---------------------------------------------------------------------------------------


class ContactAttempted(Event):
    """Somebody tried to reach the household; outreach says so."""

    owner = "outreach"

    contactpoging_id: UUID
    zaak_id: UUID
    melding_id: UUID | None = None
    soort: Contactsoort
    datum: date
    dagdeel: Dagdeel | None = None
    bereikt: bool
    resultaat: str | None = Field(default=None, description="one of a closed list; other words are in toelichting")
    middel: str | None = Field(default=None, description="one of a closed list; other words are in toelichting")
    tijdstip: str | None = Field(default=None, pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    brief: str | None = Field(default=None, pattern=r"^[a-z0-9][a-z0-9.-]{0,59}$", description="which letter it was")
    reden: str | None = Field(
        default=None, description="why contact was sought within a rest or after a no: one of a closed list"
    )
    toelichting: Sealed[dict[str, str]] | None = Field(default=None, description="free text as posted, per field")


class FirstConversationHeld(Event):
    """The first conversation of Wgs art. 4 took place; outreach says so."""

    owner = "outreach"

    zaak_id: UUID
    melding_id: UUID | None = None
    datum: date
    soort: str | None = Field(default=None, description="one of a closed list; other words are in toelichting")
    resultaat: str | None = Field(default=None, description="one of a closed list; other words are in toelichting")
    toelichting: Sealed[dict[str, str]] | None = Field(default=None, description="free text as posted, per field")


class DecisionTaken(Event):
    """The college decided on help after the first conversation (Wgs art. 4a); outreach says so."""

    owner = "outreach"

    zaak_id: UUID
    datum: date
    soort: str | None = Field(default=None, description="one of a closed list; other words are in toelichting")
    resultaat: str | None = Field(default=None, description="one of a closed list; other words are in toelichting")
    toelichting: Sealed[dict[str, str]] | None = Field(default=None, description="free text as posted, per field")


class HelpAccepted(Event):
    """The household accepted help; outreach says so."""

    owner = "outreach"

    zaak_id: UUID
    melding_id: UUID | None = None
    soort: str = Field(description="one of a closed list; `Overige` when the words are in toelichting")
    datum: date
    toelichting: Sealed[dict[str, str]] | None = Field(default=None, description="free text as posted, per field")


class HelpDeclined(Event):
    """The household declined help; outreach says so."""

    owner = "outreach"

    zaak_id: UUID
    melding_id: UUID | None = None
    datum: date
    reden: str | None = Field(default=None, description="one of a closed list; other words are in toelichting")
    toelichting: Sealed[dict[str, str]] | None = None


class HelpEnded(Event):
    """The help to the household ended; outreach says so."""

    owner = "outreach"

    zaak_id: UUID
    datum: date
    soort: str | None = Field(default=None, description="one of a closed list; other words are in toelichting")
    resultaat: str | None = Field(default=None, description="one of a closed list; other words are in toelichting")
    toelichting: Sealed[dict[str, str]] | None = Field(default=None, description="free text as posted, per field")


class AftercareDone(Event):
    """Somebody asked afterwards how the household fares; outreach says so."""

    owner = "outreach"

    zaak_id: UUID
    datum: date
    soort: str | None = Field(default=None, description="one of a closed list; other words are in toelichting")
    resultaat: str | None = Field(default=None, description="one of a closed list; other words are in toelichting")
    toelichting: Sealed[dict[str, str]] | None = Field(default=None, description="free text as posted, per field")


class HandlerAssigned(Event):
    """An organisation and team took charge of the case; outreach says so."""

    owner = "outreach"

    zaak_id: UUID
    behandelaar: Behandelaar
    medewerker: Sealed[str] | None = None
    medewerker_id: UUID | None = Field(default=None, description="keyed pseudonym: the same for the same employee")


class MeldingClosed(Event):
    """A melding has its result; outreach says so."""

    owner = "outreach"

    zaak_id: UUID
    melding_id: UUID
    resultaat: Eindresultaat
    datum: date
    signaal_ids: tuple[UUID, ...] | None = Field(
        default=None, description="the signals that got this result; one that is linked later opens the melding again"
    )


class CaseClosed(Event):
    """The case of a household ended with this result; outreach says so."""

    owner = "outreach"

    zaak_id: UUID
    resultaat: Eindresultaat
    datum: date


class SelfReported(Event):
    """A household came by itself for help, without a signal; outreach says so.

    About a running case with `zaakId`, else about whom `client` says, for matching to find.
    """

    owner = "outreach"

    aanmelding_id: UUID
    zaak_id: UUID | None = None
    gemeentecode: Gemeentecode
    datum: date
    client: Sealed[Client] | None = None
    toelichting: Sealed[dict[str, str]] | None = Field(default=None, description="free text as posted, per field")


# --- escalation -------------------------------------------------------------------------------------


class EscalationEvent(Event):
    """What escalation says: about a case, or about a known signal whose case is not known yet."""

    owner = "escalation"

    zaak_id: UUID | None = None
    signaal_id: UUID | None = None
    datum: date


class EscalatedToSignaleringPlus(EscalationEvent):
    """The case went to Signalering+: arrears rise and there is no contact or help; escalation says so."""

    aanleiding: str = Field(pattern=r"^[a-zA-Z ]{1,60}$")


class ActionTaken(EscalationEvent):
    """An action agreed with the corporation was taken; escalation says so."""

    soort: str
    resultaat: str | None = None
    uitvoerder: str | None = Field(default=None, description="who does it; one of a closed list")
    taak: str | None = Field(default=None, description="of a Taakverdeling: what; one of a closed list")


class ReportedToMPZO(EscalationEvent):
    """The case was reported to the Meldpunt Zorg en Overlast; escalation says so."""

    soort: str
    resultaat: str | None = None


class CollectionPaused(EscalationEvent):
    """The corporation paused collection; escalation says so."""


class CollectionResumed(EscalationEvent):
    """The corporation resumed collection; escalation says so."""


class MoratoriumRequested(EscalationEvent):
    """A moratorium (Fw art. 287b) was asked of the court; escalation says so."""


class MoratoriumDecided(EscalationEvent):
    """The court granted or refused the moratorium; escalation says so."""

    resultaat: str


class DeurwaarderTransferred(EscalationEvent):
    """The file is with this bailiff, at this step; escalation says so."""

    deurwaarder: str = Field(max_length=200, description="name of the bailiff's office")
    fase: Deurwaardersfase
    dossierkenmerk: Sealed[str] | None = None


class EvictionScheduled(EscalationEvent):
    """The bailiff announced the eviction of a household (Rv art. 555); escalation says so."""

    ontruiming_id: UUID
    aanzegdatum: date
    ontruimingsdatum: date
    grond: Ontruimingsgrond = Ontruimingsgrond.HUURACHTERSTAND


class EvictionPostponed(EscalationEvent):
    """An announced eviction got another date; escalation says so."""

    ontruiming_id: UUID
    nieuwe_datum: date | None = None


class EvictionAverted(EscalationEvent):
    """An announced eviction does not take place; escalation says so."""

    ontruiming_id: UUID


class EvictionCarriedOut(EscalationEvent):
    """The household was evicted; escalation says so."""

    ontruiming_id: UUID


class TermEvent(EscalationEvent):
    """A clock of law, ordinance or convenant on a case. `termijnId` follows from case, kind, cause and first day."""

    termijn_id: UUID
    soort: str = Field(description="name of the term")


class TermStarted(TermEvent):
    """A term began to run; escalation says so. `datum` is its first day."""

    bron: str = Field(description="article, ordinance or convenant")
    begin_datum: date
    uiterlijke_datum: date = Field(description="the last day on which it can be met")
    oorzaken: tuple[UUID, ...] = Field(description="ids of the events it follows from")


class TermMet(TermEvent):
    """What a term asks for happened on `datum`, or need not happen any more; escalation says so."""

    uiterlijke_datum: date = Field(description="the last day on which it was met in time; `datum` may be later")
    vervallen: bool = Field(default=False, description="it need not happen any more")
    oorzaken: tuple[UUID, ...] = Field(default=(), description="ids of the events it follows from; none: the clock")


class TermBreached(TermEvent):
    """A term ran out on `datum`, the last day on which it could be met; escalation says so."""


def _all(base: type[Event]) -> list[type[Event]]:
    found: list[type[Event]] = []
    for kind in base.__subclasses__():
        if kind not in (EscalationEvent, TermEvent):
            found.append(kind)
        found += _all(kind)
    return found


CATALOGUE: dict[str, type[Event]] = {kind.name(): kind for kind in _all(Event)}
"""Every event by its stored name."""
