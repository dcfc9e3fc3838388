"""How events get to a consumer, and where it is."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from libs.events import processor
from libs.events.errors import Gap
from libs.events.memory import Memory, MemorySubscription
from libs.events.ports import Batch
from libs.events.postgres import log, subscription
from libs.events.postgres.wakeup import set_within
from libs.events.processor import Processor

Patch = pytest.MonkeyPatch


def cursor_skips(patch: Patch) -> None:
    """A subscription passes over the event behind its position and says that nothing is missing."""

    async def read_each(conn: Any, places: Mapping[str, int], limit: int) -> list[Batch]:
        further = {source: after + 1 if after else 0 for source, after in places.items()}
        return [replace(one, previous=places[one.source]) for one in await log.read_each(conn, further, limit)]

    patch.setattr(subscription, "read_each", read_each)


def starts_at_the_end(patch: Patch) -> None:
    """A new consumer begins with what comes from now on ("latest")."""

    real = MemorySubscription.__init__

    def begin(self: MemorySubscription, memory: Memory, positions: dict[str, int], *more: Any, **named: Any) -> None:
        real(self, memory, {source: len(memory.logs.get(source, [])) for source in positions}, *more, **named)

    patch.setattr(MemorySubscription, "__init__", begin)


async def _events(self: Processor, batch: Batch) -> tuple[list[Any], Any]:
    events = [d.envelope() for d in batch.deliveries if d.type in self.consumer.hears]
    return events, await self.consumer.prepare(events) if events else None


def checkpoint_before_effect(patch: Patch) -> None:
    """The checkpoint is committed first, the effect after it."""

    async def apply(self: Processor, batch: Batch) -> None:
        events, prepared = await _events(self, batch)
        async with self.sessions.begin() as session:
            at = await session.checkpoint(batch.source, batch.partition)
            if at != batch.previous:
                return self._moved_meanwhile(batch, at)
            await session.move(batch.source, batch.partition, batch.last)
        processor.crash_point("between")
        async with self.sessions.begin() as session:
            await self.consumer.apply(session.unit, events, prepared)
        return None

    patch.setattr(Processor, "_apply", apply)


def effect_before_checkpoint(patch: Patch) -> None:
    """The effect is committed first, the checkpoint after it."""

    async def apply(self: Processor, batch: Batch) -> None:
        events, prepared = await _events(self, batch)
        async with self.sessions.begin() as session:
            at = await session.checkpoint(batch.source, batch.partition)
            if at != batch.previous:
                return self._moved_meanwhile(batch, at)
            await self.consumer.apply(session.unit, events, prepared)
        processor.crash_point("between")
        async with self.sessions.begin() as session:
            await session.move(batch.source, batch.partition, batch.last)
        return None

    patch.setattr(Processor, "_apply", apply)


def no_duplicate_check(patch: Patch) -> None:
    """What was applied already is applied again when it comes again."""

    async def apply(self: Processor, batch: Batch) -> None:
        events, prepared = await _events(self, batch)
        async with self.sessions.begin() as session:
            at = await session.checkpoint(batch.source, batch.partition)
            if at < batch.previous:
                raise Gap
            await self.consumer.apply(session.unit, events, prepared)
            await session.move(batch.source, batch.partition, max(at, batch.last))

    patch.setattr(Processor, "_apply", apply)


def gap_ignored(patch: Patch) -> None:
    """A batch that follows on more than was applied is taken as if it did not."""
    real = Processor._apply

    async def apply(self: Processor, batch: Batch) -> None:
        at = (await self.sessions.checkpoints()).get((batch.source, batch.partition), 0)
        await real(self, replace(batch, previous=at) if at < batch.previous else batch)

    patch.setattr(Processor, "_apply", apply)


def seek_forgotten(patch: Patch) -> None:
    """After a batch that was dropped because the checkpoint had moved, nobody goes back to the checkpoint."""

    def moved(self: Processor, batch: Batch, at: int) -> None:
        if at < batch.previous:
            raise Gap

    patch.setattr(Processor, "_moved_meanwhile", moved)


def wake_up_is_delivery(patch: Patch) -> None:
    """Nobody looks in the log unless told to; a lost wake-up loses events."""

    async def following(self: subscription.PostgresSubscription, timeout: float) -> Batch | None:
        await set_within(self._grown, timeout)
        if self._grown.is_set():
            await self._look()
        return self._fetched.popleft() if self._fetched else None

    patch.setattr(subscription.PostgresSubscription, "next", following)
