"""The clocks of law and convenant on one case: since when, until when at most, what stopped them, and whose rule.

What they are follows from the facts; what was said of them is in `klok`. Terms of law that end on a day off end on the
next working day (Algemene termijnenwet art. 1); those between parties do not. Most ask for an act. Some only have to
run out (`loopt_af`): nothing may happen before their last day.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain
from typing import Any
from uuid import UUID

from libs.chassis.werkdagen import op_werkdag, plus_werkdagen
from libs.events import catalogue as c
from libs.events.afspraken import STANDAARD, Termijnen
from libs.events.lopend import Trede, lopend
from libs.events.values import Eindresultaat, Signaalsoort
from services.escalation.domain.boek import Feit
from services.escalation.domain.ladder import Ladder, op_datum, plus_maanden
from services.escalation.domain.signaal import Signaal
from services.escalation.domain.woorden import Termijnsoort, Uitspraak

AFGEZIEN = "Inwoner ziet af"
"""Result of a decision that does not have to be taken (Wgs art. 4a), as outreach words it."""

VERVOLG = (Eindresultaat.VERVOLGHULP, Eindresultaat.VERVOLGHULP_FINANCIEEL)
"""Results of a melding after which the conversation has still to come."""

CONVENANT = "Landelijk Convenant Vroegsignalering"


@dataclass(frozen=True, slots=True)
class Stop:
    """The day a clock stopped: what it asks for was done, or (`vervallen`) need not be done any more."""

    datum: date
    vervallen: bool = False


@dataclass(frozen=True, slots=True)
class Termijn:
    """One clock. `uiterlijk` is the last day; `oorzaak` the melding, signal, eviction or fact it follows from."""

    soort: Termijnsoort
    bron: str
    oorzaak: UUID
    begin: date
    uiterlijk: date
    stop: Stop | None = None
    loopt_af: bool = False


@dataclass(frozen=True, slots=True)
class Zaakbeeld:
    """What the clocks of a case are read from; `feiten` in the order of the days they happened."""

    ladder: Ladder
    feiten: Sequence[Feit]
    afspraken: Termijnen = STANDAARD.termijnen

    def van(self, *kinds: type[c.Event]) -> Iterator[Feit]:
        """The facts of these kinds."""
        return (feit for feit in self.feiten if isinstance(feit.event, kinds))

    def dagen(self, begin: date, *kinds: type[c.Event]) -> list[date]:
        """The days from `begin` on that one of these happened."""
        return [day for feit in self.van(*kinds) if (day := op_datum(feit.event)) >= begin]

    def stop(self, begin: date, gehaald: Iterable[type[c.Event]], vervalt: Iterable[type[c.Event]] = (),
             weg: date | None = None) -> Stop | None:  # fmt: skip
        """The first that stopped a clock: what it asks for, what makes that needless, `weg`, or the end of the case."""
        met = [feit.event for feit in self.van(*gehaald) if op_datum(feit.event) >= begin]
        found = [Stop(op_datum(event), vervallen=getattr(event, "resultaat", None) == AFGEZIEN) for event in met]
        found += [Stop(day, vervallen=True) for day in self.dagen(begin, *vervalt)]
        over = [day for day in (weg, self.ladder.einde) if day is not None]
        found += [Stop(max(begin, day), vervallen=True) for day in over]
        return min(found, key=lambda stop: (stop.datum, stop.vervallen), default=None)

    def hulp_op(self, day: date) -> bool:
        """Whether help ran already at the beginning of that day."""
        said = (feit.event for feit in self.van(c.HelpAccepted, c.HelpDeclined, c.HelpEnded))
        return lopend(Trede.van(event) for event in said if op_datum(event) < day).hulp is not None

    def open_signalen(self) -> list[Signaal]:
        """Signals that somebody has to act on: not taken back, not set aside, in no melding closed for good."""
        gesloten: set[UUID] = set()
        for feit in self.van(c.MeldingClosed):
            if getattr(feit.event, "resultaat", None) not in VERVOLG:
                gesloten |= _gesloten(feit.event, self.ladder)
        return [s for s in self.ladder.signalen.values() if s.loopt and s.signaal_id not in gesloten]


def _gesloten(event: Any, ladder: Ladder) -> set[UUID]:
    if event.signaal_ids is not None:
        return set(event.signaal_ids)
    return {s.signaal_id for s in ladder.signalen.values() if s.melding_id == event.melding_id}


def termijnen(beeld: Zaakbeeld) -> list[Termijn]:
    """All clocks of a case, oldest first."""
    found = chain(
        _first_conversation(beeld), _threatening(beeld), _decision(beeld), _pause(beeld), _end_of_delivery(beeld),
        _announcement(beeld), _moratorium(beeld),
    )  # fmt: skip
    return sorted(found, key=lambda termijn: (termijn.begin, termijn.soort, str(termijn.oorzaak)))


GESPREK, AFZIEN = (c.FirstConversationHeld,), (c.HelpDeclined,)


def _first_conversation(beeld: Zaakbeeld) -> Iterable[Termijn]:
    """Of a melding that is picked up while no help runs, or where the municipality agreed so of a request for help."""
    if beeld.afspraken.eerste_gesprek_vanaf == "Hulpvraag":
        vragen = beeld.van(c.HelpAccepted, c.SelfReported)
        begins = [(feit.id, op_datum(feit.event)) for feit in vragen]
    else:
        per_melding: defaultdict[UUID, list[date]] = defaultdict(list)
        for signaal in beeld.open_signalen():
            per_melding[signaal.melding_id or signaal.signaal_id].append(signaal.signaaldatum)
        begins = [(melding, min(days)) for melding, days in per_melding.items()]
        begins += [(feit.id, op_datum(feit.event)) for feit in beeld.van(c.SelfReported)]
    for oorzaak, begin in begins:
        if not beeld.hulp_op(begin):
            last = op_werkdag(begin + timedelta(days=beeld.afspraken.eerste_gesprek_dagen))
            stop = beeld.stop(begin, GESPREK, AFZIEN)
            yield Termijn(Termijnsoort.EERSTE_GESPREK, "Wgs art. 4", oorzaak, begin, last, stop)


def _threatening(beeld: Zaakbeeld) -> Iterable[Termijn]:
    """An announced eviction, or a signal its partner calls a crisis."""
    eindelevering = beeld.afspraken.eindelevering_bedreigend
    begins = [(known.ontruiming_id, known.begin, known.weg) for known in _aanzeggingen(beeld) if known.opnieuw]
    begins += [
        (signaal.signaal_id, signaal.signaaldatum, None)
        for signaal in beeld.open_signalen()
        if signaal.dreigend or (eindelevering and signaal.soort is Signaalsoort.EINDELEVERING)
    ]
    for oorzaak, begin, gone in begins:
        last = plus_werkdagen(begin, beeld.afspraken.eerste_gesprek_bedreigend_werkdagen)
        stop = beeld.stop(begin, GESPREK, AFZIEN, gone)
        yield Termijn(Termijnsoort.BEDREIGEND, "Wgs art. 4", oorzaak, begin, last, stop)


def _decision(beeld: Zaakbeeld) -> Iterable[Termijn]:
    """From the first conversation until a decision; void where the resident renounces. One at a time."""
    open_until = date.min
    for feit in beeld.van(c.FirstConversationHeld):
        begin = op_datum(feit.event)
        if begin < open_until:
            continue
        stop = beeld.stop(begin, (c.DecisionTaken,), AFZIEN)
        open_until = stop.datum if stop else date.max
        last = op_werkdag(begin + timedelta(days=beeld.afspraken.besluit_dagen))
        yield Termijn(Termijnsoort.BESLUIT, "Wgs art. 4a", feit.id, begin, last, stop)


def _pause(beeld: Zaakbeeld) -> Iterable[Termijn]:
    """The corporation waits so long for a decision on help; then collection goes on."""
    for feit in beeld.van(c.CollectionPaused):
        begin = op_datum(feit.event)
        last = begin + timedelta(days=beeld.afspraken.incassopauze_dagen)
        stop = beeld.stop(begin, (c.CollectionResumed, c.DecisionTaken))
        yield Termijn(Termijnsoort.INCASSOPAUZE, CONVENANT, feit.id, begin, last, stop)


def _end_of_delivery(beeld: Zaakbeeld) -> Iterable[Termijn]:
    """The days in which help can still prevent that a contract ends."""
    for signaal in beeld.open_signalen():
        if signaal.soort is Signaalsoort.EINDELEVERING:
            begin = signaal.signaaldatum
            last = plus_werkdagen(begin, beeld.afspraken.eindelevering_werkdagen)
            stop = beeld.stop(begin, (*GESPREK, c.HelpAccepted), AFZIEN)
            yield Termijn(Termijnsoort.EINDELEVERING, CONVENANT, signaal.signaal_id, begin, last, stop)


def _announcement(beeld: Zaakbeeld) -> Iterable[Termijn]:
    """The days a household has to comply with the announcement, or before a new date."""
    for known in _aanzeggingen(beeld):
        last = known.begin + timedelta(days=beeld.afspraken.aanzegtermijn_dagen)
        stop = beeld.stop(known.begin, (), weg=known.weg)
        yield Termijn(Termijnsoort.AANZEGGING, "Rv art. 555", known.oorzaak, known.begin, last, stop, loopt_af=True)


@dataclass(slots=True)
class Aanzegging:
    """A date for an eviction was announced: by this fact, on this day. `opnieuw`: there was no date before it;
    `weg`: the day from which there is none, because it is over or was put off until further notice."""

    ontruiming_id: UUID
    oorzaak: UUID
    begin: date
    opnieuw: bool
    weg: date | None = None


def _aanzeggingen(beeld: Zaakbeeld) -> list[Aanzegging]:
    found: list[Aanzegging] = []
    for feit in beeld.van(c.EvictionScheduled, c.EvictionPostponed, c.EvictionAverted, c.EvictionCarriedOut):
        event: Any = feit.event
        running = [known for known in found if known.ontruiming_id == event.ontruiming_id and known.weg is None]
        if isinstance(event, c.EvictionScheduled) or getattr(event, "nieuwe_datum", None) is not None:
            found.append(Aanzegging(event.ontruiming_id, feit.id, event.datum, opnieuw=not running))
        else:
            for known in running:
                known.weg = event.datum
    return found


def _moratorium(beeld: Zaakbeeld) -> Iterable[Termijn]:
    """While it holds, a solution has to be found: an eviction that is averted makes it needless."""
    for feit in beeld.van(c.MoratoriumDecided):
        event: Any = feit.event
        if event.resultaat == Uitspraak.TOEGEWEZEN:
            last = plus_maanden(event.datum, beeld.afspraken.moratorium_maanden)
            stop = beeld.stop(event.datum, (c.EvictionAverted,), weg=_lapsed(beeld, feit))
            yield Termijn(Termijnsoort.MORATORIUM, "Fw art. 287b", feit.id, event.datum, last, stop)


def _lapsed(beeld: Zaakbeeld, granted: Feit) -> date | None:
    """The day a moratorium lapsed or was withdrawn: the court's word where it was not about another request."""
    facts = list(beeld.van(c.MoratoriumRequested, c.MoratoriumDecided))
    asked = False
    for feit in facts[facts.index(granted) + 1 :]:
        event: Any = feit.event
        if not asked and isinstance(event, c.MoratoriumDecided) and event.resultaat == Uitspraak.INGETROKKEN:
            return op_datum(event)
        asked = isinstance(event, c.MoratoriumRequested)
    return None
