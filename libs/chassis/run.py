"""Starts services and keeps them running: the server and every loop side by side in one TaskGroup.

If one of them dies, the process ends non-zero: a consumer that died can't go unnoticed behind a server that
still answers. The chassis owns the signals: on SIGTERM ready answers 503, the server stops taking
requests, the loops finish their batch, and the process exits 0 within 10 seconds.
"""

import asyncio
import contextlib
import gc
import secrets
import signal
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import structlog
import uvicorn
from starlette.types import ASGIApp

from libs.chassis import http, telemetry
from libs.chassis.apart import Apart
from libs.chassis.auth import LOCAL_ISSUER, LocalIssuer, TokenVerifier, Verifier
from libs.chassis.clock import SystemClock
from libs.chassis.health import Health
from libs.chassis.idempotency import Sweeper
from libs.chassis.jwks import RemoteKeys, remote_keys
from libs.chassis.links import Links
from libs.chassis.migrate import bring_up_to_date
from libs.chassis.opening import Opening, service_named
from libs.chassis.service import Runtime, Service
from libs.chassis.settings import Settings, SettingsDoNotFit
from libs.events.crash import crash_point
from libs.events.kafka.relay import Relay
from libs.events.keyring import Kek
from libs.events.ports import Clock
from libs.events.postgres.wakeup import Wakeup
from libs.events.processor import Processor

log = structlog.get_logger()

DRAIN_SECONDS = 3
"""For requests under way at a stop; what is cut off then (a large delivery) is finished by sending it again. The rest
of the ten seconds is for the loops' last batch and for the database."""


def kek_of(settings: Settings, folder: Path, *, make: bool = True) -> Kek:
    """The key-encryption key: from its file, or made once in the data folder by who may (`make`).

    A new key fits nothing that is there, so only who gives the roles their passwords makes one. Raises
    SettingsDoNotFit where there is none, or its file holds something else.
    """
    path = settings.kek_file or folder / "kek"
    if make and not path.exists() and settings.kek_file is None:
        folder.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32))
    try:
        return Kek(bytes.fromhex(path.read_text().strip()))
    except OSError as error:
        raise SettingsDoNotFit(
            f"the key-encryption key can't be read ({type(error).__name__}): "
            "set DREMPEL_KEK_FILE to that of the services, or DREMPEL_DATA to their data folder"
        ) from None
    except ValueError:
        raise SettingsDoNotFit("the file of the key-encryption key does not hold 64 hex digits") from None


@dataclass
class System:
    """Running services: their application and their loops."""

    runtimes: list[tuple[Service, Runtime]]
    processors: list[Processor]
    wakeup: Wakeup
    health: Health
    app: ASGIApp
    issuer: LocalIssuer
    clock: Clock
    verifier: Verifier
    remote_keys: RemoteKeys | None = None
    relays: list[Relay] = field(default_factory=list)
    links: Links | None = None
    metrics: telemetry.Consumers | None = None

    @property
    def sweeper(self) -> Sweeper:
        """Removes stored answers of all services when their time is up."""
        return Sweeper([runtime.database for _, runtime in self.runtimes], self.clock)

    async def begin(self) -> None:
        """What is done each time before services serve or hear anything; raises what keeps them from it."""
        if self.remote_keys is not None:
            await self.remote_keys.fetch()
        for service, runtime in self.runtimes:
            if service.begins is not None:
                await service.begins(runtime)

    async def run_loops(self, stop: asyncio.Event) -> None:
        """All consumers, the relays and the wake-up, until told to stop."""
        async with asyncio.TaskGroup() as group:
            for relay in self.relays:
                group.create_task(relay.run(stop), name=f"relay {relay.service}")
            group.create_task(self.wakeup.run(stop), name="wakeup")
            group.create_task(self.sweeper.run(stop), name="sweeper")
            if self.metrics is not None:
                group.create_task(self.metrics.run(stop), name="metrics")
            if self.remote_keys is not None:
                group.create_task(self.remote_keys.run(stop), name="jwks")
            for processor in self.processors:
                group.create_task(processor.run(stop), name=processor.consumer.name)
            for service, runtime in self.runtimes:
                for loop in service.loops:
                    group.create_task(loop.run(runtime, stop), name=loop.name)


