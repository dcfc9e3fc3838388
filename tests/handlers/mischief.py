"""What can go wrong around a real handler on a real database, drawn from the seed of a schedule.

A member is one process of a consumer: a subscription that delivers as a bad network would, sessions that break, an
outside that is away, and a death at any crash point. Members take turns within each other's transactions: one waits
where it is until the other is done, or waits for one of its locks. So every lock is met, and one seed is still one
schedule.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from libs.events.consumer import Reaction, View
from libs.events.envelope import Envelope
from libs.events.errors import Transient
from libs.events.memory import Memory
from libs.events.ports import Batch
from libs.events.postgres.sessions import PostgresSession, PostgresSessions
from tests import simulation
from tests.simulation import Died, Impatient

PLACES = ("asking", "asked", "begun", "applied", "applied", "ending", "ending", "ended")
"""Where another member may come between: mostly where something is written and not committed."""

LOOK_SECONDS = 0.003
"""From one look at whether the other waits for a lock to the next; when changes nothing, only how often."""

AT_WORK: ContextVar["Member | None"] = ContextVar("at_work", default=None)
"""Whose step the running code belongs to."""

Applied = tuple[str, Envelope]
"""A consumer and an event whose effect was committed."""


@dataclass(frozen=True)
class Odds:
    """How bad the day is: the odds of each kind of mischief at each occasion."""

    away: float = 0.0
    breaks: float = 0.0
    death: float = 0.0
    again: float = 0.0
    most: int = 2
    """A batch has fewer events than this."""

    @classmethod
    def drawn(cls, chance: random.Random) -> "Odds":
        """Of a schedule."""
        return cls(
            chance.choice((0, 0.1, 0.3)), chance.choice((0, 0.05, 0.15)), chance.choice((0, 0.005, 0.015)),
            chance.choice((0, 0.08, 0.2)), chance.choice((2, 4, 8, 30)),
        )  # fmt: skip


@dataclass
class Bus(simulation.Bus):
    """The same bad network. A member that comes between another's work gets other logs than the other is busy with."""

    brought: str | None = None
    avoid: str | None = None

    async def next(self, timeout: float) -> Batch | None:
        """The next batch, for once of another source than `avoid`."""
        held = self.positions.pop(self.avoid, None) if self.avoid and len(self.positions) > 1 else None
        batch = await super().next(timeout)
        if held is not None and self.avoid is not None:
            self.positions[self.avoid] = held
        self.avoid, self.brought = None, batch.source if batch else self.brought
        return batch

    def behind(self) -> bool:
        """Whether something has come that it has not brought."""
        return any(at < len(self.memory.logs[source]) for source, at in self.positions.items())


@dataclass
class Member:
    """One process of a consumer."""

    real: Reaction | View
    opens: PostgresSessions
    chance: random.Random
    odds: Odds
    poison: frozenset[tuple[str, UUID]]
    blocked: Callable[[int], Awaitable[bool]]
    committed: list[Applied]
    pid: int = 0
    between: tuple[str, "Member"] | None = None
    other: "asyncio.Task[None] | None" = None
    interrupted: bool = False
    _written: list[Envelope] = field(default_factory=list)
    outcome: BaseException | None = None

    @property
    def name(self) -> str:
        """The consumer's."""
        return self.real.name

    @property
    def hears(self) -> frozenset[str]:
        """The consumer's."""
        return self.real.hears

    def start(self, memory: Memory, at: Mapping[str, int], lose: Callable[[Any], bool]) -> None:
        """Begin where the checkpoints are."""
        bus = Bus(memory, dict(at), lose=lose, chance=self.chance, most=self.odds.most, again=self.odds.again)
        self.bus, self.processor = bus, Impatient(self, bus, self)

    async def step(self) -> None:
        """The next batch, if one comes; how it ended is in `outcome`."""
        self.outcome, self.interrupted = None, False
        with self.at_work():
            try:
                await self.processor.step(0)
            except (Exception, Died) as error:
                self.outcome = error
            await self._alone()
        self.between = None

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """What runs here is ours: its crash points are our death."""
        before = AT_WORK.set(self)
        try:
            yield
        finally:
            AT_WORK.reset(before)

    async def prepare(self, events: Sequence[Envelope]) -> Any:
        """Ask the outside; sometimes it is away, sometimes its answer does not come."""
        await self._alone()
        await self._turn("asking")
        self._chance_of(self.odds.away, Transient("away"))
        found = await self.real.prepare(events)
        self._chance_of(self.odds.away / 3, Transient("no answer"))
        await self._turn("asked")
        return found

    async def apply(self, unit: Any, events: Sequence[Envelope], prepared: Any) -> None:
        """The real effect; fails where it is poisoned."""
        await self.real.apply(unit, events, prepared)
        self._written += events
        await self._turn("applied")
        if any((self.name, event.id) in self.poison for event in events):
            raise ValueError("poison")

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[PostgresSession]:
        """A real transaction of which the outcome may be unknown."""
        await self._alone()
        self._written.clear()
        async with self.opens.begin() as session:
            self.pid = session.conn.get_server_pid()
            await self._turn("begun")
            yield session
            await self._turn("ending")
            self._chance_of(self.odds.breaks, ConnectionResetError("before the commit"))
        await self._turn("ended")
        self._chance_of(self.odds.breaks, ConnectionResetError("after the commit"))

    async def checkpoints(self) -> dict[tuple[str, int], int]:
        """Where the consumer is."""
        return await self.opens.checkpoints()

    def point(self, name: str) -> None:
        """What a crash point does here.

        What is about to be committed is noted while its locks are held, so the notes of those who waited for them come
        behind it. After the commit it could be too late: a server frees the locks before it answers, and on a busy
        machine somebody else has gone on and committed by then (seen once in 100,000 schedules).
        """
        self._chance_of(self.odds.death, Died(name))
        if name == "sessions.before_commit":
            self.committed += [(self.name, event) for event in self._written]

    def _chance_of(self, odds: float, error: BaseException) -> None:
        if odds and self.chance.random() < odds:
            raise error

    async def _turn(self, place: str) -> None:
        """Another member's turn, if it is to come here: until it is done, or waits for a lock of ours."""
        if self.between is None or self.between[0] != place:
            return
        (_, member), self.between = self.between, None
        member.pid, self.interrupted, member.bus.avoid = 0, True, self.bus.brought
        self.other = asyncio.create_task(member.step())
        while True:
            await asyncio.wait({self.other}, timeout=LOOK_SECONDS)
            if self.other.done() or await self.blocked(member.pid):
                return

    async def _alone(self) -> None:
        """The other goes on to its end before we begin anything new: we hold no lock that it could wait for."""
        if self.other is not None:
            await self.other
            self.other = None


def passed(name: str, /) -> None:
    """What every crash point calls during a schedule."""
    if (member := AT_WORK.get()) is not None:
        member.point(name)
