"""`drempel doctor`: is everything here that Drempel needs, is it well, and if not, what to do."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Annotated

import asyncpg
import httpx
import typer
from aiokafka.errors import KafkaError

from drempel.cli import place
from drempel.cli.doctor import chain, database, kafka, machine, outside
from drempel.cli.doctor.finding import Check, Finding, Here, Wrong
from libs.chassis.embedded import EmbeddedPostgresError
from libs.events.errors import Transient, WrongKey

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
    ("kafka", kafka.topic),
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
    except (OSError, ValueError, TimeoutError, EmbeddedPostgresError, asyncpg.PostgresError, asyncpg.InterfaceError,
            httpx.HTTPError, KafkaError, Transient, WrongKey) as error:  # fmt: skip
        return Finding(name, False, f"{type(error).__name__}: {error}")


@asynccontextmanager
async def _connected(here: Here) -> AsyncIterator[Finding]:
    """Open the databases for the checks that need them, for the length of the block."""
    async with AsyncExitStack() as stack:
        try:
            versions = await _open(here, stack)
        except (OSError, TimeoutError, EmbeddedPostgresError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            set_by = here.settings.database_url or here.settings.database_url_per_service
            do = "is PostgreSQL up, and is DREMPEL_DATABASE_URL right?" if set_by else (
                "look in postgres.log of the data folder")  # fmt: skip
            yield Finding("database", False, f"can't be reached ({type(error).__name__})", do)
            return
        yield Finding("database", True, ", ".join(f"PostgreSQL {version}" for version in sorted(versions)))


async def _open(here: Here, stack: AsyncExitStack) -> set[str]:
    """A connection per database; gives the versions of their servers."""
    here.url = await stack.enter_async_context(place.databases(here.settings, here.folder))
    urls = {s: here.settings.database_of(s, here.url) for s in place.services_here(here.settings, here.url)}
    if here.url is not None or here.settings.keyring_url is not None:
        urls["keyring"] = here.settings.keyring_of(here.url)
    by_url: dict[str, asyncpg.Connection] = {}
    for schema, url in urls.items():
        if url not in by_url:
            by_url[url] = await asyncpg.connect(url, timeout=10)
            stack.push_async_callback(by_url[url].close)
        here.conns[schema] = by_url[url]
    return {await conn.fetchval("SHOW server_version") for conn in by_url.values()}
