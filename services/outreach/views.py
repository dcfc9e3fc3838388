"""The work list: one row per open melding, and one at least where an eviction threatens, made again from the facts of
every case that a batch touches.

Facts are kept as they come: parts of a signal, of which the last of each source wins, and events, each once. A
row is a pure function of them (`dossier`), so the order in which the logs were read leaves no trace.
"""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from libs.events.catalogue import (
    BRPMatched,
    BRPMismatched,
    CaseClosed,
    CaseOpened,
    CaseTransferred,
    ContactAttempted,
    DeurwaarderTransferred,
    EscalatedToSignaleringPlus,
    Event,
    EvictionAverted,
    EvictionCarriedOut,
    EvictionPostponed,
    EvictionScheduled,
    FirstConversationHeld,
    HandlerAssigned,
    HelpAccepted,
    HelpDeclined,
    HelpEnded,
    MeldingClosed,
    RouteAssigned,
    SelfReported,
    SelfReportMatched,
    SelfReportMismatched,
    SignalCorrected,
    SignalReceived,
    SignalSetAside,
    SignalWithdrawn,
    TermBreached,
    TermMet,
    TermStarted,
)
from libs.events.consumer import View
from libs.events.envelope import Envelope
from libs.events.postgres.log import Connection
from services.outreach import klokken, store
from services.outreach.dossier import AANMELDING
from services.outreach.termijnen import CONTACT

FEITEN = (
    CaseOpened, CaseTransferred, DeurwaarderTransferred, EscalatedToSignaleringPlus, EvictionScheduled,
    EvictionPostponed, EvictionAverted, EvictionCarriedOut, ContactAttempted, HelpAccepted, HelpDeclined, HelpEnded,
    HandlerAssigned, MeldingClosed, CaseClosed, SelfReported, FirstConversationHeld,
)  # fmt: skip
"""Events that are kept whole, but for what is sealed in them."""

TERMIJNEN = (TermStarted, TermMet, TermBreached)
_VAN_AANMELDING = SelfReported | SelfReportMatched | SelfReportMismatched

SEALED = {"toelichting", "medewerker", "dossierkenmerk", "client"}

_AANGELEVERD = {
    "partner", "signaalpartner", "soort", "bedrag", "signaaldatum", "periode", "crisissignaal", "kenmerk", "client",
    "telefoon_bruikbaar",
}  # fmt: skip
_GEKOPPELD = {
    "zaak_id", "melding_id", "persoon_id", "gemeentecode", "partner", "signaalpartner", "soort", "bedrag",
    "signaaldatum", "periode", "crisissignaal", "persoon",
}  # fmt: skip


async def fold(conn: Connection, events: Sequence[Envelope]) -> None:
    """Keep the facts, then make the rows of the touched cases again."""
    await store.one_fold_at_a_time(conn)
    signalen = _parts(events)
    touched = await store.zaken_of(conn, list(signalen))
    await store.keep_parts(conn, signalen)
    await store.keep_facts(conn, [e for e in events if isinstance(e.data, FEITEN)], SEALED)
    await klokken.keep(conn, events)
    gemeld = [e.data.aanmelding_id for e in events if isinstance(e.data, _VAN_AANMELDING)]
    await store.keep_aanmeldingen(conn, [e.data for e in events if isinstance(e.data, SelfReported)])
    await store.join_aanmeldingen(conn, gemeld)
    touched |= await store.zaken_of(conn, [*signalen, *_signals_of_facts(events)]) | _cases(events)
    await store.refresh(conn, touched)
    await store.refresh_days(conn, _other_days(events) - touched)


def _parts(events: Sequence[Envelope]) -> store.Parts:
    """Per signal and part of it: its place in the log and its content; the last one of each."""
    found: store.Parts = {}
    for envelope in events:
        part = _part(envelope.data)
        if part is not None:
            signaal_id, aspect, content = part
            known = found.setdefault(signaal_id, {})
            if known.get(aspect, (0, ""))[0] < envelope.sequence:
                known[aspect] = (envelope.sequence, content)
    return found


def _part(event: Event) -> tuple[UUID, str, str] | None:
    match event:
        case SignalReceived() | SignalCorrected():
            return event.signaal_id, "aangeleverd", _json(event, _AANGELEVERD)
        case SignalWithdrawn():
            return event.signaal_id, "ingetrokken", _json(event, {"reden", "datum"})
        case BRPMatched() | BRPMismatched() | SelfReportMatched() | SelfReportMismatched():
            return _gekoppeld(event)
        case RouteAssigned() | SignalSetAside():
            oppakken = isinstance(event, RouteAssigned) and event.oppakken
            whole = event.model_dump(mode="json", by_alias=True, exclude_none=True)
            return event.signaal_id, "besluit", json.dumps(whole | {"oppakken": oppakken})
    return None


def _gekoppeld(
    event: BRPMatched | BRPMismatched | SelfReportMatched | SelfReportMismatched,
) -> tuple[UUID, str, str]:
    """Where it belongs. A household that came by itself is kept as a signal of that month, without a route."""
    if isinstance(event, BRPMismatched):
        return event.signaal_id, "gekoppeld", "{}"
    if isinstance(event, SelfReportMismatched):
        return event.aanmelding_id, "gekoppeld", "{}"
    link = _json(event, _GEKOPPELD)
    if isinstance(event, BRPMatched):
        return event.signaal_id, "gekoppeld", link
    kind = {"soort": AANMELDING, "signaaldatum": str(event.datum)}
    return event.aanmelding_id, "gekoppeld", json.dumps(json.loads(link) | kind)


def _json(event: Event, include: set[str]) -> str:
    return event.model_dump_json(by_alias=True, exclude_none=True, include=include)


def _cases(events: Sequence[Envelope]) -> set[UUID]:
    kinds = (*FEITEN, BRPMatched, SelfReportMatched)
    found = {getattr(e.data, "zaak_id", None) for e in events if isinstance(e.data, kinds)}
    return {zaak_id for zaak_id in found if zaak_id is not None}


def _other_days(events: Sequence[Envelope]) -> set[UUID]:
    """The cases of which a clock began or stopped that asks for contact."""
    clocks = [e.data for e in events if isinstance(e.data, TermStarted | TermMet)]
    return {clock.zaak_id for clock in clocks if clock.soort in CONTACT and clock.zaak_id}


def _signals_of_facts(events: Sequence[Envelope]) -> list[UUID]:
    found: list[Any] = [getattr(e.data, "signaal_id", None) for e in events if isinstance(e.data, FEITEN)]
    return [signaal_id for signaal_id in found if signaal_id is not None]


WERKVOORRAAD = View(
    name="outreach.werkvoorraad",
    kinds=(
        SignalReceived, SignalCorrected, SignalWithdrawn, BRPMatched, BRPMismatched, RouteAssigned, SignalSetAside,
        SelfReportMatched, SelfReportMismatched, *TERMIJNEN, *FEITEN,
    ),
    tables=("signaal", "feit", "zaak", "werkvoorraad", "aanmelding", "termijn"),
    fold=fold,
)  # fmt: skip
