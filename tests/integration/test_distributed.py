"""Six processes on a real broker: with a database each, as the roles and databases of `deploy/postgres` make them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from libs.chassis.embedded import EmbeddedPostgres, RunningPostgres
from libs.chassis.migrations import statements
from libs.chassis.settings import SERVICES
from tests.distributed import OPENING, Distributed, distributed
from tests.e2e.test_first_signal import SIGNAL, personen

__all__ = ["personen"]
pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.slow]

POSTGRES = Path(__file__).parents[2] / "deploy" / "postgres"


@asynccontextmanager
async def server(folder: Path) -> AsyncIterator[RunningPostgres]:
    """A PostgreSQL of its own, because roles are of the whole server; prepared as `deploy/postgres` says."""
    async with await EmbeddedPostgres.start(folder) as postgres:
        conn = await asyncpg.connect(postgres.running.dsn(user="drempel", database="postgres"))
        try:
            for name in ("roles.sql", "database-per-service.sql"):
                for statement in statements((POSTGRES / name).read_text()):
                    await conn.execute(statement)
        finally:
            await conn.close()
        yield postgres.running


def own(postgres: RunningPostgres, user: str) -> dict[str, dict[str, str]]:
    """What only the environment of each service holds: its database, and the keyring's where it may open."""
    found = {}
    for service in SERVICES:
        found[service] = {f"DATABASE_URL_{service.upper()}": postgres.dsn(user=user, database=f"drempel_{service}")}
        if service in OPENING:
            found[service]["KEYRING_URL"] = postgres.dsn(user=user, database="drempel_keyring")
    return found


async def migrated(folder: Path, postgres: RunningPostgres) -> None:
    """`drempel migrate` as the owner: with the key for those that open personal data, with another for the others."""
    places = {name: value for one in own(postgres, "drempel_owner").values() for name, value in one.items()}
    for kek, services in (("kek", OPENING), ("kek-without-grant", [s for s in SERVICES if s not in OPENING])):
        owner = Distributed(folder, {**places, "KEK_FILE": str(folder / kek)})
        owner.prepare()
        status, out, err = await owner.run("migrate", *services)
        await owner.http.aclose()
        assert status == 0, (out, err)


async def test_a_database_each(kafka: str, tmp_path: Path, personen: Path) -> None:
    settings = {"KAFKA": kafka, "KAFKA_TOPIC": f"test-{uuid4().hex[:12]}", "BRP_PERSONEN": str(personen),
                "MIGRATE": "no"}  # fmt: skip
    folder = tmp_path / "six"
    async with server(tmp_path / "postgres") as postgres:
        await migrated(folder, postgres)
        async with distributed(folder, settings, own(postgres, "nobody")) as drempel:
            posted = await drempel.http.post(
                "/intake/v1/signalen", json=SIGNAL, headers=drempel.als("partner", partner="woonbron")
            )
            assert posted.status_code == 201, posted.text
            await drempel.settled()
            headers, signaal = drempel.als("consulent", "0505"), posted.json()["signaalId"]
            linked = (await drempel.http.get(f"/matching/v1/signalen/{signaal}", headers=headers)).json()
            zaak = linked["zaakId"]
            case = (await drempel.http.get(f"/outreach/v1/zaken/{zaak}", headers=headers)).json()
            assert case["clienten"][0]["burgerservicenummer"] == "999990019", "the keyring opens it, from its database"
            timeline = (await drempel.http.get(f"/monitoring/v1/zaken/{zaak}/tijdlijn", headers=headers)).json()
            kinds = {event["type"] for event in timeline["gebeurtenissen"]}
            assert {"SignalReceived", "CaseOpened", "BRPMatched", "RouteAssigned"} <= kinds
            one = Distributed(folder, {**settings, **own(postgres, "drempel_owner")["routing"]})
            assert (await one.run("parked", "list"))[:2] == (0, "niets geparkeerd\n"), "an operator, beside one service"
            await one.http.aclose()
            assert await drempel.down() == 0
