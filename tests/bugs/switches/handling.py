"""What handlers may get wrong: what they keep beside their transaction, and what they take for granted."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from libs.events.crash import crash_point
from libs.events.postgres import sessions
from libs.events.postgres.sessions import PostgresSession, PostgresSessions
from libs.events.unit import Unit
from services.intake import handlers as intake
from services.matching.store import Rij
from services.matching.werk import Werk
from services.monitoring.views import timeline
from services.outreach import store as outreach

Patch = pytest.MonkeyPatch


def said_in_a_second_transaction(patch: Patch) -> None:
    """What follows is appended when the effect has been committed, in a transaction of its own."""

    @asynccontextmanager
    async def begin(self: PostgresSessions) -> AsyncIterator[PostgresSession]:
        async with self._pool.acquire() as conn:
            async with conn.transaction():
                unit = Unit(self._schema, self._consumer, conn, self._clock.now())
                yield PostgresSession(self._schema, self._consumer, conn, unit)
            crash_point("sessions.after_commit")
            async with conn.transaction():
                await sessions.append(conn, self._schema, unit.pending)

    patch.setattr(PostgresSessions, "begin", begin)


def statements_commit_one_by_one(patch: Patch) -> None:
    """A handler's statements are committed as they come, whatever becomes of its batch."""

    @asynccontextmanager
    async def begin(self: PostgresSessions) -> AsyncIterator[PostgresSession]:
        async with self._pool.acquire() as conn:
            unit = Unit(self._schema, self._consumer, conn, self._clock.now())
            yield PostgresSession(self._schema, self._consumer, conn, unit)
            async with conn.transaction():
                await sessions.append(conn, self._schema, unit.pending)
            crash_point("sessions.after_commit")

    patch.setattr(PostgresSessions, "begin", begin)


def seen_in_memory(patch: Patch) -> None:
    """A reaction remembers in its process what it has written, also where that was rolled back."""
    seen: set[Any] = set()
    real = intake._onthoud

    async def remember(conn: Any, table: str, key: str, woorden: Sequence[Any], newer: str) -> None:
        new = [woord for woord in woorden if woord not in seen]
        seen.update(new)
        await real(conn, table, key, new, newer)

    async def forget(conn: Any, *more: Any) -> None:
        """A database that is empty belongs to a process that just began."""
        if not await conn.fetchval("SELECT EXISTS (SELECT FROM terugkoppeling) OR EXISTS (SELECT FROM feit)"):
            seen.clear()
        await remember(conn, *more)

    patch.setattr(intake, "_onthoud", forget)


def folds_side_by_side(patch: Patch) -> None:
    """Two members make rows of the same case at the same time, each without the facts of the other."""

    async def nothing(conn: Any) -> None:
        return None

    patch.setattr(outreach, "one_fold_at_a_time", nothing)


def place_of_the_last_version(patch: Patch) -> None:
    """A signal that is corrected within a batch gets the place of its correction in the queue."""

    def onthoud(self: Werk, rij: Rij) -> None:
        self.rijen[rij.signaal.signaal_id] = rij
        self.geraakt.add(rij.signaal.signaal_id)

    patch.setattr(Werk, "onthoud", onthoud)


def tenant_as_heard(patch: Patch) -> None:
    """A view takes for granted that a signal is heard of before its link, as it mostly is."""
    patch.setattr(timeline, "_TELL", timeline._TELL.replace("coalesce(k.tenant, e.tenant)", "e.tenant"))
