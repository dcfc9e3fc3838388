"""What routing says."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import Field

from libs.events.catalogue.event import Event
from libs.events.values import Behandelaar, Contactsoort, Eindresultaat, Gemeentecode, Stap


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
    """A version of a municipality's policy holds from a day on: it published one, or one ships; routing says so."""

    owner = "routing"

    gemeentecode: Gemeentecode
    beleid_versie: str
    geldig_vanaf: date
    beleid: dict[str, Any]
    meegeleverd: bool | None = Field(
        default=None, description="true: it ships, and gives way to what the municipality published itself"
    )
