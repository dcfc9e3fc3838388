"""Where a consumer is, as PostgreSQL remembers it: source positions of record, and where to read on in the topic.

The offset is written after what it passes was committed, so it is never ahead of the effects; behind is harmless,
because what comes again is skipped by position.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

import asyncpg

Place = tuple[str, int]
"""A source and a partition."""


class Places(Protocol):
    """What a subscription asks of the consumer's database."""

    async def positions(self, partitions: Collection[int]) -> dict[Place, int]:
        """Last applied position per source and partition."""
        ...

    async def offsets(self) -> dict[int, int]:
        """Where to read on, per partition."""
        ...

    async def save(self, offsets: Mapping[int, int]) -> None:
        """Remember where to read on."""
        ...


@dataclass(frozen=True, slots=True)
class PostgresPlaces:
    """In the schema of the consumer's service."""

    pool: asyncpg.Pool
    schema: str
    consumer: str

    async def positions(self, partitions: Collection[int]) -> dict[Place, int]:
        """Last applied position per source and partition."""
        rows = await self.pool.fetch(
            f"""SELECT source, partition, position FROM {self.schema}.checkpoint
                WHERE consumer = $1 AND partition = ANY($2)""",
            self.consumer, list(partitions),
        )  # fmt: skip
        return {(row[0], row[1]): row[2] for row in rows}

    async def offsets(self) -> dict[int, int]:
        """Where to read on, per partition."""
        rows = await self.pool.fetch(
            f"SELECT partition, next FROM {self.schema}.kafka_offset WHERE consumer = $1", self.consumer
        )
        return {row[0]: row[1] for row in rows}

    async def save(self, offsets: Mapping[int, int]) -> None:
        """Remember where to read on."""
        await self.pool.execute(
            f"""INSERT INTO {self.schema}.kafka_offset (consumer, partition, next)
                SELECT $1, p, n FROM unnest($2::int[], $3::bigint[]) AS o(p, n) ORDER BY p
                ON CONFLICT (consumer, partition) DO UPDATE SET next = excluded.next""",
            self.consumer, list(offsets), list(offsets.values()),
        )  # fmt: skip
