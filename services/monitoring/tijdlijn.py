"""One case from first signal to last: what happened, in order, as far as it had happened at a moment. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from uuid import UUID

from libs.chassis.clock import AMSTERDAM
from libs.events.catalogue import CATALOGUE, Event
from services.monitoring.fase import Fase, Spoor, Stap, fase_of, spoor_of, stap_of

RECORDED = frozenset(
    {"SignalCorrected", "BRPMatched", "BRPMismatched", "RouteAssigned", "SignalSetAside", "HandlerAssigned"}
)
"""Events that happen when they are recorded. All others carry the date on which they happened."""
LINKS = frozenset({"BRPMatched", "BRPMismatched", "SelfReportMatched", "SelfReportMismatched"})
"""Events that say where a signal, or a household that came by itself, belongs."""
OWN = frozenset({"SelfReported", "SelfReportMatched", "SelfReportMismatched"})
"""Events about a household that came by itself: they name it where others name a signal."""


def dag_van(moment: datetime) -> date:
    """The calendar day in the Netherlands."""
    return moment.astimezone(AMSTERDAM).date()


@dataclass(frozen=True, slots=True)
class Gebeurtenis:
    """One event of a timeline; `zaak_id` is the case it named, which its signal may have left since."""

    id: UUID
    zaak_id: UUID | None
    signaal_id: UUID | None
    melding_id: UUID | None
    kenteken: UUID | None
    vervangt: UUID | None
    rang: int
    volgnummer: int
    type: str
    stand: str | None
    partner_key: str | None
    op: datetime
    vastgelegd_op: datetime
    omschrijving: str

    @property
    def dag(self) -> date:
        """The calendar day in the Netherlands on which it happened."""
        return dag_van(self.op)


@dataclass(frozen=True, slots=True)
class Tijdlijn:
    """What is told of a case; `vervallen` holds ids of decisions and links that no longer hold.

    `behandelaar` is the organisation and team that has charge of it now, and not told of an earlier moment.
    """

    zaak_id: UUID
    gemeentecode: str
    fase: Fase
    gebeurtenissen: tuple[Gebeurtenis, ...]
    vervallen: frozenset[UUID]
    spoor: Spoor = Spoor.SCHULDHULP
    stap: Stap = Stap.VROEGSIGNALERING
    behandelaar: tuple[str, str | None] | None = None


_DATES: dict[str, str] = {
    name: "datum" if "datum" in kind.model_fields else "signaaldatum"
    for name, kind in CATALOGUE.items()
    if name not in RECORDED and kind.model_fields.keys() & {"datum", "signaaldatum"}
}


def day_of(event: Event) -> date | None:
    """The date on which it happened, None for what happens when it is recorded."""
    name = _DATES.get(event.name())
    return getattr(event, name) if name else None


@lru_cache(maxsize=4096)
def _edges(day: date) -> tuple[datetime, datetime]:
    return datetime.combine(day, time.min, AMSTERDAM), datetime.combine(day, time(23, 59, 59), AMSTERDAM)


def moment_of(day: date | None, recorded: datetime) -> datetime:
    """The moment of an event: when it was recorded, as near to that as its day allows.

    So the order of moments is the order of days, and within a day that of recording.
    """
    if day is None:
        return recorded
    begin, end = _edges(day)
    return begin if recorded < begin else end if recorded > end else recorded


def had_happened(event: Gebeurtenis, moment: datetime) -> bool:
    """Whether it had happened at this moment; of what was recorded on a later day the whole day counts."""
    if event.op <= moment:
        return True
    return event.vastgelegd_op > event.op and event.dag <= moment.astimezone(AMSTERDAM).date()


def told(zaak_id: UUID, gemeentecode: str, events: Iterable[Gebeurtenis], moment: datetime | None = None) -> Tijdlijn:
    """The timeline of a case from its events in any order, at a moment or now."""
    kept = [event for event in events if moment is None or had_happened(event, moment)]
    kept.sort(key=lambda event: (event.op, event.vastgelegd_op, event.rang, event.volgnummer))
    return Tijdlijn(
        zaak_id, gemeentecode, fase_of(kept), tuple(kept), _vervallen(zaak_id, kept), spoor_of(kept), stap_of(kept)
    )


def _vervallen(zaak_id: UUID, events: Sequence[Gebeurtenis]) -> frozenset[UUID]:
    """Decisions that another replaced or that were about another case, and links that another link replaced."""
    replaced = {event.vervangt for event in events} - {None}
    links = {e.signaal_id: e.volgnummer for e in sorted(events, key=lambda e: e.volgnummer) if e.type in LINKS}
    return frozenset(
        event.id
        for event in events
        if (event.type in _DECISIONS and (event.kenteken in replaced or event.zaak_id != zaak_id))
        or (event.type in LINKS and event.volgnummer < links[event.signaal_id])
    )


_DECISIONS = frozenset({"RouteAssigned", "SignalSetAside"})
