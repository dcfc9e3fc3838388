"""A running Drempel for a test: real PostgreSQL, real HTTP, all loops; a database of its own each time."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx

from libs.chassis.auth import Rol
from libs.chassis.clock import SystemClock
from libs.chassis.embedded import RunningPostgres, serving
from libs.chassis.migrate import migrate
from libs.chassis.run import System, open_system, port_of, serve, server_for
from libs.chassis.settings import SERVICES, Settings
from libs.events.catalogue import Event
from libs.events.envelope import Envelope, decode
from libs.events.ports import Clock
from libs.events.postgres.log import append
from libs.events.unit import Unit
from tests import invariants

TEMPLATE = "drempel_migrated"

PATIENCE = float(os.environ.get("DREMPEL_TEST_PATIENCE", "60"))
"""Seconds to wait for the chain to come to rest."""


@dataclass
class Running:
    """What a test needs of a running system."""

    system: System
    http: httpx.AsyncClient
    admin_url: str
    clock: Clock
    folder: Path
    stop: asyncio.Event

    def token(self, rol: str, *, partner: str | None = None, gemeenten: Iterable[str] = ()) -> str:
        """A token of the local issuer."""
        return self.system.issuer.token(Rol(rol), self.clock, partner=partner, gemeenten=tuple(gemeenten))

    def als(self, rol: str, *gemeenten: str, partner: str | None = None) -> dict[str, str]:
        """Request headers of this role."""
        return {"Authorization": f"Bearer {self.token(rol, partner=partner, gemeenten=gemeenten)}"}

    async def rest(self, patience: float = PATIENCE, *, parked: bool = False) -> None:
        """Wait until every consumer has lag 0; fails when that takes too long or, unless `parked`, something was."""
        end = monotonic() + patience
        while True:
            answer = (await self.http.get("/health/ready")).json()
            if answer.get("consumers") is not None and not any(c["lag"] for c in answer["consumers"].values()):
                found = {name: c for name, c in answer["consumers"].items() if c["geparkeerd"]}
                assert parked or not found, f"parked: {found}: {await self.parked()}"
                return
            assert monotonic() < end, f"not at rest: {answer}"
            await asyncio.sleep(0.02)

    async def parked(self) -> list[str]:
        """Reasons of what was parked."""
        async with self.admin() as conn:
            return [str(dict(r)) for s in SERVICES for r in await conn.fetch(f"SELECT * FROM {s}.parked LIMIT 3")]

    @asynccontextmanager
    async def admin(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection that sees everything."""
        conn = await asyncpg.connect(self.admin_url)
        try:
            yield conn
        finally:
            await conn.close()

    async def emit_as(
        self, service: str, events: Sequence[tuple[Event, UUID, str | None]], tenant: str | None = None
    ) -> list[Envelope]:
        """Append (event, subject, gemeentecode) to the log of a service as if it had said so."""
        async with self.admin() as conn, conn.transaction():
            unit = Unit(service, "test", conn, self.clock.now())
            found = [unit.emit(e, subject=s, gemeentecode=g, tenant=tenant) for e, s, g in events]
            await append(conn, service, unit.pending)
        self.system.wakeup.touch(service)
        return found

    async def log(self, service: str) -> list[Envelope]:
        """Everything a service has said, in order."""
        async with self.admin() as conn:
            rows = await conn.fetch(f"SELECT position, stream, type, envelope FROM {service}.log ORDER BY position")
        return [decode(row["envelope"], row["position"]) for row in rows]

    async def said(self, service: str, kind: type[Event]) -> list[Any]:
        """The events of one kind a service has said."""
        return [e.data for e in await self.log(service) if isinstance(e.data, kind)]


@asynccontextmanager
async def running(
    folder: Path, *, clock: Clock | None = None, services: Sequence[str] = SERVICES, admin_url: str | None = None,
    alone: str | None = None, **settings: Any,
) -> AsyncIterator[Running]:  # fmt: skip
    """All services (or these) on a fresh database of the PostgreSQL in `folder`, served over HTTP on loopback.

    With `alone` only that service hears anything: the test says in `emit_as` what the others would have said.
    """
    clock = clock or Workday()
    configured = Settings(port=0, **settings)
    async with AsyncExitStack() as stack:
        url = admin_url or await stack.enter_async_context(fresh_database(folder))
        system = await stack.enter_async_context(open_system(services, configured, url, folder, clock))
        if alone is not None:
            system.health.processors = [(r, p) for r, p in system.health.processors if r.service == alone]
            system.processors = [p for _, p in system.health.processors]
        server, stop = server_for(system.app, configured), asyncio.Event()
        task = asyncio.create_task(serve(system, server, stop))
        try:
            while not server.started and not task.done():
                await asyncio.sleep(0.01)
            http = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port_of(server)}", timeout=60)
            async with http:
                drempel = Running(system, http, url, clock, folder, stop)
                yield drempel
        finally:
            stop.set()
            await task
        async with drempel.admin() as conn:
            assert not (broken := await invariants.of_logs(conn)), broken


@asynccontextmanager
async def fresh_database(folder: Path) -> AsyncIterator[str]:
    """A new database, all schemas and no rows; dropped at the end. The server in `folder` is started when none runs.

    It is copied from one that was migrated once: 0.1 s instead of 2 s for each test.
    """
    async with serving(folder) as postgres:
        name = f"test_{uuid4().hex[:12]}"
        admin = await asyncpg.connect(postgres.dsn(user="drempel", database="postgres"))
        try:
            await _migrated_once(admin, postgres)
            await admin.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
            yield postgres.dsn(user="drempel", database=name)
        finally:
            await admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            await admin.close()


async def _migrated_once(admin: asyncpg.Connection, postgres: RunningPostgres) -> None:
    if not await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", TEMPLATE):
        await admin.execute(f"CREATE DATABASE {TEMPLATE}")
        await migrate(postgres.dsn(user="drempel", database=TEMPLATE), ["keyring", *SERVICES])


class Workday:
    """Runs as the system's clock does, from a Wednesday evening on: no test depends on the day or hour it is run at."""

    def __init__(self) -> None:
        self._ahead = datetime(2026, 3, 11, 19, tzinfo=UTC) - SystemClock().now()

    def now(self) -> datetime:
        """Aware, in UTC."""
        return SystemClock().now() + self._ahead


class At:
    """A clock that stands at a moment a test chose."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        """That moment."""
        return self.moment
