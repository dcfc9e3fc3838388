"""The ladders a batch or a command touches, in memory: what is known, what was added, what changed place.

Events are heard one by one, so that what follows from each is the same however they are batched.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from libs.events import catalogue as c
from libs.events.envelope import Envelope
from libs.events.values import REGIOBALIE
from services.escalation.domain import signaal as s
from services.escalation.domain.ladder import Ladder, fold, op_datum

HEARS: tuple[type[c.Event], ...] = (
    c.SignalReceived, c.SignalCorrected, c.SignalWithdrawn,
    c.CaseOpened, c.BRPMatched, c.BRPMismatched, c.CaseTransferred, c.RouteAssigned, c.SignalSetAside,
    c.SelfReported, c.SelfReportMatched, c.SelfReportMismatched, c.ContactAttempted, c.FirstConversationHeld,
    c.DecisionTaken, c.HelpAccepted, c.HelpDeclined, c.HelpEnded, c.AftercareDone, c.MeldingClosed, c.CaseClosed,
)  # fmt: skip
"""What others say that the ladder or the clocks of a case follow from."""


@dataclass(frozen=True, slots=True)
class Feit:
    """Something that was said; without a case it waits until its signal is linked."""

    id: UUID
    event: c.Event
    tenant: str
    zaak_id: UUID | None = None
    signaal_id: UUID | None = None
    partner: str | None = None


@dataclass(frozen=True, slots=True)
class Plek:
    """Where a signal is: whose it is, its case, who may see it, and the place in matching's log that said so."""

    partner: str
    tenant: str = REGIOBALIE
    zaak_id: UUID | None = None
    koppeling: int = 0
    zaak_einde: date | None = None


@dataclass(frozen=True, slots=True)
class Besluit:
    """Whether a signal is picked up, by the last word of routing (its place in routing's log)."""

    opgepakt: bool
    volgnummer: int


