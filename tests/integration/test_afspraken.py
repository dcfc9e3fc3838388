"""What a municipality publishes under `afspraken` reaches the services that work by it."""

from datetime import date
from pathlib import Path
from uuid import uuid4

from libs.chassis.afspraken import in_force
from libs.events.afspraken import Afspraken
from libs.events.catalogue import PolicyPublished
from tests.system import running

SERVICES = ("matching", "outreach", "escalation")


async def test_every_service_keeps_what_has_begun_and_was_published_last(postgres: Path) -> None:
    async with running(postgres) as drempel:
        begins = (date(2025, 1, 1), date(2025, 6, 1), date(2025, 6, 1))
        published = [
            PolicyPublished(gemeentecode="0505", beleid_versie=f"v{n}", geldig_vanaf=day, beleid={"afspraken": {}})
            for n, day in enumerate(begins)
        ]
        await drempel.emit_as("routing", [(event, uuid4(), "0505") for event in published], tenant="0505")
        await drempel.rest()
        async with drempel.admin() as conn:
            for service in SERVICES:
                rows = await conn.fetch(f"SELECT geldig_vanaf, volgnummer FROM {service}.afspraken ORDER BY 1")
                assert [tuple(row) for row in rows] == [(begins[0], 1), (begins[1], 3)]
                await conn.execute(f"SET search_path = {service}")
                found = await in_force(conn, ["0505", "0482"], date(2025, 3, 1))
                assert found == {"0505": Afspraken(), "0482": Afspraken()}
