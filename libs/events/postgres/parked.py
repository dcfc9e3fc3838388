"""Parked events: list them, try them again in the order of their subject, or leave one out for good."""

from dataclasses import dataclass
from typing import Any

import asyncpg

from libs.events.crash import crash_point
from libs.events.errors import EventsError
from libs.events.ports import Consumer, Delivery
from libs.events.postgres.log import Connection
from libs.events.postgres.sessions import PostgresSessions
from libs.events.tracing import handling


class NotParked(EventsError):
    """There is no such parked event (any more)."""


class WaitsBehind(EventsError):
    """The event only waits behind an earlier one of its subject; the message is the position of that one."""


@dataclass(frozen=True, slots=True)
class Retried:
    """What came of trying again: how many were applied, and why the others still wait."""

    applied: int
    waiting: int
    reasons: tuple[str, ...]


async def listed(conn: Connection, schema: str) -> list[dict[str, Any]]:
    """All parked events of the consumers of a service, oldest first, without their contents."""
    rows = await conn.fetch(
        f"""SELECT consumer, source, position, type, subject, reason, parked_op FROM {schema}.parked
            ORDER BY consumer, source, position"""
    )
    return [dict(row) for row in rows]


async def skipped(conn: Connection, schema: str) -> list[dict[str, Any]]:
    """All events that were left out for good: which, why they were parked, and by whom, when and why left out."""
    rows = await conn.fetch(
        f"""SELECT consumer, source, position, type, subject, reason, reden, door, skipped_op FROM {schema}.skipped
            ORDER BY consumer, source, position"""
    )
    return [dict(row) for row in rows]


async def skip(conn: Connection, schema: str, place: tuple[str, str, int], *, reden: str, door: str) -> str:
    """Leave the event at `place` (consumer, source, position) out for good; gives its subject.

    Only the first parked event of a subject: whether those behind it can be handled, nobody knows yet. They wait on
    until they are retried. Raises NotParked, WaitsBehind.
    """
    consumer, source, position = place
    async with conn.transaction():
        await _held(conn, schema, consumer, source)
        rows = await conn.fetch(
            f"""SELECT position, subject FROM {schema}.parked p WHERE consumer = $1 AND source = $2
                AND subject = (SELECT subject FROM {schema}.parked
                               WHERE consumer = $1 AND source = $2 AND position = $3) ORDER BY position""",
            *place,
        )
        if not rows:
            raise NotParked(f"{consumer} {source} {position}")
        if rows[0]["position"] != position:
            raise WaitsBehind(rows[0]["position"])
        await conn.execute(
            f"""WITH gone AS (DELETE FROM {schema}.parked WHERE consumer = $1 AND source = $2 AND position = $3
                              RETURNING consumer, source, position, subject, type, reason)
                INSERT INTO {schema}.skipped (consumer, source, position, subject, type, reason, reden, door)
                SELECT *, $4, $5 FROM gone""",
            *place, reden, door,
        )  # fmt: skip
    return str(rows[0]["subject"])


async def retry(
    pool: asyncpg.Pool, schema: str, consumer: Consumer, sessions: PostgresSessions, subject: str | None = None
) -> Retried:
    """Apply the parked events of a consumer (and subject) again, each in a transaction with its removal.

    Within a source and a subject the order is kept: behind one that fails again the others go on waiting. What the
    running consumer parks behind them meanwhile is tried too.
    """
    blocked: dict[tuple[str, str], str] = {}
    applied = 0
    while rows := [row for row in await _waiting(pool, schema, consumer, subject) if _key(row) not in blocked]:
        for row in rows:
            if _key(row) in blocked:
                continue
            try:
                applied += await _again(schema, consumer, sessions, row)
            except Exception as error:  # every kind of failure means: it goes on waiting; the class is reported
                blocked[_key(row)] = type(error).__name__
    waiting = len(await _waiting(pool, schema, consumer, subject)) if blocked else 0
    return Retried(applied, waiting, tuple(sorted(set(blocked.values()))))


def _key(row: Any) -> tuple[str, str]:
    return row["source"], row["subject"]


async def _waiting(pool: asyncpg.Pool, schema: str, consumer: Consumer, subject: str | None) -> list[Any]:
    rows = await pool.fetch(
        f"""SELECT source, partition, position, subject, type, envelope FROM {schema}.parked
            WHERE consumer = $1 AND ($2::text IS NULL OR subject = $2) ORDER BY source, position""",
        consumer.name, subject,
    )  # fmt: skip
    return list(rows)


async def _held(conn: Connection, schema: str, consumer: str, source: str) -> None:
    """Until the end of the transaction the running loop waits, whichever partition the subject is in by now."""
    await conn.execute(
        f"SELECT FROM {schema}.checkpoint WHERE consumer = $1 AND source = $2 ORDER BY partition FOR UPDATE",
        consumer, source,
    )  # fmt: skip


async def _again(schema: str, consumer: Consumer, sessions: PostgresSessions, row: Any) -> int:
    event = Delivery(row["position"], row["subject"], row["type"], row["envelope"]).envelope()
    prepared = await consumer.prepare([event])
    async with sessions.begin() as session:
        await _held(session.conn, schema, consumer.name, row["source"])
        crash_point("parked.before_removal")
        gone = await session.conn.execute(
            f"DELETE FROM {schema}.parked WHERE consumer = $1 AND source = $2 AND position = $3",
            consumer.name, row["source"], row["position"],
        )  # fmt: skip
        if gone == "DELETE 0":
            return 0
        crash_point("parked.after_removal")
        with handling(consumer.name, [event]) as session.unit.traces:
            await consumer.apply(session.unit, [event], prepared)
        crash_point("parked.after_apply")
    crash_point("parked.after_commit")
    return 1
