"""What escalation makes of what others say: it keeps the ladder and the clocks, and goes to Signalering+ when due."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from libs.chassis import afspraken
from libs.chassis.clock import AMSTERDAM
from libs.chassis.service import Runtime
from libs.events import catalogue as c
from libs.events.consumer import Reaction
from libs.events.envelope import Envelope
from libs.events.unit import Unit
from services.escalation import klokken, store
from services.escalation.domain.boek import HEARS, Feit
from services.escalation.domain.opdrachten import Beoordeling
from services.escalation.domain.regels import decide

_PLACED = ("signaal_id", "aanmelding_id")
"""What has a place: a signal, and a household that came by itself."""


def reactions(runtime: Runtime) -> Sequence[Reaction]:
    """All consumers of escalation."""
    return [afspraken.reaction("escalation"), Reaction("escalation.ladder", HEARS, keep_ladders)]


async def keep_ladders(unit: Unit, events: Sequence[Envelope], prepared: None) -> None:
    """Hear the events one by one; after each, judge the cases it touched and look at their clocks."""
    events = [e for e in events if not (isinstance(e.data, c.RouteAssigned) and e.data.vervangt is None)]
    signalen = {found for e in events for name in _PLACED if (found := getattr(e.data, name, None))}
    zaken = {found for e in events for name in ("zaak_id", "naar_zaak_id") if (found := getattr(e.data, name, None))}
    boek = await store.load(unit.conn, signalen, zaken)
    codes = {*boek.zaken.values(), *(e.gemeentecode for e in events if e.gemeentecode)}
    clocks = await klokken.of(unit.conn, boek, await afspraken.published(unit.conn, codes))
    touched: set[UUID] = set()
    for envelope in events:
        for zaak_id in boek.hear(envelope):
            touched.add(zaak_id)
            _judge(unit, clocks, zaak_id, envelope)
    for zaak_id in touched:
        boek.end(zaak_id)
    await store.write(unit.conn, boek)
    await clocks.write(unit.conn)


def _judge(unit: Unit, clocks: klokken.Klokken, zaak_id: UUID, cause: Envelope) -> None:
    boek, day = clocks.boek, _day(cause)
    tenant, ladder = boek.zaken[zaak_id], boek.ladder(zaak_id)
    asked = Beoordeling(zaak_id=zaak_id, datum=day, vandaag=day, afspraken=clocks.afspraken.op(tenant, day).termijnen)
    for event in decide(asked, ladder) if _dated(cause.data) else ():
        said = unit.emit(event, subject=zaak_id, gemeentecode=tenant, cause=cause)
        boek.add(Feit(said.id, event, tenant, zaak_id))
    for event in clocks.na(zaak_id, day, (cause.id,), ladder):
        unit.emit(event, subject=zaak_id, gemeentecode=tenant, cause=cause)


def _dated(event: Any) -> date | None:
    """The day something happened; None for what only moves a signal out of sight, or decides on it."""
    day: date | None = getattr(event, "datum", None) or getattr(event, "signaaldatum", None)
    return day


def _day(envelope: Envelope) -> date:
    """The day something happened, else the day it was recorded."""
    return _dated(envelope.data) or envelope.time.astimezone(AMSTERDAM).date()
