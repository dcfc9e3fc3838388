"""Two members of one consumer in a process that may be killed: `python -m tests.faults.member` with its place as JSON.

Its events are poisoned as the table says, and the outside is away at first. With `retry` it only tries parked
events again, with nothing poisoned any more. Ends when there is nothing left to do.
"""

import asyncio
import json
import sys
from typing import Any

import asyncpg

from libs.chassis.database import Database
from libs.events.kafka.clients import Cluster
from libs.events.keyring import Kek
from libs.events.postgres import parked
from libs.events.postgres.sessions import PostgresSessions
from libs.events.postgres.wakeup import Wakeup
from tests.contracts.transports import NOW, SERVICE, SOURCE, OnKafka, OnPostgres, Recorder
from tests.system import At


async def main(place: dict[str, Any]) -> None:
    """See the module's docstring; `place` is `{"url", "retry"?, "kafka"?, "topic"?, "session_ms"?}`."""
    kek, url = Kek(bytes(32)), place["url"]
    admin, writer, reader = (
        await asyncpg.connect(url),
        await Database.open(SOURCE, url, kek),
        await Database.open(SERVICE, url, kek),
    )
    base = OnPostgres(admin, writer, reader, Wakeup(reader.loop), url)
    if place.get("retry"):
        await retry(base)
    elif place.get("kafka"):
        cluster = Cluster(place["kafka"], place["topic"], 2, place.get("session_ms", 6000), heartbeat_ms=200)
        await over_kafka(OnKafka(admin, writer, reader, base.wakeup, url, cluster))
    else:
        await handle(base)


async def handle(transport: OnPostgres) -> None:
    """Two members side by side, until neither has anything left."""
    poison = {row[0] for row in await transport.admin.fetch("SELECT id FROM monitoring.test_poison")}
    members = [await transport.processor(Recorder(poison=poison, away=2, emits=True), size=3) for _ in range(2)]
    while any([await member.step(timeout=0.01) for member in members]):
        pass


async def over_kafka(transport: OnKafka) -> None:
    """A relay and one member, until the whole log was applied or parked."""
    stop = asyncio.Event()
    poison = {row[0] for row in await transport.admin.fetch("SELECT id FROM monitoring.test_poison")}
    relay = asyncio.create_task(transport.relay().run(stop))
    member = await transport.member(Recorder(poison=poison, emits=True), size=3)
    await transport.published()
    query = f"SELECT max(c.position) = h.position FROM monitoring.checkpoint c, {SOURCE}.head h GROUP BY h.position"
    await member.step(timeout=0.1)
    while not await transport.admin.fetchval(query) or await member.subscription.lag():  # type: ignore[attr-defined]
        await member.step(timeout=0.1)
    await asyncio.sleep(1)  # so that places are saved again
    await member.step(timeout=0.1)
    stop.set()
    await asyncio.gather(relay, *(one.stop() for one in transport.members))


async def retry(transport: OnPostgres) -> None:
    """Try what is parked again."""
    pool = transport.reader.loop
    sessions = PostgresSessions(pool, SERVICE, "recorder", At(NOW), lambda source: None)
    found = await parked.retry(pool, SERVICE, Recorder(emits=True), sessions)
    assert found.waiting == 0, found


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