@dataclass
class Boek:
    """Signals, cases and facts; `changed`, `opened`, `added`, `moved` and `besloten` say what has to be written."""

    signalen: dict[UUID, s.Signaal] = field(default_factory=dict)
    plekken: dict[UUID, Plek] = field(default_factory=dict)
    zaken: dict[UUID, str] = field(default_factory=dict)
    feiten: dict[UUID, Feit] = field(default_factory=dict)
    besluiten: dict[UUID, Besluit] = field(default_factory=dict)
    changed: set[UUID] = field(default_factory=set)
    opened: set[UUID] = field(default_factory=set)
    added: set[UUID] = field(default_factory=set)
    moved: set[UUID] = field(default_factory=set)
    besloten: set[UUID] = field(default_factory=set)
    _order: dict[UUID, int] = field(default_factory=dict)
    _signalen_van: defaultdict[UUID | None, set[UUID]] = field(default_factory=lambda: defaultdict(set))
    _feiten_van: defaultdict[UUID | None, dict[UUID, None]] = field(default_factory=lambda: defaultdict(dict))

    def know(self, signaal_id: UUID, plek: Plek, signaal: s.Signaal | None) -> None:
        """Take up a signal as it is stored."""
        self.plekken[signaal_id] = plek
        if signaal is not None:
            self.signalen[signaal_id] = signaal
        self._signalen_van[plek.zaak_id].add(signaal_id)

    def keep(self, feit: Feit) -> None:
        """Take up a fact as it is stored."""
        self.feiten[feit.id] = feit
        self._order.setdefault(feit.id, len(self._order))
        self._feiten_van[feit.zaak_id][feit.id] = None

    def add(self, feit: Feit) -> None:
        """A fact that was said just now."""
        self.keep(feit)
        self.added.add(feit.id)

    def feiten_van(self, zaak_id: UUID | None, signaal_id: UUID | None = None) -> list[Feit]:
        """The facts of a case, or of a signal without one, in the order of the days they happened."""
        found = [self.feiten[i] for i in self._feiten_van[zaak_id]]
        mine = [feit for feit in found if zaak_id or feit.signaal_id == signaal_id]
        return sorted(mine, key=lambda feit: (op_datum(feit.event), self._order[feit.id]))

    def gezegd(self, zaak_id: UUID | None, signaal_id: UUID | None = None) -> list[c.Event]:
        """What those facts say."""
        return [feit.event for feit in self.feiten_van(zaak_id, signaal_id)]

    def ladder(self, zaak_id: UUID | None, signaal_id: UUID | None = None) -> Ladder:
        """Where a case stands, or a signal that has none."""
        ids = self._signalen_van[zaak_id] if zaak_id else {signaal_id}
        signalen = {i: self._besloten(i) for i in ids if i in self.signalen}
        return fold(signalen, self.gezegd(zaak_id, signaal_id))

    def _besloten(self, signaal_id: UUID) -> s.Signaal:
        signaal, besluit = self.signalen[signaal_id], self.besluiten.get(signaal_id)
        return signaal if besluit is None or besluit.opgepakt else replace(signaal, opgepakt=False)

    def hear(self, envelope: Envelope) -> list[UUID]:
        """Take up one event; gives the cases it says something of."""
        hearing = _HEARING.get(type(envelope.data), _fact)
        touched = hearing(self, envelope, envelope.data)
        return [zaak_id for zaak_id in dict.fromkeys(touched) if zaak_id is not None]

    def open(self, zaak_id: UUID, tenant: str) -> None:
        """There is such a case."""
        if zaak_id not in self.zaken:
            self.zaken[zaak_id] = tenant
            self.opened.add(zaak_id)

    def place(self, signaal_id: UUID, plek: Plek) -> tuple[UUID | None, UUID | None]:
        """Put a signal here, with the facts that go with it; gives the case it left and the one it joined."""
        old = self.plekken.get(signaal_id)
        if old is not None:
            self._signalen_van[old.zaak_id].discard(signaal_id)
        self.plekken[signaal_id] = plek
        self.changed.add(signaal_id)
        self._signalen_van[plek.zaak_id].add(signaal_id)
        left = old.zaak_id if old else None
        for feit in [self.feiten[i] for i in self._feiten_van[left]]:
            if feit.signaal_id == signaal_id:
                del self._feiten_van[left][feit.id]
                self.keep(replace(feit, zaak_id=plek.zaak_id, tenant=plek.tenant))
                self.moved.add(feit.id)
        return left, plek.zaak_id

    def end(self, zaak_id: UUID) -> None:
        """Let the signals of a case know when it ended: a partner sees its signals, not the case."""
        einde = self.ladder(zaak_id).einde
        for signaal_id in self._signalen_van[zaak_id]:
            if self.plekken[signaal_id].zaak_einde != einde:
                self.plekken[signaal_id] = replace(self.plekken[signaal_id], zaak_einde=einde)
                self.changed.add(signaal_id)


def _received(boek: Boek, envelope: Envelope, event: c.SignalReceived) -> Iterable[UUID | None]:
    boek.signalen[event.signaal_id] = s.aangeleverd(event, boek.signalen.get(event.signaal_id))
    plek = boek.plekken.get(event.signaal_id) or Plek(event.partner)
    return boek.place(event.signaal_id, plek)


def _withdrawn(boek: Boek, envelope: Envelope, event: c.SignalWithdrawn) -> Iterable[UUID | None]:
    known = boek.signalen.get(event.signaal_id)
    if known is None:
        return ()
    boek.signalen[event.signaal_id] = s.ingetrokken(event, known)
    boek.changed.add(event.signaal_id)
    return (boek.plekken[event.signaal_id].zaak_id,)


def _linked(boek: Boek, envelope: Envelope, event: c.BRPMatched) -> Iterable[UUID | None]:
    old = boek.plekken.get(event.signaal_id)
    if old is not None and old.koppeling >= envelope.sequence:
        return ()
    boek.open(event.zaak_id, event.gemeentecode)
    boek.signalen[event.signaal_id] = s.gekoppeld(event, boek.signalen.get(event.signaal_id))
    return boek.place(event.signaal_id, Plek(event.partner, event.gemeentecode, event.zaak_id, envelope.sequence))


