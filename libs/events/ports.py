"""Contracts between the events and what carries them, told before they are coded.

**Position.** Each service has one log. An event's position is its place in it: 1, 2, 3, without holes, in
the order of commit. A reader that has seen position n has seen everything up to n.

**Partition.** What a consumer reads from one source in one order. The embedded transport has one per
source (number 0); Kafka has as many as the topic. Order is promised per source and subject, never between
sources.

**Checkpoint.** Per consumer, source and partition: the position of the last event that was applied or
parked. It is kept in the consumer's own database and moves in the transaction of the effect, so an event
has had its effect exactly when the checkpoint is at or past it. An event at or below it is a duplicate and
is skipped; that is the whole deduplication.

**Gap.** A batch says the position it follows on (`previous`). When that is past the checkpoint, an event was
lost on the way, and the consumer stops: it never skips.

**Delivery** is at least once, in order; effect is exactly once as long as it is written through the session.
What a consumer does outside (a letter, a question to the BRP) may happen twice.
"""

from collections.abc import Awaitable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol

from libs.events.catalogue import Event
from libs.events.envelope import Envelope, decode


@dataclass(frozen=True, slots=True)
class Entry:
    """An event to be appended. `version` is its place in the stream when the writer has to know, else the next.

    `tenant` is who may see it: a partner at intake, a municipality everywhere else, None for nobody but the
    services themselves.
    """

    envelope: Envelope
    tenant: str | None = None
    version: int | None = None


@lru_cache(4096)
def _decoded(raw: bytes, position: int, name: str) -> Envelope:
    """Decoding is a tenth of all work, and ten consumers of one process hear the same event at about the same time."""
    return decode(raw, position, name)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One recorded event as it arrives; `raw` is read only by who wants to know."""

    position: int
    subject: str
    type: str
    raw: bytes

    def envelope(self) -> Envelope:
        """The event; raises Unreadable."""
        return _decoded(self.raw, self.position, self.type)


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive events of one source and partition; `previous` is the position the first follows on."""

    source: str
    partition: int
    previous: int
    deliveries: Sequence[Delivery] = field(default_factory=list)

    @property
    def last(self) -> int:
        """Position of the last event."""
        return self.deliveries[-1].position if self.deliveries else self.previous


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> datetime:
        """Aware, in UTC."""
        ...


class Subscription(Protocol):
    """Brings one consumer its batches."""

    async def next(self, timeout: float) -> Batch | None:
        """The next batch of any source, or None when nothing came within `timeout` seconds."""
        ...

    def seek(self, source: str, partition: int, position: int) -> None:
        """Bring what comes after this position again."""
        ...


class Session(Protocol):
    """One transaction of one consumer: effects, checkpoint and new events commit together or not at all."""

    unit: Any

    async def checkpoint(self, source: str, partition: int) -> int:
        """The position, locked until the end of the transaction."""
        ...

    async def move(self, source: str, partition: int, position: int) -> None:
        """Move the checkpoint; a move backwards raises Gap."""
        ...

    async def parked(self, source: str, subjects: Sequence[str]) -> set[str]:
        """Those of the subjects that have a parked event of this source: their later events wait behind it."""
        ...

    async def park(self, source: str, partition: int, delivery: Delivery, reason: str) -> None:
        """Set an event aside, to be listed, fixed and retried in order."""
        ...


class Sessions(Protocol):
    """Opens sessions of one consumer."""

    def begin(self) -> AbstractAsyncContextManager[Session]:
        """A transaction that commits at the end of the block and rolls back on any exception."""
        ...

    async def checkpoints(self) -> dict[tuple[str, int], int]:
        """Where the consumer is, for starting a subscription."""
        ...


class Consumer(Protocol):
    """What hears events: a reaction (runs once, may emit) or a view (only folds, may be replayed)."""

    @property
    def name(self) -> str:
        """Its name, for ever."""
        ...

    @property
    def hears(self) -> frozenset[str]:
        """Stored names of the events it hears."""
        ...

    def prepare(self, events: Sequence[Envelope], /) -> Awaitable[Any]:
        """Ask the outside world, no transaction open. The answer goes to `apply`."""
        ...

    def apply(self, unit: Any, events: Sequence[Envelope], prepared: Any, /) -> Awaitable[None]:
        """Write the effects in the order of the events. The outcome may not depend on how they are batched."""
        ...


def sources_of(hears: Sequence[type[Event]]) -> tuple[str, ...]:
    """The services whose logs hold these events."""
    return tuple(dict.fromkeys(kind.owner for kind in hears))
