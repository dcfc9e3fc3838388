"""What a process of ours does while Kafka is away, and when it is back; no broker is needed for that."""

import asyncio
import io
import logging as standard
from collections.abc import Iterator

import pytest

from libs.chassis import logging
from libs.events.kafka import clients
from libs.events.kafka.subscription import KafkaAway
from libs.events.memory import Memory
from libs.events.ports import Batch
from libs.events.processor import Processor
from tests.contracts.transports import Recorder


class Away:
    """A subscription to something that is away once."""

    asked = 0

    async def next(self, timeout: float) -> Batch | None:
        """Nothing, the second time."""
        self.asked += 1
        if self.asked == 1:
            raise KafkaAway("once")
        return None


async def test_nobody_is_said_to_wait_for_what_is_back() -> None:
    processor = Processor(Recorder(), Away(), Memory())  # type: ignore[arg-type]
    stop = asyncio.Event()
    stop.set()
    await processor.step(0.0, stop)
    assert processor.waiting_for == "KafkaAway"
    await processor.step(0.0)
    assert processor.waiting_for is None


async def test_a_client_that_takes_long_to_stop_is_left_to_itself_and_not_broken_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(clients, "STOP_SECONDS", 0.01)
    answered, ended = asyncio.Event(), asyncio.Event()

    async def stop() -> None:
        await answered.wait()
        ended.set()
        raise OSError("the broker is away")

    await clients.stopped(stop(), "consumer")
    assert len(clients._leaving) == 1
    answered.set()
    await asyncio.wait_for(ended.wait(), 1)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not clients._leaving


@pytest.fixture
def client() -> Iterator[standard.Logger]:
    """The logger of a client; commands, run in this process by other tests, may have silenced all of them."""
    found = standard.getLogger("aiokafka.consumer.group_coordinator")
    found.setLevel(standard.ERROR)
    yield found
    found.setLevel(standard.NOTSET)


def test_the_complaints_of_a_kafka_client_are_no_alarms(client: standard.Logger) -> None:
    lines = io.StringIO()
    logging._alarms.clear()
    logging.set_up(stream=lines)
    client.error("no coordinator yet")
    assert "library_warning" in lines.getvalue()
    assert logging.alarms() == {}
    standard.getLogger("uvicorn.error").error("something else")
    assert logging.alarms() == {"library_warning": 1}
    logging._alarms.clear()