def _mismatched(boek: Boek, envelope: Envelope, event: c.BRPMismatched) -> Iterable[UUID | None]:
    """Not linked, or no longer: it is with the municipality of the review queue."""
    old = boek.plekken.get(event.signaal_id)
    if old is not None and old.koppeling >= envelope.sequence:
        return ()
    return boek.place(event.signaal_id, Plek(event.partner, event.gemeentecode, None, envelope.sequence))


def _opened(boek: Boek, envelope: Envelope, event: c.CaseOpened) -> Iterable[UUID | None]:
    boek.open(event.zaak_id, event.gemeentecode)
    return (event.zaak_id,)


def _moved(boek: Boek, envelope: Envelope, event: c.CaseTransferred) -> Iterable[UUID | None]:
    """The household's signals, and the facts about them, go along to the other municipality."""
    _fact(boek, envelope, event)
    boek.open(event.naar_zaak_id, event.naar_gemeentecode)
    for signaal_id in sorted(boek._signalen_van[event.zaak_id]):
        partner = boek.plekken[signaal_id].partner
        boek.place(signaal_id, Plek(partner, event.naar_gemeentecode, event.naar_zaak_id, envelope.sequence))
    return event.zaak_id, event.naar_zaak_id


def _decided(boek: Boek, envelope: Envelope, event: c.RouteAssigned | c.SignalSetAside) -> Iterable[UUID | None]:
    """Routing picks a signal up or sets it aside. A route that replaces nothing changes nothing here."""
    known, opgepakt = boek.besluiten.get(event.signaal_id), isinstance(event, c.RouteAssigned)
    if (opgepakt and event.vervangt is None) or (known is not None and known.volgnummer >= envelope.sequence):
        return ()
    boek.besluiten[event.signaal_id] = Besluit(opgepakt, envelope.sequence)
    boek.besloten.add(event.signaal_id)
    plek = boek.plekken.get(event.signaal_id)
    return (plek.zaak_id,) if plek else ()


def _self_reported(boek: Boek, envelope: Envelope, event: c.SelfReported) -> Iterable[UUID | None]:
    """A household that came by itself in a running case; of one without a case matching says where it is."""
    return () if event.zaak_id is None else _fact(boek, envelope, event)


def _self_report_placed(
    boek: Boek, envelope: Envelope, event: c.SelfReportMatched | c.SelfReportMismatched
) -> Iterable[UUID | None]:
    """Matching says in which case a household that came by itself is, or that it is in none; as it does of a signal.

    Its place is kept as that of a signal without a partner, so that the request goes along when the link changes.
    """
    old, zaak_id = boek.plekken.get(event.aanmelding_id), getattr(event, "zaak_id", None)
    if (old is None and zaak_id is None) or (old is not None and old.koppeling >= envelope.sequence):
        return ()
    if zaak_id is not None:
        boek.open(zaak_id, event.gemeentecode)
    touched = boek.place(event.aanmelding_id, Plek("", event.gemeentecode, zaak_id, envelope.sequence))
    if old is None:
        asked = c.SelfReported(
            aanmelding_id=event.aanmelding_id, zaak_id=zaak_id, gemeentecode=event.gemeentecode, datum=event.datum
        )
        boek.add(Feit(event.aanmelding_id, asked, event.gemeentecode, zaak_id, event.aanmelding_id))
    return touched


def _fact(boek: Boek, envelope: Envelope, event: Any) -> Iterable[UUID | None]:
    tenant = envelope.gemeentecode or boek.zaken.get(event.zaak_id, REGIOBALIE)
    boek.open(event.zaak_id, tenant)
    boek.add(Feit(envelope.id, event, boek.zaken[event.zaak_id], event.zaak_id))
    return (event.zaak_id,)


_HEARING: dict[type[c.Event], Callable[[Boek, Envelope, Any], Iterable[UUID | None]]] = {
    c.SignalReceived: _received,
    c.SignalCorrected: _received,
    c.SignalWithdrawn: _withdrawn,
    c.BRPMatched: _linked,
    c.BRPMismatched: _mismatched,
    c.CaseOpened: _opened,
    c.CaseTransferred: _moved,
    c.RouteAssigned: _decided,
    c.SignalSetAside: _decided,
    c.SelfReported: _self_reported,
    c.SelfReportMatched: _self_report_placed,
    c.SelfReportMismatched: _self_report_placed,
}
