"""`drempel parked`: what could not be handled, trying it again, and leaving it out for good."""

import getpass
import os
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, Any

import asyncpg
import typer
from rich.table import Table

from drempel.cli import beside, place
from libs.chassis.run import System
from libs.chassis.settings import SERVICES
from libs.events.envelope import decode
from libs.events.errors import Unreadable
from libs.events.postgres import parked
from libs.events.postgres.parked import NotParked, WaitsBehind, listed, retry
from libs.events.postgres.sessions import PostgresSessions

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Events that could not be handled; the later ones of their subject wait.",
)

Json = Annotated[bool, typer.Option("--json", help="as JSON")]


PLACE = ("consumer", "source", "position", "type")
LONGEST = 120
"""Characters of a reason."""
SEALED = "v1."
UNKNOWN = "CONSUMER is none of those that /health/ready names"
PERSONAL = re.compile(r"@|[0-9][0-9 .-]{4,}[0-9]|\b[1-9][0-9]{3}( ?[A-Z]{2}|[a-z]{2})\b")
"""An address of e-mail, a long number (BSN, telephone, a date), a postcode: what a reason has no need of."""


@app.command("list")
def list_(
    skipped: Annotated[bool, typer.Option("--skipped", help="those that were left out for good instead")] = False,
    json: Json = False,
) -> None:
    """All parked events, or all that were skipped. Exit status 1 when any is parked."""
    found = place.run(_listed(skipped))
    if json:
        for row in found:
            place.as_json(row)
    elif found:
        place.out.print(_table(found, (*PLACE, "reden", "door", "skipped_op") if skipped else (*PLACE, "reason")))
    else:
        place.out.print("niets overgeslagen" if skipped else "niets geparkeerd")
    if found and not skipped:
        raise typer.Exit(place.FOUND_WRONG)


def _table(rows: list[dict[str, Any]], columns: Sequence[str]) -> Table:
    table = Table()
    for heading in columns:
        table.add_column(heading)
    for row in rows:
        table.add_row(*(f"{row[n]:%Y-%m-%d %H:%M}" if n == "skipped_op" else str(row[n]) for n in columns))
    return table


async def _listed(skipped: bool) -> list[dict[str, Any]]:
    look = parked.skipped if skipped else listed
    configured = place.settings()
    found: list[dict[str, Any]] = []
    async with place.databases(configured, place.folder_of(configured)) as shared:
        for service in place.services_here(configured, shared):
            async with _connected(configured.database_of(service, shared)) as conn:
                found += [{"service": service, **row} for row in await look(conn, service)]
    return found


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[asyncpg.Connection]:
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
    if json:
        place.as_json(found)
    else:
        for line in _lines(found):
            place.out.print(line, highlight=False, markup=False, soft_wrap=True)


def _lines(found: dict[str, Any], indent: str = "") -> Iterator[str]:
    """A line per field; what is sealed only says so."""
    for name, value in found.items():
        if isinstance(value, dict):
            yield f"{indent}{name}:"
            yield from _lines(value, f"{indent}  ")
        elif value is not None:
            yield f"{indent}{name}: {'(verzegeld)' if str(value).startswith(SEALED) else value}"


async def _show(consumer: str, source: str, position: int) -> dict[str, Any] | None:
    configured, service = place.settings(), _service_of(consumer)
    async with (
        place.databases(configured, place.folder_of(configured)) as shared,
        _connected(configured.database_of(service, shared)) as conn,
    ):
        row = await conn.fetchrow(
            f"SELECT envelope, reason FROM {service}.parked WHERE consumer = $1 AND source = $2 AND position = $3",
            consumer, source, position,
        )  # fmt: skip
    return None if row is None else {"reason": row["reason"], **_told(row["envelope"], position)}


def _told(envelope: bytes, position: int) -> dict[str, Any]:
    """What is in an event; of one that can't be read only that, for nobody knows what would be in clear."""
    try:
        event = decode(envelope, position)
    except Unreadable as error:
        return {"unreadable": str(error), "bytes": len(envelope)}
    data = event.data.model_dump(mode="json", by_alias=True)
    return {"type": event.type, "subject": event.subject, "time": event.time.isoformat(), "data": data}


@app.command("retry")
def retry_(consumer: Annotated[str | None, typer.Argument(help="unset: all")] = None, json: Json = False) -> None:
    """Try parked events again, in the order of their subject. Exit status 1 when some go on waiting, 2 for
    an unknown consumer."""
    found = place.run(_retry(consumer))
    if json:
        place.as_json(found)
    else:
        place.out.print(_came_of(found), highlight=False)
    if found["waiting"]:
        raise typer.Exit(place.FOUND_WRONG)


