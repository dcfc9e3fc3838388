"""How far consumers are behind the end of the topic, in events and since when, for who is no member of their group.

Where a consumer is stands in its database. From there on the next few messages of each partition are looked at: what it
does not hear or has handled already does not count, and the first of the others is the oldest it has not handled.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from libs.events.kafka.encoding import Arrived
from libs.events.kafka.places import Place
from libs.events.kafka.topic import Topic
from libs.events.postgres.log import Connection

WALK = 50
"""Messages looked at per partition; what is behind them counts as it is, heard or not."""

_PLACES = """
SELECT consumer, array_agg((source, partition, position)),
       (SELECT array_agg((o.partition, o.next)) FROM {service}.kafka_offset o WHERE o.consumer = c.consumer)
FROM {service}.checkpoint c GROUP BY consumer
"""


@dataclass(slots=True)
class At:
    """Where a consumer is: the last position it handled per source and partition, and where it reads on."""

    positions: Mapping[Place, int]
    offsets: Mapping[int, int]
    sources: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self.sources = frozenset(source for source, _ in self.positions)

    def behind(self, end: Mapping[int, int]) -> set[tuple[int, int]]:
        """Partitions with something to read on, and from which offset."""
        return {(p, next_) for p, last in end.items() if (next_ := self.offsets.get(p, 0)) < last}

    def unhandled(self, partition: int, events: Iterable[Arrived | None]) -> list[Arrived]:
        """Those of the events that it hears and has not handled."""
        at = {source: self.positions.get((source, partition), 0) for source in self.sources}
        found = []
        for event in events:
            if event is not None and event.delivery.position > at.get(event.source, event.delivery.position):
                found.append(event)
                at[event.source] = event.delivery.position  # what a killed relay sent again counts once
        return found


@dataclass(frozen=True, slots=True)
class Behind:
    """Events not handled yet, and when the oldest of them was recorded; None without one, or when it can't be read."""

    events: int = 0
    since: datetime | None = None


async def places(conn: Connection, service: str) -> dict[str, At]:
    """Where the consumers of a service are."""
    rows = await conn.fetch(_PLACES.format(service=service))
    return {name: At({(s, p): at for s, p, at in positions}, dict(offsets or ())) for name, positions, offsets in rows}


async def behind(topic: Topic, consumers: Mapping[str, At]) -> dict[str, Behind]:
    """Of each consumer, at about this moment."""
    end = await topic.end()
    wanted = {place for at in consumers.values() for place in at.behind(end)}
    found = await topic.first(wanted, WALK)
    return {name: _judged(at, found, end) for name, at in consumers.items()}


def _judged(
    at: At, found: Mapping[tuple[int, int], Sequence[tuple[int, Arrived | None]]], end: Mapping[int, int]
) -> Behind:  # fmt: skip
    events, times = 0, list[datetime]()
    for partition, begin in at.behind(end):
        seen = found.get((partition, begin), ())
        further = max(0, end[partition] - (seen[-1][0] + 1 if seen else begin))
        waiting = at.unhandled(partition, (event for _, event in seen))
        events += len(waiting) + further
        first = waiting[0] if waiting else seen[-1][1] if seen and further else None
        if first is not None and (time := first.delivery.recorded) is not None:
            times.append(time)
    return Behind(events, min(times, default=None))
