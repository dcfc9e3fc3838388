"""What the views finally say, as one hash that two runs with the same input share.

Ids are replaced by what they stand for: a signal by its partner, kenmerk and period (the kenmerk is opened for
this, with the owner's keyring; of an erased person it reads "gewist"), a case or a melding by its signals. Left out
are superseded decisions, links and handlers, times of recording, and what depends on the order of arrival or on the
clock: on which signal a case was opened, whether a match was known already when a signal was linked, when a case
climbed to Signalering+, and what was said of terms, which follow from the facts and the time.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from libs.chassis.clock import AMSTERDAM
from libs.events.catalogue import SignalReceived
from libs.events.errors import Erased, Unreadable
from libs.events.keyring import Keyring
from libs.events.ports import Delivery
from libs.events.sealed import Keys
from services.monitoring.history import History, Reached
from services.monitoring.tijdlijn import LINKS, RECORDED

ERASED = "gewist"
BATCH = 5_000

_SUPERSEDABLE = ("CaseOpened", *LINKS, "RouteAssigned", "SignalSetAside", "HandlerAssigned")
_CLOCKS = ("TermStarted", "TermMet", "TermBreached")
_UNDATED = RECORDED | {"EscalatedToSignaleringPlus"}
_EVENTS = "SELECT type, signaal_id, zaak_id, tenant, op, omschrijving FROM gebeurtenis WHERE type <> ALL($1)"
_SIGNALS = """
SELECT s.signaal_id, s.tenant, s.zaak_id, s.melding_id, s.status, s.ingetrokken, b.opgepakt, b.regel, b.organisatie,
       b.team FROM signaal s LEFT JOIN besluit b USING (signaal_id)
"""
_OWN = "SELECT zaak_id, tenant, status FROM koppeling WHERE partner_key IS NULL"
_CASES = """
SELECT zaak_id, tenant, fase, organisatie, team FROM zaak LEFT JOIN behandeling USING (zaak_id, tenant)
"""

Names = Mapping[UUID, str]


async def signals(conn: asyncpg.Connection, history: History, keyring: Keyring) -> dict[UUID, str]:
    """Every signal that the views have heard of, by partner, kenmerk and period."""
    upto = await conn.fetchval(
        "SELECT coalesce(max(position), 0) FROM checkpoint WHERE source = 'intake' AND consumer = 'monitoring.timeline'"
    )
    found: dict[UUID, str] = {}
    async for stretch in history.read(["intake"], Reached(), await history.end(["intake"])):
        events = [event for batch in stretch.batches for event in _received(batch.deliveries, upto)]
        keys = await keyring.keys([event.kenmerk.subject for event in events]) if events else Keys({})
        for event in events:
            try:
                kenmerk = keys.open(event.kenmerk, str)
            except Erased:
                kenmerk = ERASED
            found[event.signaal_id] = f"{event.partner}|{kenmerk}|{event.periode}"
    return found


def _received(deliveries: Iterable[Delivery], upto: int) -> Iterator[SignalReceived]:
    """Signals; without those that can't be read, and so are parked or skipped by whoever hears them."""
    for delivery in deliveries:
        if delivery.type == SignalReceived.name() and delivery.position <= upto:
            try:
                event = delivery.envelope().data
            except Unreadable:
                continue
            if isinstance(event, SignalReceived):
                yield event


async def of(conn: asyncpg.Connection, named: Names) -> str:
    """The hash, over what the connection's snapshot holds."""
    rows = await conn.fetch(_SIGNALS)
    cases, meldingen = _bundles(rows, "zaak_id", named), _bundles(rows, "melding_id", named)
    lines = [_line("signaal", named.get(row["signaal_id"]), cases.get(row["zaak_id"]),
                   meldingen.get(row["melding_id"]), *tuple(row)[4:], row["tenant"]) for row in rows]  # fmt: skip
    lines += [_line("aanmelding", cases.get(row[0]), *tuple(row)[1:]) for row in await conn.fetch(_OWN)]
    for row in await conn.fetch(_CASES):
        if row["zaak_id"] in cases:
            lines.append(_line("zaak", cases[row["zaak_id"]], *tuple(row)[1:]))
    async for row in conn.cursor(_EVENTS, [*_SUPERSEDABLE, *_CLOCKS], prefetch=BATCH):
        about = named.get(row["signaal_id"]) or cases.get(row["zaak_id"]) or row["tenant"]
        lines.append(_line(row["type"], about, _day(row["type"], row["op"]), row["omschrijving"]))
    return hashlib.sha256(b"".join(sorted(lines))).hexdigest()


def _bundles(rows: Iterable[Any], key: str, named: Names) -> dict[UUID, str]:
    """Cases or meldingen by the signals that are in them."""
    members: dict[UUID, list[str]] = defaultdict(list)
    for row in rows:
        if row[key] is not None:
            members[row[key]].append(named.get(row["signaal_id"], ""))
    return {one: _line(*sorted(names)).hex() for one, names in members.items()}


def _day(kind: str, moment: datetime) -> str | None:
    return None if kind in _UNDATED else moment.astimezone(AMSTERDAM).date().isoformat()


def _line(*parts: object) -> bytes:
    return hashlib.blake2b(json.dumps(parts, default=str).encode(), digest_size=16).digest()


def columns_apart(living: str | None, folded: str | None) -> list[str]:
    """Names of the columns in which two rows differ; a row that is not there differs in all."""
    one, other = json.loads(living or "{}"), json.loads(folded or "{}")
    return sorted(name for name in one | other if one.get(name) != other.get(name))
