"""How far consumers are behind: in events, in one snapshot, and in seconds since the oldest not yet handled.

The seconds are read after the snapshot, which changes nothing: what is in a log stays as it is.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import asyncpg

from libs.chassis.service import Loop
from libs.chassis.settings import SERVICES
from libs.events.kafka.encoding import partition_of
from libs.events.postgres.log import Connection

Reader = asyncpg.Pool | Connection

WALK = 50
"""Events looked through for the first one of a partition; one in twelve is of it."""

_TIME = re.compile(rb'"time":"([^"]+)"')
_HEAD = 500
"""Bytes of an envelope in which its time is (libs.events.envelope.attributes)."""


@dataclass(frozen=True, slots=True)
class Lag:
    """One consumer: events behind, events parked, and per source and partition the position after which it waits.

    `after` has a partition of None where the next event of the log, whatever its partition, is not handled yet.
    """

    events: int
    parked: int
    after: Mapping[tuple[str, int | None], int]


async def snapshot(
    pool: Reader, services: Sequence[str], consumers: Collection[str], partitions: int | None,
    loops: Sequence[Loop] = (), day: date | None = None,
) -> dict[str, Lag]:  # fmt: skip
    """Every consumer of these services, and what their loops have still to do on a day, at one moment."""
    found = {}
    asked = query(services, partitions)
    for loop in loops:
        asked += f" UNION ALL SELECT '{loop.name}', ({loop.behind.format(day='$2')}), 0, NULL, NULL"
    rows = await pool.fetch(asked, list(consumers), *([day] if loops else ()))
    for name, events, parked, behind, unpublished in rows:
        after: dict[tuple[str, int | None], int] = {}
        for source, partition, position in behind or ():
            after[source, None if partitions is None else partition] = position
        for source, _, position in unpublished or ():
            after[source, None] = position
        found[name] = Lag(int(events), int(parked), after)
    return found


def query(services: Sequence[str], partitions: int | None = None) -> str:
    """One statement over the services of a process: consumer, events behind, events parked, and where it waits.

    Positions of a source are spread over the partitions of a topic. There a consumer is behind by what is not
    published yet, and per partition by the distance to the last published position, of which about one in
    `partitions` is of that partition: an estimate, but 0 exactly when nothing is under way.
    """
    heads = " UNION ALL ".join(f"SELECT '{s}' AS source, position FROM {s}.head" for s in SERVICES)
    checkpoints = " UNION ALL ".join(
        f"SELECT consumer, source, partition, position FROM {s}.checkpoint" for s in services
    )
    parked = " UNION ALL ".join(f"SELECT consumer FROM {s}.parked" for s in services)
    relays = " UNION ALL ".join(f"SELECT '{s}' AS source, position, last FROM {s}.relay" for s in SERVICES)
    events, waits = "sum(h.position - c.position)", "h.position > c.position"
    joined, unpublished = "checkpoint c JOIN head h USING (source)", "NULL"
    if partitions is not None:
        last = "coalesce(r.last[c.partition + 1], 0)"
        events = f"sum(ceil(greatest(0, {last} - c.position)::numeric / {partitions}))"
        events += " + sum(h.position - r.position) FILTER (WHERE c.partition = 0)"
        waits = f"{last} > c.position"
        joined += " JOIN relay r USING (source)"
        unpublished = """array_agg((c.source, 0, r.position))
                         FILTER (WHERE c.partition = 0 AND h.position > r.position)"""
    return f"""
        WITH head AS ({heads}), checkpoint AS ({checkpoints}), parked AS ({parked}), relay AS ({relays})
        SELECT c.consumer, {events}, (SELECT count(*) FROM parked p WHERE p.consumer = c.consumer),
               array_agg((c.source, c.partition, c.position)) FILTER (WHERE {waits}), {unpublished}
        FROM {joined} WHERE c.consumer = ANY($1) GROUP BY c.consumer
    """


async def seconds(pool: Reader, lags: Mapping[str, Lag], partitions: int | None, now: datetime) -> dict[str, float]:
    """Per consumer that is behind, the age of the oldest event it has not handled."""
    behind = {name: _by_source(lag) for name, lag in lags.items() if lag.after}
    begins = {(source, min(after.values())) for sources in behind.values() for source, after in sources.items()}
    ahead = await _ahead(pool, begins) if begins else {}
    waits = {name: list(_first(lags[name], sources, ahead, partitions or 1)) for name, sources in behind.items()}
    times = await _times(pool, {place for places in waits.values() for place in places})
    return {
        name: max([0.0, *(round((now - times[place]).total_seconds(), 1) for place in places if place in times)])
        for name, places in waits.items()
    }


def _by_source(lag: Lag) -> dict[str, dict[int, int]]:
    """Per source the partitions in which it is behind, and after which position."""
    found: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for (source, partition), after in lag.after.items():
        if partition is not None:
            found[source][partition] = after
    return found


def _first(
    lag: Lag, sources: Mapping[str, Mapping[int, int]], ahead: Mapping[tuple[str, int], Sequence[tuple[int, str]]],
    partitions: int,
) -> Iterator[tuple[str, int]]:  # fmt: skip
    """Per source the position of the first event that is not handled.

    Where that is one of some partitions it is looked for among the next few; if it is not there, the last of those
    stands for it, which is a little older.
    """
    yield from ((source, after + 1) for (source, partition), after in lag.after.items() if partition is None)
    for source, behind in sources.items():
        rows = ahead.get((source, min(behind.values())), ())
        theirs = (at for at, subject in rows if at > behind.get(partition_of(subject, partitions), at))
        if rows:
            yield source, next(theirs, rows[-1][0])


async def _ahead(pool: Reader, begins: Collection[tuple[str, int]]) -> dict[tuple[str, int], list[tuple[int, str]]]:
    """Position and subject of the next few events after these places, in one round trip."""
    sources = sorted({source for source, _ in begins})
    each = " UNION ALL ".join(
        f"""SELECT '{s}', b.begin, l.position, l.stream FROM unnest(${n}::bigint[]) AS b(begin) CROSS JOIN LATERAL (
                SELECT position, stream FROM {s}.log WHERE position > b.begin ORDER BY position LIMIT {WALK}) l"""
        for n, s in enumerate(sources, 1)
    )
    found: defaultdict[tuple[str, int], list[tuple[int, str]]] = defaultdict(list)
    for source, begin, position, subject in await pool.fetch(
        each, *([p for s, p in begins if s == q] for q in sources)
    ):
        found[source, begin].append((position, subject))
    return {place: sorted(rows) for place, rows in found.items()}


async def _times(pool: Reader, places: Collection[tuple[str, int]]) -> dict[tuple[str, int], datetime]:
    """When these events were recorded; of what can't be read nothing."""
    if not places:
        return {}
    sources = sorted({source for source, _ in places})
    each = " UNION ALL ".join(
        f"SELECT '{s}', position, substring(envelope for {_HEAD}) FROM {s}.log WHERE position = ANY(${n})"
        for n, s in enumerate(sources, 1)
    )
    rows = await pool.fetch(each, *([p for s, p in places if s == source] for source in sources))
    return {(source, position): time for source, position, head in rows if (time := _time(head)) is not None}


def _time(head: bytes) -> datetime | None:
    found = _TIME.search(head)
    try:
        time = datetime.fromisoformat(found[1].decode()) if found else None
    except ValueError:
        return None
    return time if time is not None and time.tzinfo is not None else None
