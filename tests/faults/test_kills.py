"""Processes are killed at named points and at moments; started again, they end where a quiet run does."""

import os
import random
from pathlib import Path

import pytest

from tests.contracts.transports import on_kafka, on_postgres
from tests.faults.campaign import Campaign, ended, planned
from tests.faults.conftest import Quiet
from tests.faults.members import DATABASE, KAFKA, Members
from tests.faults.nursery import Nursery
from tests.faults.soak import SOAK, amount, part
from tests.installation import Installation
from tests.invariants import assert_none
from tests.system import fresh_database

pytestmark = [pytest.mark.postgres, pytest.mark.campaign]

KILLS = amount("kills", 10, 1060)
OF_THE_CHAIN, OVER_KAFKA = max(1, KILLS // 2), max(1, KILLS // 20)
OF_MEMBERS = max(1, KILLS - OF_THE_CHAIN - OVER_KAFKA)
A_STORY, A_ROUND, A_TOPIC = (51, 25, 10) if SOAK else (OF_THE_CHAIN, OF_MEMBERS, OVER_KAFKA)
"""Kills of one round."""

SESSION_MS = 6000 if os.environ.get("DREMPEL_KAFKA") else 2000
"""How long a group waits for a member that was killed; brokers of others allow no less than six seconds."""


async def test_kills_of_all_six_services(postgres: Path, tmp_path: Path, quiet: Quiet, nursery: Nursery) -> None:
    """`drempel up` on one PostgreSQL that stays, and the commands beside it."""
    with part("kills", "SIGKILL of six services and of commands beside them") as row:
        while row.done < OF_THE_CHAIN:
            with row.round() as seed:
                async with fresh_database(postgres) as url:
                    settings = {"BRP_PERSONEN": str(quiet.personen), "DATABASE_URL": url}
                    drempel = Installation(tmp_path / f"data-{seed}", settings, nursery.start)
                    drempel.folder.mkdir()
                    campaign = Campaign(drempel, *planned(random.Random(seed), A_STORY))
                    try:
                        assert await ended(drempel, campaign.run()) == quiet.state, campaign.killed
                    finally:
                        row.done += campaign.killed.total()


async def test_kills_of_members(postgres: Path, tmp_path: Path, nursery: Nursery) -> None:
    """Two members of one consumer, while they handle, park and try again."""
    with part("kills", "SIGKILL of two members, events poisoned") as row:
        while row.done < OF_MEMBERS:
            with row.round() as seed:
                chance = random.Random(seed)
                async with on_postgres(postgres) as transport:
                    members = Members(transport, nursery.start, tmp_path, {"url": transport.url})
                    try:
                        while members.killed < A_ROUND:
                            await members.survive(chance, DATABASE, 6)
                            assert_none(await members.broken())
                    finally:
                        row.done += members.killed


@pytest.mark.kafka
async def test_kills_over_kafka(postgres: Path, kafka: str, tmp_path: Path, nursery: Nursery) -> None:
    """A relay and a member in one process."""
    with part("kills", "SIGKILL of relay and member over Kafka") as row:
        while row.done < OVER_KAFKA:
            with row.round() as seed:
                chance = random.Random(seed)
                async with on_kafka(postgres, kafka, partitions=2, relays=0) as transport:
                    place = {"url": transport.url, "kafka": kafka, "topic": transport.cluster.topic,
                             "session_ms": SESSION_MS}  # fmt: skip
                    members = Members(transport, nursery.start, tmp_path, place)
                    try:
                        while members.killed < A_TOPIC:
                            await members.survive(chance, KAFKA, 3)
                            assert_none(await members.broken())
                    finally:
                        row.done += members.killed
