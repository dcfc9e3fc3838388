"""The phase of a case: how far it is on the way from a first signal to an eviction. Pure.

The furthest thing that is still going on gives the phase: an ended case is ended, an announced eviction weighs
more than a bailiff, a bailiff more than help, help more than Signalering+. What is over (an eviction averted, a
file that the bailiff gave back, help that ended) no longer counts.
"""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from libs.events.lopend import TREDEN, Dossier, Trede, in_zorg, lopend
from libs.events.values import Deurwaardersfase


class Fase(StrEnum):
    """Where a case stands, in the order of the ladder, endings last."""

    VROEGSIGNALERING = "Vroegsignalering"
    SIGNALERING_PLUS = "Signalering+"
    HULP_AANVAARD = "Hulp aanvaard"
    DEURWAARDER = "Deurwaarder"
    ONTRUIMING_AANGEZEGD = "Ontruiming aangezegd"
    ONTRUIMD = "Ontruimd"
    OVERGEDRAGEN = "Overgedragen"
    AFGESLOTEN = "Afgesloten"


class Spoor(StrEnum):
    """The two tracks of the Drechtsteden."""

    SCHULDHULP = "Spoor 1: hulp bij schulden"
    ZORG = "Spoor 2: zorg en ondersteuning"


class Stap(StrEnum):
    """The steps of Breda's route for rent arrears; the first, prevention, comes before any signal."""

    VROEGSIGNALERING = "2. Vroegsignalering"
    SIGNALERING_PLUS = "3. Signalering+"
    DEURWAARDER = "4. Deurwaarder"
    WONINGONTRUIMING = "5. Woningontruiming"


class Mark(Protocol):
    """What is looked at of an event."""

    @property
    def type(self) -> str:
        """Stored name of the event."""
        ...

    @property
    def dag(self) -> date:
        """The calendar day in the Netherlands on which it happened."""
        ...

    @property
    def stand(self) -> str | None:
        """Step of a bailiff's file."""
        ...

    @property
    def kenteken(self) -> UUID | None:
        """The eviction, or of a bailiff's step the arrears, it is about."""
        ...


_ENDINGS = {
    "EvictionCarriedOut": Fase.ONTRUIMD,
    "CaseTransferred": Fase.OVERGEDRAGEN,
    "CaseClosed": Fase.AFGESLOTEN,
}
_PLUS = "EscalatedToSignaleringPlus"
_BAILIFF = "DeurwaarderTransferred"
_ANNOUNCED, _AVERTED = "EvictionScheduled", "EvictionAverted"

MARKS = frozenset({*_ENDINGS, *TREDEN, _ANNOUNCED, _AVERTED})
"""The events that bear on the phase."""


def fase_of(events: Sequence[Mark]) -> Fase:
    """The phase after these events, which are in the order in which they happened."""
    seen = {event.type for event in events}
    for kind, ending in _ENDINGS.items():
        if kind in seen:
            return ending
    averted = {event.kenteken for event in events if event.type == _AVERTED}
    if any(event.type == _ANNOUNCED and event.kenteken not in averted for event in events):
        return Fase.ONTRUIMING_AANGEZEGD
    runs = lopend(_trede(event) for event in events if event.type in TREDEN)
    if runs.lopende_dossiers():
        return Fase.DEURWAARDER
    if runs.hulp is not None:
        return Fase.HULP_AANVAARD
    return Fase.VROEGSIGNALERING if runs.signalering_plus is None else Fase.SIGNALERING_PLUS


def _trede(event: Mark) -> Trede:
    dossier = Dossier(Deurwaardersfase(event.stand), event.dag) if event.stand else None
    return Trede(event.type, event.dag, event.kenteken, dossier)


def spoor_of(events: Sequence[Mark]) -> Spoor:
    """The track after these events: care and support from a report to the Meldpunt until help is accepted."""
    gemeld, aanvaard = (
        max((event.dag for event in events if event.type == kind), default=None)
        for kind in ("ReportedToMPZO", "HelpAccepted")
    )
    return Spoor.ZORG if in_zorg(gemeld, aanvaard) else Spoor.SCHULDHULP


def stap_of(events: Sequence[Mark]) -> Stap:
    """The furthest step the case ever came to; it is never undone, so that it shows how far things went."""
    seen = {event.type for event in events}
    for kind, stap in (
        (_ANNOUNCED, Stap.WONINGONTRUIMING),
        (_BAILIFF, Stap.DEURWAARDER),
        (_PLUS, Stap.SIGNALERING_PLUS),
    ):
        if kind in seen:
            return stap
    return Stap.VROEGSIGNALERING
