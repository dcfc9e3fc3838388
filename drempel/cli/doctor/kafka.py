"""Whether Kafka answers, has the topic, and gets what the logs say."""

import asyncio
import logging

import asyncpg
from aiokafka.errors import KafkaError

from drempel.cli.doctor.chain import LOOK_SECONDS
from drempel.cli.doctor.finding import Here, Wrong
from libs.events.kafka.clients import ASK_SECONDS
from libs.events.kafka.security import Refused

_RELAY = """
SELECT h.position - r.position AS unpublished,
       h.position > 0 OR EXISTS (SELECT FROM {service}.checkpoint) AS begun,
       EXISTS (SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database AND d.datname = current_database()
               WHERE l.locktype = 'advisory' AND l.granted
                 AND (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended('relay {service}', 0))
       OR EXISTS (SELECT FROM pg_stat_activity
                  WHERE datname = current_database() AND usename = '{service}_loop') AS runs
FROM {service}.head h, {service}.relay r
"""
"""The leader of a relay holds an advisory lock (libs/events/kafka/relay.py). While Kafka is away nobody leads for more
than a moment, so a process that is connected as the service counts too. `begun`: the service has run at least once."""


async def topic(here: Here) -> str:
    """It answers, and the topic is there with the right number of partitions."""
    cluster = here.settings.cluster()
    if cluster is None:
        return "not used: DREMPEL_KAFKA is not set"
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    try:
        found = await asyncio.wait_for(cluster.divided(), ASK_SECONDS)
    except Refused as error:
        raise Wrong(f"does not let us in: {error.args[0]}", "correct that; nothing is lost meanwhile") from None
    except (KafkaError, OSError, TimeoutError) as error:
        raise Wrong(
            f"can't be reached ({type(error).__name__})",
            "are the brokers up, and is DREMPEL_KAFKA right? nothing is lost meanwhile: the logs keep it",
        ) from None
    if not found:
        raise Wrong(
            f"has no topic {cluster.topic}", "start the services: the first relay makes it, and publishes all logs"
        )
    if found != cluster.partitions:
        raise Wrong(
            f"topic {cluster.topic} has {found} partitions, not {cluster.partitions}",
            "give it another DREMPEL_KAFKA_TOPIC",
        )
    return f"topic {cluster.topic} with {found} partitions"


async def relays(here: Here) -> str:
    """Every log is published, and of every service somebody is there to publish it."""
    if here.settings.kafka is None:
        return "not used: DREMPEL_KAFKA is not set"
    first = await _unpublished(here)
    if not any(row["begun"] for row in first.values()):
        return "none runs: nothing was started on this database yet"
    if any(row["unpublished"] or not row["runs"] for row in first.values()):
        await asyncio.sleep(LOOK_SECONDS)
    later = await _unpublished(here)
    stuck = [s for s, row in later.items() if row["unpublished"] and row["unpublished"] >= first[s]["unpublished"]]
    if leaderless := [service for service in stuck if not later[service]["runs"]]:
        said = ", ".join(f"{s} ({later[s]['unpublished']} events)" for s in leaderless)
        raise Wrong(f"nobody publishes the log of {said}", "start that service: its relay goes on where it was")
    if stuck:
        said = ", ".join(f"{s} ({later[s]['unpublished']} events)" for s in stuck)
        raise Wrong(f"behind and not moving: {said}", "see kafka above; look in the log for relay_waits")
    if idle := [service for service, row in later.items() if not row["runs"]]:
        raise Wrong(f"no relay runs for {', '.join(idle)}", "start that service: nobody does its work")
    return "all logs are published"


async def _unpublished(here: Here) -> dict[str, asyncpg.Record]:
    rows = {}
    for service in await here.services():
        (rows[service],) = await here.conns[service].fetch(_RELAY.format(service=service))
    return rows
