"""Wake-up of waiting subscriptions: a debounced NOTIFY after the commit, on a connection of its own.

A NOTIFY inside an append would serialise all commits of the database (measured: 59 % of throughput), and a
lost one would lose events if it were the delivery. It is a hint only; a short poll finds what it missed.
"""

import asyncio
import contextlib
from typing import Any

import asyncpg

from libs.events.crash import crash_point

CHANNEL = "drempel"
DEBOUNCE_SECONDS = 0.02
RECONNECT_SECONDS = 1.0


async def set_within(event: asyncio.Event, seconds: float) -> None:
    """Return when the event is set, or after so many seconds."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)


class Wakeup:
    """Tells subscriptions that a log grew, in this process at once and in others through PostgreSQL."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._grown: set[str] = set()
        self._touched = asyncio.Event()
        self._followers: list[tuple[frozenset[str], asyncio.Event]] = []

    def touch(self, source: str) -> None:
        """The log of this source grew and its transaction committed."""
        self._wake(source)
        self._grown.add(source)
        self._touched.set()
        crash_point("wakeup.touched")

    def follow(self, sources: frozenset[str]) -> asyncio.Event:
        """Set when one of the sources may have grown. Clear it before looking: what grows meanwhile sets it again."""
        event = asyncio.Event()
        self._followers.append((sources, event))
        return event

    async def run(self, stop: asyncio.Event) -> None:
        """Listen and notify until told to stop; a lost connection is made again, polling bridges it."""
        while not stop.is_set():
            try:
                async with self._pool.acquire() as conn:
                    await conn.add_listener(CHANNEL, self._heard)
                    try:
                        await self._notify(conn, stop)
                    finally:
                        with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                            await conn.remove_listener(CHANNEL, self._heard)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), RECONNECT_SECONDS)

    async def _notify(self, conn: Any, stop: asyncio.Event) -> None:
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._touched.wait(), 0.5)
            if conn.is_closed():
                return
            self._touched.clear()
            grown, self._grown = self._grown, set()
            if grown:
                crash_point("wakeup.before_notify")
                await conn.execute("SELECT pg_notify($1, $2)", CHANNEL, ",".join(sorted(grown)))
                crash_point("wakeup.after_notify")
                await asyncio.sleep(DEBOUNCE_SECONDS)

    def _heard(self, conn: Any, pid: int, _channel: str, payload: object) -> None:
        if pid == conn.get_server_pid():  # said by this process, which knew at once
            return
        for source in str(payload).split(","):
            self._wake(source)

    def _wake(self, source: str) -> None:
        for sources, event in self._followers:
            if source in sources:
                event.set()
