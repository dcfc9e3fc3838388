"""Bugs to be planted: each switch breaks one mechanism by patching it, and production code knows nothing of them."""

import asyncio
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import asyncpg
import pytest

from libs.chassis import idempotency
from libs.events import processor
from libs.events.errors import Gap, Transient
from libs.events.failure import Park, Verdict
from libs.events.ids import uuid7
from libs.events.kafka import relay
from libs.events.memory import Memory, MemorySession, MemorySessions, MemorySubscription
from libs.events.ports import Batch, Entry
from libs.events.postgres import keyring, log, parked, sessions, subscription
from libs.events.postgres.sessions import PostgresSession, PostgresSessions
from libs.events.postgres.wakeup import set_within
from libs.events.processor import Processor
from libs.events.unit import Unit
from tests.contracts import transports
from tests.integration import test_log

Patch = pytest.MonkeyPatch


def cursor_skips(patch: Patch) -> None:
    """A subscription passes over the event behind its position and says that nothing is missing."""

    async def read_each(conn: Any, places: Mapping[str, int], limit: int) -> list[Batch]:
        further = {source: after + 1 if after else 0 for source, after in places.items()}
        return [replace(one, previous=places[one.source]) for one in await log.read_each(conn, further, limit)]

    patch.setattr(subscription, "read_each", read_each)


def starts_at_the_end(patch: Patch) -> None:
    """A new consumer begins with what comes from now on ("latest")."""

    real = MemorySubscription.__init__

    def begin(self: MemorySubscription, memory: Memory, positions: dict[str, int], *more: Any, **named: Any) -> None:
        real(self, memory, {source: len(memory.logs.get(source, [])) for source in positions}, *more, **named)

    patch.setattr(MemorySubscription, "__init__", begin)


async def _events(self: Processor, batch: Batch) -> tuple[list[Any], Any]:
    events = [d.envelope() for d in batch.deliveries if d.type in self.consumer.hears]
    return events, await self.consumer.prepare(events) if events else None


def checkpoint_before_effect(patch: Patch) -> None:
    """The checkpoint is committed first, the effect after it."""

    async def apply(self: Processor, batch: Batch) -> None:
        events, prepared = await _events(self, batch)
        async with self.sessions.begin() as session:
            at = await session.checkpoint(batch.source, batch.partition)
            if at != batch.previous:
                return self._moved_meanwhile(batch, at)
            await session.move(batch.source, batch.partition, batch.last)
        processor.crash_point("between")
        async with self.sessions.begin() as session:
            await self.consumer.apply(session.unit, events, prepared)
        return None

    patch.setattr(Processor, "_apply", apply)


def effect_before_checkpoint(patch: Patch) -> None:
    """The effect is committed first, the checkpoint after it."""

    async def apply(self: Processor, batch: Batch) -> None:
        events, prepared = await _events(self, batch)
        async with self.sessions.begin() as session:
            at = await session.checkpoint(batch.source, batch.partition)
            if at != batch.previous:
                return self._moved_meanwhile(batch, at)
            await self.consumer.apply(session.unit, events, prepared)
        processor.crash_point("between")
        async with self.sessions.begin() as session:
            await session.move(batch.source, batch.partition, batch.last)
        return None

    patch.setattr(Processor, "_apply", apply)


def no_duplicate_check(patch: Patch) -> None:
    """What was applied already is applied again when it comes again."""

    async def apply(self: Processor, batch: Batch) -> None:
        events, prepared = await _events(self, batch)
        async with self.sessions.begin() as session:
            at = await session.checkpoint(batch.source, batch.partition)
            if at < batch.previous:
                raise Gap
            await self.consumer.apply(session.unit, events, prepared)
            await session.move(batch.source, batch.partition, max(at, batch.last))

    patch.setattr(Processor, "_apply", apply)


def gap_ignored(patch: Patch) -> None:
    """A batch that follows on more than was applied is taken as if it did not."""
    real = Processor._apply

    async def apply(self: Processor, batch: Batch) -> None:
        at = (await self.sessions.checkpoints()).get((batch.source, batch.partition), 0)
        await real(self, replace(batch, previous=at) if at < batch.previous else batch)

    patch.setattr(Processor, "_apply", apply)


