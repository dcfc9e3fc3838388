"""The clocks of law and convenant on one case: since when, until when at most, what stopped them, and whose rule.

Computed from the facts when asked for; nothing is kept. Terms of law that end on a day off end on the next working
day (Algemene termijnenwet art. 1); those between parties do not.
"""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain

from libs.chassis.werkdagen import op_werkdag, plus_werkdagen
from libs.events import catalogue as c
from services.escalation.domain.ladder import Ladder
from services.escalation.domain.regels import AANZEGTERMIJN_DAGEN
from services.escalation.domain.woorden import Uitspraak

EERSTE_GESPREK = timedelta(weeks=4)
EERSTE_GESPREK_DREIGEND_WERKDAGEN = 3
BESLUIT = timedelta(weeks=8)
INCASSOPAUZE = timedelta(days=30)
MORATORIUM_MAANDEN = 6


@dataclass(frozen=True, slots=True)
class Termijn:
    """One clock. `uiterlijk` is the last day; `gestopt` the day it was met or fell away."""

    termijn: str
    bron: str
    begin: date
    uiterlijk: date
    gestopt: date | None = None

    def status(self, vandaag: date) -> str:
        """`Loopt`, `Gehaald` (stopped in time) or `Verlopen` (its last day passed first)."""
        if (self.gestopt or vandaag) > self.uiterlijk:
            return "Verlopen"
        return "Loopt" if self.gestopt is None else "Gehaald"


def termijnen(ladder: Ladder, feiten: Sequence[c.Event]) -> list[Termijn]:
    """All clocks of a case, oldest first. `feiten` in the order of the days they happened."""
    found = chain(
        _first_conversation(ladder, feiten), _threatening(ladder, feiten), _decision(ladder, feiten),
        _pause(ladder, feiten), _announcement(ladder, feiten), _moratorium(ladder, feiten),
    )  # fmt: skip
    return sorted(found, key=lambda termijn: (termijn.begin, termijn.termijn))


def _stop(ladder: Ladder, feiten: Iterable[c.Event], begin: date, *kinds: type[c.Event]) -> date | None:
    """The first day on or after `begin` that one of these happened, or the case ended."""
    days = [event.datum for event in feiten if isinstance(event, kinds) and event.datum >= begin]  # type: ignore[attr-defined]
    if ladder.einde is not None:
        days.append(max(begin, ladder.einde))
    return min(days, default=None)


def _first_conversation(ladder: Ladder, feiten: Sequence[c.Event]) -> Iterable[Termijn]:
    begin = min((s.signaaldatum for s in ladder.signalen.values() if s.ingetrokken_op is None), default=None)
    if begin is not None:
        stop = _stop(ladder, feiten, begin, c.FirstConversationHeld, c.HelpDeclined)
        yield Termijn("Eerste gesprek", "Wgs art. 4", begin, op_werkdag(begin + EERSTE_GESPREK), stop)


def _threatening(ladder: Ladder, feiten: Sequence[c.Event]) -> Iterable[Termijn]:
    """An announced eviction, or a signal its partner calls a crisis."""
    over = {key: known.afloopdatum for key, known in ladder.ontruimingen.items() if not known.open}
    begins = [(event.aanzegdatum, over.get(event.ontruiming_id)) for event in feiten
              if isinstance(event, c.EvictionScheduled)]  # fmt: skip
    begins += [(signaal.signaaldatum, None) for signaal in ladder.signalen.values() if signaal.dreigend]
    for begin, gone in begins:
        stop = _stop(ladder, feiten, begin, c.FirstConversationHeld, c.HelpDeclined)
        stop = min((day for day in (stop, gone) if day is not None), default=None)
        uiterlijk = plus_werkdagen(begin, EERSTE_GESPREK_DREIGEND_WERKDAGEN)
        yield Termijn("Eerste gesprek bij bedreigende situatie", "Wgs art. 4", begin, uiterlijk, stop)


def _decision(ladder: Ladder, feiten: Sequence[c.Event]) -> Iterable[Termijn]:
    """From the first conversation; void where the resident renounces."""
    for event in feiten:
        if isinstance(event, c.FirstConversationHeld):
            stop = _stop(ladder, feiten, event.datum, c.DecisionTaken, c.HelpDeclined)
            yield Termijn("Besluit op hulp", "Wgs art. 4a", event.datum, op_werkdag(event.datum + BESLUIT), stop)


def _pause(ladder: Ladder, feiten: Sequence[c.Event]) -> Iterable[Termijn]:
    for event in feiten:
        if isinstance(event, c.CollectionPaused):
            stop = _stop(ladder, feiten, event.datum, c.CollectionResumed)
            source = "Landelijk Convenant Vroegsignalering"
            yield Termijn("Incassopauze", source, event.datum, event.datum + INCASSOPAUZE, stop)


def _announcement(ladder: Ladder, feiten: Sequence[c.Event]) -> Iterable[Termijn]:
    """The days a household has to comply with the announcement, or before a new date."""
    for event in feiten:
        if isinstance(event, c.EvictionScheduled | c.EvictionPostponed):
            known = ladder.ontruimingen.get(event.ontruiming_id)
            stop = known.afloopdatum if known is not None and not known.open else None
            last = event.datum + timedelta(days=AANZEGTERMIJN_DAGEN)
            yield Termijn(
                "Aanzegtermijn ontruiming", "Rv art. 555", event.datum, last, min(stop, last) if stop else last
            )


def _moratorium(ladder: Ladder, feiten: Sequence[c.Event]) -> Iterable[Termijn]:
    for event in feiten:
        if isinstance(event, c.MoratoriumDecided) and event.resultaat == Uitspraak.TOEGEWEZEN:
            last = plus_maanden(event.datum, MORATORIUM_MAANDEN)
            yield Termijn("Moratorium", "Fw art. 287b", event.datum, last, _stop(ladder, (), event.datum))


def plus_maanden(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
