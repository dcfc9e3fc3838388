"""What the clock can't say of some cases holds up no other, however many they are."""

from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest

from libs.chassis.clock import SimulatedClock
from libs.chassis.run import open_system
from libs.chassis.settings import Settings
from libs.events import catalogue as c
from libs.events.envelope import decode
from services.escalation import wekker
from tests.bureau import Bureau
from tests.ladders import matched
from tests.system import fresh_database
from tests.year import Dag

pytestmark = pytest.mark.postgres


async def breached(admin: asyncpg.Connection) -> list[UUID]:
    rows = await admin.fetch("SELECT position, envelope FROM escalation.log ORDER BY position")
    said = [decode(row["envelope"], row["position"]).data for row in rows]
    return [event.zaak_id for event in said if isinstance(event, c.TermBreached) and event.zaak_id]


async def test_cases_that_fail_do_not_starve_the_others(postgres: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five broken ones fill two batches, all longer overdue than the one that is well; mended, they get their turn."""
    monkeypatch.setattr(wekker, "BATCH", 2)
    clock = SimulatedClock(datetime(2026, 3, 2, 9, tzinfo=UTC))
    async with fresh_database(postgres) as url:
        admin = await asyncpg.connect(url)
        async with open_system(("escalation",), Settings(port=0), url, postgres, clock) as system:
            runtime = system.runtimes[0][1]
            broken, well = [uuid4() for _ in range(5)], uuid4()
            said = [matched(uuid4(), zaak) for zaak in broken]
            said.append(matched(uuid4(), well, signaaldatum=date(2026, 3, 10)))
            await Bureau(runtime, admin).live(Dag(said=said))
            lost = await admin.fetch("DELETE FROM escalation.zaak WHERE zaak_id = ANY($1) RETURNING *", broken)
            clock.move_to(datetime(2026, 5, 1, 9, tzinfo=UTC))
            failed: set[UUID] = set()
            while await wekker.tick(runtime, failed):
                pass
            assert (await breached(admin), failed) == ([well], set(broken))
            await admin.executemany("INSERT INTO escalation.zaak VALUES ($1, $2)", [tuple(row) for row in lost])
            assert await wekker.tick(runtime, failed) == 0, "passed over until they are tried again"
            failed.clear()
            while await wekker.tick(runtime, failed):
                pass
            assert (sorted(await breached(admin)), failed) == (sorted([well, *broken]), set())
        await admin.close()