def seek_forgotten(patch: Patch) -> None:
    """After a batch that was dropped because the checkpoint had moved, nobody goes back to the checkpoint."""

    def moved(self: Processor, batch: Batch, at: int) -> None:
        if at < batch.previous:
            raise Gap

    patch.setattr(Processor, "_moved_meanwhile", moved)


def order_lost_on_park(patch: Patch) -> None:
    """Later events of a parked subject do not wait."""

    async def nobody(self: MemorySession, source: str, subjects: Sequence[str]) -> set[str]:
        return set()

    patch.setattr(MemorySession, "parked", nobody)


def parked_and_forgotten(patch: Patch) -> None:
    """The checkpoint moves past a bad event, and nothing is kept of it."""

    async def forget(self: MemorySession, *arguments: Any) -> None:
        return None

    patch.setattr(MemorySession, "park", forget)


def whole_batch_parked(patch: Patch) -> None:
    """One bad event takes the others of its batch along."""

    async def apart(self: Processor, batch: Batch, stop: asyncio.Event | None) -> None:
        previous = batch.previous
        for delivery in batch.deliveries:
            await self._park(replace(batch, previous=previous, deliveries=[delivery]), "bad batch")
            previous = delivery.position

    patch.setattr(Processor, "_one_by_one", apart)


def transient_parked(patch: Patch) -> None:
    """What would pass by itself is set aside for a person."""
    real = processor.judge

    def judge(error: Exception, *, attempt: int) -> Verdict:
        return Park("away") if isinstance(error, Transient) else real(error, attempt=attempt)

    patch.setattr(processor, "judge", judge)


def bad_release_goes_on(patch: Patch) -> None:
    """However many events are parked in a row, the consumer does not stop."""
    patch.setattr(processor, "MOST_PARKED_IN_A_ROW", 1_000_000)


def effects_outside_the_transaction(patch: Patch) -> None:
    """Effects are committed one by one, whatever becomes of the batch."""

    @asynccontextmanager
    async def begin(self: PostgresSessions) -> AsyncIterator[PostgresSession]:
        async with self._pool.acquire() as conn:
            unit = Unit(self._schema, self._consumer, conn, self._clock.now())
            yield PostgresSession(self._schema, self._consumer, conn, unit)
            async with conn.transaction():
                await sessions.append(conn, self._schema, unit.pending)

    patch.setattr(PostgresSessions, "begin", begin)


def said_outside_the_transaction(patch: Patch) -> None:
    """What follows is appended after the commit of the effect, as a dual write does."""
    real = Memory.append

    @asynccontextmanager
    async def begin(self: MemorySessions) -> AsyncIterator[MemorySession]:
        held: list[Entry] = []
        with pytest.MonkeyPatch.context() as quiet:
            quiet.setattr(Memory, "append", lambda memory, source, entries: held.extend(entries))
            async with whole(self) as session:
                yield session
        processor.crash_point("between")
        real(self.memory, self.service, held)

    whole = MemorySessions.begin
    patch.setattr(MemorySessions, "begin", begin)


def ids_not_derived(patch: Patch) -> None:
    """Every event gets a new id, also the one that follows from an event."""
    patch.setattr(Unit, "next_id", lambda self, cause=None: uuid7())


def known_ids_appended_again(patch: Patch) -> None:
    """The log takes an event that it has."""

    def append(self: Memory, source: str, entries: Sequence[Entry]) -> None:
        self._ids.clear()
        real(self, source, [replace(entry, version=None) for entry in entries])

    real = Memory.append
    patch.setattr(Memory, "append", append)


def position_before_commit(patch: Patch) -> None:
    """Positions come from a sequence, as of a serial column: a later one may commit first."""
    patch.setattr(
        log, "_APPEND",
        """WITH entry AS (SELECT *, row_number() OVER (PARTITION BY stream ORDER BY place)::int AS nth
                          FROM unnest($2::text[], $3::int[], $4::uuid[], $5::text[], $6::text[], $7::bytea[])
                          WITH ORDINALITY AS e(stream, version, id, type, tenant, envelope, place))
           INSERT INTO {schema}.log (position, stream, version, id, type, tenant, envelope)
           SELECT nextval('monitoring.test_effect_n_seq'), stream, coalesce(version, nth), id, type, tenant, envelope
           FROM entry WHERE $1::int > 0 ORDER BY place""",
    )  # fmt: skip
    real, chance = log.append, random.Random(1)

    async def append(conn: Any, schema: str, entries: Sequence[Entry]) -> None:
        await real(conn, schema, entries)
        await conn.execute("SELECT pg_sleep($1)", chance.choice((0.0, 0.02)))

    patch.setattr(test_log, "append", append)
    _after_set_up(patch, "GRANT ALL ON SEQUENCE monitoring.test_effect_n_seq TO PUBLIC; "
                         "GRANT USAGE ON SCHEMA monitoring TO PUBLIC")  # fmt: skip


