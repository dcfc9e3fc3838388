"""How a log gets to Kafka."""

import asyncio

import pytest

from libs.events.kafka import relay

Patch = pytest.MonkeyPatch


def relay_without_leader(patch: Patch) -> None:
    """Every relay publishes, and moves the mark whoever else did."""

    async def turn(self: relay.Relay, stop: asyncio.Event) -> None:
        await self.cluster.ensure_topic()
        async with self.pool.acquire() as conn, self.cluster.producer() as producer:
            mark = await relay.Mark.load(conn, self.service, self.cluster.partitions)
            self.leading = True
            await self._lead(conn, producer, mark, stop)

    patch.setattr(relay.Relay, "_turn", turn)


def relay_says_nothing_of_what_went_before(patch: Patch) -> None:
    """Messages do not say what they follow on, so a gap can't be seen."""
    real = relay.to_message
    patch.setattr(relay, "to_message", lambda service, delivery, previous: real(service, delivery, 0))