@app.command("skip")
def skip(
    consumer: str,
    source: str,
    position: int,
    reden: Annotated[str, typer.Option(help=f"why, in at most {LONGEST} characters and without personal data")],
    json: Json = False,
) -> None:
    """Leave a parked event out for good, and handle what waited behind it. Who, when and why is kept and can be
    read by every operator: name no person. Exit status 1 when it is not parked, waits behind an earlier one of its
    subject, or some go on waiting; 2 when the reason is too long or looks like personal data."""
    _fitting(reden)
    found = place.run(_skip(consumer, source, position, reden.strip()))
    if json:
        place.as_json(found)
    else:
        place.out.print(
            f"overgeslagen; van wat erachter wachtte: {_came_of(found)}", highlight=False,
        )  # fmt: skip
    if found["waiting"]:
        raise typer.Exit(place.FOUND_WRONG)


def _came_of(found: dict[str, Any]) -> str:
    why = f": {', '.join(found['reasons'])}" if found["reasons"] else ""
    return f"{found['applied']} verwerkt, {found['waiting']} wachten nog{why}"


def _fitting(reden: str) -> None:
    if not reden.strip() or len(reden) > LONGEST or not reden.isprintable():
        place.fail(f"--reden: one line of 1 to {LONGEST} characters", place.WRONG_USE)
    if PERSONAL.search(reden):
        place.fail(
            "--reden looks like personal data (a number, a postcode, e-mail): it is kept for good", place.WRONG_USE
        )
    place.err.print("De reden blijft bewaard: geen namen, adressen of nummers van personen.", style="yellow")


async def _skip(consumer: str, source: str, position: int, reden: str) -> dict[str, Any]:
    configured = place.settings()
    folder = place.folder_of(configured)
    service = _service_of(consumer)
    async with (
        place.databases(configured, folder) as shared,
        beside.opened([service], configured, folder, shared) as system,
    ):  # first, so that nothing is left out while those behind it can't be handled
        url = configured.database_of(service, shared)
        subject = await _skipped(url, service, (consumer, source, position), reden)
        return await _retry_in(system, consumer, subject)


def _service_of(consumer: str) -> str:
    """The service a consumer is of, by its name; ends the command where there is no such."""
    service = consumer.partition(".")[0]
    return service if service in SERVICES else place.fail("no such parked event")


async def _skipped(url: str, service: str, what: tuple[str, str, int], reden: str) -> str:
    """The record is made; gives the subject whose later events may go on."""
    try:
        async with _connected(url) as conn:
            return await parked.skip(conn, service, what, reden=reden, door=_who())
    except NotParked:
        place.fail("no such parked event")
    except WaitsBehind as error:
        place.fail(f"it only waits behind position {error}: retry or skip that one first")


def _who() -> str:
    """The account of whoever typed it, also through sudo."""
    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except (OSError, KeyError):  # a user id without a name, as in a container
        return f"uid {os.getuid()}"


async def _retry(only: str | None) -> dict[str, Any]:
    configured = place.settings()
    folder = place.folder_of(configured)
    async with place.databases(configured, folder) as shared:
        named = [service for service in SERVICES if only is not None and only.startswith(f"{service}.")]
        if only is not None and not named:
            place.fail(UNKNOWN, place.WRONG_USE)
        here = named or place.services_here(configured, shared)
        async with beside.opened(here, configured, folder, shared) as system:
            return await _retry_in(system, only)


async def _retry_in(system: System, only: str | None, subject: str | None = None) -> dict[str, Any]:
    total: dict[str, Any] = {"applied": 0, "waiting": 0, "reasons": []}
    if only is not None and only not in {processor.consumer.name for _, processor in system.health.processors}:
        place.fail(UNKNOWN, place.WRONG_USE)
    for runtime, processor in system.health.processors:
        consumer = processor.consumer
        if only not in (None, consumer.name):
            continue
        pool = runtime.database.loop
        sessions = PostgresSessions(pool, runtime.service, consumer.name, runtime.clock, runtime.wakeup.touch)
        found = await retry(pool, runtime.service, consumer, sessions, subject)
        total["applied"] += found.applied
        total["waiting"] += found.waiting
        total["reasons"] += found.reasons
    return total