def _after_set_up(patch: Patch, sql: str) -> None:
    """Run this as the owner, where a contract test makes its tables."""
    real = transports.on_postgres

    @asynccontextmanager
    async def on_postgres(*arguments: Any) -> AsyncIterator[Any]:
        async with real(*arguments) as transport:
            await transport.admin.execute(sql)
            yield transport

    patch.setattr(transports, "on_postgres", on_postgres)


def row_level_security_off(patch: Patch) -> None:
    """Rows of every municipality for every caller."""
    _after_set_up(patch, "ALTER TABLE outreach.log DISABLE ROW LEVEL SECURITY")


def tenants_stay(patch: Patch) -> None:
    """The tenants of a caller stay with the connection when it goes to the next."""

    async def see(conn: Any, tenants: Sequence[str], partner: str | None = None) -> None:
        await conn.execute("SELECT set_config('drempel.tenants', $1, false)", ",".join(tenants))

    patch.setattr(test_log, "see", see)


def fingerprint_ignored(patch: Patch) -> None:
    """An Idempotency-Key gives the first answer, also to another question."""
    patch.setattr(idempotency.hashlib, "sha256", lambda body: _Zero())


class _Zero:
    def digest(self) -> bytes:
        """The same for everything."""
        return bytes(32)


def wake_up_is_delivery(patch: Patch) -> None:
    """Nobody looks in the log unless told to; a lost wake-up loses events."""

    async def following(self: subscription.PostgresSubscription, timeout: float) -> Batch | None:
        await set_within(self._grown, timeout)
        if self._grown.is_set():
            await self._look()
        return self._fetched.popleft() if self._fetched else None

    patch.setattr(subscription.PostgresSubscription, "next", following)


def retried_out_of_order(patch: Patch) -> None:
    """Parked events are tried again whatever became of those before them."""

    async def retry(
        pool: asyncpg.Pool, schema: str, consumer: Any, opened: PostgresSessions, subject: str | None = None
    ) -> parked.Retried:
        rows = await pool.fetch(f"SELECT * FROM {schema}.parked WHERE consumer = $1", consumer.name)
        failed: list[str] = []
        for row in sorted(rows, key=lambda r: -r["position"]):
            try:
                await parked._again(schema, consumer, opened, row)
            except ValueError as error:
                failed.append(type(error).__name__)
        return parked.Retried(len(rows) - len(failed), len(failed), tuple(sorted(set(failed))))

    patch.setattr(parked, "retry", retry)


def keys_made_anew(patch: Patch) -> None:
    """A subject that has a key, or had one, is given another."""
    overwrite = keyring._CREATE.replace("DO NOTHING", "DO UPDATE SET sleutel = excluded.sleutel")
    patch.setattr(keyring, "_CREATE", overwrite)


def relay_without_leader(patch: Patch) -> None:
    """Every relay publishes, and moves the mark whoever else did."""

    async def turn(self: relay.Relay, stop: asyncio.Event) -> None:
        await self.cluster.ensure_topic()
        async with self.pool.acquire() as conn, self.cluster.producer() as producer:
            mark = await relay.Mark.load(conn, self.service, self.cluster.partitions)
            self.leading = True
            await self._lead(conn, producer, mark, stop)

    patch.setattr(relay.Relay, "_turn", turn)


def relay_says_nothing_of_what_went_before(patch: Patch) -> None:
    """Messages do not say what they follow on, so a gap can't be seen."""
    real = relay.to_message
    patch.setattr(relay, "to_message", lambda service, delivery, previous: real(service, delivery, 0))
