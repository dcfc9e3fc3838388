"""A view folded anew beside the living one, in a schema of its own, by the same fold.

What a living consumer has parked, or an operator has skipped, is left out: it has not been applied there either. So is
what comes behind a parked event of its subject, as the consumer does it.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version

import asyncpg

from libs.events.consumer import View
from libs.events.crash import crash_point
from libs.events.envelope import Envelope
from libs.events.kafka.audit import Had
from libs.events.kafka.encoding import partition_of
from libs.events.ports import Delivery
from libs.events.processor import WAITS
from services.monitoring.history import History, Reached, Stretch, rank

SCHEMA = "monitoring"
KEPT = ("checkpoint", "kafka_offset", "parked")
"""Tables as the service's own, in which a copy keeps how far it is and what it left out."""

_SCHEMA_VERSION = f"SELECT version_num FROM {SCHEMA}.alembic_version"
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
SELECT format('DROP POLICY IF EXISTS %1$I ON %2$s.%3$I; CREATE POLICY %1$I ON %2$s.%3$I AS %4$s FOR %5$s TO %6$s',
              p.policyname, $2::text, p.tablename, p.permissive, p.cmd, array_to_string(p.roles, ', '))
       || coalesce(' USING (' || p.qual || ')', '')
       || coalesce(' WITH CHECK (' || p.with_check || ')', '')
