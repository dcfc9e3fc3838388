"""The bodies callers send. Everything is bounded; what the field words in its own way is a closed list."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from libs.events.errors import Invalid
from libs.events.values import Datum, Deurwaardersfase, Ontruimingsgrond, Value
from services.escalation.domain.woorden import (
    Actiesoort,
    Afloopsoort,
    Incassostand,
    Meldingsoort,
    Moratoriumsoort,
    Resultaat,
    Taak,
    Uitspraak,
    Uitvoerder,
)

Naam = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class OverSignaalOfZaak(Value):
    """About a signal of a partner, or about a case: exactly one of the two."""

    signaal_id: UUID | None = Field(default=None, description="het signaal; ook als het nog geen zaak heeft")
    zaak_id: UUID | None = Field(default=None, description="de zaak; niet voor partners")

    @model_validator(mode="after")
    def _one(self) -> "OverSignaalOfZaak":
        if (self.signaal_id is None) == (self.zaak_id is None):
            raise Invalid("Geef signaalId of zaakId: een van beide.", field="signaalId")
        return self


class Overdrachtbericht(OverSignaalOfZaak):
    """A file with a bailiff. `dossierkenmerk` is accepted and not kept: escalation can seal nothing."""

    deurwaarder: Naam = Field(description="naam van het kantoor")
    dossierkenmerk: Annotated[str, Field(max_length=100)] | None = Field(
        default=None, description="kenmerk bij de deurwaarder; wordt niet bewaard"
    )
    fase: Deurwaardersfase
    datum: Datum


class Aanzeggingbericht(OverSignaalOfZaak):
    """An announced eviction."""

    aanzegdatum: Datum
    ontruimingsdatum: Datum
    grond: Ontruimingsgrond = Ontruimingsgrond.HUURACHTERSTAND


class Afloopbericht(Value):
    """What became of it. Put off without a new date: until further notice."""

    afloop: Afloopsoort
    datum: Datum
    nieuwe_datum: Datum | None = Field(default=None, json_schema_extra={"format": "date"})


class Actiebericht(Value):
    """An action agreed with the corporation; of a Taakverdeling also who does what with the resident."""

    soort: Actiesoort
    datum: Datum
    resultaat: Resultaat | None = None
    uitvoerder: Uitvoerder | None = Field(default=None, description="wie het doet")
    taak: Taak | None = Field(default=None, description="bij een taakverdeling: wat")


class Mpzobericht(Value):
    """A report to the Meldpunt Zorg en Overlast."""

    soort: Meldingsoort
    datum: Datum
    resultaat: Resultaat | None = None


class Meldpuntbericht(OverSignaalOfZaak, Mpzobericht):
    """The same by the corporation itself, about its signal."""


class Moratoriumbericht(Value):
    """A request; with `resultaat` the court's decision on it."""

    soort: Moratoriumsoort = Moratoriumsoort.FW_287B
    datum: Datum
    resultaat: Uitspraak | None = None


class Incassobericht(Value):
    """The corporation pauses or resumes collection."""

    soort: Incassostand
    datum: Datum


class Incassostandbericht(OverSignaalOfZaak, Incassobericht):
    """The same by the corporation itself, about its signal."""
