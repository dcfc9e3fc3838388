"""Where a case stands: the fold of its signals and of everything that was said of it.

Facts are folded in the order of the day they happened; within a day in the order in which they became known.
"""

from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from libs.events import catalogue as c
from libs.events.lopend import Lopend, Trede, in_zorg
from libs.events.values import Ontruimingsgrond
from services.escalation.domain.signaal import Signaal, gekoppeld
from services.escalation.domain.woorden import Afloopsoort, Fase, Spoor, Uitspraak


@dataclass(frozen=True, slots=True)
class Ontruiming:
    """An announced eviction; `datum` is the date it is set for now, None after a postponement without one."""

    aanzegdatum: date
    datum: date | None
    grond: Ontruimingsgrond
    afloop: Afloopsoort | None = None
    afloopdatum: date | None = None

    @property
    def open(self) -> bool:
        """Neither averted nor carried out; a postponed one still threatens."""
        return self.afloop in (None, Afloopsoort.UITGESTELD)


@dataclass(frozen=True, slots=True)
class Moratorium:
    """A moratorium that was granted; `einde`: the day it lapsed or was withdrawn before its time."""

    datum: date
    einde: date | None = None

    def geldt(self, day: date, maanden: int) -> bool:
        """Whether it holds on a day, where it was granted for so many months."""
        return self.datum <= day <= self.tot(maanden)

    def tot(self, maanden: int) -> date:
        """The last day on which it holds."""
        until = plus_maanden(self.datum, maanden)
        return until if self.einde is None else min(until, self.einde - timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Ladder(Lopend):
    """One case, or one known signal that has no case yet."""

    signalen: Mapping[UUID, Signaal] = field(default_factory=dict)
    ontruimingen: Mapping[UUID, Ontruiming] = field(default_factory=dict)
    contact: date | None = None
    incassopauze: date | None = None
    moratoriumverzoek: date | None = None
    moratoria: tuple[Moratorium, ...] = ()
    mpzo: date | None = None
    einde: date | None = None
    ontruimd: bool = False

    @property
    def fase(self) -> Fase:
        """The highest rung that is open."""
        if self.ontruimd:
            return Fase.ONTRUIMD
        if self.einde is not None:
            return Fase.AFGESLOTEN
        if any(ontruiming.open for ontruiming in self.ontruimingen.values()):
            return Fase.ONTRUIMING_AANGEZEGD
        if self.lopende_dossiers():
            return Fase.DEURWAARDER
        return Fase.VROEGSIGNALERING if self.signalering_plus is None else Fase.SIGNALERING_PLUS

    @property
    def spoor(self) -> Spoor:
        """Help with debts; care and support from a report to the Meldpunt until the household accepts help."""
        return Spoor.ZORG if in_zorg(self.mpzo, self.aanvaard) else Spoor.SCHULDHULP

    def vorige_van(self, signaal: Signaal) -> date | None:
        """The day of the previous report of these arrears, as far as the case knows."""
        earlier = [
            other.signaaldatum for other in self.signalen.values()
            if other.achterstand_id == signaal.achterstand_id and other.signaaldatum < signaal.signaaldatum
        ]  # fmt: skip
        return max(earlier, default=None)

    def contact_sinds_vorig(self, signaal: Signaal) -> bool:
        """Whether somebody spoke to the household since that report; of a first one, since itself."""
        since = self.vorige_van(signaal) or signaal.signaaldatum
        return self.contact is not None and self.contact >= since

    def dossier_van(self, signaal_id: UUID | None) -> UUID | None:
        """The arrears whose file a report is about; without a signal the case's only file, else one of its own."""
        if signaal_id is not None:
            signaal = self.signalen.get(signaal_id)
            return signaal.achterstand_id if signaal else None
        return next(iter(self.dossiers)) if len(self.dossiers) == 1 else None


def evolve(ladder: Ladder, event: c.Event) -> Ladder:
    """What is true after this event; what the ladder does not follow from changes nothing."""
    step = _STEPS.get(type(event))
    return ladder if step is None else step(ladder, event)


def fold(signalen: Mapping[UUID, Signaal], feiten: Iterable[c.Event]) -> Ladder:
    """The ladder of these signals and facts; facts in the order they became known."""
    ladder = Ladder(signalen=dict(signalen))
    for event in sorted(feiten, key=op_datum):
        ladder = evolve(ladder, event)
    return ladder


def plus_maanden(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def op_datum(event: Any) -> date:
    """The day a fact happened."""
    datum: date = event.datum
    return datum


def _linked(ladder: Ladder, event: c.BRPMatched) -> Ladder:
    signaal = gekoppeld(event, ladder.signalen.get(event.signaal_id))
    return replace(ladder, signalen={**ladder.signalen, event.signaal_id: signaal})


def _contact(ladder: Ladder, event: c.ContactAttempted) -> Ladder:
    return replace(ladder, contact=event.datum) if event.bereikt else ladder


def _spoken(ladder: Ladder, event: Any) -> Ladder:
    return replace(ladder, contact=event.datum)


def _answered(ladder: Ladder, event: c.HelpAccepted | c.HelpDeclined) -> Ladder:
    return replace(_trede(ladder, event), contact=event.datum)


def _trede(ladder: Ladder, event: Any) -> Ladder:
    return ladder.na(Trede.van(event))


def _ended(ladder: Ladder, event: Any) -> Ladder:
    return replace(ladder, einde=event.datum)


def _reported(ladder: Ladder, event: c.ReportedToMPZO) -> Ladder:
    return replace(ladder, mpzo=event.datum)


def _paused(ladder: Ladder, event: c.CollectionPaused) -> Ladder:
    return replace(ladder, incassopauze=event.datum)


def _resumed(ladder: Ladder, event: c.CollectionResumed) -> Ladder:
    return replace(ladder, incassopauze=None)


def _requested(ladder: Ladder, event: c.MoratoriumRequested) -> Ladder:
    return replace(ladder, moratoriumverzoek=event.datum)


def _decided(ladder: Ladder, event: c.MoratoriumDecided) -> Ladder:
    """The court's word on a request; without one, that the moratorium lapsed."""
    moratoria = ladder.moratoria
    if event.resultaat == Uitspraak.TOEGEWEZEN:
        moratoria = (*moratoria, Moratorium(event.datum))
    elif ladder.moratoriumverzoek is None and moratoria:
        moratoria = (*moratoria[:-1], replace(moratoria[-1], einde=event.datum))
    return replace(ladder, moratoriumverzoek=None, moratoria=moratoria)


def _announced(ladder: Ladder, event: c.EvictionScheduled) -> Ladder:
    ontruiming = Ontruiming(event.aanzegdatum, event.ontruimingsdatum, event.grond)
    return replace(ladder, ontruimingen={**ladder.ontruimingen, event.ontruiming_id: ontruiming})


def _outcome(ladder: Ladder, event: Any, afloop: Afloopsoort, **changes: Any) -> Ladder:
    known = ladder.ontruimingen.get(event.ontruiming_id)
    if known is None:
        return ladder
    after = replace(known, afloop=afloop, afloopdatum=event.datum, **changes)
    return replace(ladder, ontruimingen={**ladder.ontruimingen, event.ontruiming_id: after})


def _postponed(ladder: Ladder, event: c.EvictionPostponed) -> Ladder:
    return _outcome(ladder, event, Afloopsoort.UITGESTELD, datum=event.nieuwe_datum)


def _averted(ladder: Ladder, event: c.EvictionAverted) -> Ladder:
    return _outcome(ladder, event, Afloopsoort.VOORKOMEN)


def _carried_out(ladder: Ladder, event: c.EvictionCarriedOut) -> Ladder:
    after = _outcome(ladder, event, Afloopsoort.UITGEVOERD)
    return replace(after, einde=event.datum, ontruimd=True)


_STEPS: dict[type[c.Event], Callable[[Ladder, Any], Ladder]] = {
    c.BRPMatched: _linked,
    c.ContactAttempted: _contact,
    c.FirstConversationHeld: _spoken,
    c.HelpAccepted: _answered,
    c.HelpDeclined: _answered,
    c.HelpEnded: _trede,
    c.CaseClosed: _ended,
    c.CaseTransferred: _ended,
    c.EscalatedToSignaleringPlus: _trede,
    c.ReportedToMPZO: _reported,
    c.CollectionPaused: _paused,
    c.CollectionResumed: _resumed,
    c.MoratoriumRequested: _requested,
    c.MoratoriumDecided: _decided,
    c.DeurwaarderTransferred: _trede,
    c.EvictionScheduled: _announced,
    c.EvictionPostponed: _postponed,
    c.EvictionAverted: _averted,
    c.EvictionCarriedOut: _carried_out,
}
