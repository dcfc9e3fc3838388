"""The time speaks: says of every clock whose last day has passed that it was breached, or that it has run out.

A breach needs nothing to happen, so no event leads to it and no endpoint does. Bounded batches, each in a transaction
that locks its cases and reads their clocks anew: said once, whatever restarts or second members there are.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from uuid import UUID

import structlog

from libs.chassis.afspraken import published
from libs.chassis.clock import today
from libs.chassis.service import Loop, Runtime
from libs.events.catalogue import TermBreached
from libs.events.failure import Retry
from libs.events.failure import judge as verdict_on
from libs.events.ids import derived
from libs.events.postgres.sessions import PostgresSessions
from services.escalation import klokken, store

log = structlog.get_logger()

BATCH = 200
"""Cases in one transaction."""

SECONDS = 0.5
"""Between two looks while nothing is due: one index lookup each. A new day is looked at sooner."""

STEP = 0.05
"""Between two looks at the clock: midnight is seen so soon, and a clock that is moved by hand."""

BEHIND = "SELECT count(*) FROM escalation.termijn WHERE gestopt IS NULL AND NOT verlopen AND uiterlijk < {day}"

AGAIN = 60
"""Looks at which nothing more was due, before cases that could not be handled are tried again."""

ACTOR = "escalation.wekker"


async def run(runtime: Runtime, stop: asyncio.Event) -> None:
    """Look again and again, until told to stop."""
    attempt, idle = 0, 0
    failed: set[UUID] = set()
    while not stop.is_set():
        pause, day = SECONDS, today(runtime.clock)
        try:
            if await tick(runtime, failed):
                continue
            attempt, idle = 0, idle + 1
            if idle % AGAIN == 0:
                failed.clear()
        except Exception as error:
            verdict = verdict_on(error, attempt=attempt)
            if not isinstance(verdict, Retry):
                raise
            attempt += 1
            pause = max(SECONDS, verdict.after)
            log.warning("clock_waits", reason=verdict.reason, seconds=pause)
        await _rest(runtime, stop, pause, day)


async def _rest(runtime: Runtime, stop: asyncio.Event, seconds: float, day: date) -> None:
    """Until the time is over, or it is another day."""
    for _ in range(round(seconds / STEP)):
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), STEP)
        if stop.is_set() or today(runtime.clock) != day:
            return


async def tick(runtime: Runtime, failed: set[UUID] | None = None) -> int:
    """Say what is due, for at most BATCH cases; gives how many it looked at.

    Where a batch fails, its cases are taken one by one: one that can't be handled is logged and stays overdue, which
    `drempel termijnen` shows, and goes into `failed`, whose cases are passed over: however many there are, they hold
    up no other. Raises what is transient.
    """
    failed = set() if failed is None else failed
    vandaag = today(runtime.clock)
    async with runtime.database.loop.acquire() as conn:
        zaken = await klokken.due(conn, vandaag, BATCH, failed)
    try:
        await _ring(runtime, zaken, vandaag)
    except Exception as error:
        if isinstance(verdict_on(error, attempt=1), Retry):
            raise
        for zaak_id in zaken:
            await _alone(runtime, zaak_id, vandaag, failed)
    return len(zaken)


async def _alone(runtime: Runtime, zaak_id: UUID, vandaag: date, failed: set[UUID]) -> None:
    try:
        await _ring(runtime, [zaak_id], vandaag)
    except Exception as error:
        if isinstance(verdict_on(error, attempt=1), Retry):
            raise
        failed.add(zaak_id)
        log.error("clock_failed", zaak_id=str(zaak_id), error=type(error).__name__)


async def _ring(runtime: Runtime, zaken: Sequence[UUID], vandaag: date) -> None:
    """One transaction: what another member said meanwhile is seen once the cases are locked, and not said again."""
    if not zaken:
        return
    sessions = PostgresSessions(
        runtime.database.loop, runtime.service, ACTOR, runtime.clock, runtime.wakeup.touch
    )  # fmt: skip
    async with sessions.begin() as session:
        conn = session.conn
        boek = await store.load(conn, set(), set(zaken))
        clocks = await klokken.of(conn, boek, await published(conn, boek.zaken.values()))
        for zaak_id in zaken:
            for event in clocks.op(zaak_id, vandaag):
                identity = derived(event.termijn_id, event.name()) if isinstance(event, TermBreached) else None
                session.unit.emit(event, subject=zaak_id, gemeentecode=boek.zaken[zaak_id], id=identity)
        await clocks.write(conn)


loop = Loop(name=ACTOR, run=run, behind=BEHIND)
