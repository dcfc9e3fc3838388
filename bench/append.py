"""Appending in batches of 1,000: our log against the PostgreSQL recorder of `eventsourcing`, same server, same bytes.

The two take turns and each figure is the median, so that a noisy neighbour hits both.
"""

from pathlib import Path
from statistics import median
from time import perf_counter
from uuid import UUID, uuid4

import asyncpg
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore

from bench.figure import Figure, at_least
from libs.chassis.embedded import RunningPostgres
from libs.chassis.migrate import migrate
from libs.events.envelope import encode
from libs.events.ports import Entry
from libs.events.postgres.log import append
from tests.contracts.transports import envelope

BATCH, ROUNDS = 1_000, 15


async def measure(postgres: RunningPostgres, folder: Path) -> list[Figure]:
    """Rows a second of each, and the ratio."""
    url = postgres.dsn(user="drempel", database="bench")
    await migrate(url, ["keyring", "outreach"])
    conn = await asyncpg.connect(url)
    theirs = PostgresApplicationRecorder(_datastore(postgres))
    theirs.create_table()
    rates: dict[str, list[float]] = {"ours": [], "theirs": []}
    try:
        for _ in range(ROUNDS):
            entries = [Entry(envelope(uuid4()), "0505") for _ in range(BATCH)]
            stored = [StoredEvent(UUID(e.envelope.subject), 1, e.envelope.type, encode(e.envelope)) for e in entries]
            begin = perf_counter()
            async with conn.transaction():
                await append(conn, "outreach", entries)
            middle = perf_counter()
            theirs.insert_events(stored)
            rates["ours"].append(BATCH / (middle - begin))
            rates["theirs"].append(BATCH / (perf_counter() - middle))
    finally:
        await conn.close()
        theirs.datastore.close()
    ours, baseline = median(rates["ours"]), median(rates["theirs"])
    return [
        Figure("append, batches of 1,000", ours, "events/s"),
        Figure("  eventsourcing, same run", baseline, "events/s"),
        at_least("  ratio", ours / baseline, "x", 1.5),
    ]


def _datastore(postgres: RunningPostgres) -> PostgresDatastore:
    return PostgresDatastore("bench", str(postgres.socket_folder), "5432", "drempel", "")
