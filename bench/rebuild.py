"""Making the view `timeline` again from 100,000 events: what a signal, a case, a link and a decision leave in the logs.

The goal is per core, and the process that rebuilds is one: its rate is per second of its own CPU time. The rate by the
clock is that of `drempel views rebuild` as a user sees it, PostgreSQL and index building included.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import asyncpg

from bench.figure import Figure, at_least
from libs.chassis.embedded import RunningPostgres
from libs.chassis.migrate import migrate
from libs.chassis.settings import SERVICES
from libs.events.catalogue import BRPMatched, CaseOpened, Event, RouteAssigned, SignalReceived
from libs.events.postgres.log import append
from libs.events.unit import Unit
from services.monitoring import upkeep
from tests.contracts.transports import NOW
from tests.examples import example

SIGNALS, CASES, AT_ONCE = 30_000, 10_000, 1_000
EVENTS = 3 * SIGNALS + CASES


async def measure(postgres: RunningPostgres, folder: Path) -> list[Figure]:
    """Events a second."""
    url = postgres.dsn(user="drempel", database="bench")
    await migrate(url, ["keyring", *SERVICES])
    conn = await asyncpg.connect(url)
    for begin in range(0, SIGNALS, AT_ONCE):
        await _record(conn, range(begin, begin + AT_ONCE))
    await conn.close()
    began = time.process_time()
    found = await upkeep.rebuild(url, "timeline")
    seconds = time.process_time() - began
    assert found["events"] == EVENTS, found
    return [
        at_least("rebuild of timeline, per second of the process", EVENTS / seconds, "events/s", 15_000),
        Figure("  by the clock", found["perSecond"], "events/s"),
    ]


async def _record(conn: asyncpg.Connection, numbers: range) -> None:
    """What these signals leave, in the log of each service."""
    for service in ("intake", "matching", "routing"):
        unit = Unit(service, "bench", conn, NOW)
        for event, subject in (said for n in numbers for said in _said(n)):
            if event.owner == service:
                unit.emit(event, subject=subject, gemeentecode="0505")
        async with conn.transaction():
            await append(conn, service, unit.pending)


def _said(n: int) -> Iterator[tuple[Event, UUID]]:
    """The events about signal `n`; the first signal of a case opens it."""
    signaal, zaak = UUID(int=2**100 + n), UUID(int=2**101 + n % CASES)
    ids = {"signaal_id": signaal, "zaak_id": zaak, "melding_id": zaak}
    yield _SIGNAL.model_copy(update={"signaal_id": signaal}), signaal
    if n < CASES:
        yield _CASE.model_copy(update={"zaak_id": zaak, "vorige_zaak_id": None}), zaak
    yield _LINK.model_copy(update=ids), zaak
    yield _DECISION.model_copy(update={**ids, "besluit_id": UUID(int=2**102 + n)}), zaak


_SIGNAL, _CASE, _LINK, _DECISION = map(example, (SignalReceived, CaseOpened, BRPMatched, RouteAssigned))
