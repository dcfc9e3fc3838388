"""Whether the consumers keep up, what they set aside, and what the running instance says of itself."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import httpx
from aiokafka.errors import KafkaError

from drempel.cli import place
from drempel.cli.doctor.finding import Here, Wrong
from drempel.cli.topic import cluster_of
from libs.chassis import lag
from libs.chassis.clock import SystemClock
from libs.chassis.settings import SERVICES
from libs.events.errors import Transient
from libs.events.kafka.behind import At, Behind, behind, places
from libs.events.kafka.clients import ASK_SECONDS, PARTITIONS
from libs.events.kafka.topic import NoTopic, Topic
from libs.events.postgres import parked as parked_events

LOOK_SECONDS = 3.0
"""Between two looks: what moves is not stuck, however far behind it is."""

PATIENCE_SECONDS = 10.0
"""What is younger is just under way."""

GRAVE = ("http_failed", "log_refused")
"""Lines of the log that mean a bug; others have a check of their own."""


async def consumers(here: Here) -> str:
    """None is behind without moving."""
    names, live = await _positions(here), place.instance(here.folder)
    behind = await _behind(here, names, (live.clock if live else SystemClock()).now())
    looked_at = f" (of {', '.join(await here.services())})" if here.apart else ""
    if not behind:
        return f"{len(names)} keep up{looked_at}"
    await asyncio.sleep(LOOK_SECONDS)
    later = await _positions(here)
    said = {n: f"{n} is {events} events and {age:.0f} seconds behind" for n, (events, age) in behind.items()}
    stuck = [n for n, (_, age) in behind.items() if later.get(n) == names[n] and age > PATIENCE_SECONDS]
    if stuck:
        raise Wrong(f"{'; '.join(said[n] for n in stuck)}, and does not move", await _what_stuck_needs(here, stuck))
    return "; ".join(f"{said[n]}, and moves" for n in behind) + looked_at


async def _what_stuck_needs(here: Here, stuck: Sequence[str]) -> str:
    asked = (await _asked(here)).get("consumers", {})
    if not asked and here.apart:
        service = stuck[0].partition(".")[0]
        return (
            f"/health/ready of {service} says what it waits for; when it does not answer, start it: "
            f"`drempel serve {service}`"
        )
    if not asked:
        return "start it: `drempel up`"
    waits = {f"{name} waits for {asked[name]['wachtOp']}" for name in stuck if asked.get(name, {}).get("wachtOp")}
    if waits:
        return f"{'; '.join(sorted(waits))}: mend that, and it goes on by itself"
    return "look in its log for why; stop it and start it again"


async def parked(here: Here) -> str:
    """Nothing is set aside."""
    services = await here.services()
    waiting = [row for s in services for row in await parked_events.listed(here.conns[s], s)]
    skipped = sum([len(await parked_events.skipped(here.conns[s], s)) for s in services])
    left_out = f"; {skipped} left out for good (`drempel parked list --skipped`)" if skipped else ""
    if not waiting:
        return f"nothing parked{left_out}"
    by_consumer: dict[str, list[Any]] = {}
    for row in waiting:
        by_consumer.setdefault(row["consumer"], []).append(row)
    first = waiting[0]
    raise Wrong(
        f"{', '.join(f'{len(rows)} of {name}' for name, rows in by_consumer.items())}{left_out}",
        f"`drempel parked show {first['consumer']} {first['source']} {first['position']}` says why; when the cause is"
        f" mended: `drempel parked retry {first['consumer']}`",
    )


async def instance(here: Here) -> str:
    """The instance on this data folder, if one runs, and what its log complained of."""
    live = place.instance(here.folder)
    if live is None:
        return "none runs on this data folder"
    try:
        async with httpx.AsyncClient(base_url=live.url, timeout=10) as http:
            answer = await http.get("/health/ready")
    except httpx.HTTPError as error:
        raise Wrong(f"does not answer at {live.url} ({type(error).__name__})", "stop it and start it again") from None
    if answer.status_code != 200:
        raise Wrong(
            f"says that it is not ready: {answer.json().get('status')}", "see the database above; or it is stopping"
        )
    alarms = answer.json().get("alarmen", {})
    if any(alarms.get(name) for name in GRAVE):
        counted = ", ".join(f"{name} ({alarms[name]})" for name in GRAVE if alarms.get(name))
        raise Wrong(
            f"its log complained in the last hour: {counted}", "a bug: report the lines of its log with that name"
        )
    return f"runs at {live.url}"


async def _asked(here: Here) -> dict[str, Any]:
    """What /health/ready says; nothing where nothing runs or answers."""
    live = place.instance(here.folder)
    if live is None:
        return {}
    try:
        async with httpx.AsyncClient(base_url=live.url, timeout=10) as http:
            found: dict[str, Any] = (await http.get("/health/ready")).json()
    except (httpx.HTTPError, ValueError):
        return {}
    return found


def _partitions(here: Here) -> int | None:
    return PARTITIONS if here.settings.kafka else None


async def _behind(here: Here, names: dict[str, int], now: datetime) -> dict[str, tuple[int, float]]:
    """Events and seconds of every consumer that is behind: by the logs, or by the topic where those are apart."""
    services = await here.services()
    if here.apart:
        return {name: (one.events, _age(one, now)) for name, one in (await _by_topic(here)).items() if one.events}
    if len(services) < len(SERVICES):
        return {}
    lags = {
        name: one
        for name, one in (await lag.snapshot(here.conn, services, list(names), _partitions(here))).items()
        if one.events
    }
    ages = await lag.seconds(here.conn, lags, _partitions(here), now)
    return {name: (one.events, ages.get(name, 0.0)) for name, one in lags.items()}


async def _by_topic(here: Here) -> dict[str, Behind]:
    at: dict[str, At] = {}
    for service in await here.services():
        at |= await places(here.conns[service], service)
    try:
        async with asyncio.timeout(ASK_SECONDS), Topic.opened(cluster_of(here.settings)) as topic:
            return await behind(topic, at)
    except (KafkaError, NoTopic, Transient, TimeoutError) as error:
        raise Wrong(f"can't be judged: Kafka does not say how far the topic is ({type(error).__name__})",
                    "see kafka") from None  # fmt: skip


def _age(one: Behind, now: datetime) -> float:
    return (now - one.since).total_seconds() if one.since else 0.0


async def _positions(here: Here) -> dict[str, int]:
    """Per consumer the sum of its checkpoints: it grows when anything was handled."""
    found: dict[str, int] = {}
    for service in await here.services():
        rows = await here.conns[service].fetch(
            f"SELECT consumer, sum(position)::bigint FROM {service}.checkpoint GROUP BY 1"
        )
        found |= {row[0]: row[1] for row in rows}
    return found
