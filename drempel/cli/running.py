"""`drempel up` and `drempel serve`: services that run until they are told to stop."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TextIO

import structlog
import typer

from drempel.cli import place
from libs.chassis import logging, telemetry
from libs.chassis.clock import SystemClock
from libs.chassis.embedded import EmbeddedPostgres
from libs.chassis.region import Region
from libs.chassis.run import Server, System, open_system, own_signals, port_of, serve, server_for
from libs.chassis.settings import SERVICES, Settings
from libs.events.ports import Clock

log = structlog.get_logger()


def up(
    port: Annotated[int | None, typer.Option(help="HTTP port; 0 takes a free one", min=0, max=65535)] = None,
    data: Annotated[Path | None, typer.Option(help="data folder")] = None,
) -> None:
    """All six services, embedded, until Ctrl-C or SIGTERM. Exit status 0 after an orderly stop."""
    configured = place.settings(port=port, data=data)
    (place.folder_of(configured) / place.DEMO).unlink(missing_ok=True)  # from now on it may hold something real
    place.run(_until_stopped(SERVICES, configured))


def serve_one(
    service: Annotated[str, typer.Argument(help=", ".join(SERVICES))],
    port: Annotated[int | None, typer.Option(help="HTTP port; 0 takes a free one", min=0, max=65535)] = None,
) -> None:
    """One service, on its database (DREMPEL_DATABASE_URL_<SERVICE>, DREMPEL_DATABASE_URL). Exit status 2 for an
    unknown service."""
    if service not in SERVICES:
        place.fail("SERVICE is none of " + ", ".join(SERVICES), place.WRONG_USE)
    configured = place.settings(port=port)
    place.run(_until_stopped((service,), configured))


async def _until_stopped(services: Sequence[str], configured: Settings) -> None:
    stop = asyncio.Event()
    own_signals(stop)
    async with running(services, configured, SystemClock(), stop) as live:
        place.out.print(f"Drempel luistert op {live.url}", highlight=False)
        if live.link:
            place.out.print(f"Eenmalige link naar de pagina's: {live.link}", highlight=False, soft_wrap=True)
        await live.ended


@dataclass(frozen=True, slots=True)
class Live:
    """A served system: its address, a one-time link to its pages, and the task that ends when it stops."""

    system: System
    url: str
    link: str | None
    folder: Path
    admin_url: str | None
    ended: "asyncio.Task[None]"


@asynccontextmanager
async def running(
    services: Sequence[str], configured: Settings, clock: Clock, stop: asyncio.Event, logs: TextIO | None = None
) -> AsyncIterator[Live]:
    """Database, services, server; when the database's server ends, so do we. Unset, logs go to stderr."""
    logging.set_up(stream=logs)
    _can_listen(configured)
    folder = place.folder_of(configured)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = services[0] if len(services) == 1 else "all"
    async with AsyncExitStack() as stack:
        if (spans := telemetry.set_up(name, configured.trace_file)) is not None:
            stack.callback(spans.shutdown)
        if (meters := telemetry.set_up_metrics(name)) is not None:
            stack.callback(meters.shutdown, telemetry.SHUTDOWN_MS)
        admin_url = await stack.enter_async_context(_database(configured, folder, stop))
        system = await stack.enter_async_context(
            open_system(services, with_persons(configured, folder, services), admin_url, folder, clock)
        )
        server = server_for(system.app, configured)
        ended = asyncio.create_task(serve(system, server, stop))
        try:
            url = await _address(server, ended, configured)
            place.announce(folder, url, clock)
            yield Live(system, url, link_of(system, url), folder, admin_url, ended)
        finally:
            stop.set()
            place.withdraw(folder)
            await ended


def _can_listen(configured: Settings) -> None:
    """Fail at once where the port is taken, before a database is started for nothing."""
    family = socket.AF_INET6 if ":" in configured.host else socket.AF_INET
    try:
        socket.create_server((configured.host, configured.port), family=family).close()
    except OSError:
        place.fail(f"port {configured.port} on {configured.host} can't be listened on", place.NO_CONNECTION)


@asynccontextmanager
async def _database(configured: Settings, folder: Path, stop: asyncio.Event) -> AsyncIterator[str | None]:
    if configured.database_url or configured.database_url_per_service:
        async with place.databases(configured, folder) as shared:
            yield shared
        return
    async with await EmbeddedPostgres.start(folder) as postgres:
        watch = asyncio.create_task(postgres.wait())
        watch.add_done_callback(lambda _: stop.set())
        yield await place.database_in(postgres.running)
        watch.cancel()


async def _address(server: Server, ended: "asyncio.Task[None]", configured: Settings) -> str:
    while not server.started:
        if ended.done():
            await ended
            raise typer.Exit  # told to stop before it began
        await asyncio.sleep(0.01)
    return f"http://{configured.host}:{port_of(server)}"


def link_of(system: System, url: str) -> str | None:
    """A new one-time link that opens the pages; None where there are no pages."""
    return None if system.links is None else f"{url}/aanmelden?code={system.links.new()}"


def with_persons(
    configured: Settings, folder: Path, services: Sequence[str] = SERVICES, *, invent: bool = True
) -> Settings:  # fmt: skip
    """The persons of the synthetic region for the trial BRP, unless there is a BRP or a list of persons, or nobody
    among these services who asks.

    Without `invent` only those that `drempel up` made in this folder: ends with status 2 where others may have been
    asked until now.
    """
    if configured.brp_personen and not configured.brp_personen.is_file():
        place.fail("DREMPEL_BRP_PERSONEN: there is no such file", place.WRONG_USE)
    if configured.brp_url or configured.brp_personen or "matching" not in services:
        return configured
    from drempel.region.personen import persons_file, persons_path

    regio = Region.load(configured.regio, configured.partners).regio
    elsewhere = configured.database_url is not None or "matching" in configured.database_url_per_service
    if invent and elsewhere:
        log.warning("brp_is_the_trial_environment", reason="DREMPEL_BRP_URL is not set")
    elif not invent and (elsewhere or not persons_path(folder, regio=regio).exists()):
        place.fail(
            "set DREMPEL_BRP_URL (with DREMPEL_BRP_API_KEY) or DREMPEL_BRP_PERSONEN to what matching has: nobody else "
            "is asked, because the answer goes into the log", place.WRONG_USE,
        )  # fmt: skip
    return configured.model_copy(update={"brp_personen": persons_file(folder, regio=regio)})
