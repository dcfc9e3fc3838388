"""Every named point is passed by what the campaign kills there, so none of its kills is an empty threat."""

import signal
from pathlib import Path

import pytest

from tests.contracts.transports import on_kafka, on_postgres
from tests.faults import points
from tests.faults.campaign import STOPPING
from tests.faults.conftest import Quiet
from tests.faults.members import DATABASE, Members
from tests.faults.nursery import Nursery
from tests.installation import Installation
from tests.invariants import assert_none

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


def test_every_point_of_drempel_up_and_its_commands_is_passed(quiet: Quiet) -> None:
    assert quiet.seen >= points.UP | points.COMMANDS, sorted((points.UP | points.COMMANDS) - quiet.seen)


async def test_every_point_of_failure_is_passed(postgres: Path, tmp_path: Path, nursery: Nursery) -> None:
    seen = tmp_path / "seen"
    async with on_postgres(postgres) as transport:
        members = Members(transport, nursery.start, tmp_path, {"url": transport.url})
        await members.more()
        for members.place["retry"] in (False, True):
            assert await members.run(DREMPEL_CRASH_SEEN=str(seen))
        assert_none(await members.broken())
    assert set(seen.read_text().split()) >= set(DATABASE)


@pytest.mark.kafka
async def test_every_point_of_kafka_is_passed(postgres: Path, kafka: str, tmp_path: Path, nursery: Nursery) -> None:
    seen = tmp_path / "seen"
    async with on_kafka(postgres, kafka, partitions=2, relays=0) as transport:
        place = {"url": transport.url, "kafka": kafka, "topic": transport.cluster.topic}
        members = Members(transport, nursery.start, tmp_path, place)
        await members.more()
        assert await members.run(DREMPEL_CRASH_SEEN=str(seen))
        members.place["retry"] = True
        assert await members.run()
        assert_none(await members.broken())
    assert set(seen.read_text().split()) >= points.KAFKA


@pytest.mark.soak
@pytest.mark.parametrize("point", sorted(STOPPING))
async def test_killed_while_it_stops_it_starts_again(tmp_path: Path, point: str, nursery: Nursery) -> None:
    drempel = Installation(tmp_path / "data", {"CRASH": f"{point}:1"}, nursery.start)
    drempel.folder.mkdir()
    await drempel.up()
    assert await drempel.down() == -signal.SIGKILL
    drempel.settings.clear()
    await drempel.up()
    await drempel.rest()
    assert await drempel.down() == 0
    await drempel.http.aclose()
