"""The proof where services have databases of their own: the topic is whole, and the views are what it says."""

import logging
from contextlib import AsyncExitStack
from typing import Any

import asyncpg

from drempel.cli import place
from libs.chassis.settings import Settings, SettingsDoNotFit
from libs.events.errors import Gap
from libs.events.kafka import audit
from libs.events.kafka.clients import Cluster
from libs.events.kafka.topic import Topic
from libs.events.keyring import Kek


def cluster_of(configured: Settings) -> Cluster:
    """The Kafka of these settings. Raises SettingsDoNotFit when they name none."""
    cluster = configured.cluster()
    if cluster is None:
        raise SettingsDoNotFit("services have databases of their own: set DREMPEL_KAFKA, the topic has all events")
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what it would say is said by us
    return cluster


def keyring_of(configured: Settings, shared: str | None) -> str | None:
    """Address of the database that holds the keyring, where these settings name one."""
    return configured.keyring_url.get_secret_value() if configured.keyring_url else shared


async def verified(configured: Settings, shared: str | None, kek: Kek | None) -> dict[str, Any]:
    """As `upkeep.verify`, with what was found of the topic; where that is not whole the views are not judged."""
    from services.monitoring import upkeep

    url, cluster = configured.database_of("monitoring", shared), cluster_of(configured)
    found = await audited(configured, shared, cluster)
    if found["wrong"]:
        return {"ok": False, "state": None, "views": [], "topic": found}
    return {**await upkeep.verify(url, kek, keyring_of(configured, shared), cluster), "topic": found}


async def audited(configured: Settings, shared: str | None, cluster: Cluster) -> dict[str, Any]:
    """`{"topic", "events", "compared": [service], "unpublished": {service: events}, "wrong": [sentence]}`.

    The topic is read once from its start. Of services whose database has no address here only the order is judged.
    """
    services = place.services_here(configured, shared)
    found = {"topic": cluster.topic, "events": 0, "compared": services, "unpublished": {}, "wrong": []}
    async with AsyncExitStack() as stack:
        conns = {service: await _connected(configured.database_of(service, shared), stack) for service in services}
        before = {service: await audit.said(conn, service) for service, conn in conns.items()}
        had = await _had(conns["monitoring"])
        try:
            topic = await stack.enter_async_context(Topic.opened(cluster))
            walked = await audit.walked(topic, {one for places in had.values() for one in audit.lowest(places)})
        except Gap as gap:
            return found | {"wrong": [str(gap)]}
        after = {service: await audit.said(conn, service) for service, conn in conns.items()}
    wrong = [one for service in services for one in audit.of_source(service, walked, before[service], after[service])]
    wrong += [one for name, places in had.items() for one in audit.of_consumer(name, places, walked)]
    unpublished = {service: one.head - one.mark for service, one in after.items() if one.head > one.mark}
    return found | {"events": walked.events, "unpublished": unpublished, "wrong": wrong}


async def _had(conn: asyncpg.Connection) -> dict[str, dict[str, list[int]]]:
    """Per consumer of monitoring what it has had."""
    rows = await conn.fetch(
        """SELECT consumer, source, array_agg(position ORDER BY partition) FROM monitoring.checkpoint
           GROUP BY consumer, source ORDER BY consumer, source"""
    )
    found: dict[str, dict[str, list[int]]] = {}
    for consumer, source, positions in rows:
        found.setdefault(consumer, {})[source] = positions
    return found


async def _connected(url: str, stack: AsyncExitStack) -> asyncpg.Connection:
    conn = await asyncpg.connect(url)
    stack.push_async_callback(conn.close)
    return conn
