"""Sessions of one consumer: effects, checkpoint and new events in one PostgreSQL transaction."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import asyncpg

from libs.events.crash import crash_point
from libs.events.errors import Gap
from libs.events.ports import Clock, Delivery
from libs.events.postgres.log import Connection, append
from libs.events.said import count_said
from libs.events.unit import Unit


@dataclass(slots=True)
class PostgresSession:
    """One transaction of one consumer (see libs.events.ports.Session)."""

    schema: str
    consumer: str
    conn: Connection
    unit: Unit
    none_parked: dict[str, bool] = field(default_factory=dict)

    async def checkpoint(self, source: str, partition: int) -> int:
        """The position, locked until the end of the transaction; asks in passing whether anything is parked.

        Whoever parks moves this row, so a "no" that is out of date comes with a position that has moved.
        """
        query = f"""SELECT position, EXISTS (SELECT FROM {self.schema}.parked WHERE consumer = $1 AND source = $2)
                    FROM {self.schema}.checkpoint WHERE consumer = $1 AND source = $2 AND partition = $3
                    FOR UPDATE OF checkpoint"""
        found = await self.conn.fetchrow(query, self.consumer, source, partition)
        if found is None:
            await self.conn.execute(
                f"INSERT INTO {self.schema}.checkpoint VALUES ($1, $2, $3, 0) ON CONFLICT DO NOTHING",
                self.consumer, source, partition,
            )  # fmt: skip
            (found,) = await self.conn.fetch(query, self.consumer, source, partition)
        self.none_parked[source] = not found[1]
        return int(found[0])

    async def move(self, source: str, partition: int, position: int) -> None:
        """Move the checkpoint; a move backwards raises Gap."""
        status = await self.conn.execute(
            f"""UPDATE {self.schema}.checkpoint SET position = $4
                WHERE consumer = $1 AND source = $2 AND partition = $3 AND position <= $4""",
            self.consumer, source, partition, position,
        )  # fmt: skip
        if status != "UPDATE 1":
            raise Gap(f"{self.consumer}: the checkpoint of {source} would move back to {position}")

    async def parked(self, source: str, subjects: Sequence[str]) -> set[str]:
        """Those of the subjects that have a parked event of this source."""
        if self.none_parked.get(source):
            return set()
        rows = await self.conn.fetch(
            f"""SELECT DISTINCT subject FROM {self.schema}.parked
                WHERE consumer = $1 AND source = $2 AND subject = ANY($3)""",
            self.consumer, source, list(subjects),
        )  # fmt: skip
        return {row[0] for row in rows}

    async def park(self, source: str, partition: int, delivery: Delivery, reason: str) -> None:
        """Set an event aside, in the transaction that moves past it."""
        self.none_parked[source] = False
        await self.conn.execute(
            f"""INSERT INTO {self.schema}.parked
                (consumer, source, position, partition, subject, type, envelope, reason)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8)""",
            self.consumer, source, delivery.position, partition, delivery.subject, delivery.type, delivery.raw,
            reason,
        )  # fmt: skip


class PostgresSessions:
    """Opens sessions of one consumer on the pool of its service's loop role."""

    def __init__(
        self, pool: asyncpg.Pool, schema: str, consumer: str, clock: Clock, committed: Callable[[str], None]
    ) -> None:
        self._pool = pool
        self._schema = schema
        self._consumer = consumer
        self._clock = clock
        self._committed = committed

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[PostgresSession]:
        """A transaction; what was emitted is appended last and announced after the commit."""
        async with self._pool.acquire() as conn:
            async with conn.transaction():
                unit = Unit(self._schema, self._consumer, conn, self._clock.now())
                yield PostgresSession(self._schema, self._consumer, conn, unit)
                crash_point("sessions.before_append")
                await append(conn, self._schema, unit.pending)
                crash_point("sessions.before_commit")
            crash_point("sessions.after_commit")
            if unit.pending:
                count_said(self._schema, unit.pending)
                self._committed(self._schema)

    async def register(self, sources: Sequence[str], partitions: int = 1) -> None:
        """Make the checkpoints of a new consumer, so that it shows as behind from the start.

        Positions are the source's on every transport: a consumer that read the logs themselves (partition 0 only)
        goes on from there in all partitions of the topic. The way back is refused with Gap.
        """
        await self._pool.execute(
            f"""INSERT INTO {self._schema}.checkpoint (consumer, source, partition, position)
                SELECT $1, s, p, coalesce((SELECT position FROM {self._schema}.checkpoint c
                                           WHERE c.consumer = $1 AND c.source = s AND c.partition = 0), 0)
                FROM unnest($2::text[]) AS s, generate_series(0, $3::int - 1) AS p ON CONFLICT DO NOTHING""",
            self._consumer, list(sources), partitions,
        )  # fmt: skip
        crash_point("sessions.registered")
        if any(partition >= partitions for _, partition in await self.checkpoints()):
            raise Gap(f"{self._consumer} read from a topic with more partitions than {partitions}")

    async def checkpoints(self) -> dict[tuple[str, int], int]:
        """Where the consumer is."""
        rows = await self._pool.fetch(
            f"SELECT source, partition, position FROM {self._schema}.checkpoint WHERE consumer = $1", self._consumer
        )
        return {(row[0], row[1]): row[2] for row in rows}
