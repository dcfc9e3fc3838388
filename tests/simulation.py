"""A seeded simulation of the bus: the real processor over the in-memory transport, with everything that can go wrong.

Batches come again, come late, come from the sources in any order and in any size; events are poisoned, the outside is
away, two members of one consumer take turns within each other's steps, the connection to the database breaks before a
commit or after it, and the process dies at any crash point and starts again from its checkpoints. One seed is one
schedule, always the same.
"""

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from libs.events import processor as processing
from libs.events.catalogue import CaseClosed, HelpEnded
from libs.events.envelope import Envelope
from libs.events.errors import Transient
from libs.events.failure import Retry
from libs.events.ids import derived
from libs.events.memory import Memory, MemorySession, MemorySessions, MemorySubscription
from libs.events.ports import Batch, Entry
from libs.events.processor import Processor, ProcessorStopped
from libs.events.unit import Unit
from libs.events.values import Eindresultaat
from tests.invariants import Broken

SOURCES = ("outreach", "escalation")
SERVICE, CONSUMER = "monitoring", "monitoring.recorder"
NOW, TODAY = datetime(2026, 3, 2, 9, tzinfo=UTC), date(2026, 3, 2)
EVENTS, CASES, MOST_STEPS = 14, 4, 600


class NotAtRest(Broken):
    """There is still something to do, and nobody does it."""


class Died(BaseException):
    """The process was killed here."""


@dataclass
class Stopped:
    """A clock that stands."""

    def now(self) -> datetime:
        """Always the same."""
        return NOW


@dataclass
class Recorder:
    """Writes down what it applied and says one event for each; fails by chance and where poisoned."""

    chance: random.Random
    poison: frozenset[UUID]
    away: float
    name: str = CONSUMER
    hears: frozenset[str] = frozenset({CaseClosed.name()})

    async def prepare(self, events: Sequence[Envelope]) -> None:
        """Others get their turn here; sometimes nobody answers."""
        for _ in range(self.chance.randrange(3)):
            await asyncio.sleep(0)
        if self.chance.random() < self.away:
            raise Transient("away")

    async def apply(self, unit: Unit, events: Sequence[Envelope], prepared: Any) -> None:
        """One effect and one event each, in order."""
        for event in events:
            unit.conn.append(str(event.id))
            unit.emit(HelpEnded(zaak_id=UUID(event.subject), datum=TODAY), subject=UUID(event.subject), cause=event)
            if event.id in self.poison:
                raise ValueError("poison")


@dataclass
class Bus(MemorySubscription):
    """Delivers as a bad network would: nothing, less, from either source, or what was delivered before."""

    chance: random.Random = field(default_factory=random.Random)
    most: int = 5
    """A batch has fewer events than this, and one of 1 has one."""
    again: float = 0.2
    """The odds that what was delivered comes again, from any place."""

    async def next(self, timeout: float) -> Batch | None:
        """The next batch, whatever next means."""
        await asyncio.sleep(0)
        if self.chance.random() < 0.2:
            return None
        sources = list(self.positions)
        self.chance.shuffle(sources)
        self.positions = {source: self.positions[source] for source in sources}
        if self.chance.random() < self.again and self.positions[sources[0]]:
            self.positions[sources[0]] = self.chance.randrange(self.positions[sources[0]])
        self.size = self.chance.randrange(1, self.most) if self.most > 1 else 1
        return await super().next(timeout)


@dataclass
class Breaking(MemorySessions):
    """A database whose connection breaks: before the commit, or after it and nobody was told."""

    chance: random.Random = field(default_factory=random.Random)
    breaks: float = 0.0

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[MemorySession]:
        """A transaction of which the outcome may be unknown."""
        async with super().begin() as session:
            yield session
            if self.chance.random() < self.breaks:
                raise ConnectionResetError("before the commit")
        if self.chance.random() < self.breaks:
            raise ConnectionResetError("after the commit")


class Impatient(Processor):
    """The real one, but for its clock: it does not wait before it tries again."""

    async def _pause(self, verdict: Retry, stop: asyncio.Event | None) -> None:
        await asyncio.sleep(0)


