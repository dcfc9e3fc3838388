"""What escalation says."""

from datetime import date
from uuid import UUID

from pydantic import Field

from libs.events.catalogue.event import Event
from libs.events.sealed import Sealed
from libs.events.values import Deurwaardersfase, Ontruimingsgrond


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
    """The court granted or refused the moratorium, or it lapsed; escalation says so."""

    resultaat: str


class DeurwaarderTransferred(EscalationEvent):
    """The file is with this bailiff, at this step; escalation says so."""

    deurwaarder: str = Field(max_length=200, description="name of the bailiff's office")
    fase: Deurwaardersfase
    achterstand_id: UUID | None = Field(
        default=None, description="the arrears whose file it is; absent of a file of the case as a whole"
    )
    dossierkenmerk: Sealed[str] | None = None


class EvictionScheduled(EscalationEvent):
    """The bailiff announced the eviction of a household (Rv art. 555); escalation says so."""

    ontruiming_id: UUID
    aanzegdatum: date
    ontruimingsdatum: date
    grond: Ontruimingsgrond = Ontruimingsgrond.HUURACHTERSTAND


class EvictionPostponed(EscalationEvent):
    """An announced eviction was put off, to another date or until further notice; escalation says so."""

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
    oorzaak: UUID | None = Field(
        default=None, description="the melding, signal, eviction or request for help whose clock it is"
    )
    oorzaken: tuple[UUID, ...] = Field(description="ids of the events it follows from")


class TermMet(TermEvent):
    """What a term asks for happened on `datum`, or need not happen any more; escalation says so."""

    uiterlijke_datum: date = Field(description="the last day on which it was met in time; `datum` may be later")
    vervallen: bool = Field(default=False, description="it need not happen any more")
    oorzaken: tuple[UUID, ...] = Field(default=(), description="ids of the events it follows from; none: the clock")


class TermBreached(TermEvent):
    """A term ran out on `datum`, the last day on which it could be met; escalation says so."""
