"""A view folded anew beside the living one, in a schema of its own, by the same fold.

What a living consumer has parked, or an operator has skipped, is left out: it has not been applied there either.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field

import asyncpg

from libs.events.consumer import View
from libs.events.crash import crash_point
from libs.events.envelope import Envelope
from libs.events.kafka.encoding import partition_of
from libs.events.postgres.log import read

SCHEMA = "monitoring"
Places = Mapping[str, Sequence[int]]
"""Per source the position in each partition: one in the embedded transport, as many as the topic has in Kafka."""

BATCH = 2_000
FIRST = ("matching", "intake")
"""Read first: rows of a signal are written once when its link is known."""

_TABLE = "CREATE TABLE {copy}.{table} (LIKE {living}.{table} INCLUDING ALL EXCLUDING INDEXES)"

# By hand, because LIKE gives indexes other names, and a later schema change may call them by theirs.
_INDEXES = """
SELECT format('ALTER TABLE %s.%I ADD CONSTRAINT %I %s', $2::text, r.relname, c.conname, pg_get_constraintdef(c.oid))
FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid WHERE c.conrelid = $1::regclass AND c.contype IN ('p', 'u')
UNION ALL
SELECT replace(pg_get_indexdef(i.indexrelid), ' ON ' || $3 || '.', ' ON ' || $2::text || '.')
FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid
WHERE i.indrelid = $1::regclass AND c.oid IS NULL
"""

_GRANTS = """
SELECT format('GRANT %s ON %s.%I TO %I', g.privilege_type, $2::text, c.relname, pg_get_userbyid(g.grantee))
FROM pg_class c, aclexplode(c.relacl) g WHERE c.oid = $1::regclass AND g.grantee <> c.relowner
UNION ALL
SELECT format('ALTER TABLE %s.%I %s ROW LEVEL SECURITY', $2::text, c.relname, how)
FROM pg_class c, unnest(ARRAY[CASE WHEN c.relrowsecurity THEN 'ENABLE' END,
                              CASE WHEN c.relforcerowsecurity THEN 'FORCE' END]) AS how
WHERE c.oid = $1::regclass AND how IS NOT NULL
UNION ALL
SELECT format('CREATE POLICY %I ON %s.%I AS %s FOR %s TO %s', p.policyname, $2::text, p.tablename, p.permissive, p.cmd,
              array_to_string(p.roles, ', ')) || coalesce(' USING (' || p.qual || ')', '')
       || coalesce(' WITH CHECK (' || p.with_check || ')', '')
FROM pg_policies p WHERE format('%I.%I', p.schemaname, p.tablename)::regclass = $1::regclass
"""


@dataclass
class Copy:
    """A view under construction: its schema, how far it is per source, and what it left out."""

    view: View
    schema: str
    at: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, set[int]] = field(default_factory=dict)
    events: int = 0

    async def create(self, conn: asyncpg.Connection) -> None:
        """Make the schema and its empty tables, with the indexes of the living ones."""
        await conn.execute(f"DROP SCHEMA IF EXISTS {self.schema} CASCADE; CREATE SCHEMA {self.schema}")
        for table in self.view.tables:
            await conn.execute(_TABLE.format(copy=self.schema, living=SCHEMA, table=table))
            for (statement,) in await conn.fetch(_INDEXES, f"{SCHEMA}.{table}", self.schema, SCHEMA):
                await conn.execute(statement)
            crash_point("rebuild.table_made")

    async def catch_up(self, writer: asyncpg.Connection, reader: asyncpg.Connection, upto: Places) -> None:
        """Fold every source up to these positions; the next batch is read and decoded while one is written."""
        for source in sorted(upto, key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST)):
            places, begin = upto[source], self.at.get(source, 0)
            missing = await self._not_applied(writer, source)
            self.left_out.setdefault(source, set()).update(position for position in missing if begin < position)
            async for events in _ahead(_batches(reader, self.view, source, range(begin, max(places)), missing)):
                await self.fold(writer, [e for e in events if _within(e, places)])
            self.at[source] = max(begin, *places)

    async def release(self, writer: asyncpg.Connection, reader: asyncpg.Connection) -> None:
        """Fold what was left out because it was parked, and has been applied since."""
        for source, left in self.left_out.items():
            for position in sorted(left - await self._not_applied(writer, source)):
                batch = await read(reader, source, position - 1, 1)
                await self.fold(writer, [delivery.envelope() for delivery in batch.deliveries])

    async def fold(self, writer: asyncpg.Connection, events: list[Envelope]) -> None:
        """One batch into the tables of the copy."""
        if events:
            async with writer.transaction():
                await writer.execute(f"SET LOCAL search_path = {self.schema}")
                await self.view.fold(writer, events)
                await writer.execute(f"SET LOCAL search_path = {SCHEMA}; SET LOCAL enable_seqscan = on")
            self.events += len(events)

    async def secure(self, conn: asyncpg.Connection) -> None:
        """Give the tables the grants and the row-level security of the living ones."""
        for table in self.view.tables:
            for (statement,) in await conn.fetch(_GRANTS, f"{SCHEMA}.{table}", self.schema):
                await conn.execute(statement)

    async def replace(self, conn: asyncpg.Connection) -> None:
        """Put the tables in the place of the living ones."""
        for table in self.view.tables:
            await conn.execute(f"DROP TABLE {SCHEMA}.{table}; ALTER TABLE {self.schema}.{table} SET SCHEMA {SCHEMA}")
        await conn.execute(f"DROP SCHEMA {self.schema}")

    async def _not_applied(self, conn: asyncpg.Connection, source: str) -> set[int]:
        rows = await conn.fetch(
            f"""SELECT position FROM {SCHEMA}.parked WHERE consumer = $1 AND source = $2
                UNION ALL SELECT position FROM {SCHEMA}.skipped WHERE consumer = $1 AND source = $2""",
            self.view.name, source,
        )  # fmt: skip
        return {row[0] for row in rows}


def _within(event: Envelope, places: Sequence[int]) -> bool:
    """Whether an event is at or before the position of its partition."""
    return event.sequence <= places[partition_of(event.subject, len(places)) if len(places) > 1 else 0]


async def _batches(
    reader: asyncpg.Connection, view: View, source: str, places: range, missing: Collection[int]
) -> AsyncIterator[list[Envelope]]:
    """The events behind the first place up to the last; what is missing is not read, for it may be unreadable."""
    after, hears = places.start, view.hears
    while after < places.stop:
        batch = await read(reader, source, after, min(BATCH, places.stop - after))
        after = batch.last if batch.deliveries else places.stop
        yield [d.envelope() for d in batch.deliveries if d.type in hears and d.position not in missing]


async def _ahead(batches: AsyncIterator[list[Envelope]]) -> AsyncIterator[list[Envelope]]:
    """The same batches, each fetched while the one before it is in use."""

    async def following() -> list[Envelope] | None:
        return await anext(batches, None)

    coming = asyncio.create_task(following())
    try:
        while (events := await coming) is not None:
            coming = asyncio.create_task(following())
            yield events
    finally:
        coming.cancel()
