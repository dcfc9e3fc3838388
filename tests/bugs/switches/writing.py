"""Transactions, ids and positions of the log."""

import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from libs.events import processor
from libs.events.ids import uuid7
from libs.events.memory import Memory, MemorySession, MemorySessions
from libs.events.ports import Entry
from libs.events.postgres import log, sessions
from libs.events.postgres.sessions import PostgresSession, PostgresSessions
from libs.events.unit import Unit
from tests.bugs.switches import after_set_up
from tests.integration import test_log

Patch = pytest.MonkeyPatch


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
    after_set_up(patch, "GRANT ALL ON SEQUENCE monitoring.test_effect_n_seq TO PUBLIC; "
                         "GRANT USAGE ON SCHEMA monitoring TO PUBLIC")  # fmt: skip
