"""What can follow of an answer about a signal, for it and for the cases around it: values, no rules."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.matching.stand import Signaal, Zaak
from services.matching.vlaggen import Vlaggen


@dataclass(frozen=True, slots=True)
class ZaakGeopend:
    """A household without a running case came into view."""

    zaak: Zaak
    datum: date
    vorige_zaak_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class ZaakOvergedragen:
    """The household moved to another municipality of the region."""

    zaak_id: UUID
    gemeentecode: str
    naar_gemeentecode: str
    naar_zaak_id: UUID
    datum: date


@dataclass(frozen=True, slots=True)
class ZaakVerhuisd:
    """The household moved inside the municipality and its case went along."""

    zaak_id: UUID
    adres_id: UUID


@dataclass(frozen=True, slots=True)
class ZaakBeeindigd:
    """The case ended by an eviction that was carried out before the case was known."""

    zaak_id: UUID


@dataclass(frozen=True, slots=True)
class Gekoppeld:
    """The signal belongs to this case and melding; `bevestigd` when an official's earlier decision stands."""

    signaal: Signaal
    melding_id: UUID
    gemeentecode: str
    vlaggen: Vlaggen
    bevestigd: bool = False


@dataclass(frozen=True, slots=True)
class Herzien:
    """A linked signal is no longer what was said of it: the report before it came after it, or was corrected."""

    signaal: Signaal
    melding_id: UUID
    gemeentecode: str
    vlaggen: Vlaggen


@dataclass(frozen=True, slots=True)
class NietGekoppeld:
    """The signal belongs to no case."""

    signaal: Signaal


@dataclass(frozen=True, slots=True)
class Heropend:
    """Fall-out that was closed without a look gets one after all."""

    signaal: Signaal


@dataclass(frozen=True, slots=True)
class Ingetrokken:
    """The signal was taken back."""

    signaal_id: UUID


Outcome = (
    ZaakGeopend
    | ZaakOvergedragen
    | ZaakVerhuisd
    | ZaakBeeindigd
    | Gekoppeld
    | Herzien
    | NietGekoppeld
    | Heropend
    | Ingetrokken
)
