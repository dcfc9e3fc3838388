"""What a municipality publishes under `afspraken` reaches the services that work by it."""

from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

from libs.chassis.afspraken import published as agreed
from libs.events.catalogue import PolicyPublished
from tests.system import running

SERVICES = ("matching", "outreach", "escalation")


def agreement(n: int) -> dict[str, Any]:
    """A document that can be told from the others."""
    return {"afspraken": {"koppelen": {"nakijken": "geen", "nakijkenVanaf": 100 * (n + 1)}}}


async def test_every_service_keeps_what_has_begun_and_was_published_last(postgres: Path) -> None:
    async with running(postgres) as drempel:
        begins = (date(2025, 1, 1), date(2025, 6, 1), date(2025, 6, 1))
        published = [
            PolicyPublished(gemeentecode="0505", beleid_versie=f"v{n}", geldig_vanaf=day, beleid=agreement(n))
            for n, day in enumerate(begins)
        ]
        await drempel.emit_as("routing", [(event, uuid4(), "0505") for event in published], tenant="0505")
        await drempel.rest()
        async with drempel.admin() as conn:
            for service in SERVICES:
                rows = await conn.fetch(
                    f"""SELECT geldig_vanaf, volgnummer - (SELECT max(volgnummer) FROM {service}.afspraken)
                        FROM {service}.afspraken WHERE NOT meegeleverd ORDER BY 1"""
                )
                assert [tuple(row) for row in rows] == [(begins[0], -2), (begins[1], 0)]
                await conn.execute(f"SET search_path = {service}")
                for asked in (None, ["0505", "0482"]):
                    found = await agreed(conn, asked)
                    days = zip(["0505"] * 3 + ["0482"], [date(2024, 12, 31), *begins[:2], begins[1]], strict=True)
                    at = [found.op(code, day).koppelen.nakijken_vanaf for code, day in days]
                    assert at == [None, 100, 300, None]
