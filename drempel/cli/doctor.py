"""`drempel doctor`: is everything here that Drempel needs, and is it well."""

import asyncio
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import asyncpg
import httpx
import typer

from drempel.cli import place
from libs.chassis.embedded import EmbeddedPostgresError
from libs.chassis.embedded.binaries import find_binaries, major_version
from libs.chassis.region import Region
from libs.chassis.settings import SERVICES, Settings

FREE_GB = 1.0


def doctor(json: Annotated[bool, typer.Option("--json", help="as JSON")] = False) -> None:
    """Look at everything and say what is wrong and what to do. Exit status 1 when something is wrong."""
    configured = place.settings()
    folder = place.folder_of(configured)
    checks: list[tuple[str, Callable[[], str]]] = [
        ("python", _python),
        ("postgresql", lambda: _programs(configured)),
        ("data folder", lambda: _folder(folder)),
        ("region and partners", lambda: _region(configured)),
        ("database", lambda: asyncio.run(_database(configured, folder))),
        ("instance", lambda: _instance(folder)),
    ]
    found = [_looked(name, check) for name, check in checks]
    for one in found:
        if json:
            place.as_json(one)
        else:
            place.out.print(f"{'goed ' if one['ok'] else 'FOUT '} {one['check']}: {one['says']}", highlight=False)
    if not all(one["ok"] for one in found):
        raise typer.Exit(place.FOUND_WRONG)


def _looked(name: str, check: Callable[[], str]) -> dict[str, Any]:
    try:
        return {"check": name, "ok": True, "says": check()}
    except (OSError, ValueError, EmbeddedPostgresError, asyncpg.PostgresError, httpx.HTTPError) as error:
        return {"check": name, "ok": False, "says": f"{type(error).__name__}: {error}"}


def _python() -> str:
    return ".".join(map(str, sys.version_info[:3]))


def _programs(configured: Settings) -> str:
    if configured.database_url is not None:
        return "not needed: DREMPEL_DATABASE_URL is set"
    binaries = find_binaries()
    return f"version {major_version(binaries)}"


def _folder(folder: Path) -> str:
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not os.access(there, os.W_OK):
        raise ValueError("not writable; set DREMPEL_DATA")
    free = shutil.disk_usage(there).free / 1e9
    if free < FREE_GB:
        raise ValueError(f"{free:.1f} GB free, less than {FREE_GB} GB")
    return f"{free:.0f} GB free"


def _region(configured: Settings) -> str:
    region = Region.load(configured.regio, configured.partners)
    return f"{len(region.gemeentecodes)} municipalities, {len(region.partners)} partners"


async def _database(configured: Settings, folder: Path) -> str:
    async with place.database(configured, folder) as url:
        conn = await asyncpg.connect(url, timeout=10)
        try:
            version = await conn.fetchval("SHOW server_version")
            there = {r[0] for r in await conn.fetch("SELECT nspname FROM pg_namespace")}
            parked = 0
            for service in SERVICES:
                if service in there:
                    parked += await conn.fetchval(f"SELECT count(*) FROM {service}.parked")
        finally:
            await conn.close()
    if parked:
        raise ValueError(f"{parked} parked events: see `drempel parked list`")
    return f"PostgreSQL {version}, nothing parked"


def _instance(folder: Path) -> str:
    live = place.instance(folder)
    if live is None:
        return "none runs on this data folder"
    answer = httpx.get(f"{live.url}/health/ready", timeout=10)
    answer.raise_for_status()
    behind = {name: c["lag"] for name, c in answer.json()["consumers"].items() if c["lag"]}
    return f"runs at {live.url}, behind: {behind or 'nothing'}"
