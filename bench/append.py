"""Appending in batches of 1,000: our log against the PostgreSQL recorder of `eventsourcing`, same server, same bytes.

Both go from an envelope to a committed row, so both encode it. The two take turns and each figure is the
median, so that a noisy neighbour hits both.
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
            begin = perf_counter()
            async with conn.transaction():
                await append(conn, "outreach", entries)
            middle = perf_counter()
            theirs.insert_events([_stored(entry) for entry in entries])
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


def _stored(entry: Entry) -> StoredEvent:
    return StoredEvent(UUID(entry.envelope.subject), 1, entry.envelope.type, encode(entry.envelope))


def _datastore(postgres: RunningPostgres) -> PostgresDatastore:
    # By its database function: as fast as its pipeline with small events (measured 21,000 a second both), and the
    # pipeline of psycopg 3.3.9 hangs where a batch is more than the socket takes at once (it breaks off before the
    # last flush and then only waits to read): about 0.5 MB over a Unix socket.
    return PostgresDatastore("bench", str(postgres.socket_folder), "5432", "drempel", "", enable_db_functions=True)
