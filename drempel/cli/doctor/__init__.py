"""`drempel doctor`: is everything here that Drempel needs, is it well, and if not, what to do."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import asyncpg
import httpx
import typer
from aiokafka.errors import KafkaError

from drempel.cli import place
from drempel.cli.doctor import chain, database, kafka, machine, outside
from drempel.cli.doctor.finding import Check, Finding, Here, Wrong
from libs.chassis.embedded import EmbeddedPostgresError

MACHINE: tuple[tuple[str, Check], ...] = (
    ("python", machine.python),
    ("postgresql", machine.programs),
    ("data folder", machine.folder),
    ("region and partners", machine.region),
)
WITH_DATABASE: tuple[tuple[str, Check], ...] = (
    ("migrations", database.migrations),
    ("clock", database.clock),
    ("key-encryption key", database.kek),
    ("consumers", chain.consumers),
    ("parked", chain.parked),
    ("kafka", kafka.cluster),
    ("relays", kafka.relays),
)
OUTSIDE: tuple[tuple[str, Check], ...] = (
    ("instance", chain.instance),
    ("brp", outside.brp),
    ("issuer", outside.issuer),
)


def doctor(
    views: Annotated[bool, typer.Option("--views", help="also fold the logs anew and compare; takes a while")] = False,
    json: Annotated[bool, typer.Option("--json", help="as JSON")] = False,
) -> None:
    """Look at everything and say what is wrong and what to do. Exit status 1 when something is wrong."""
    found = place.run(_looked(Here.of(), views))
    for one in found:
        if json:
            place.as_json(one.as_json())
        else:
            place.out.print(
                f"{'goed ' if one.ok else 'FOUT '} {one.check}: {one.says}",
                highlight=False,
                markup=False,
                soft_wrap=True,
            )
            if one.do:
                place.out.print(f"      {one.do}", highlight=False, markup=False, soft_wrap=True)
    if not all(one.ok for one in found):
        raise typer.Exit(place.FOUND_WRONG)


async def _looked(here: Here, views: bool) -> list[Finding]:
    found = [await _one(here, name, check) for name, check in MACHINE]
    async with _connected(here) as finding:
        found.append(finding)
        if finding.ok:
            more = (("views", database.views),) if views else ()
            found += [await _one(here, name, check) for name, check in (*WITH_DATABASE, *more)]
    return found + [await _one(here, name, check) for name, check in OUTSIDE]


async def _one(here: Here, name: str, check: Check) -> Finding:
    try:
        return Finding(name, True, await check(here))
    except Wrong as wrong:
        return Finding(name, False, wrong.says, wrong.do)
    except (OSError, ValueError, TimeoutError, EmbeddedPostgresError, asyncpg.PostgresError, httpx.HTTPError,
            KafkaError) as error:  # fmt: skip
        return Finding(name, False, f"{type(error).__name__}: {error}")


@asynccontextmanager
async def _connected(here: Here) -> AsyncIterator[Finding]:
    """Open the database for the checks that need it, for the length of the block."""
    opening = place.database(here.settings, here.folder)
    try:
        here.url = await opening.__aenter__()
        here.conn = await asyncpg.connect(here.url, timeout=10)
    except (OSError, TimeoutError, EmbeddedPostgresError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        do = "look in postgres.log of the data folder" if here.settings.database_url is None else (
            "is PostgreSQL up, and is DREMPEL_DATABASE_URL right?")  # fmt: skip
        yield Finding("database", False, f"can't be reached ({type(error).__name__})", do)
        return
    try:
        version = await here.conn.fetchval("SHOW server_version")
        yield Finding("database", True, f"PostgreSQL {version}")
    finally:
        await here.conn.close()
        await opening.__aexit__(None, None, None)