FROM pg_policies p WHERE $1::regclass = (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                                         WHERE n.nspname = p.schemaname AND c.relname = p.tablename)
"""
"""Names are not turned into tables: an owner who is no superuser may not look into every schema."""


@dataclass
class Copy:
    """A view under construction: its schema, where its events come from, and how far it is.

    How far it is and what it left out are kept in its schema, in the transaction of what was folded: who is killed goes
    on from there.
    """

    view: View
    schema: str
    history: History
    reached: Reached = field(default_factory=Reached)
    events: int = 0

    async def begin(self, conn: asyncpg.Connection) -> None:
        """Go on with what a broken-off rebuild of this release left, or make it anew."""
        made = f"{self.history.name}, release {version('drempel')}, {await conn.fetchval(_SCHEMA_VERSION)}"
        if await conn.fetchval("SELECT obj_description(to_regnamespace($1), 'pg_namespace')", self.schema) != made:
            await self.create(conn)
            await conn.execute(f"COMMENT ON SCHEMA {self.schema} IS '{made}'")
        self.reached = Reached(
            {
                (r[0], r[1]): r[2]
                for r in await conn.fetch(f"SELECT source, partition, position FROM {self.schema}.checkpoint")
            },
            {r[0]: r[1] for r in await conn.fetch(f"SELECT partition, next FROM {self.schema}.kafka_offset")},
        )

    async def create(self, conn: asyncpg.Connection) -> None:
        """Make the schema and its empty tables, with the indexes of the living ones."""
        await self.remove(conn)
        await conn.execute(f"CREATE SCHEMA {self.schema}")
        for table in KEPT:
            await conn.execute(f"CREATE TABLE {self.schema}.{table} (LIKE {SCHEMA}.{table} INCLUDING ALL)")
        for table in self.view.tables:
            await conn.execute(_TABLE.format(copy=self.schema, living=SCHEMA, table=table))
            for (statement,) in await conn.fetch(_INDEXES, f"{SCHEMA}.{table}", self.schema, SCHEMA):
                await conn.execute(statement)
            crash_point("rebuild.table_made")

    async def catch_up(self, writer: asyncpg.Connection, within: Had | None = None) -> None:
        """Fold what was left out and has been applied since, and then all there is by now, or of that what is within
        these positions; the next stretch is read and decoded while one is written."""
        end, aside = await self.history.end(self.view.sources), await self._aside(writer)
        await self._release(writer, aside)
        stretches = self.history.read(self.view.sources, self.reached, end)
        async for stretch, heard, left in _ahead(_sifted(stretches, self.view, aside, within)):
            async with writer.transaction():
                await self.fold(writer, heard)
                await self._leave_out(writer, left)
                self.reached = await self._reach(writer, stretch)
            crash_point("rebuild.folded")

    async def _release(self, writer: asyncpg.Connection, aside: "Aside") -> None:
        """In the order of the logs, and before anything that comes later."""
        rows = await writer.fetch(
            f"SELECT source, position, subject, type, envelope FROM {self.schema}.parked ORDER BY source, position"
        )
        for source, *rest in rows:
            if not aside.holds(source, one := Delivery(*rest)):
                async with writer.transaction():
                    await self.fold(writer, [one.envelope()])
                    gone = f"DELETE FROM {self.schema}.parked WHERE source = $1 AND position = $2"
                    await writer.execute(gone, source, one.position)

    async def is_overtaken(self, writer: asyncpg.Connection) -> bool:
        """Whether something is folded in it that the living consumer has set aside since."""
        left = {tuple(row) for row in await writer.fetch(f"SELECT source, position FROM {self.schema}.parked")}
        return not (await self._aside(writer)).positions <= left

    async def hand_over(self, writer: asyncpg.Connection) -> None:
        """What waits behind a parked event waits from now on for the living consumer too, which will not hear it."""
        await writer.execute(
            f"""INSERT INTO {SCHEMA}.parked (consumer, source, position, partition, subject, type, envelope, reason)
                SELECT consumer, source, position, partition, subject, type, envelope, $1 FROM {self.schema}.parked c
                WHERE NOT EXISTS (SELECT FROM {SCHEMA}.skipped s
                                  WHERE (s.consumer, s.source, s.position) = (c.consumer, c.source, c.position))
                ON CONFLICT DO NOTHING""",
            WAITS,
        )

    async def fold(self, writer: asyncpg.Connection, events: Sequence[Envelope]) -> None:
        """Events of one or more sources into the tables of the copy."""
        for source in dict.fromkeys(event.data.owner for event in events):
            async with writer.transaction():
                await writer.execute(f"SET LOCAL search_path = {self.schema}")
                await self.view.fold(writer, [event for event in events if event.data.owner == source])
                await writer.execute(f"SET LOCAL search_path = {SCHEMA}; SET LOCAL enable_seqscan = on")
        self.events += len(events)

    async def secure(self, conn: asyncpg.Connection) -> None:
        """Give the tables the grants and the row-level security of the living ones; a second time changes nothing."""
        for table in self.view.tables:
            for (statement,) in await conn.fetch(_GRANTS, f"{SCHEMA}.{table}", self.schema):
                await conn.execute(statement)

    async def replace(self, conn: asyncpg.Connection) -> None:
        """Put the tables in the place of the living ones; nothing else of the copy is left."""
        for table in self.view.tables:
            await conn.execute(f"DROP TABLE {SCHEMA}.{table}; ALTER TABLE {self.schema}.{table} SET SCHEMA {SCHEMA}")
        await self.remove(conn)

    async def remove(self, conn: asyncpg.Connection) -> None:
        """Leave nothing of it."""
        await conn.execute(f"DROP SCHEMA IF EXISTS {self.schema} CASCADE")

    async def _reach(self, conn: asyncpg.Connection, stretch: Stretch) -> Reached:
        reached = self.reached.behind(stretch)
        moved = [(b.source, b.partition, reached.positions[b.source, b.partition]) for b in stretch.batches]
        await conn.executemany(
            f"""INSERT INTO {self.schema}.checkpoint (consumer, source, partition, position) VALUES ($1, $2, $3, $4)
                ON CONFLICT (consumer, source, partition) DO UPDATE SET position = excluded.position""",
            [(self.view.name, *one) for one in moved],
        )  # fmt: skip
        await conn.executemany(
            f"""INSERT INTO {self.schema}.kafka_offset (consumer, partition, next) VALUES ($1, $2, $3)
                ON CONFLICT (consumer, partition) DO UPDATE SET next = excluded.next""",
            [(self.view.name, *one) for one in stretch.offsets.items()],
        )  # fmt: skip
        return reached

    async def _leave_out(self, conn: asyncpg.Connection, left: Sequence[tuple[str, Delivery]]) -> None:
        await conn.executemany(
            f"""INSERT INTO {self.schema}.parked
                (consumer, source, position, partition, subject, type, envelope, reason)
                VALUES ($1, $2, $3, 0, $4, $5, $6, '') ON CONFLICT DO NOTHING""",
            [(self.view.name, source, d.position, d.subject, d.type, d.raw) for source, d in left],
        )  # fmt: skip

    async def _aside(self, conn: asyncpg.Connection) -> "Aside":
        rows = await conn.fetch(
            f"""SELECT source, position, type, subject FROM {SCHEMA}.parked WHERE consumer = $1
                UNION ALL SELECT source, position, type, NULL FROM {SCHEMA}.skipped WHERE consumer = $1
                ORDER BY position DESC""",
            self.view.name,
        )  # fmt: skip
        return Aside(
            frozenset((source, position) for source, position, kind, _ in rows if kind in self.view.hears),
            {(source, subject): position for source, position, _, subject in rows if subject is not None},
        )


@dataclass(frozen=True, slots=True)
class Aside:
    """What the living consumer has not applied: parked or skipped, by source and position. Behind the first parked
    event of a source and subject the later ones wait."""

    positions: frozenset[tuple[str, int]]
    first: Mapping[tuple[str, str], int]

    def holds(self, source: str, delivery: Delivery) -> bool:
        """Whether this event is to be left out."""
        waits = self.first.get((source, delivery.subject), delivery.position) < delivery.position
        return waits or (source, delivery.position) in self.positions


def _within(source: str, delivery: Delivery, within: Had) -> bool:
    """Whether an event is at or before the position of its partition."""
    places = within.get(source, [0])
    return delivery.position <= places[partition_of(delivery.subject, len(places)) if len(places) > 1 else 0]


Sifted = tuple[Stretch, list[Envelope], list[tuple[str, Delivery]]]
"""A stretch, what of it is to be folded, and what is left out."""


async def _sifted(
    stretches: AsyncIterator[Stretch], view: View, aside: Aside, within: Had | None
) -> AsyncIterator[Sifted]:
    """What is set aside is not decoded, for it may be unreadable."""
    async for stretch in stretches:
        heard = [
            (batch.source, d)
            for batch in sorted(stretch.batches, key=lambda batch: rank(batch.source))
            for d in batch.deliveries
            if d.type in view.hears and (within is None or _within(batch.source, d, within))
        ]
        left = [(source, d) for source, d in heard if aside.holds(source, d)]
        yield stretch, [d.envelope() for source, d in heard if not aside.holds(source, d)], left


async def _ahead(sifted: AsyncIterator[Sifted]) -> AsyncIterator[Sifted]:
    """The same, each fetched while the one before it is in use."""

    async def following() -> Sifted | None:
        return await anext(sifted, None)

    coming = asyncio.create_task(following())
    try:
        while (one := await coming) is not None:
            coming = asyncio.create_task(following())
            yield one
    finally:
        coming.cancel()
