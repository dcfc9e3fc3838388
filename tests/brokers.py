"""A real Apache Kafka for the tests: the one of DREMPEL_KAFKA, one in Docker, or its own jars with Java."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

from deploy.kafka import jars
from deploy.kafka.broker import Kafka


@cache
def absent() -> str | None:
    """Why there is no Kafka here; None when there is one. Fetches the jars where they are to be used."""
    if os.environ.get("DREMPEL_KAFKA") or _docker():
        return None
    return jars_absent()


@cache
def jars_absent() -> str | None:
    """Why brokers can't be started here, as tests that stop and kill them need; None when they can."""
    try:
        jars.java()
        jars.folder()
    except jars.NoKafka as reason:
        return f"no Kafka: {reason}"
    return None


def label() -> str:
    """What the last line of a test run calls it."""
    given = os.environ.get("DREMPEL_KAFKA")
    return "Apache Kafka of DREMPEL_KAFKA, real broker" if given else f"Apache Kafka {jars.version()}, real broker"


@asynccontextmanager
async def broker(folder: Path) -> AsyncIterator[str]:
    """The address of a broker."""
    if given := os.environ.get("DREMPEL_KAFKA"):
        yield given
    elif _docker():
        async with _in_docker() as address:
            yield address
    else:
        async with Kafka.running(folder) as kafka:
            yield kafka.bootstrap


@cache
def _docker() -> bool:
    if not (os.environ.get("DOCKER_HOST") or Path("/var/run/docker.sock").exists()):
        return False
    import docker

    try:
        return bool(docker.from_env().ping())
    except Exception:  # whatever it says, there is no Docker to use
        return False


@asynccontextmanager
async def _in_docker() -> AsyncIterator[str]:
    """Kafka's own image; it advertises the port of this machine that is bound to its own."""
    from testcontainers.core.container import DockerContainer
    from testcontainers.core.waiting_utils import wait_for_logs

    from deploy.kafka.broker import free_ports

    (port,) = free_ports([0])
    settings = {
        "KAFKA_NODE_ID": "1", "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093", "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_LISTENERS": "PLAINTEXT://:9092,CONTROLLER://:9093",
        "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://127.0.0.1:{port}",
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1", "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        "KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS": "1000", "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
    }  # fmt: skip
    container = DockerContainer(f"apache/kafka:{jars.version()}").with_bind_ports(9092, port)
    for name, value in settings.items():
        container = container.with_env(name, value)
    with container:
        wait_for_logs(container, "Kafka Server started", timeout=120)
        yield f"127.0.0.1:{port}"
