"""The one loop every consumer runs in, whatever brings the events.

A batch is handled in three steps: ask the outside world (no transaction open), then in one transaction
apply the effects in order, move the checkpoint and append what follows, then commit. A batch that fails
is handled again one event at a time, so that the one bad event is found and only its subject waits.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import assert_never

import structlog

from libs.events.crash import crash_point
from libs.events.errors import Gap
from libs.events.failure import Park, Retry, Stop, judge
from libs.events.ports import Batch, Consumer, Sessions, Subscription
from libs.events.stopping import until
from libs.events.tracing import handling

log = structlog.get_logger()

MOST_PARKED_IN_A_ROW = 50
"""More than this without one success between is a bad release, not bad events: the consumer stops."""


WAITS = "waits behind a parked event"
"""Why an event is parked that nothing is wrong with, as far as anybody knows."""


class ProcessorStopped(Exception):
    """A broken invariant: the process must end and be looked at."""


async def no_rest(worked: float) -> None:
    """Go on at once."""


@dataclass
class Processor:
    """Runs one consumer over one subscription; after each batch it rests, told how many seconds that took."""

    consumer: Consumer
    subscription: Subscription
    sessions: Sessions
    rest: Callable[[float], Awaitable[None]] = no_rest
    waiting_for: str | None = None
    parked_in_a_row: int = 0
    handled: int = 0
    """Events applied, parked or passed over since the start."""

    async def run(self, stop: asyncio.Event) -> None:
        """Handle batches until told to stop; the batch under way is finished first, one that does not come is left."""
        while not stop.is_set():
            await self.step(timeout=1.0, stop=stop)

    async def step(self, timeout: float, stop: asyncio.Event | None = None) -> bool:
        """Handle the next batch, if one comes in time; says whether it did."""
        try:
            asked = self.subscription.next(timeout)
            batch = await (asked if stop is None else until(stop, asked))
        except Exception as error:
            verdict = judge(error, attempt=1)
            if not isinstance(verdict, Retry):
                raise
            await self._pause(verdict, stop)
            return False
        self.waiting_for = None
        if batch is None or not batch.deliveries:
            return False
        begin = time.perf_counter()
        await self._handle(batch, stop)
        await self.rest(time.perf_counter() - begin)
        return True

    async def _handle(self, batch: Batch, stop: asyncio.Event | None) -> None:
        try:
            await self._apply(batch)
        except Gap as error:
            raise ProcessorStopped(self.consumer.name) from error
        except Exception as error:
            log.info(
                "batch_taken_apart", consumer=self.consumer.name, size=len(batch.deliveries), error=type(error).__name__
            )
            crash_point("processor.taken_apart")
            await self._one_by_one(batch, stop)

    async def _one_by_one(self, batch: Batch, stop: asyncio.Event | None) -> None:
        previous = batch.previous
        for delivery in batch.deliveries:
            single = replace(batch, previous=previous, deliveries=[delivery])
            if not await self._until_settled(single, stop):
                self.subscription.seek(batch.source, batch.partition, previous)
                return
            previous = delivery.position

    async def _until_settled(self, single: Batch, stop: asyncio.Event | None) -> bool:
        """Apply or park one event, however often it takes. False when told to stop before that."""
        attempt, settle = 0, self._apply
        while True:
            try:
                await settle(single)
                self.waiting_for = None
                return True
            except Exception as error:
                verdict = judge(error, attempt=attempt)
                match verdict:
                    case Retry():
                        attempt += 1
                        crash_point("processor.before_retry")
                        await self._pause(verdict, stop)
                        if stop is not None and stop.is_set():
                            return False
                    case Park(reason=reason) if settle == self._apply:
                        settle = partial(self._park, reason=reason)
                    case Park():
                        raise  # the event can't even be set aside: nothing of it is known to be kept
                    case Stop(reason=reason):
                        raise ProcessorStopped(f"{self.consumer.name}: {reason}") from error
                    case _:
                        assert_never(verdict)

    async def _pause(self, verdict: Retry, stop: asyncio.Event | None) -> None:
        self.waiting_for = verdict.reason
        log.warning("consumer_waits", consumer=self.consumer.name, reason=verdict.reason, seconds=verdict.after)
        if stop is None:
            await asyncio.sleep(verdict.after)
            return
        try:
            await asyncio.wait_for(stop.wait(), verdict.after)
        except TimeoutError:
            return

    async def _park(self, single: Batch, reason: str) -> None:
        """Set the event aside. One that comes behind a parked one of its subject waits, and is no alarm of its own."""
        crash_point("processor.before_park")
        delivery, alarm = single.deliveries[0], False
        async with self.sessions.begin() as session:
            if await session.checkpoint(single.source, single.partition) < delivery.position:
                alarm = not await session.parked(single.source, [delivery.subject])
                if alarm and self.parked_in_a_row >= MOST_PARKED_IN_A_ROW:
                    raise ProcessorStopped(f"{self.consumer.name}: more than {MOST_PARKED_IN_A_ROW} parked in a row")
                await session.park(single.source, single.partition, delivery, reason if alarm else WAITS)
                await session.move(single.source, single.partition, delivery.position)
        self.handled += 1
        crash_point("processor.after_park")
        if alarm:
            self.parked_in_a_row += 1
            log.error(
                "event_parked",
                consumer=self.consumer.name,
                source=single.source,
                position=delivery.position,
                event_type=delivery.type,
                reason=reason,
            )

    async def _apply(self, batch: Batch) -> None:
        hears = self.consumer.hears
        heard = [d for d in batch.deliveries if d.type in hears]
        events = [delivery.envelope() for delivery in heard]
        crash_point("processor.before_prepare")
        prepared = await self.consumer.prepare(events) if events else None
        crash_point("processor.after_prepare")
        async with self.sessions.begin() as session:
            at = await session.checkpoint(batch.source, batch.partition)
            crash_point("processor.after_checkpoint")
            if at != batch.previous:
                return self._moved_meanwhile(batch, at)
            waiting = await session.parked(batch.source, sorted({d.subject for d in heard})) if heard else set()
            for delivery in heard:
                if delivery.subject in waiting:
                    await session.park(batch.source, batch.partition, delivery, WAITS)
            events = [e for e in events if e.subject not in waiting]
            with handling(self.consumer.name, events) as session.unit.traces:
                if events:
                    await self.consumer.apply(session.unit, events, prepared)
            crash_point("processor.after_apply")
            await session.move(batch.source, batch.partition, batch.last)
            crash_point("processor.after_move")
        self.handled += len(batch.deliveries)
        crash_point("processor.after_commit")
        if events:  # what it does not hear, or sets aside unseen, is no success of the consumer's
            self.parked_in_a_row = 0
        return None

    def _moved_meanwhile(self, batch: Batch, at: int) -> None:
        """The checkpoint is not where this batch begins: behind it is a gap, past it a second member was at work."""
        if at < batch.previous:
            raise Gap(f"{batch.source}: position {at} is followed by a batch after {batch.previous}")
        self.subscription.seek(batch.source, batch.partition, at)
