"""One schedule with the real handlers of one group of consumers, and what must be true after it.

What is compared, and why it is strict:

- **Effects**: every event a consumer hears was committed once, per source and subject in order; at rest its
  checkpoints are at the heads, and what was poisoned, and only that and what follows on it, is parked until retried.
- **Serial**: the same handlers, undisturbed and from nothing (tests/handlers/undisturbed.py), hear the same events in
  the order in which they were committed, in batches as large as can be. What was said (ids, streams and versions,
  tenants, causes, contents, in the order of the log) and every row of every table must be the same. So nothing may
  depend on batches, on what came again or broke, or on what two members did at the same time.
- **Quiet**: for the groups of `CONVERGING` the rows must be those of the recorded order, whatever order the sources
  came in; of those one in ten, and each with something poisoned, is also compared with the serial run.

Left out are the random bytes of what is sealed, columns that count rows as written, and times of reading; random ids of
persons and addresses are called after what they stand for.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from uuid import UUID

from libs.events import crash
from libs.events import processor as processing
from libs.events.envelope import Envelope
from libs.events.memory import Memory
from libs.events.ports import Delivery
from libs.events.postgres import parked
from libs.events.processor import ProcessorStopped
from tests.handlers import undisturbed
from tests.handlers.mischief import PLACES, Applied, Member, Odds, passed
from tests.handlers.world import Group, Rows, World, differences
from tests.invariants import Broken
from tests.simulation import Died, NotAtRest, Silent

MOST_STEPS = 1500
CONVERGING = {"intake", "outreach", "monitoring.timeline", "monitoring.partners"}
"""Groups that end in the same rows for every interleaving of their sources."""

SHARES = (30, 60, 100)
"""Of what was recorded a schedule hears this many of a hundred, the first."""


@dataclass
class Schedule:
    """One seed."""

    world: World
    seed: int
    only: str | None = None
    lost: bool = False
    """Lose one event on the way: it must be noticed."""
    happened: Counter[str] = field(default_factory=Counter)
    committed: list[Applied] = field(default_factory=list)
    stopped: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.chance = chance = random.Random(self.seed)
        groups = self.world.groups
        drawn = chance.choice(sorted(groups))
        self.group: Group = groups[self.only or drawn]
        self.about = frozenset[UUID]().union(
            *chance.sample(self.world.households, chance.choice((1, 1, 1, 1, 1, 1, 2)))
        )
        self.share = chance.choice(SHARES)
        told = self.world.told_of(self.about, self.share)
        self.entries = {source: told[source] for source in self.group.sources}
        self.odds = Odds.drawn(chance)
        self.overlap = chance.choice((0, 0.15, 0.4))
        heard = [(c.name, e) for c in self.group.consumers for e in self._heard(c.name)]
        poisoned = chance.sample(heard, min(len(heard), chance.randrange(1, 3))) if chance.random() < 0.25 else []
        self.poison = frozenset((name, event.id) for name, event in poisoned)
        self.missing: tuple[str, Delivery] | None = None
        if self.lost:
            self.poison, self.odds = (
                frozenset(),
                Odds(self.odds.away, self.odds.breaks, self.odds.death, self.odds.again, 1),
            )
            places = [(s, d) for s, log in sorted(self.entries.items()) for d in log[:-1] or log]
            self.missing = chance.choice(places)

    def _heard(self, consumer: str) -> list[Envelope]:
        """All that a consumer has to apply, in the order of its sources' logs."""
        real = next(c for c in self.group.consumers if c.name == consumer)
        return [d.envelope() for s in real.sources for d in self.entries.get(s, ()) if d.type in real.hears]

    async def run(self) -> None:
        """Events come while members handle them, until all are at rest."""
        await self.world.empty(self.group)
        memory = Memory(logs={source: [] for source in self.entries})
        coming = {source: list(log) for source, log in self.entries.items()}
        members = [self._member(n, memory) for n in range(len(self.group.consumers) * 2)]
        for _ in range(MOST_STEPS):
            self._come(memory, coming)
            if not any(coming.values()) and await self._at_rest(members):
                return
            if self.missing is not None and self._stopping() <= self.stopped:
                return
            first = self._next(members)
            second = self._second(first, members)
            if self.chance.random() < self.overlap:
                members[first].between = self.chance.choice(PLACES), members[second]
            await members[first].step()
            self.happened["turns within another's"] += members[first].interrupted
            for n in (first, second):
                members[n] = await self._after(members[n], n, memory)
        raise NotAtRest([f"lost: not at rest after {MOST_STEPS} steps"])

    def _next(self, members: Sequence[Member]) -> int:
        """Mostly the first of two members, of a consumer that has something to do."""
        behind = [n for n, one in enumerate(members) if n % 2 == 0 and one.bus.behind()]
        if behind and self.chance.random() < 0.85:
            return self.chance.choice(behind)
        return self.chance.randrange(len(members))

    def _second(self, first: int, members: Sequence[Member]) -> int:
        """Another, mostly the other of the same consumer, and mostly no further behind than the first is."""
        if self.chance.random() < 0.3:
            return (first + self.chance.randrange(1, len(members))) % len(members)
        if self.chance.random() < 0.8:
            members[first ^ 1].bus.positions = dict(members[first].bus.positions)
        return first ^ 1

    def _member(self, n: int, memory: Memory, at: Mapping[tuple[str, int], int] | None = None) -> Member:
        """A process of a consumer, started where its checkpoints are; every consumer has two."""
        consumer = self.group.consumers[n // 2]
        opens, chance = self.group.sessions(consumer), random.Random(self.chance.getrandbits(64))
        member = Member(consumer, opens, chance, self.odds, self.poison, self.world.blocked, self.committed)
        member.start(memory, {s: at[s, 0] if at else 0 for s in consumer.sources}, self._loses)
        return member

    def _loses(self, delivery: Delivery) -> bool:
        return self.missing is not None and delivery is self.missing[1]

    def _come(self, memory: Memory, coming: dict[str, list[Delivery]]) -> None:
        for _ in range(self.chance.randrange(6)):
            if sources := [source for source, left in coming.items() if left]:
                source = self.chance.choice(sources)
                memory.logs[source].append(coming[source].pop(0))

    async def _after(self, member: Member, n: int, memory: Memory) -> Member:
        """Who died is followed by another; who stopped stays away."""
        error, member.outcome = member.outcome, None
        if isinstance(error, Died):
            self.happened["deaths"] += 1
            return self._member(n, memory, await member.checkpoints())
        if isinstance(error, ProcessorStopped) and self.lost:
            self.stopped.add(member.name)
            return self._member(n, memory, await member.checkpoints())
        if isinstance(error, ProcessorStopped):
            raise Broken([f"by hand: {member.name} stopped, and nothing was lost"])
        if error is not None:
            raise error
        return member

    def _stopping(self) -> set[str]:
        """Who can't go on: all that read the log in which something is missing, and something follows on it."""
        assert self.missing is not None
        source, delivery = self.missing
        last = delivery.position == len(self.entries[source])
        return {"nobody"} if last else {one.name for one in self.group.consumers if source in one.sources}

    async def passed_over(self) -> list[str]:
        """Consumers that are past the place of the lost event, or went on although something followed on it."""
        assert self.missing is not None
        source, delivery = self.missing
        rows = await self.world.admin.fetch(
            f"SELECT consumer, position FROM {self.group.service}.checkpoint WHERE source = $1 AND consumer = ANY($2)",
            source, [one.name for one in self.group.consumers],
        )  # fmt: skip
        found = [f"gap: {c}: {source} {delivery.position} was lost, and it is at {at}" for c, at in rows
                 if at >= delivery.position]  # fmt: skip
        unseen = self._stopping() - self.stopped - {"nobody"}
        return found + [f"gap: {one} did not stop at a gap in {source}" for one in sorted(unseen)]

    async def _at_rest(self, members: Sequence[Member]) -> bool:
        if any(one.bus.behind() for one in members[::2]):
            return False
        return not await self._behind()

    async def _behind(self) -> list[str]:
        rows = await self.world.admin.fetch(
            f"SELECT consumer, source, position FROM {self.group.service}.checkpoint WHERE consumer = ANY($1)",
            [one.name for one in self.group.consumers],
        )
        return [f"{c} at {at} of {s}" for c, s, at in rows if at != len(self.entries[s])]

    async def broken(self) -> list[str]:
        """All that does not hold at rest."""
        found = await self._parked() if self.poison else []
        found += self._effects() + [f"lost: {one}" for one in await self._behind()]
        rows = await self.world.rows(self.group)
        if self.group.name in CONVERGING:
            found += differences(await self._quiet(), rows, "quiet")
        if self.group.name not in CONVERGING or self.poison or self.chance.random() < 0.1:
            found += differences(await undisturbed.again(self.world, self.group, self.committed), rows, "serial")
        return found

    async def _parked(self) -> list[str]:
        """Exactly the poisoned and what follows on them waits; tried again without the poison, it is all applied."""
        group, found = self.group, list[str]()
        rows = await self.world.admin.fetch(f"SELECT consumer, source, position FROM {group.service}.parked")
        waiting = {tuple(row) for row in rows}
        if waiting != (expected := self._waiting()):
            found.append(f"lost: parked {sorted(waiting)}, not {sorted(expected)}")
        for consumer in (one for one in group.consumers if one.name in {name for name, _, _ in waiting}):
            member = Member(consumer, group.sessions(consumer), self.chance, Odds(), frozenset(), self.world.blocked,
                            self.committed)  # fmt: skip
            with member.at_work():
                await parked.retry(group.runtime.database.loop, group.service, member, member)  # type: ignore[arg-type]
        left = await self.world.admin.fetchval(f"SELECT count(*) FROM {group.service}.parked")
        return found + ([f"by hand: {left} wait on after a retry"] if left else [])

    def _waiting(self) -> set[tuple[str, str, int]]:
        found = set()
        for consumer in self.group.consumers:
            for source in consumer.sources:
                behind: set[str] = set()
                for one in self.entries[source]:
                    if one.type in consumer.hears and (
                        one.subject in behind or (consumer.name, one.envelope().id) in self.poison
                    ):
                        behind.add(one.subject)
                        found.add((consumer.name, source, one.position))
        return found

    def _effects(self) -> list[str]:
        """Once each, per source and subject in order."""
        found = []
        for consumer in self.group.consumers:
            done = [event for name, event in self.committed if name == consumer.name]
            times = Counter(event.id for event in done)
            heard = self._heard(consumer.name)
            found += [f"twice: {consumer.name} applied {i} {n} times" for i, n in times.items() if n > 1]
            found += [f"lost: {consumer.name} did not apply {e.id}" for e in heard if e.id not in times]
            if _in_streams(done) != _in_streams(heard):
                found.append(f"order: effects of {consumer.name}")
        return found

    async def _quiet(self) -> Rows:
        """What comes of the recorded order."""
        told = ((one.name, event) for one in self.group.consumers for event in self._heard(one.name))
        return await undisturbed.quiet(self.world, self.group, (self.about, self.share), told)


def _in_streams(events: Sequence[Envelope]) -> dict[tuple[str, str], list[UUID]]:
    found = defaultdict(list)
    for event in events:
        found[event.source, event.subject].append(event.id)
    return dict(found)


async def simulate(world: World, seed: int, only: str | None = None) -> Schedule:
    """Run one schedule. Raises Broken."""
    found = Schedule(world, seed, only)
    with disturbed():
        await found.run()
        broken = await found.broken()
    if broken:
        raise Broken([f"{one} ({found.group.name})" for one in broken])
    return found


async def simulate_loss(world: World, seed: int, only: str | None = None) -> Schedule:
    """Run one schedule in which an event is lost on the way. Raises Broken when somebody went on without it."""
    found = Schedule(world, seed, only, lost=True)
    with disturbed(), suppress(NotAtRest):
        await found.run()
    if broken := await found.passed_over():
        raise Broken(broken)
    return found


@contextmanager
def disturbed() -> Iterator[None]:
    """Crash points lead to the schedule, and nobody logs."""
    real = crash._act, processing.log
    crash._act, processing.log = passed, Silent()
    try:
        yield
    finally:
        crash._act, processing.log = real
