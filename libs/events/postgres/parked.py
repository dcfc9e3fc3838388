"""Parked events: list them, look at one, and try them again in the order of their subject."""

from dataclasses import dataclass
from typing import Any

import asyncpg

from libs.events.crash import crash_point
from libs.events.ports import Consumer, Delivery
from libs.events.postgres.log import Connection
from libs.events.postgres.sessions import PostgresSessions
from libs.events.tracing import handling


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


async def retry(pool: asyncpg.Pool, schema: str, consumer: Consumer, sessions: PostgresSessions) -> Retried:
    """Apply the parked events of a consumer again, each in a transaction with its removal.

    Within a source and a subject the order is kept: behind one that fails again the others go on waiting.
    """
    rows = await pool.fetch(
        f"""SELECT source, partition, position, subject, type, envelope FROM {schema}.parked
            WHERE consumer = $1 ORDER BY source, position""",
        consumer.name,
    )
    blocked: dict[tuple[str, str], str] = {}
    applied = 0
    for row in rows:
        key = (row["source"], row["subject"])
        if key in blocked:
            continue
        try:
            applied += await _again(schema, consumer, sessions, row)
        except Exception as error:  # every kind of failure means: it goes on waiting; the class is reported
            blocked[key] = type(error).__name__
    return Retried(applied, len(rows) - applied, tuple(sorted(set(blocked.values()))))


async def _again(schema: str, consumer: Consumer, sessions: PostgresSessions, row: Any) -> int:
    event = Delivery(row["position"], row["subject"], row["type"], row["envelope"]).envelope()
    prepared = await consumer.prepare([event])
    async with sessions.begin() as session:
        await session.checkpoint(row["source"], row["partition"])  # the running loop waits for us
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