@dataclass
class Simulation:
    """One schedule."""

    seed: int
    lost: bool = False
    """Lose one event on the way: it must be noticed."""

    memory: Memory = field(default_factory=Memory)
    deaths: int = 0

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.entries = {source: self._said() for source in SOURCES}
        said = [e.envelope.id for entries in self.entries.values() for e in entries]
        self.poison = frozenset(said[: self.chance.randrange(3)] if self.chance.random() < 0.5 else ())
        self.missing = self.chance.choice(said) if self.lost else None
        self.consumer = Recorder(self.chance, self.poison, self.chance.choice((0, 0.1, 0.3)))
        self.death = self.chance.choice((0, 0.02, 0.08))
        self.breaks = self.chance.choice((0, 0.03, 0.12))

    def _said(self) -> list[Entry]:
        unit = Unit("outreach", "test", None, NOW)
        cases = [UUID(int=self.chance.getrandbits(128), version=4) for _ in range(CASES)]
        for _ in range(EVENTS):
            case = self.chance.choice(cases)
            closed = CaseClosed(zaak_id=case, resultaat=next(iter(Eindresultaat)), datum=TODAY)
            unit.emit(closed, subject=case, id=UUID(int=self.chance.getrandbits(128), version=4))
        self.chance.shuffle(unit.pending)
        return unit.pending

    def member(self) -> Processor:
        """A process of the consumer, started where its checkpoints are."""
        at = self.memory.checkpoints.get(CONSUMER, {})
        bus = Bus(self.memory, {s: at.get((s, 0), 0) for s in SOURCES}, lose=self._loses, chance=self.chance)
        bus.most = 1 if self.lost else 5
        return Impatient(self.consumer, bus, self.sessions)

    def _loses(self, delivery: Any) -> bool:
        return self.missing is not None and delivery.envelope().id == self.missing

    async def run(self) -> None:
        """Events come while two members handle them, until all are at rest."""
        self.sessions = Breaking(self.memory, SERVICE, CONSUMER, Stopped(), chance=self.chance, breaks=self.breaks)
        coming = [(source, entry) for source in SOURCES for entry in self.entries[source]]
        members = [self.member(), self.member()]
        for _ in range(MOST_STEPS):
            for _ in range(self.chance.randrange(4)):
                if coming:
                    source = self.chance.choice(sorted({s for s, _ in coming}))
                    place = next(n for n, (s, _) in enumerate(coming) if s == source)
                    self.memory.append(source, [coming.pop(place)[1]])
            if not coming and self._at_rest():
                return
            who = list(range(len(members)))[: self.chance.randrange(1, 3)]
            done = await asyncio.gather(*(members[n].step(0) for n in who), return_exceptions=True)
            for n, outcome in zip(who, done, strict=True):
                if isinstance(outcome, Died):
                    members[n] = self.member()
                elif isinstance(outcome, BaseException):
                    raise outcome
        raise NotAtRest([f"lost: not at rest after {MOST_STEPS} steps: {self.memory.checkpoints}"])

    def _at_rest(self) -> bool:
        at = self.memory.checkpoints.get(CONSUMER, {})
        return all(at.get((s, 0), 0) == len(self.memory.logs.get(s, [])) for s in SOURCES)

    def point(self, name: str) -> None:
        """What a crash point of the processor does here."""
        if self.chance.random() < self.death:
            self.deaths += 1
            raise Died(name)

    def broken(self) -> list[str]:
        """Lost, done twice, out of order, parked out of order, said twice, said under another id."""
        found: list[str] = []
        effects = [UUID(one) for one in self.memory.effects.get(CONSUMER, [])]
        parked = [delivery.envelope().id for _, delivery, _ in self.memory.parked.get(CONSUMER, [])]
        if len(set(effects)) != len(effects):
            found.append("twice: an effect")
        for source in SOURCES:
            in_order: defaultdict[str, list[UUID]] = defaultdict(list)
            for entry in self.entries[source]:
                in_order[entry.envelope.subject].append(entry.envelope.id)
            for subject, ids in in_order.items():
                bad = next((n for n, one in enumerate(ids) if one in self.poison), len(ids))
                mine = [e for e in effects if e in set(ids)]
                if mine != ids[:bad]:
                    kind = "order" if set(mine) == set(ids[:bad]) else "lost"
                    found.append(f"{kind}: effects of {source} {subject}")
                if [p for p in parked if p in set(ids)] != ids[bad:]:
                    found.append(f"lost: of {source} {subject} not the poisoned waits and what follows on it")
        emitted = [delivery.envelope().id for delivery in self.memory.logs.get(SERVICE, [])]
        if sorted(emitted) != sorted(derived(effect, f"{CONSUMER}:1") for effect in effects):
            found.append("twice: what follows was not said once, under the id that follows from its cause")
        return found


def simulate(seed: int) -> Simulation:
    """Run one schedule. Raises Broken."""
    found = Simulation(seed)
    with _dying(found):
        asyncio.run(found.run())
    if broken := found.broken():
        raise Broken(broken)
    return found


def simulate_loss(seed: int) -> None:
    """Run one schedule in which an event is lost on the way. Raises Broken when it was passed over."""
    found = Simulation(seed, lost=True)
    with _dying(found), suppress(ProcessorStopped, NotAtRest):
        asyncio.run(found.run())
    (source, position) = next(
        (source, place)
        for source in SOURCES
        for place, entry in enumerate(found.entries[source], 1)
        if entry.envelope.id == found.missing
    )
    at = found.memory.checkpoints.get(CONSUMER, {}).get((source, 0), 0)
    if at >= position:
        raise Broken([f"gap: {source}: {position} was lost, and the checkpoint is at {at}"])


@contextmanager
def _dying(simulation: Simulation) -> Iterator[None]:
    real = processing.crash_point, processing.log
    processing.crash_point, processing.log = simulation.point, Silent()
    try:
        yield
    finally:
        processing.crash_point, processing.log = real


class Silent:
    """A log that nobody reads: schedules come by the thousand."""

    def info(self, event: str, **more: Any) -> None:
        """Say nothing."""

    warning = error = info
