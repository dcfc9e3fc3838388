"""What runs in a case by what was said of it: help, Signalering+, and the files of bailiffs. Pure.

Said once for the services that go by it. It is told in the order of the days on which things happened, and does not
depend on the order in which different services told of one day: help that is accepted on a day ends Signalering+ of
that day too.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Self
from uuid import UUID

from libs.events import catalogue as c
from libs.events.values import Deurwaardersfase

AFGEDAAN = frozenset({Deurwaardersfase.TERUGGENOMEN, Deurwaardersfase.GEREGELD})
"""Steps with which a bailiff's file ends."""

TREDEN = frozenset(
    kind.name()
    for kind in (c.HelpAccepted, c.HelpDeclined, c.HelpEnded, c.EscalatedToSignaleringPlus, c.DeurwaarderTransferred)
)
"""The events that bear on it."""


@dataclass(frozen=True, slots=True)
class Dossier:
    """A bailiff's file at its last step; `deurwaarder` is empty where nobody needs the name."""

    fase: Deurwaardersfase
    datum: date
    deurwaarder: str = ""

    @property
    def open(self) -> bool:
        """Neither taken back nor settled."""
        return self.fase not in AFGEDAAN


@dataclass(frozen=True, slots=True)
class Trede:
    """One of these events: its name and day, and of a bailiff's step the arrears and the file."""

    soort: str
    dag: date
    achterstand_id: UUID | None = None
    dossier: Dossier | None = None

    @classmethod
    def van(cls, event: Any) -> Self:
        """Of an event of the catalogue."""
        if isinstance(event, c.DeurwaarderTransferred):
            dossier = Dossier(event.fase, event.datum, event.deurwaarder)
            return cls(event.name(), event.datum, event.achterstand_id, dossier)
        return cls(event.name(), event.datum)


@dataclass(frozen=True, slots=True)
class Lopend:
    """`dossiers`: one per arrears; `hulp`, `signalering_plus`: since when, None when it does not run; `aanvaard`: the
    last day on which help was accepted, also when it is over."""

    dossiers: Mapping[UUID | None, Dossier] = field(default_factory=dict)
    hulp: date | None = None
    aanvaard: date | None = None
    signalering_plus: date | None = None

    def na(self, trede: Trede) -> Self:
        """What runs after this event, which is not of an earlier day than those before it."""
        match trede.soort:
            case "HelpAccepted":
                return replace(self, hulp=trede.dag, aanvaard=trede.dag, signalering_plus=None)
            case "HelpDeclined" | "HelpEnded":
                return replace(self, hulp=None)
            case "EscalatedToSignaleringPlus":
                over = self.aanvaard is not None and self.aanvaard >= trede.dag
                return self if over else replace(self, signalering_plus=self.signalering_plus or trede.dag)
            case "DeurwaarderTransferred" if trede.dossier is not None:
                return replace(self, dossiers={**self.dossiers, trede.achterstand_id: trede.dossier})
        return self

    def lopende_dossiers(self) -> list[Dossier]:
        """The files that are with a bailiff."""
        return [dossier for dossier in self.dossiers.values() if dossier.open]


def in_zorg(gemeld: date | None, aanvaard: date | None) -> bool:
    """Whether the case is on the track of care and support (Drechtsteden, spoor 2): from the last report to the
    Meldpunt until help is accepted, on that day or later."""
    return gemeld is not None and (aanvaard is None or aanvaard < gemeld)


def lopend(treden: Iterable[Trede]) -> Lopend:
    """What runs after these; of one service in the order in which it told them."""
    found = Lopend()
    for trede in sorted(treden, key=lambda trede: trede.dag):
        found = found.na(trede)
    return found
