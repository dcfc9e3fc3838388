"""The ports in memory: what the behaviour suites compare PostgreSQL with, and the quickest place to try a consumer.

A session works on copies that replace the originals at the end of the block, so it commits whole or not at all.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from libs.events.envelope import encode
from libs.events.errors import AlreadyAppended, Gap, VersionConflict
from libs.events.ports import Batch, Clock, Delivery, Entry
from libs.events.unit import Unit

Place = tuple[str, int]
"""A source and a partition of it."""


@dataclass
class Memory:
    """What a database would hold: the logs, and per consumer its checkpoints, parked events and effects."""

    logs: dict[str, list[Delivery]] = field(default_factory=dict)
    checkpoints: dict[str, dict[Place, int]] = field(default_factory=dict)
    parked: dict[str, list[tuple[str, Delivery, str]]] = field(default_factory=dict)
    effects: dict[str, Any] = field(default_factory=dict)
    _ids: dict[str, set[UUID]] = field(default_factory=dict, repr=False)

    def append(self, source: str, entries: Sequence[Entry]) -> None:
        """Append all or nothing; raises VersionConflict for a known id or a taken place in a stream."""
        log = self.logs.setdefault(source, [])
        known = set(self._ids.get(source, ()))
        added: list[Delivery] = []
        for entry in entries:
            taken = sum(d.subject == entry.envelope.subject for d in (*log, *added))
            if entry.envelope.id in known:
                raise AlreadyAppended("id")
            if entry.version is not None and entry.version != taken + 1:
                raise VersionConflict("stream, version")
            known.add(entry.envelope.id)
            position = len(log) + len(added) + 1
            event = entry.envelope
            added.append(Delivery(position, event.subject, event.type, encode(event)))
        log += added
        self._ids[source] = known


@dataclass
class MemorySession:
    """One transaction of one consumer (see libs.events.ports.Session)."""

    unit: Unit
    checkpoints: dict[Place, int]
    waiting: list[tuple[str, Delivery, str]]

    async def checkpoint(self, source: str, partition: int) -> int:
        """The position."""
        return self.checkpoints.get((source, partition), 0)

    async def move(self, source: str, partition: int, position: int) -> None:
        """Move the checkpoint; a move backwards raises Gap."""
        if position < self.checkpoints.get((source, partition), 0):
            raise Gap(f"the checkpoint of {source} would move back to {position}")
        self.checkpoints[source, partition] = position

    async def parked(self, source: str, subjects: Sequence[str]) -> set[str]:
        """Those of the subjects that have a parked event of this source."""
        return {d.subject for s, d, _ in self.waiting if s == source and d.subject in subjects}

    async def park(self, source: str, partition: int, delivery: Delivery, reason: str) -> None:
        """Set an event aside."""
        self.waiting.append((source, delivery, reason))


@dataclass
class MemorySessions:
    """Opens sessions of one consumer; `conn` of its unit is a copy of what the consumer wrote so far."""

    memory: Memory
    service: str
    consumer: str
    clock: Clock
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[MemorySession]:
        """A transaction that commits at the end of the block and rolls back on any exception."""
        async with self._lock:
            effects = deepcopy(self.memory.effects.get(self.consumer, []))
            unit = Unit(self.service, self.consumer, effects, self.clock.now())
            checkpoints = dict(self.memory.checkpoints.get(self.consumer, {}))
            session = MemorySession(unit, checkpoints, list(self.memory.parked.get(self.consumer, [])))
            yield session
            self.memory.append(self.service, unit.pending)
            self.memory.effects[self.consumer] = effects
            self.memory.checkpoints[self.consumer] = session.checkpoints
            self.memory.parked[self.consumer] = session.waiting

    async def checkpoints(self) -> dict[Place, int]:
        """Where the consumer is."""
        return dict(self.memory.checkpoints.get(self.consumer, {}))


@dataclass
class MemorySubscription:
    """Brings batches of several sources in turn."""

    memory: Memory
    positions: dict[str, int]
    size: int = 500
    lose: Callable[[Delivery], bool] = field(default=lambda delivery: False)

    def seek(self, source: str, partition: int, position: int) -> None:
        """Bring what comes after this position again."""
        self.positions[source] = position

    async def next(self, timeout: float) -> Batch | None:
        """The next batch of any source, or None."""
        for source, after in list(self.positions.items()):
            log = self.memory.logs.get(source, [])[after : after + self.size]
            if log:
                self.positions[source] = self.positions.pop(source) + len(log)
                kept = [delivery for delivery in log if not self.lose(delivery)]
                return Batch(source, 0, kept[0].position - 1 if kept else after, kept)
        return None
