"""What becomes of an event that can't be handled."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import asyncpg
import pytest

from libs.events import processor
from libs.events.errors import Transient
from libs.events.failure import Park, Verdict
from libs.events.memory import MemorySession
from libs.events.ports import Batch
from libs.events.postgres import parked
from libs.events.postgres.sessions import PostgresSessions
from libs.events.processor import Processor

Patch = pytest.MonkeyPatch


def order_lost_on_park(patch: Patch) -> None:
    """Later events of a parked subject do not wait."""

    async def nobody(self: MemorySession, source: str, subjects: Sequence[str]) -> set[str]:
        return set()

    patch.setattr(MemorySession, "parked", nobody)


def parked_and_forgotten(patch: Patch) -> None:
    """The checkpoint moves past a bad event, and nothing is kept of it."""

    async def forget(self: MemorySession, *arguments: Any) -> None:
        return None

    patch.setattr(MemorySession, "park", forget)


def whole_batch_parked(patch: Patch) -> None:
    """One bad event takes the others of its batch along."""

    async def apart(self: Processor, batch: Batch, stop: asyncio.Event | None) -> None:
        previous = batch.previous
        for delivery in batch.deliveries:
            await self._park(replace(batch, previous=previous, deliveries=[delivery]), "bad batch")
            previous = delivery.position

    patch.setattr(Processor, "_one_by_one", apart)


def transient_parked(patch: Patch) -> None:
    """What would pass by itself is set aside for a person."""
    real = processor.judge

    def judge(error: Exception, *, attempt: int) -> Verdict:
        return Park("away") if isinstance(error, Transient) else real(error, attempt=attempt)

    patch.setattr(processor, "judge", judge)


def bad_release_goes_on(patch: Patch) -> None:
    """However many events are parked in a row, the consumer does not stop."""
    patch.setattr(processor, "MOST_PARKED_IN_A_ROW", 1_000_000)


def given_up_while_parking(patch: Patch) -> None:
    """A connection that breaks while an event is set aside ends the consumer."""
    real = processor.Processor._park

    async def park(self: Processor, single: Batch, reason: str) -> None:
        try:
            await real(self, single, reason)
        except ConnectionError as error:
            raise processor.ProcessorStopped("no connection") from error

    patch.setattr(processor.Processor, "_park", park)


def retried_out_of_order(patch: Patch) -> None:
    """Parked events are tried again whatever became of those before them."""

    async def retry(
        pool: asyncpg.Pool, schema: str, consumer: Any, opened: PostgresSessions, subject: str | None = None
    ) -> parked.Retried:
        rows = await pool.fetch(f"SELECT * FROM {schema}.parked WHERE consumer = $1", consumer.name)
        failed: list[str] = []
        for row in sorted(rows, key=lambda r: -r["position"]):
            try:
                await parked._again(schema, consumer, opened, row)
            except ValueError as error:
                failed.append(type(error).__name__)
        return parked.Retried(len(rows) - len(failed), len(failed), tuple(sorted(set(failed))))

    patch.setattr(parked, "retry", retry)
