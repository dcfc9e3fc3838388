"""`drempel parked`: what could not be handled, and trying it again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import asyncpg
import typer
from rich.table import Table

from drempel.cli import place
from drempel.cli.running import with_persons
from libs.chassis.run import System, open_system
from libs.chassis.settings import SERVICES
from libs.events.envelope import decode
from libs.events.postgres.parked import listed, retry
from libs.events.postgres.sessions import PostgresSessions

app = typer.Typer(no_args_is_help=True, help="Events that could not be handled; the later ones of their subject wait.")

Json = Annotated[bool, typer.Option("--json", help="as JSON")]


@app.command("list")
def list_(json: Json = False) -> None:
    """All parked events. Exit status 1 when there are any."""
    found = place.run(_listed())
    if json:
        for row in found:
            place.as_json(row)
    else:
        place.out.print(_table(found) if found else "niets geparkeerd")
    if found:
        raise typer.Exit(place.FOUND_WRONG)


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table()
    for heading in ("consumer", "source", "position", "type", "reason"):
        table.add_column(heading)
    for row in rows:
        table.add_row(*(str(row[name]) for name in ("consumer", "source", "position", "type", "reason")))
    return table


async def _listed() -> list[dict[str, Any]]:
    async with _admin() as conn:
        return [{"service": s, **row} for s in SERVICES for row in await listed(conn, s)]


@asynccontextmanager
async def _admin() -> AsyncIterator[asyncpg.Connection]:
    configured = place.settings()
    async with place.database(configured, place.folder_of(configured)) as url:
        conn = await asyncpg.connect(url)
        try:
            yield conn
        finally:
            await conn.close()


@app.command("show")
def show(consumer: str, source: str, position: int, json: Json = False) -> None:
    """One parked event as it is in the log; what is sealed stays sealed. Exit status 1 when it is not parked."""
    found = place.run(_show(consumer, source, position))
    if found is None:
        place.fail("no such parked event")
    place.as_json(found) if json else place.out.print(found)


async def _show(consumer: str, source: str, position: int) -> dict[str, Any] | None:
    async with _admin() as conn:
        for service in SERVICES:
            row = await conn.fetchrow(
                f"SELECT envelope, reason FROM {service}.parked WHERE consumer = $1 AND source = $2 AND position = $3",
                consumer, source, position,
            )  # fmt: skip
            if row is not None:
                event = decode(row["envelope"], position)
                return {"reason": row["reason"], "type": event.type, "subject": event.subject,
                        "data": event.data.model_dump(mode="json", by_alias=True)}  # fmt: skip
    return None


@app.command("retry")
def retry_(consumer: Annotated[str | None, typer.Argument(help="unset: all")] = None, json: Json = False) -> None:
    """Try parked events again, in the order of their subject. Exit status 1 when some go on waiting, 2 for
    an unknown consumer."""
    found = place.run(_retry(consumer))
    if json:
        place.as_json(found)
    else:
        place.out.print(
            f"{found['applied']} verwerkt, {found['waiting']} wachten nog {found['reasons']}", highlight=False
        )
    if found["waiting"]:
        raise typer.Exit(place.FOUND_WRONG)


async def _retry(only: str | None) -> dict[str, Any]:
    configured = place.settings()
    folder = place.folder_of(configured)
    async with (
        place.database(configured, folder) as url,
        open_system(SERVICES, with_persons(configured, folder), url, folder) as system,
    ):
        return await _retry_in(system, only)


async def _retry_in(system: System, only: str | None) -> dict[str, Any]:
    total: dict[str, Any] = {"applied": 0, "waiting": 0, "reasons": []}
    if only is not None and only not in {processor.consumer.name for _, processor in system.health.processors}:
        place.fail("CONSUMER is none of those that /health/ready names", place.WRONG_USE)
    for runtime, processor in system.health.processors:
        consumer = processor.consumer
        if only not in (None, consumer.name):
            continue
        pool = runtime.database.loop
        sessions = PostgresSessions(pool, runtime.service, consumer.name, runtime.clock, runtime.wakeup.touch)
        found = await retry(pool, runtime.service, consumer, sessions)
        total["applied"] += found.applied
        total["waiting"] += found.waiting
        total["reasons"] += found.reasons
    return total
