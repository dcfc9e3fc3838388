"""The topic held against what the databases say: what was published, what the logs hold, what a consumer has had.

What is asked of a database before the topic is read must be in the topic; what is asked after it may not be less.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from libs.events.kafka.places import Place
from libs.events.kafka.topic import Topic
from libs.events.postgres.log import Connection


@dataclass(frozen=True, slots=True)
class Said:
    """What the database of a service says: the last position of its log, the mark of its relay, and per partition the
    last position that was published."""

    head: int
    mark: int
    last: tuple[int, ...]


async def said(conn: Connection, service: str) -> Said:
    """At this moment."""
    (row,) = await conn.fetch(f"SELECT h.position, r.position, r.last FROM {service}.head h, {service}.relay r")
    return Said(row[0], row[1], tuple(row[2]))


@dataclass(slots=True)
class Walked:
    """What the topic holds: the last position per source and partition, how many events, and how many of a source are
    at or before the positions that were asked for."""

    last: dict[Place, int] = field(default_factory=dict)
    events: int = 0
    counts: dict[tuple[str, int], int] = field(default_factory=dict)


async def walked(topic: Topic, upto: Collection[tuple[str, int]] = ()) -> Walked:
    """From the first message to the last there is now. Raises Gap."""
    found = Walked(counts=dict.fromkeys(upto, 0))
    async for batches, _ in topic.read({}, {}, await topic.end()):
        for batch in batches:
            found.last[batch.source, batch.partition] = batch.last
            found.events += len(batch.deliveries)
            for source, most in found.counts:
                if source == batch.source:
                    found.counts[source, most] += sum(d.position <= most for d in batch.deliveries)
    return found


def of_source(service: str, found: Walked, before: Said, after: Said) -> list[str]:
    """What is wrong between the log of a service and the topic, a sentence each."""
    wrong = []
    for partition, published in enumerate(before.last):
        if (there := found.last.get((service, partition), 0)) < published:
            wrong.append(
                f"partition {partition} of the topic ends at position {there} of {service}, and its relay had "
                f"published {published}: the topic lost its end, or it is another topic"
            )
    beyond = max((at for (source, _), at in found.last.items() if source == service), default=0)
    if beyond > after.head:
        wrong.append(
            f"the topic holds position {beyond} of {service}, and its log ends at {after.head}: its database was put "
            "back to before it said what others have heard"
        )
    return wrong


Had = Mapping[str, Sequence[int]]
"""What a consumer has had: per source its position in each partition."""


def lowest(had: Had) -> set[tuple[str, int]]:
    """Per source the position up to which it has had every partition."""
    return {(source, min(positions)) for source, positions in had.items()}


def of_consumer(name: str, had: Had, found: Walked) -> list[str]:
    """Where the topic ends before what a consumer has had of it; `found.counts` are of its `lowest`.

    One that read the logs themselves before (libs.events.postgres.sessions) has in every partition at least the
    position at which it changed over. There it lacks nothing when all positions up to that one are in the topic.
    """
    wrong = []
    for source, positions in had.items():
        floor = min(positions)
        whole = found.counts.get((source, floor)) == floor
        for partition, at in enumerate(positions):
            there = found.last.get((source, partition), 0)
            if there < at and not (whole and at == floor):
                wrong.append(
                    f"{name} has had position {at} of {source}, and partition {partition} of the topic ends at "
                    f"{there}: the topic lost its end, or it is another topic"
                )
    return wrong
