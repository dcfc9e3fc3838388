"""What escalation makes of what others say: it keeps the ladder, and goes to Signalering+ where that is due."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from libs.chassis import afspraken
from libs.chassis.service import Runtime
from libs.events import catalogue as c
from libs.events.consumer import Reaction
from libs.events.envelope import Envelope
from libs.events.unit import Unit
from services.escalation import store
from services.escalation.domain.boek import Boek, Feit
from services.escalation.domain.opdrachten import Beoordeling
from services.escalation.domain.regels import decide

HEARS: tuple[type[c.Event], ...] = (
    c.SignalReceived, c.SignalCorrected, c.SignalWithdrawn,
    c.CaseOpened, c.BRPMatched, c.BRPMismatched, c.CaseTransferred,
    c.ContactAttempted, c.FirstConversationHeld, c.DecisionTaken, c.HelpAccepted, c.HelpDeclined, c.HelpEnded,
    c.AftercareDone, c.MeldingClosed, c.CaseClosed,
)  # fmt: skip


def reactions(runtime: Runtime) -> Sequence[Reaction]:
    """All consumers of escalation."""
    return [afspraken.reaction("escalation"), Reaction("escalation.ladder", HEARS, keep_ladders)]


async def keep_ladders(unit: Unit, events: Sequence[Envelope], prepared: None) -> None:
    """Hear the events one by one; after each, judge the cases it touched."""
    signalen = {found for e in events if (found := getattr(e.data, "signaal_id", None))}
    zaken = {found for e in events for name in ("zaak_id", "naar_zaak_id") if (found := getattr(e.data, name, None))}
    boek = await store.load(unit.conn, signalen, zaken)
    touched: set[UUID] = set()
    for envelope in events:
        for zaak_id in boek.hear(envelope):
            touched.add(zaak_id)
            _judge(unit, boek, zaak_id, envelope)
    for zaak_id in touched:
        boek.end(zaak_id)
    await store.write(unit.conn, boek)


def _judge(unit: Unit, boek: Boek, zaak_id: UUID, cause: Envelope) -> None:
    day = _day(cause.data)
    if day is None:
        return
    for event in decide(Beoordeling(zaak_id=zaak_id, datum=day, vandaag=day), boek.ladder(zaak_id)):
        tenant = boek.zaken[zaak_id]
        said = unit.emit(event, subject=zaak_id, gemeentecode=tenant, cause=cause)
        boek.add(Feit(said.id, event, tenant, zaak_id))


def _day(event: Any) -> date | None:
    """The day something happened; None for what only moves a signal out of sight."""
    day: date | None = getattr(event, "datum", None) or getattr(event, "signaaldatum", None)
    return day
