"""What somebody may ask outreach to record, and why it may be refused. Pure values."""

from dataclasses import dataclass
from datetime import date, time
from uuid import UUID

from libs.events.errors import Invalid, Refusal
from libs.events.sealed import Sealed
from libs.events.values import Behandelaar, Contactsoort, Dagdeel, Eindresultaat
from services.outreach.rust import Rust


class ZaakBeeindigd(Refusal):
    """De zaak is beëindigd; er kan niets meer in gebeuren."""

    code = "zaakBeeindigd"


class MeldingGesloten(Refusal):
    """Er is geen open melding om af te sluiten."""

    code = "meldingGesloten"


class OntruimingDreigt(Refusal):
    """Er is een ontruiming aangezegd zonder afloop: meld die eerst. Een melding kan wel worden afgesloten."""

    code = "ontruimingDreigt"


class GeenHulp(Refusal):
    """Er loopt geen hulp die beëindigd kan worden."""

    code = "geenHulp"


class GeenHulpvraag(Refusal):
    """Een besluit volgt op een eerste gesprek of een hulpvraag (Wgs art. 4 en 4a); die is er niet."""

    code = "geenHulpvraag"


class InDeToekomst(Invalid):
    """Een handeling kan niet in de toekomst liggen."""

    code = "inDeToekomst"


class TeVroeg(Invalid):
    """Deze datum ligt te vroeg."""

    code = "teVroeg"


class AnderDagdeel(Invalid):
    """Het tijdstip valt niet in dit dagdeel."""

    code = "anderDagdeel"


class OnbekendeMelding(Invalid):
    """Deze melding hoort niet bij de zaak."""

    code = "onbekendeMelding"


class InRustperiode(Refusal):
    """Dit huishouden heeft nog rust; geef een reden om toch contact te zoeken."""

    code = "rustperiode"


class NeeGerespecteerd(Refusal):
    """Dit huishouden wilde geen hulp; geef een reden om toch contact te zoeken."""

    code = "nee"


@dataclass(frozen=True, slots=True, kw_only=True)
class Handeling:
    """What every act has: its id, the day and time it is, when it was done, and its sealed free text."""

    id: UUID
    vandaag: date
    datum: date
    melding_id: UUID | None = None
    toelichting: Sealed[dict[str, str]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeerContact(Handeling):
    """Record an attempt to reach the household.

    `rust` is what keeps from new contact, `ondanks` that a reason was given; `verricht` that what was posted tells of
    something done: that is always recorded.
    """

    nu: time
    soort: Contactsoort
    bereikt: bool
    dagdeel: Dagdeel | None = None
    resultaat: str | None = None
    middel: str | None = None
    tijdstip: str | None = None
    brief: str | None = None
    reden: str | None = None
    rust: Rust | None = None
    ondanks: bool = False
    verricht: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class AanvaardHulp(Handeling):
    """The household takes help."""

    soort: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WijsAf(Handeling):
    """The household wants no help."""

    reden: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SluitAf(Handeling):
    """Close a melding with its result, or the whole case."""

    resultaat: Eindresultaat
    zaak: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Vervolg(Handeling):
    """What comes after acceptance; kind and result in words of a closed list."""

    soort: str | None = None
    resultaat: str | None = None


class VoerGesprek(Vervolg):
    """The first conversation (Wgs art. 4)."""


class NeemBesluit(Vervolg):
    """The decision after it (Wgs art. 4a)."""


class BeeindigHulp(Vervolg):
    """Help ends."""


class VerleenNazorg(Vervolg):
    """Ask afterwards how it goes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WijsToe(Handeling):
    """Give the case to an organisation and team, perhaps to one person in it."""

    behandelaar: Behandelaar
    medewerker: Sealed[str] | None = None
    medewerker_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeldAan(Handeling):
    """The household of a running case came by itself."""


Command = (
    ProbeerContact | AanvaardHulp | WijsAf | SluitAf | VoerGesprek | NeemBesluit | BeeindigHulp | VerleenNazorg
    | WijsToe | MeldAan
)  # fmt: skip
