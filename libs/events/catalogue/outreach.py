"""What outreach says."""

from datetime import date
from uuid import UUID

from pydantic import Field

from libs.events.catalogue.event import Event
from libs.events.sealed import Sealed
from libs.events.values import Behandelaar, Client, Contactsoort, Dagdeel, Eindresultaat, Gemeentecode


class OutreachEvent(Event):
    """What outreach says of a talk or a decision in a case."""

    owner = "outreach"

    zaak_id: UUID
    datum: date
    soort: str | None = Field(default=None, description="one of a closed list; other words are in toelichting")
    resultaat: str | None = Field(default=None, description="one of a closed list; other words are in toelichting")
    toelichting: Sealed[dict[str, str]] | None = Field(default=None, description="free text as posted, per field")


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


class FirstConversationHeld(OutreachEvent):
    """The first conversation of Wgs art. 4 took place; outreach says so."""

    melding_id: UUID | None = None


class DecisionTaken(OutreachEvent):
    """The college decided on help after the first conversation (Wgs art. 4a); outreach says so."""


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


class HelpEnded(OutreachEvent):
    """The help to the household ended; outreach says so."""


class AftercareDone(OutreachEvent):
    """Somebody asked afterwards how the household fares; outreach says so."""


class HandlerAssigned(Event):
    """An organisation and team took charge of the case; outreach says so."""

    owner = "outreach"

    zaak_id: UUID
    behandelaar: Behandelaar
    medewerker: Sealed[str] | None = None
    medewerker_id: UUID | None = Field(default=None, description="keyed pseudonym: the same for the same employee")
    grond: str | None = Field(
        default=None, pattern=r"^[a-zA-Z ]{1,60}$", description="why, where nobody assigned it by hand"
    )


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
