"""Embedded subscription: one consumer reads the logs of its sources in the same PostgreSQL."""

import asyncio
from collections import deque
from collections.abc import Mapping

import asyncpg

from libs.events.crash import crash_point
from libs.events.ports import Batch
from libs.events.postgres.log import read_each
from libs.events.postgres.wakeup import Wakeup, set_within

POLL_SECONDS = 0.25
"""How long a lost wake-up may go unnoticed."""

PACE_SECONDS = 0.1
"""From one look at the logs to the next, while little comes: what came meanwhile is one batch, at the cost of one."""


class PostgresSubscription:
    """Batches of several sources in turn, so that a long log does not starve a short one.

    A consumer that was idle hears at once; one that is busy looks once per `pace` seconds, or as soon as it is done
    with a full batch.
    """

    def __init__(
        self,
        pool: asyncpg.Pool,
        wakeup: Wakeup,
        positions: Mapping[str, int],
        *,
        batch: int = 250,
        pace: float = 0.0,
    ) -> None:
        self._pool = pool
        self._grown = wakeup.follow(frozenset(positions))
        self._positions = dict(positions)
        self._batch, self._pace = batch, pace
        self._fetched: deque[Batch] = deque()
        self._next_look = 0.0

    def seek(self, source: str, partition: int, position: int) -> None:
        """Bring what comes after this position again."""
        crash_point("subscription.seek")
        self._fetched = deque(batch for batch in self._fetched if batch.source != source)
        self._positions[source] = position

    async def next(self, timeout: float) -> Batch | None:
        """The next batch of any source, or None when nothing came within `timeout` seconds."""
        if not self._fetched:
            await asyncio.sleep(min(timeout, self._next_look - asyncio.get_running_loop().time()))
            await self._look()
        if not self._fetched:
            await set_within(self._grown, min(timeout, POLL_SECONDS))
            await self._look()
        return self._fetched.popleft() if self._fetched else None

    async def _look(self) -> None:
        crash_point("subscription.before_read")
        self._grown.clear()
        async with self._pool.acquire() as conn:
            found = await read_each(conn, self._positions, self._batch)
        if found:
            crash_point("subscription.after_read")
        self._fetched.extend(found)
        self._positions |= {batch.source: batch.last for batch in found}
        if found and all(len(batch.deliveries) < self._batch for batch in found):
            self._next_look = asyncio.get_running_loop().time() + self._pace
