"""The append-only log of one service.

`append` takes the row lock of `head` as its last statement before the commit: position is then the order of
commit, without holes, and a reader of ``position > n`` skips nothing. An unrelated long transaction can't
stall readers, because nothing is locked until its own append (docs/decisions/0003).
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import itemgetter

import asyncpg

from libs.events.crash import crash_point
from libs.events.envelope import encode
from libs.events.errors import AlreadyAppended, VersionConflict
from libs.events.ports import Batch, Delivery, Entry

Connection = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy

# The place in its stream is given, or follows on the last one.
_APPEND = """
WITH moved AS (UPDATE {schema}.head SET position = position + $1 RETURNING position - $1 AS before),
     entry AS (SELECT *, row_number() OVER (PARTITION BY stream ORDER BY place) AS nth
               FROM unnest($2::text[], $3::int[], $4::uuid[], $5::text[], $6::text[], $7::bytea[])
               WITH ORDINALITY AS e(stream, version, id, type, tenant, envelope, place))
INSERT INTO {schema}.log (position, stream, version, id, type, tenant, envelope)
SELECT moved.before + entry.place, entry.stream,
       coalesce(entry.version,
                entry.nth + coalesce((SELECT max(l.version) FROM {schema}.log l WHERE l.stream = entry.stream), 0)),
       entry.id, entry.type, entry.tenant, entry.envelope
FROM entry, moved ORDER BY entry.place
"""

_READ = """
SELECT position, stream, type, envelope FROM {schema}.log WHERE position > $1 ORDER BY position LIMIT $2
"""

_READ_EACH = """
(SELECT '{schema}', position, stream, type, envelope FROM {schema}.log
 WHERE position > ${place} ORDER BY position LIMIT $1)
"""


async def append(conn: Connection, schema: str, entries: Sequence[Entry]) -> None:
    """Append within the caller's transaction; must be its last statement. Raises VersionConflict."""
    if not entries:
        return
    columns = [
        [e.envelope.subject for e in entries],
        [e.version for e in entries],
        [e.envelope.id for e in entries],
        [e.envelope.type for e in entries],
        [e.tenant for e in entries],
        [encode(e.envelope) for e in entries],
    ]
    crash_point("log.before_insert")
    try:
        await conn.execute(_APPEND.format(schema=schema), len(entries), *columns)
    except asyncpg.UniqueViolationError as error:
        constraint = error.constraint_name or "unique"
        raise (AlreadyAppended if constraint == "log_id_key" else VersionConflict)(constraint) from None
    crash_point("log.after_insert")


async def read(conn: Connection, schema: str, after: int, limit: int) -> Batch:
    """Up to `limit` events that follow on `after`, in the order of the log."""
    rows = await conn.fetch(_READ.format(schema=schema), after, limit)
    previous = rows[0]["position"] - 1 if rows else after
    return Batch(schema, 0, previous, [Delivery(*row) for row in rows])


async def read_each(conn: Connection, places: Mapping[str, int], limit: int) -> list[Batch]:
    """What follows on these places in several logs, up to `limit` events of each, in one round trip."""
    query = " UNION ALL ".join(_READ_EACH.format(schema=s, place=n) for n, s in enumerate(places, 2))
    rows = sorted(await conn.fetch(query, limit, *places.values()), key=itemgetter(0, 1))
    return [
        Batch(schema, 0, found[0].position - 1, found)
        for schema, of_it in groupby(rows, itemgetter(0))
        if (found := [Delivery(*row[1:]) for row in of_it])
    ]


async def read_stream(conn: Connection, schema: str, stream: str) -> list[Delivery]:
    """All events of one stream, in order."""
    rows = await conn.fetch(
        f"SELECT position, stream, type, envelope FROM {schema}.log WHERE stream = $1 ORDER BY version", stream
    )
    return [Delivery(*row) for row in rows]


async def read_streams(conn: Connection, schema: str, streams: Sequence[str]) -> list[Delivery]:
    """All events of some streams, each stream in its order."""
    rows = await conn.fetch(
        f"""SELECT position, stream, type, envelope FROM {schema}.log WHERE stream = ANY($1)
            ORDER BY stream, version""",
        streams,
    )
    return [Delivery(*row) for row in rows]


async def head(conn: Connection, schema: str) -> int:
    """Position of the last event, 0 for an empty log."""
    return int(await conn.fetchval(f"SELECT position FROM {schema}.head"))
