"""What becomes of a signal at intake, and what its partner may know of it. Pure: no await, no clock, no ids.

A partner sends the same arrears again and again: the content of any version received before, in the same
period, is a redelivery and changes nothing; other content is a correction; another period is another signal.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from libs.events.decider import Decider
from libs.events.errors import Invalid, Refusal
from libs.events.values import Eindresultaat, Intrekkingsreden, Koppelstatus, Signaalpartner


class Oordeel(StrEnum):
    """Verdict on a row (contract, intake)."""

    AANGENOMEN = "aangenomen"
    DUBBEL = "dubbel"
    GECORRIGEERD = "gecorrigeerd"
    GEWEIGERD = "geweigerd"


class Leveringstatus(StrEnum):
    """Where a delivery stands: coming in, handled, or cut off (what was committed stays)."""

    BEZIG = "Bezig"
    VERWERKT = "Verwerkt"
    AFGEBROKEN = "Afgebroken"


class AlIngetrokken(Refusal):
    """Dit signaal is al ingetrokken, om een andere reden of op een andere datum."""

    code = "alIngetrokken"


@dataclass(frozen=True, slots=True)
class Lever:
    """Command: a partner sends this content; the fingerprint stands for it."""

    vingerafdruk: bytes


@dataclass(frozen=True, slots=True)
class TrekIn:
    """Command: a partner takes the signal back."""

    reden: Intrekkingsreden
    datum: date
    vandaag: date


@dataclass(frozen=True, slots=True)
class Ontvangen:
    """The signal is new."""

    vingerafdruk: bytes


@dataclass(frozen=True, slots=True)
class Gecorrigeerd:
    """The signal has this content from now on; `correctie` counts from 1."""

    vingerafdruk: bytes
    correctie: int


@dataclass(frozen=True, slots=True)
class Ingetrokken:
    """The partner took the signal back."""

    reden: Intrekkingsreden
    datum: date


Gebeurtenis = Ontvangen | Gecorrigeerd | Ingetrokken


@dataclass(frozen=True, slots=True)
class Stand:
    """What is known of one signal: the contents received, how often it was corrected, whether it was taken back."""

    vingerafdrukken: frozenset[bytes] = frozenset()
    correcties: int = 0
    intrekking: Ingetrokken | None = None


def decide(command: Lever | TrekIn, stand: Stand) -> Sequence[Gebeurtenis]:
    """Nothing for what was said before."""
    if isinstance(command, TrekIn):
        return _trek_in(command, stand)
    if not stand.vingerafdrukken:
        return [Ontvangen(command.vingerafdruk)]
    if command.vingerafdruk in stand.vingerafdrukken:
        return []
    return [Gecorrigeerd(command.vingerafdruk, stand.correcties + 1)]


def _trek_in(command: TrekIn, stand: Stand) -> Sequence[Gebeurtenis]:
    if command.datum > command.vandaag:
        raise Invalid("De datum ligt na vandaag.", field="datum")
    ingetrokken = Ingetrokken(command.reden, command.datum)
    if stand.intrekking is None:
        return [ingetrokken]
    if stand.intrekking != ingetrokken:
        raise AlIngetrokken
    return []


def evolve(stand: Stand, gebeurtenis: Gebeurtenis) -> Stand:
    """What is true afterwards."""
    if isinstance(gebeurtenis, Ingetrokken):
        return replace(stand, intrekking=gebeurtenis)
    afdrukken = stand.vingerafdrukken | {gebeurtenis.vingerafdruk}
    correcties = gebeurtenis.correctie if isinstance(gebeurtenis, Gecorrigeerd) else stand.correcties
    return replace(stand, vingerafdrukken=afdrukken, correcties=correcties)


signaal: Decider[Lever | TrekIn, Stand, Gebeurtenis] = Decider(Stand(), decide, evolve)
"""The life of one signal at intake."""


class Terugkoppelstatus(StrEnum):
    """All that a partner may know of its signal (contract; Bgs art. 17 is the ceiling)."""

    ONTVANGEN = "Ontvangen"
    OPGEPAKT = "Opgepakt"
    HERHAALD = "Niet opgepakt: herhaalde melding"
    ONTERECHT = "Niet opgepakt: onterecht signaal"
    NIET_OPGEPAKT = "Niet opgepakt"
    GEEN_INWONER = "Geen inwoner"
    HULP_AANVAARD = "Hulp aanvaard"
    GEEN_CONTACT = "Geen contact"


@dataclass(frozen=True, slots=True)
class Feiten:
    """What the other services last said about one signal, its melding and its case.

    `onterecht`: the review queue judged so; `afgedaan`: the municipality agreed that nobody looks. `opgepakt` None: not
    decided. `reden` of a signal set aside, `resultaat` of the melding or else the case.
    """

    signaalpartner: Signaalpartner
    koppeling: Koppelstatus | None = None
    opgepakt: bool | None = None
    reden: Eindresultaat | None = None
    hulp: bool = False
    resultaat: Eindresultaat | None = None
    onterecht: bool = False
    afgedaan: bool = False


_REDENEN = {
    Eindresultaat.NIET_OPGEPAKT_HERHAALD: Terugkoppelstatus.HERHAALD,
    Eindresultaat.NIET_OPGEPAKT_ONTERECHT: Terugkoppelstatus.ONTERECHT,
    Eindresultaat.GEEN_INWONER: Terugkoppelstatus.GEEN_INWONER,
}
_NIET_GEKOPPELD = {
    Koppelstatus.GEEN_INWONER: Terugkoppelstatus.GEEN_INWONER,
    Koppelstatus.OVERLEDEN: Terugkoppelstatus.NIET_OPGEPAKT,
}


def terugkoppeling(feiten: Feiten) -> Terugkoppelstatus:
    """What the partner may know. A reason other than the two it may hear is just `Niet opgepakt`."""
    if feiten.koppeling not in (None, Koppelstatus.GEKOPPELD):
        waits = Terugkoppelstatus.NIET_OPGEPAKT if feiten.afgedaan else Terugkoppelstatus.ONTVANGEN
        unjust = Terugkoppelstatus.ONTERECHT if feiten.onterecht else waits
        return _NIET_GEKOPPELD.get(feiten.koppeling, unjust)
    if feiten.hulp:
        return Terugkoppelstatus.HULP_AANVAARD
    if feiten.opgepakt is False:
        return _niet_opgepakt(feiten.reden)
    if feiten.resultaat in _REDENEN or feiten.resultaat is Eindresultaat.NIET_OPGEPAKT_ANDERS:
        return _niet_opgepakt(feiten.resultaat)
    if feiten.resultaat is Eindresultaat.GEEN_CONTACT and feiten.signaalpartner is Signaalpartner.HUUR:
        return Terugkoppelstatus.GEEN_CONTACT
    return Terugkoppelstatus.OPGEPAKT if feiten.opgepakt else Terugkoppelstatus.ONTVANGEN


def _niet_opgepakt(reden: Eindresultaat | None) -> Terugkoppelstatus:
    return _REDENEN.get(reden, Terugkoppelstatus.NIET_OPGEPAKT) if reden else Terugkoppelstatus.NIET_OPGEPAKT