@asynccontextmanager
async def open_system(
    names: Sequence[str], settings: Settings, admin_url: str | None, folder: Path, clock: Clock | None = None
) -> AsyncIterator[System]:
    """Migrate, connect, and put services together; nothing runs yet.

    `admin_url` is the database of all that the settings give none of its own; None when there is no such.
    """
    settings.check()
    clock = clock or SystemClock()
    kek = kek_of(settings, folder, make=settings.migrate)
    if settings.migrate:
        await migrated(names, settings, admin_url, kek)
    async with AsyncExitStack() as stack:
        opening = Opening(settings, admin_url, clock, kek, stack)
        wakeup = await opening.wakeup(names[0])
        runtimes = [await opening.service(name, wakeup) for name in names]
        system = await _put_together(runtimes, opening, wakeup, LocalIssuer.at(folder / "issuer.pem"))
        crash_point("run.opened")
        yield system


async def _put_together(
    runtimes: list[tuple[Service, Runtime]], opening: Opening, wakeup: Wakeup, issuer: LocalIssuer
) -> System:  # fmt: skip
    """One application and all loops of opened services."""
    settings, clock, cluster = opening.settings, opening.clock, opening.cluster
    health = Health(services=runtimes, partitions=cluster.partitions if cluster else None)
    if cluster and settings.database_url_per_service:
        health.apart = Apart(cluster)
        opening.stack.push_async_callback(health.apart.stop)
    priority = await opening.consumers(runtimes, health)
    remote = remote_keys(settings)
    verifier = TokenVerifier(settings.issuer or LOCAL_ISSUER, remote or (lambda: issuer.key), clock)
    links = Links(tuple(sorted(opening.region.gemeentecodes))) if settings.issuer is None else None
    return System(
        runtimes, [processor for _, processor in health.processors], wakeup, health,
        priority.first(http.application(runtimes, verifier, health, links)), issuer, clock, verifier, remote,
        [Relay(r.service, r.database.loop, wakeup, cluster) for _, r in runtimes] if cluster else [],
        links, telemetry.consumers(health.lags),
    )  # fmt: skip


async def migrated(names: Sequence[str], settings: Settings, admin_url: str | None, kek: Kek) -> None:
    """Bring the schemas and roles of these services up to date; needs the owner's rights."""
    opening = [name for name in names if service_named(name).opens]
    await bring_up_to_date(names, opening, settings, admin_url, kek)


class Server(uvicorn.Server):
    """uvicorn without its own signal handling: it re-raises SIGTERM before our loops have drained."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """The chassis owns the signals."""
        yield


def server_for(app: ASGIApp, settings: Settings) -> Server:
    """The HTTP server, with its limits."""
    return Server(
        uvicorn.Config(
            app, host=settings.host, port=settings.port, log_config=None, access_log=False, server_header=False,
            date_header=True, timeout_keep_alive=30, timeout_graceful_shutdown=DRAIN_SECONDS,
            limit_concurrency=512, backlog=512, http="httptools", lifespan="off", h11_max_incomplete_event_size=65536,
        )
    )  # fmt: skip


def port_of(server: Server) -> int:
    """The port a started server listens on."""
    port: int = server.servers[0].sockets[0].getsockname()[1]
    return port


async def serve(system: System, server: Server, stop: asyncio.Event) -> None:
    """Serve until `stop`; a loop that dies ends the process, a stop drains it."""
    await system.begin()
    settle_memory()
    log.info("service_started", port=server.config.port)
    async with asyncio.TaskGroup() as group:
        http_task = group.create_task(server.serve(), name="http")
        loops = group.create_task(system.run_loops(stop), name="loops")
        group.create_task(_close(system, server, stop, http_task), name="closer")
    del loops
    crash_point("run.stopped")
    log.info("service_stopped")


def settle_memory() -> None:
    """What was loaded stays, so it is never looked through again; and a batch of events is no reason to look."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


async def _close(system: System, server: Server, stop: asyncio.Event, http_task: "asyncio.Task[None]") -> None:
    """When told to stop, or when the server ended by itself: stop everything."""
    waiting = asyncio.create_task(stop.wait())
    await asyncio.wait({waiting, http_task}, return_when=asyncio.FIRST_COMPLETED)
    log.info("service_stopping")
    crash_point("run.stopping")
    system.health.stopping = True
    server.should_exit = True
    stop.set()
    await waiting


def own_signals(stop: asyncio.Event) -> None:
    """SIGTERM and SIGINT ask for a stop."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
