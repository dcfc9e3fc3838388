"""How far consumers are where the services have databases of their own: by the topic, not by the other logs.

A service is behind by what it has not published yet (its `<service>.relay`), its consumers by what of the topic they
have not handled. What a service says is of one snapshot of its database, and the topic is asked after that, so that
what moves from the one to the other meanwhile counts twice rather than not at all. There is no snapshot over several
databases: nothing is under way when all are zero and stay so.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiokafka.errors import KafkaError

from libs.chassis import lag
from libs.chassis.clock import today
from libs.chassis.service import Runtime, Service
from libs.events.errors import EventsError
from libs.events.kafka.behind import At, Behind, behind, places
from libs.events.kafka.clients import Cluster
from libs.events.kafka.subscription import KafkaAway
from libs.events.kafka.topic import Topic
from libs.events.postgres.log import Connection
from libs.events.processor import Processor

ASK_SECONDS = 1.5
UNKNOWN = 1
"""What counts as behind while Kafka does not say: never zero, and a service is ready without Kafka."""

_OWN = """
SELECT h.position - r.position AS unpublished, r.position AS mark,
       (SELECT array_agg((consumer, count))
        FROM (SELECT consumer, count(*) FROM {service}.parked GROUP BY consumer) p) AS parked
FROM {service}.head h, {service}.relay r
"""


@dataclass
class Apart:
    """What a process knows of its consumers, and since when each of them has been behind."""

    cluster: Cluster
    _since: dict[str, datetime] = field(default_factory=dict)
    _free: asyncio.Lock = field(default_factory=asyncio.Lock)
    _topic: Topic | None = None
    _client: AsyncExitStack = field(default_factory=AsyncExitStack)
    _asking: "asyncio.Task[dict[str, Behind] | None] | None" = None

    async def lags(
        self, services: Sequence[tuple[Service, Runtime]], processors: Sequence[tuple[Runtime, Processor]],
        now: datetime,
    ) -> dict[str, dict[str, Any]]:  # fmt: skip
        """Per relay and consumer of this process, as `Health.lags`.

        While Kafka does not answer `wachtOp` says so, and `seconden` is how long it has been behind without a pause.
        """
        found: dict[str, dict[str, Any]] = {}
        parked, at = dict[str, int](), dict[str, At]()
        for service, runtime in services:
            async with (
                runtime.database.loop.acquire() as conn,
                conn.transaction(isolation="repeatable_read", readonly=True),
            ):
                await _of_service(conn, service, runtime, now, found, parked)
                at |= await places(conn, service.name)
        named = {processor.consumer.name: processor for _, processor in processors}
        asked = await self._asked({name: at[name] for name in named})
        for name, processor in named.items():
            one = None if asked is None else asked[name]
            found[name] = {"lag": one.events if one else UNKNOWN, "seconden": 0.0, "geparkeerd": parked.get(name, 0),
                           "verwerkt": processor.handled}  # fmt: skip
            if one and one.since:
                found[name]["seconden"] = round(max(0.0, (now - one.since).total_seconds()), 1)
            if waiting := processor.waiting_for or (None if one else KafkaAway.__name__):
                found[name]["wachtOp"] = waiting
        self._since = {name: self._since.get(name, now) for name in named if found[name]["lag"]}
        for name, begun in self._since.items():
            if asked is None:
                found[name]["seconden"] = round((now - begun).total_seconds(), 1)
        return found

    async def _asked(self, at: Mapping[str, At]) -> dict[str, Behind] | None:
        """Of each consumer; None while Kafka does not say. Who asks is not held up by a client that hangs."""
        try:
            await asyncio.wait_for(self._free.acquire(), ASK_SECONDS)
        except TimeoutError:
            return None
        asking = self._asking = asyncio.create_task(self._ask(at))
        asking.add_done_callback(lambda _: self._free.release())
        done, _ = await asyncio.wait({asking}, timeout=ASK_SECONDS)
        return asking.result() if done else None

    async def _ask(self, at: Mapping[str, At]) -> dict[str, Behind] | None:
        try:
            if self._topic is None:
                self._topic = await self._client.enter_async_context(Topic.opened(self.cluster))
            return await behind(self._topic, at)
        except (KafkaError, EventsError, OSError, TimeoutError):
            await self._discard()
            return None

    async def stop(self) -> None:
        """At the end of the process."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait({self._asking})
        await self._discard()

    async def _discard(self) -> None:
        """Leave the client behind; the next question makes another."""
        client, self._client, self._topic = self._client, AsyncExitStack(), None
        await client.aclose()


async def _of_service(
    conn: Connection, service: Service, runtime: Runtime, now: datetime, found: dict[str, dict[str, Any]],
    parked: dict[str, int],
) -> None:  # fmt: skip
    """What it has not published yet and for how long, what its loops have still to do, and what is parked."""
    (row,) = await conn.fetch(_OWN.format(service=service.name))
    relay, unpublished = f"{service.name}.relay", int(row["unpublished"])
    waits: dict[tuple[str, int | None], int] = {(service.name, None): row["mark"]} if unpublished else {}
    ages = await lag.seconds(conn, {relay: lag.Lag(unpublished, 0, waits)}, None, now)
    found[relay] = {"lag": unpublished, "seconden": ages.get(relay, 0.0), "geparkeerd": 0}
    parked |= dict(row["parked"] or ())
    for loop in service.loops:
        due = await conn.fetchval(loop.behind.format(day="$1"), today(runtime.clock))
        found[loop.name] = {"lag": int(due), "seconden": 0.0, "geparkeerd": 0, "verwerkt": 0}
