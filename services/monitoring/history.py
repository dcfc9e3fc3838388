"""Where the events come from that a view is made of anew: the logs in its own database, or the topic.

Whoever reads keeps the places it has reached: a position per source and partition, and in a topic an offset per
partition. Between two readings they may be stored, and another process may go on from there.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import asyncpg

from libs.events.kafka.audit import Had, Walked, lowest, of_consumer, walked
from libs.events.kafka.places import Place
from libs.events.kafka.topic import Topic
from libs.events.ports import Batch
from libs.events.postgres.log import head, read

BATCH = 2_000
FIRST = ("matching", "intake")
"""Read first: rows of a signal are written once when its link is known."""


def rank(source: str) -> int:
    """Its place in the order of reading."""
    return FIRST.index(source) if source in FIRST else len(FIRST)


End = Mapping[Any, int]
"""How far to read: the last position per source, or in a topic the offset per partition at which to stop."""


@dataclass(slots=True)
class Reached:
    """How far a reader is."""

    positions: dict[Place, int] = field(default_factory=dict)
    offsets: dict[int, int] = field(default_factory=dict)

    def behind(self, stretch: "Stretch") -> "Reached":
        """How far it is behind a stretch."""
        read = {(batch.source, batch.partition): batch.last for batch in stretch.batches}
        return Reached({**self.positions, **read}, {**self.offsets, **stretch.offsets})


@dataclass(frozen=True, slots=True)
class Stretch:
    """What comes next of some sources and partitions, each in order; `offsets` are where to read on in a topic."""

    batches: Sequence[Batch]
    offsets: Mapping[int, int] = field(default_factory=dict)


class History(Protocol):
    """Every event from the first."""

    @property
    def name(self) -> str:
        """What it is read from; what one history began another may not go on with."""
        ...

    async def end(self, sources: Collection[str]) -> End:
        """Where it ends now."""
        ...

    def read(self, sources: Collection[str], reached: Reached, end: End) -> AsyncIterator[Stretch]:
        """What these sources said from where a reader is. Raises Gap where an event is missing."""
        ...

    async def lacks(self, consumer: str, had: Had, reached: Reached) -> list[str]:
        """Where it ends before what a consumer has had, by what a reader of all of it has reached; a sentence each."""
        ...


@dataclass(frozen=True, slots=True)
class Logs:
    """The logs of all services in one database."""

    conn: asyncpg.Connection
    name: str = "logs"

    async def end(self, sources: Collection[str]) -> End:
        """The last position of each."""
        return {source: await head(self.conn, source) for source in sources}

    async def read(self, sources: Collection[str], reached: Reached, end: End) -> AsyncIterator[Stretch]:
        """One log after the other; a log has no holes."""
        for source in sorted(sources, key=rank):
            after, last = reached.positions.get((source, 0), 0), end[source]
            while after < last:
                batch = await read(self.conn, source, after, min(BATCH, last - after))
                if not batch.deliveries:
                    break
                after = batch.last
                yield Stretch([batch])

    async def lacks(self, consumer: str, had: Had, reached: Reached) -> list[str]:
        """Nothing: a consumer has had what it read here."""
        return []


@dataclass(frozen=True, slots=True)
class Published:
    """The topic, where each service has a database of its own. It gives all sources: their order is checked too."""

    topic: Topic

    @property
    def name(self) -> str:
        """By the topic."""
        return f"topic {self.topic.cluster.topic}"

    async def end(self, sources: Collection[str]) -> End:
        """The offsets behind the last messages."""
        return await self.topic.end()

    async def read(self, sources: Collection[str], reached: Reached, end: End) -> AsyncIterator[Stretch]:
        """All partitions side by side."""
        async for batches, behind in self.topic.read(reached.positions, reached.offsets, end):
            yield Stretch(batches, behind)

    async def lacks(self, consumer: str, had: Had, reached: Reached) -> list[str]:
        """By what the reader itself has reached: one that went on in a topic of the same name that was made anew has
        missed what was published there before its offsets. Counted where it seems so."""
        if not of_consumer(consumer, had, Walked(reached.positions)):
            return []
        found = await walked(self.topic, lowest(had))
        return of_consumer(consumer, had, Walked(reached.positions, counts=found.counts))
