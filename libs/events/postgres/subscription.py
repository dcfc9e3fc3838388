"""Embedded subscription: one consumer reads the logs of its sources in the same PostgreSQL."""

from collections.abc import Mapping

import asyncpg

from libs.events.crash import crash_point
from libs.events.ports import Batch
from libs.events.postgres.log import read
from libs.events.postgres.wakeup import Wakeup

POLL_SECONDS = 0.25
"""How long a lost wake-up may go unnoticed."""


class PostgresSubscription:
    """Batches of several sources in turn, so that a long log does not starve a short one."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        wakeup: Wakeup,
        positions: Mapping[str, int],
        *,
        batch: int = 500,
    ) -> None:
        self._pool = pool
        self._wakeup = wakeup
        self._positions = dict(positions)
        self._order = list(positions)
        self._batch = batch

    def seek(self, source: str, partition: int, position: int) -> None:
        """Bring what comes after this position again."""
        crash_point("subscription.seek")
        self._positions[source] = position

    async def next(self, timeout: float) -> Batch | None:
        """The next batch of any source, or None when nothing came within `timeout` seconds."""
        found = await self._any()
        if found is None:
            await self._wakeup.wait(frozenset(self._order), min(timeout, POLL_SECONDS))
            found = await self._any()
        return found

    async def _any(self) -> Batch | None:
        crash_point("subscription.before_read")
        async with self._pool.acquire() as conn:
            for source in list(self._order):
                batch = await read(conn, source, self._positions[source], self._batch)
                if batch.deliveries:
                    self._positions[source] = batch.last
                    self._order.remove(source)
                    self._order.append(source)
                    crash_point("subscription.after_read")
                    return batch
        return None
