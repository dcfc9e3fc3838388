"""`drempel doctor` says what is wrong and what to do: each condition is made real, as far as a test can."""

import asyncio
import io
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
import structlog
from pydantic import SecretStr
from typer.testing import CliRunner

from drempel.cli import app, doctor, place
from drempel.cli.doctor import chain, database, machine
from drempel.cli.doctor.finding import Finding, Here
from libs.chassis import logging
from libs.chassis.clock import SystemClock
from libs.chassis.migrate import known_versions
from libs.chassis.settings import SERVICES, Settings
from libs.events.errors import Transient
from libs.events.kafka.clients import Cluster
from libs.events.postgres.parked import skip
from tests.contracts.transports import closed
from tests.monitoring_story import Story, ladder, tell
from tests.system import At, Running, fresh_database, running

pytestmark = pytest.mark.postgres


def here(drempel: Running, folder: Path | None = None, **settings: Any) -> Here:
    """The installation of a test, as the command sees it."""
    return Here(Settings(database_url=SecretStr(drempel.admin_url), **settings), folder or drempel.folder)


async def found(at: Here, *, views: bool = False) -> dict[str, Finding]:
    """All findings by the name of their check."""
    return {one.check: one for one in await doctor._looked(at, views)}


async def wrong(at: Here, check: str, *, views: bool = False) -> tuple[str, str]:
    """What that check says is wrong, and what to do."""
    finding = (await found(at, views=views))[check]
    assert not finding.ok, finding
    return finding.says, finding.do


async def test_where_all_is_well_it_says_so(postgres: Path) -> None:
    logging._alarms.clear()  # of other tests in this process
    async with running(postgres) as drempel:
        await drempel.rest()
        told = await drempel.system.health.lags()
        assert {name.partition(".")[0] for name in told} == set(SERVICES), "ServiceSilent (deploy/otel) goes by it"
        place.announce(postgres, str(drempel.http.base_url), SystemClock())
        try:
            all_well = await found(here(drempel), views=True)
        finally:
            place.withdraw(postgres)
    assert {one.says for one in all_well.values() if not one.ok} == set()
    assert all_well["migrations"].says == "newest"
    assert "runs at" in all_well["instance"].says
    assert all_well["parked"].says == "nothing parked"


def test_a_database_that_is_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DREMPEL_DATA", str(tmp_path))
    monkeypatch.setenv("DREMPEL_DATABASE_URL", "postgresql://niemand:geheim@127.0.0.1:1/niets")
    answer = CliRunner().invoke(app, ["doctor"])
    assert answer.exit_code == 1
    assert "FOUT  database: can't be reached (ConnectionRefusedError)" in answer.output
    assert "DREMPEL_DATABASE_URL right?" in answer.output
    assert "geheim" not in answer.output


@pytest.mark.parametrize("error", [asyncpg.InterfaceError("connection is closed"), Transient("DREMPEL_KAFKA_CA_FILE")])
async def test_a_check_that_breaks_off_says_so_and_the_others_are_made(error: Exception) -> None:
    async def breaks(_: Here) -> str:
        raise error

    finding = await doctor._one(Here(Settings(), Path()), "kafka", breaks)
    assert (finding.ok, finding.says) == (False, f"{type(error).__name__}: {error}")


async def test_an_empty_database_is_not_wrong(postgres: Path, tmp_path: Path) -> None:
    async with fresh_database(postgres) as url:
        conn = await asyncpg.connect(url)
        for schema in ("keyring", *SERVICES):
            await conn.execute(f"DROP SCHEMA {schema} CASCADE")
        await conn.close()
        fresh = await found(Here(Settings(database_url=SecretStr(url)), tmp_path))
    assert {one.check for one in fresh.values() if not one.ok} == set()
    assert "first start" in fresh["migrations"].says


