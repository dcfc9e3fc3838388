"""A command beside running services works with what is theirs, and changes no password or key."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from typer.testing import CliRunner, Result

from drempel.cli import app, place
from libs.events.keyring import Soort
from libs.events.postgres.keyring import PostgresKeyring
from tests.monitoring_story import Story, ladder, tell
from tests.system import Running, fresh_database, running

pytestmark = pytest.mark.postgres

PASSWORDS = "SELECT rolname, rolpassword FROM pg_authid WHERE rolname ~ '_(api|loop)$' ORDER BY 1"


async def drempel(command: Sequence[str], folder: Path, **settings: str) -> Result:
    """A command in a thread of this process, with this data folder and these settings."""
    env = {"DREMPEL_DATA": str(folder)} | {f"DREMPEL_{name}": value for name, value in settings.items()}
    return await asyncio.to_thread(CliRunner().invoke, app, list(command), env=env)


def said(answer: Result) -> str:
    """All that it printed, on one line."""
    return " ".join(answer.output.split())


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A key-encryption key that is nobody's."""
    (tmp_path / "other").write_text("ab" * 32)
    return tmp_path / "other"


@asynccontextmanager
async def passwords_asked(conn: asyncpg.Connection, *roles: str) -> AsyncIterator[None]:
    """The embedded server asks nobody for a password; now it asks these, in this database."""
    file = Path(await conn.fetchval("SHOW hba_file"))
    before, database = file.read_text(), await conn.fetchval("SELECT current_database()")
    try:
        file.write_text(f"local {database} {','.join(roles)} scram-sha-256\n{before}")
        await conn.execute("SELECT pg_reload_conf()")
        yield
    finally:
        file.write_text(before)
        await conn.execute("SELECT pg_reload_conf()")


def test_standard_output_is_the_result_alone(tmp_path: Path) -> None:
    """The document goes to a file as it is, and can be checked at once; no instance runs here."""
    env = {**os.environ, "DREMPEL_DATA": str(tmp_path / "data"), "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-m", "drempel", "policy"]
    shown = subprocess.run([*command, "show", "0505"], env=env, capture_output=True, check=True, timeout=120).stdout
    (tmp_path / "beleid.yaml").write_bytes(shown)
    checked = [*command, "check", str(tmp_path / "beleid.yaml")]
    assert subprocess.run(checked, env=env, capture_output=True, check=True, timeout=120).stdout == b"in orde\n"


@pytest.mark.parametrize("command", [["parked", "retry", "routing.besluiten"], ["timeline", str(uuid4())]])
async def test_with_another_key_a_command_is_not_let_in_and_shuts_nobody_out(
    postgres: Path, tmp_path: Path, other: Path, command: list[str]
) -> None:
    async with (
        running(postgres, services=("routing", "monitoring")) as live,
        live.admin() as conn,
        passwords_asked(conn, "routing_loop", "monitoring_loop"),
    ):
        before = await conn.fetch(PASSWORDS)
        answer = await drempel(command, tmp_path, DATABASE_URL=live.admin_url, KEK_FILE=str(other))
        assert answer.exit_code == place.NO_CONNECTION, said(answer)
        assert "set DREMPEL_KEK_FILE" in said(answer)
        own = await drempel(command, tmp_path, DATABASE_URL=live.admin_url, KEK_FILE=str(postgres / "kek"))
        assert own.exit_code == (0 if command[0] == "parked" else 1), said(own)
        assert await conn.fetch(PASSWORDS) == before


async def test_a_proof_with_another_key_says_so(postgres: Path, tmp_path: Path, other: Path) -> None:
    async with running(postgres, alone="monitoring") as live:
        await told(live)
        answer = await drempel(["verify"], tmp_path, DATABASE_URL=live.admin_url, KEK_FILE=str(other))
        assert answer.exit_code == place.WRONG_USE
        assert "does not fit the keys in the database: set DREMPEL_KEK_FILE" in said(answer)
        looked = await drempel(["doctor", "--views"], tmp_path, DATABASE_URL=live.admin_url, KEK_FILE=str(other))
        assert "FOUT views: WrongKey" in said(looked)
        own = await drempel(["verify"], tmp_path, DATABASE_URL=live.admin_url, KEK_FILE=str(postgres / "kek"))
        assert own.exit_code == 0, said(own)


async def told(live: Running) -> None:
    """A household whose signals are sealed with keys of the keyring."""
    story = Story(1)
    ladder(story)
    async with asyncpg.create_pool(live.admin_url, min_size=1, max_size=1) as pool:
        kek = live.system.runtimes[0][1].kek
        story.sealed_with(await PostgresKeyring(pool, kek).create(list(story.kenmerken), Soort.SIGNAAL))
    await tell(live, story)


async def test_keys_are_destroyed_without_the_key_that_wrapped_them(postgres: Path, tmp_path: Path) -> None:
    async with fresh_database(postgres) as url:
        answer = await drempel(["keys", "erase", str(uuid4())], tmp_path, DATABASE_URL=url)
    assert (answer.exit_code, said(answer)) == (1, "0 sleutels vernietigd")
    assert list(tmp_path.iterdir()) == []
