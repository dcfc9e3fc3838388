"""What may be asked of the ladder, and the refusals. `zaak_id` is None where a signal has no case yet."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from libs.events.afspraken import STANDAARD, Termijnen
from libs.events.errors import Invalid, Refusal
from libs.events.values import Deurwaardersfase, Ontruimingsgrond
from services.escalation.domain.woorden import (
    Actiesoort,
    Afloopsoort,
    Incassostand,
    Meldingsoort,
    Resultaat,
    Taak,
    Uitspraak,
    Uitvoerder,
)

WETTELIJKE_AANZEGTERMIJN = 3
"""Days between announcement and eviction, and before a new date (Rv art. 555)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opdracht:
    """A report: of what, on which day it happened, which day it is now, and what the municipality agreed."""

    zaak_id: UUID | None = None
    signaal_id: UUID | None = None
    datum: date
    vandaag: date
    afspraken: Termijnen = STANDAARD.termijnen


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdracht(Opdracht):
    """The corporation's file is with this bailiff, at this step."""

    deurwaarder: str
    fase: Deurwaardersfase


@dataclass(frozen=True, slots=True, kw_only=True)
class Aanzegging(Opdracht):
    """The bailiff announced an eviction; `datum` is the day of the announcement."""

    ontruiming_id: UUID
    ontruimingsdatum: date
    grond: Ontruimingsgrond = Ontruimingsgrond.HUURACHTERSTAND


@dataclass(frozen=True, slots=True, kw_only=True)
class Afloop(Opdracht):
    """What became of an announced eviction."""

    ontruiming_id: UUID
    afloop: Afloopsoort
    nieuwe_datum: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Actie(Opdracht):
    """An action agreed with the corporation was taken."""

    soort: Actiesoort
    resultaat: Resultaat | None = None
    uitvoerder: Uitvoerder | None = None
    taak: Taak | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mpzo(Opdracht):
    """The case was reported to the Meldpunt Zorg en Overlast."""

    soort: Meldingsoort
    resultaat: Resultaat | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moratorium(Opdracht):
    """The moratorium of Fw art. 287b was asked for, or with `uitspraak` decided on."""

    uitspraak: Uitspraak | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Incasso(Opdracht):
    """The corporation paused or resumed collection: a fact it reports, never inferred from accepted help."""

    stand: Incassostand


@dataclass(frozen=True, slots=True, kw_only=True)
class Beoordeling(Opdracht):
    """Something changed: is Signalering+ due, by what the municipality agreed?"""


class InDeToekomst(Invalid):
    """Wat gemeld wordt is al gebeurd: de datum ligt niet in de toekomst."""

    code = "inDeToekomst"


class TeVroegAangezegd(Invalid):
    """Tussen aanzegging en ontruiming liggen ten minste drie dagen (Rv art. 555)."""

    code = "aanzegtermijn"


class GaatNietOverWonen(Invalid):
    """Een ontruiming wordt gemeld bij een signaal over huur of hypotheek, of bij de zaak."""

    code = "gaatNietOverWonen"


class NieuweDatumHoortBijUitstel(Invalid):
    """Een nieuwe datum hoort alleen bij een uitgestelde ontruiming."""

    code = "nieuweDatum"


class ZaakAfgesloten(Refusal):
    """De zaak is afgesloten: een nieuw signaal opent een nieuwe zaak."""

    code = "zaakAfgesloten"


class StapPastNiet(Refusal):
    """De stap past niet op de vorige stap van dit dossier."""

    code = "stapPastNiet"


class GeenDossier(Refusal):
    """Er is van deze achterstand geen dossier bij een deurwaarder dat teruggenomen of geregeld kan zijn."""

    code = "geenDossier"


class AlGemeld(Refusal):
    """Dit is al gemeld."""

    code = "alGemeld"


class TaakHoortBijVerdeling(Invalid):
    """Een taak hoort bij een taakverdeling, met wie haar doet."""

    code = "taakverdeling"


class HeeftAfloop(Refusal):
    """Deze ontruiming heeft al een afloop: zij is voorkomen of uitgevoerd."""

    code = "heeftAfloop"


class VoorDeAanzegging(Refusal):
    """De afloop ligt niet voor de aanzegging."""

    code = "voorDeAanzegging"


class VoorDeOntruimingsdatum(Refusal):
    """Een ontruiming vindt niet plaats voor de aangezegde datum (Rv art. 555)."""

    code = "voorDeOntruimingsdatum"


class GeenDatum(Refusal):
    """De ontruiming is uitgesteld zonder datum: eerst wordt een nieuwe datum aangezegd (Rv art. 555 lid 2)."""

    code = "geenDatum"


class TijdensMoratorium(Refusal):
    """Zolang een moratorium geldt, wordt niet ontruimd wegens schulden (Fw art. 287b lid 4 en 305)."""

    code = "tijdensMoratorium"


class MoratoriumTeLang(Refusal):
    """Een moratorium duurt ten hoogste zes maanden, ook samen met een eerder (Fw art. 287b lid 5)."""

    code = "moratoriumTeLang"


class GeenUitstel(Refusal):
    """Uitstel is naar een latere datum dan de aangezegde."""

    code = "geenUitstel"


class NietBijOverlast(Refusal):
    """Een moratorium (Fw art. 287b) wordt niet gevraagd bij een ontruiming wegens overlast."""

    code = "nietBijOverlast"


class GeenVerzoek(Refusal):
    """Er loopt geen verzoek om een moratorium waarop de rechter kon beslissen, en geen moratorium dat vervalt."""

    code = "geenVerzoek"


class IncassoStaatAlZo(Refusal):
    """De incasso staat al zo."""

    code = "incassoStaatAlZo"