@pytest.mark.parametrize("command", ["verify", "termijnen", "rebuild timeline", "parked list"])
async def test_on_a_database_that_nothing_started_on_a_command_says_so(
    postgres: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    (tmp_path / "kek").write_text("ab" * 32)
    monkeypatch.setenv("DREMPEL_DATA", str(tmp_path))
    async with fresh_database(postgres) as url:
        async with asyncpg.create_pool(url, min_size=1, max_size=1) as conn:
            for schema in ("keyring", *SERVICES):
                await conn.execute(f"DROP SCHEMA {schema} CASCADE")
        monkeypatch.setenv("DREMPEL_DATABASE_URL", url)
        answer = await asyncio.to_thread(CliRunner().invoke, app, command.split())
    assert answer.exit_code == place.WRONG_USE
    assert "has not started on this database yet" in " ".join(answer.output.split())


async def test_what_is_wrong_with_the_machine_and_the_schemas(
    postgres: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(postgres, alone="monitoring") as drempel:
        at = here(drempel)
        monkeypatch.setattr(machine, "FREE_GB", 1e9)
        assert "GB free, less than" in (await wrong(at, "data folder"))[0]
        monkeypatch.undo()
        monkeypatch.setattr(database, "SystemClock", lambda: At(datetime.now(UTC) + timedelta(seconds=30)))
        assert (await wrong(at, "clock"))[0] == "machine and database are 30 seconds apart"
        monkeypatch.undo()
        async with drempel.admin() as conn:
            first, *_, newest = known_versions("matching")
            await conn.execute("UPDATE matching.alembic_version SET version_num = $1", first)
            assert await wrong(at, "migrations") == (
                f"behind: matching at {first} of {newest}",
                "start this release (`drempel up`): it migrates before it serves",
            )
            await conn.execute("UPDATE matching.alembic_version SET version_num = 'later'")
            assert "newer release: matching" in (await wrong(at, "migrations"))[0]
            await conn.execute("UPDATE matching.alembic_version SET version_num = $1", newest)
            await conn.execute("INSERT INTO keyring.sleutel VALUES ($1, 'signaal', $2)", uuid4(), os.urandom(60))
        assert "does not fit the keys" in (await wrong(at, "key-encryption key"))[0]
        assert (await wrong(here(drempel, tmp_path), "key-encryption key"))[0] == "its file is missing"
        (tmp_path / "kek").write_text("geen sleutel")
        says, do = await wrong(here(drempel, tmp_path), "key-encryption key")
        assert ("64 hex digits" in says, "backup" in do) == (True, True)


async def test_where_services_have_databases_of_their_own_each_is_looked_at(postgres: Path, tmp_path: Path) -> None:
    async with fresh_database(postgres) as one, fresh_database(postgres) as other:
        own = {"outreach": SecretStr(one), "monitoring": SecretStr(other)}
        at = Here(Settings(database_url_per_service=own, kafka="127.0.0.1:1"), tmp_path)
        conn = await asyncpg.connect(other)
        await conn.execute(
            """INSERT INTO monitoring.parked (consumer, source, position, partition, subject, type, envelope, reason)
               VALUES ('monitoring.timeline', 'outreach', 7, 3, 'x', 'CaseClosed', '', 'unexpected ValueError')"""
        )
        await conn.execute("UPDATE monitoring.alembic_version SET version_num = 'later'")
        await conn.close()
        all_found = await found(at, views=True)
    says = {one.check: one.says for one in all_found.values() if not one.ok}
    assert says["parked"] == "1 of monitoring.timeline"
    assert says["migrations"] == "made by a newer release: monitoring"
    assert says["views"] == "can't be judged: Kafka does not answer (KafkaConnectionError)"
    assert says["consumers"].startswith("can't be judged: Kafka does not say how far the topic is")
    assert (await wrong(at, "database"))[0].startswith("can't be reached"), "one of them is gone"


UNREADABLE = """INSERT INTO outreach.log (position, stream, version, id, type, tenant, envelope)
                SELECT h.position + 1, $1, 1, $2, 'CaseClosed', '0505', 'no event' FROM outreach.head h"""


async def test_what_is_wrong_with_the_chain(postgres: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "LOOK_SECONDS", 0.3)
    story = Story(1)
    ladder(story)
    async with running(postgres, clock=SystemClock(), alone="monitoring") as drempel:
        at, case = here(drempel), uuid4()
        await tell(drempel, story)
        all_found = await found(at)
        assert "matching.ontvangst is" in all_found["consumers"].says
        assert "and moves" in all_found["consumers"].says, "young enough to be just under way"
        monkeypatch.setattr(chain, "PATIENCE_SECONDS", -1.0)
        says, do = await wrong(at, "consumers")
        assert says.endswith("seconds behind, and does not move")
        assert do == "start it: `drempel up`"

        async with drempel.admin() as conn:
            async with conn.transaction():
                await conn.execute(UNREADABLE, str(case), uuid4())
                await conn.execute("UPDATE outreach.head SET position = position + 1")
            position = await conn.fetchval("SELECT position FROM outreach.head")
            await drempel.rest(parked=True)
            says, do = await wrong(at, "parked")
            assert says == "1 of monitoring.timeline"
            assert f"`drempel parked show monitoring.timeline outreach {position}`" in do
            assert "`drempel parked retry monitoring.timeline`" in do
            place_of = ("monitoring.timeline", "outreach", position)
            await skip(conn, "monitoring", place_of, reden="onleesbaar", door="test")
            assert (await found(at))["parked"].says.startswith("nothing parked; 1 left out for good")
            assert (await found(at, views=True))["views"].ok
            await conn.execute("UPDATE monitoring.zaak SET fase = 'Afgesloten'")
        says, do = await wrong(at, "views", views=True)
        assert (says, "`drempel rebuild timeline`" in do) == ("not what the logs say: timeline", True)


async def test_what_the_log_of_the_instance_complained_of(postgres: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    logging._alarms.clear()
    logging.set_up(stream=io.StringIO())
    try:
        async with running(postgres, alone="monitoring") as drempel:

            async def broken(*_: object) -> None:
                raise ZeroDivisionError

            monkeypatch.setattr("services.monitoring.views.timeline.cases", broken)
            answer = await drempel.http.get("/monitoring/v1/zaken", headers=drempel.als("consulent", "0505"))
            assert answer.status_code == 500
            place.announce(postgres, str(drempel.http.base_url), SystemClock())
            says, do = await wrong(here(drempel), "instance")
        assert says == "its log complained in the last hour: http_failed (1)", "not again by the server around it"
        assert "report" in do
        says, _ = await wrong(here(drempel), "instance")
        assert "does not answer" in says
    finally:
        place.withdraw(postgres)
        logging._alarms.clear()
        structlog.reset_defaults()


@asynccontextmanager
async def answering(status: int) -> AsyncIterator[str]:
    """A server that answers everything with this status."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 %d Nu\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" % status)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_what_is_wrong_outside(postgres: Path) -> None:
    async with running(postgres, alone="monitoring") as drempel:
        for status, said in ((401, "does not let us in (status 401)"), (503, "is not well (status 503)")):
            async with answering(status) as url:
                assert (await wrong(here(drempel, brp_url=url), "brp"))[0] == said
                assert "gives no keys" in (await wrong(here(drempel, jwks_url=url), "issuer"))[0]
        says, do = await wrong(here(drempel, brp_url=url), "brp")
        assert (says, "none is lost" in do) == ("can't be reached (ConnectError)", True)
        async with answering(404) as url:
            assert (await found(here(drempel, brp_url=url)))["brp"].ok, "it only answers questions, and this was none"


@pytest.mark.kafka
async def test_what_is_wrong_with_kafka(postgres: Path, kafka: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "LOOK_SECONDS", 0.3)
    monkeypatch.setattr("drempel.cli.doctor.kafka.LOOK_SECONDS", 0.3)
    topic = f"test-{uuid4().hex[:12]}"
    async with running(postgres, services=("monitoring",)) as drempel:
        at = here(drempel, kafka=kafka, kafka_topic=topic)
        says, do = await wrong(here(drempel, kafka="127.0.0.1:1"), "kafka")
        assert (says.startswith("can't be reached"), "nothing is lost" in do) == (True, True)
        assert (await wrong(at, "kafka"))[0] == f"has no topic {topic}"
        await Cluster(kafka, topic, 3).ensure_topic()
        assert (await wrong(at, "kafka"))[0] == f"topic {topic} has 3 partitions, not 12"
        case = uuid4()
        async with drempel.admin() as relay:  # the policies that ship, as if they were published
            await relay.execute("UPDATE routing.relay SET position = (SELECT position FROM routing.head)")
        await drempel.emit_as("outreach", [(closed(case), case, "0505")])
        assert (await wrong(at, "relays"))[0] == "nobody publishes the log of outreach (1 events)"
        async with drempel.admin() as leader:
            await leader.fetchval("SELECT pg_advisory_lock(hashtextextended('relay outreach', 0))")
            assert (await wrong(at, "relays"))[0] == "behind and not moving: outreach (1 events)"
