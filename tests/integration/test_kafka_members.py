"""Members of a consumer's group on a real broker: they come and go, fall silent or idle, and go on."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from libs.events.kafka.encoding import partition_of
from libs.events.ports import Entry
from tests.contracts.transports import OnKafka, Recorder, envelope, new_events, on_kafka
from tests.integration.test_kafka import assert_once_and_in_order, consuming, transport, until_applied

__all__ = ["transport"]
pytestmark = [pytest.mark.postgres, pytest.mark.kafka]


async def test_members_come_and_go_and_every_event_has_its_effect_once(postgres: Path, kafka: str) -> None:
    async with on_kafka(postgres, kafka, partitions=6) as transport:
        entries: list[Entry] = []

        async def say() -> None:
            for _ in range(6):
                entries.extend(added := new_events(25, subjects=8))
                await transport.append(added)

        one, two, three = [await transport.member(Recorder(), size=5) for _ in range(3)]
        async with consuming(one):
            await say()
            async with consuming(two, three):
                await say()
                await until_applied(transport, 200)
                assert len({*map(len, (m.assigned() for m in transport.members))} - {0}) >= 1
            await transport.members[1].stop()
            await transport.members[2].stop()
            await say()
            assert_once_and_in_order(await until_applied(transport, len(entries)), entries)


async def test_a_consumer_that_fell_silent_is_made_anew(transport: OnKafka) -> None:
    processor = await transport.member(Recorder(), silent=1.0)
    subscription = transport.members[0]
    entries = new_events(5, subjects=3)
    await transport.append(entries)
    async with consuming(processor):
        await until_applied(transport, 5)
        stuck = subscription._client
        assert stuck is not None
        stuck.pause(*stuck.assignment())  # it goes on polling and heartbeating, and gives nothing
        entries += (more := new_events(5, subjects=3))
        await transport.append(more)
        assert_once_and_in_order(await until_applied(transport, 10), entries)
    assert subscription._client is not stuck


async def test_a_member_with_nothing_to_do_is_left_alone_while_another_is_behind(transport: OnKafka) -> None:
    stuck, idle = await transport.member(Recorder(away=1_000)), await transport.member(Recorder(), silent=0.5)
    theirs, ours = transport.members
    async with consuming(stuck, idle):
        async with asyncio.timeout(30):
            while not (theirs.assigned() and ours.assigned()):
                await asyncio.sleep(0.05)
        client, cases = ours._client, (uuid4() for _ in range(100))
        case = next(case for case in cases if partition_of(str(case), 3) in theirs.assigned())
        await transport.append([Entry(envelope(case), "0505")])
        await asyncio.sleep(3)
        assert stuck.waiting_for and ours._client is client


async def test_an_unknown_error_of_the_client_is_survived(transport: OnKafka, monkeypatch: pytest.MonkeyPatch) -> None:
    fails = [KafkaError("never heard of"), OSError("gone")]
    real = AIOKafkaConsumer.getmany

    async def getmany(self: AIOKafkaConsumer, *places: Any, **options: Any) -> Any:
        if fails:
            raise fails.pop()
        return await real(self, *places, **options)

    monkeypatch.setattr(AIOKafkaConsumer, "getmany", getmany)
    entries = new_events(10, subjects=3)
    await transport.append(entries)
    async with consuming(await transport.member(Recorder())):
        assert_once_and_in_order(await until_applied(transport, 10), entries)
    assert not fails
