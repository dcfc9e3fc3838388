"""How far consumers are where the services have databases of their own: by the topic, not by the other logs.

A consumer is behind by the messages of the topic past its place, and a service by what it has not published yet (its
`<service>.relay`). There is no snapshot over several databases: nothing is under way when all are zero and stay so.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiokafka.errors import KafkaError

from libs.chassis.clock import today
from libs.chassis.service import Runtime, Service
from libs.events.errors import Transient
from libs.events.kafka.subscription import KafkaSubscription
from libs.events.processor import Processor

ASK_SECONDS = 2.0
UNKNOWN = 1
"""What counts as behind while Kafka does not say: never zero, and a service is ready without Kafka."""


@dataclass
class Apart:
    """What a process knows of its consumers, and since when each of them has been behind."""

    _since: dict[str, datetime] = field(default_factory=dict)

    async def lags(
        self, services: Sequence[tuple[Service, Runtime]], processors: Sequence[tuple[Runtime, Processor]],
        now: datetime,
    ) -> dict[str, dict[str, Any]]:  # fmt: skip
        """Per relay and consumer of this process, as `Health.lags`.

        `seconden` is how long it has been behind without a pause: the age of the oldest event is not known here.
        `wachtOp` says when Kafka does not answer.
        """
        found: dict[str, dict[str, Any]] = {}
        parked: dict[str, int] = {}
        for service, runtime in services:
            pool, name = runtime.database.loop, service.name
            unsaid = await pool.fetchval(f"SELECT h.position - r.position FROM {name}.head h, {name}.relay r")
            found[f"{name}.relay"] = {"lag": int(unsaid), "geparkeerd": 0}
            rows = await pool.fetch(f"SELECT consumer, count(*) FROM {name}.parked GROUP BY consumer")
            parked |= {row[0]: row[1] for row in rows}
            for loop in service.loops:
                due = await pool.fetchval(loop.behind.format(day="$1"), today(runtime.clock))
                found[loop.name] = {"lag": int(due), "geparkeerd": 0, "verwerkt": 0}
        behind = await asyncio.gather(*(_behind(processor) for _, processor in processors))
        for (_, processor), lag in zip(processors, behind, strict=True):
            name = processor.consumer.name
            found[name] = {"lag": UNKNOWN if lag is None else lag, "geparkeerd": parked.get(name, 0),
                           "verwerkt": processor.handled}  # fmt: skip
            if waiting := processor.waiting_for or ("Kafka" if lag is None else None):
                found[name]["wachtOp"] = waiting
        self._since = {name: self._since.get(name, now) for name, one in found.items() if one["lag"]}
        for name, one in found.items():
            one["seconden"] = round((now - self._since.get(name, now)).total_seconds(), 1)
        return found


async def _behind(processor: Processor) -> int | None:
    """Messages past the consumer's place; None while that can't be known."""
    subscription = processor.subscription
    if not isinstance(subscription, KafkaSubscription):
        return None
    try:
        return await asyncio.wait_for(subscription.lag(), ASK_SECONDS)
    except (KafkaError, Transient, OSError, TimeoutError):
        return None
