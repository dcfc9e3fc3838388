"""Brokers that stop in their tracks, and three that die in turn; each test has a cluster of its own (tests/faults)."""

import asyncio
from pathlib import Path

import pytest

from deploy.kafka.broker import Kafka
from libs.events.kafka import clients
from tests import brokers
from tests.contracts.transports import Recorder, new_events, on_kafka
from tests.integration.test_kafka import assert_once_and_in_order, consuming, until_applied

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.kafka,
    pytest.mark.needs(brokers.jars_absent() is None, "no jars of Kafka: brokers can't be killed here"),
]


async def test_everything_stops_in_time_while_the_broker_hangs(
    postgres: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "STOP_SECONDS", 1.0)
    async with Kafka.running(tmp_path) as kafka:
        broker = kafka.brokers[0]
        try:
            async with on_kafka(postgres, kafka.bootstrap, partitions=3) as transport:
                await transport.append(new_events(5))
                processor = await transport.member(Recorder())
                async with consuming(processor):
                    await until_applied(transport, 5)
                broker.suspend(True)
                await super(type(transport), transport).append(new_events(5))  # the relay sends, nobody answers
                await asyncio.sleep(0.5)
                began = asyncio.get_running_loop().time()
            assert asyncio.get_running_loop().time() - began < 10, "relay and member, as on SIGTERM"
        finally:
            broker.suspend(False)


@pytest.mark.slow
async def test_three_brokers_lose_one_after_another(postgres: Path, tmp_path: Path) -> None:
    async with (
        Kafka.running(tmp_path, size=3) as kafka,
        on_kafka(postgres, kafka.bootstrap, partitions=6) as transport,
    ):
        entries = new_events(30, subjects=9)
        await transport.append(entries)
        async with consuming(await transport.member(Recorder(), size=5, silent=5.0)):
            for broker in kafka.brokers:
                await broker.kill()
                entries += (more := new_events(30, subjects=9))
                await asyncio.wait_for(transport.append(more), 60)
                broker.start()
                await kafka.ready()
            assert_once_and_in_order(await until_applied(transport, len(entries), 90), entries)
