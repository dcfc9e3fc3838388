"""Six processes on a real broker: with a database each, as the roles and databases of `deploy/postgres` make them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from typer.testing import CliRunner

from drempel.cli import app
from libs.chassis.embedded import EmbeddedPostgres, RunningPostgres
from libs.chassis.migrations import statements
from libs.chassis.settings import SERVICES
from services.monitoring import upkeep
from tests.distributed import OPENING, Distributed, distributed
from tests.e2e.test_first_signal import SIGNAL, personen, post
from tests.system import Running, running

__all__ = ["personen"]
pytestmark = pytest.mark.postgres

POSTGRES = Path(__file__).parents[2] / "deploy" / "postgres"


@asynccontextmanager
async def server(folder: Path, databases: str) -> AsyncIterator[RunningPostgres]:
    """A PostgreSQL of its own, because roles are of the whole server; prepared as `deploy/postgres` says."""
    async with await EmbeddedPostgres.start(folder) as postgres:
        conn = await asyncpg.connect(postgres.running.dsn(user="drempel", database="postgres"))
        try:
            for name in ("roles.sql", databases):
                for statement in statements((POSTGRES / name).read_text()):
                    await conn.execute(statement)
            await conn.execute("CREATE ROLE stranger LOGIN")
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


async def prepared(folder: Path, postgres: RunningPostgres) -> None:
    """`drempel migrate` as the owner: with the key for those that open personal data, with another for the others."""
    places = {name: value for one in own(postgres, "drempel_owner").values() for name, value in one.items()}
    for kek, services in (("kek", OPENING), ("kek-without-grant", [s for s in SERVICES if s not in OPENING])):
        status, out, err = await migrate(folder, {**places, "KEK_FILE": str(folder / kek)}, services)
        assert status == 0, (out, err)


async def migrate(folder: Path, settings: dict[str, str], services: Sequence[str]) -> tuple[int, str, str]:
    """`drempel migrate` in a process of its own."""
    owner = Distributed(folder, {"KEK_FILE": str(folder / "kek"), **settings})
    owner.prepare()
    try:
        return await owner.run("migrate", *services)
    finally:
        await owner.http.aclose()


@pytest.mark.kafka
async def an_owner_who_sees_too_little_erases_nothing(drempel: Running, url: str, postgres: RunningPostgres) -> None:
    (signaal,) = {envelope.subject for envelope in await drempel.log("intake")}
    env = {"DREMPEL_DATABASE_URL": url, "DREMPEL_DATA": str(drempel.folder)}
    conn = await asyncpg.connect(postgres.dsn(user="drempel", database="drempel"))
    try:
        for right, status, said in (
            ("NOBYPASSRLS", 2, "nothing was erased"),
            ("BYPASSRLS", 0, "2 sleutels vernietigd"),
        ):
            await conn.execute(f"ALTER ROLE drempel_owner {right}")
            answer = await asyncio.to_thread(CliRunner().invoke, app, ["keys", "erase", signaal], env=env)
            assert (answer.exit_code, said in answer.output) == (status, True), answer.output
    finally:
        await conn.close()


@pytest.mark.slow
async def test_a_database_each(kafka: str, tmp_path: Path, personen: Path) -> None:
    settings = {"KAFKA": kafka, "KAFKA_TOPIC": f"test-{uuid4().hex[:12]}", "BRP_PERSONEN": str(personen),
                "MIGRATE": "no"}  # fmt: skip
    folder = tmp_path / "six"
    async with server(tmp_path / "postgres", "database-per-service.sql") as postgres:
        await prepared(folder, postgres)
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
            await an_operator_works_beside_them(drempel, own(postgres, "drempel_owner"), signaal, zaak)
            await an_operator_sees_who_is_dead(drempel, own(postgres, "drempel_owner"))
            assert await drempel.down() == 0


async def an_operator_works_beside_them(
    drempel: Distributed, owned: dict[str, dict[str, str]], signaal: str, zaak: str
) -> None:
    """Parked events of one service; the proof over the topic, and a view made again from it; erasure, whose keys and
    indexes are in two databases."""
    operator = Distributed(drempel.folder, {**drempel.settings, **owned["routing"]})
    assert (await operator.run("parked", "list"))[:2] == (0, "niets geparkeerd\n")
    everywhere = {name: url for one in owned.values() for name, url in one.items()}
    operator.settings = {**drempel.settings, **everywhere}
    whole = await operator.json("verify")
    assert (whole["ok"], whole["topic"]["wrong"], whole["topic"]["compared"]) == (True, [], list(SERVICES)), whole
    assert (await operator.json("rebuild", "timeline"))["events"] > 0
    assert await operator.json("verify") == whole
    found = {one["check"]: one for one in await operator.lines("doctor", "--views")}
    assert [one for one in found.values() if not one["ok"]] == []
    assert found["consumers"]["says"].endswith(f"keep up (of {', '.join(SERVICES)})")
    operator.settings = {**drempel.settings, **owned["matching"]}
    assert (await operator.run("keys", "erase", signaal))[:2] == (0, "2 sleutels vernietigd\n")
    assert (await operator.run("keys", "erase", signaal))[0] == 1
    await operator.http.aclose()
    conn = await asyncpg.connect(owned["matching"]["DATABASE_URL_MATCHING"])
    try:
        assert await conn.fetchval("SELECT count(*) FROM matching.persoon") == 0
    finally:
        await conn.close()
    case = await drempel.http.get(f"/outreach/v1/zaken/{zaak}", headers=drempel.als("consulent", "0505"))
    assert "999990019" not in case.text


async def an_operator_sees_who_is_dead(drempel: Distributed, owned: dict[str, dict[str, str]]) -> None:
    drempel.processes["escalation"].kill()
    await drempel.processes["escalation"].wait()
    everywhere = {name: url for one in owned.values() for name, url in one.items()}
    operator = Distributed(drempel.folder, {**drempel.settings, **everywhere})
    found = {one["check"]: one for one in await operator.lines("doctor")}
    await operator.http.aclose()
    assert [one["says"] for one in found.values() if not one["ok"]] == ["no relay runs for escalation"]


async def test_an_owner_who_is_no_superuser_migrates_verifies_and_rebuilds(tmp_path: Path, personen: Path) -> None:
    async with server(tmp_path / "postgres", "database.sql") as postgres:
        url = postgres.dsn(user="drempel_owner", database="drempel")
        async with running(tmp_path, admin_url=f"{url}&sslmode=prefer", brp_personen=personen) as drempel:
            await post(drempel)
            verified = await upkeep.verify(url, drempel.system.runtimes[0][1].kek)
            assert verified["ok"], verified
            assert sum(view["rows"] for view in verified["views"]) > 3, (
                "row-level security hides nothing from the owner"
            )
            assert (await upkeep.rebuild(url, "timeline"))["events"] > 0
            assert await upkeep.verify(url, drempel.system.runtimes[0][1].kek) == verified
            await an_owner_who_sees_too_little_erases_nothing(drempel, url, postgres)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await asyncpg.connect(postgres.dsn(user="stranger", database="drempel"))


@pytest.mark.slow
async def test_six_services_migrate_side_by_side_on_a_new_server(tmp_path: Path) -> None:
    async with await EmbeddedPostgres.start(tmp_path / "postgres") as server:
        admin = await asyncpg.connect(server.running.dsn(user="drempel", database="postgres"))
        try:
            for name in (*SERVICES, "keyring"):
                await admin.execute(f"CREATE DATABASE drempel_{name}")
            ended = await asyncio.gather(
                *(
                    migrate(tmp_path, environment, [name])
                    for name, environment in own(server.running, "drempel").items()
                )
            )
            assert [one for one in ended if one[0]] == []
            roles = await admin.fetchval("SELECT count(*) FROM pg_roles WHERE rolname ~ '_(api|loop)$'")
            assert roles == 2 * len(SERVICES)
        finally:
            await admin.close()
