"""A service is a value; what it needs while it runs is its Runtime."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Request, Response

from libs.chassis.auth import Caller
from libs.chassis.database import Database
from libs.chassis.region import Region
from libs.chassis.settings import Settings
from libs.events.consumer import Reaction, View
from libs.events.crash import crash_point
from libs.events.keyring import Kek, Keyring
from libs.events.ports import Clock
from libs.events.postgres.log import Connection, append
from libs.events.postgres.wakeup import Wakeup
from libs.events.said import count_said
from libs.events.unit import Unit


@dataclass(frozen=True, slots=True)
class Runtime:
    """What one running service works with. Everything is an argument, nothing is global."""

    service: str
    settings: Settings
    clock: Clock
    database: Database
    keyring: Keyring
    kek: Kek
    wakeup: Wakeup
    region: Region

    @asynccontextmanager
    async def command(self, caller: Caller, tenants: Sequence[str] | None = None) -> AsyncIterator[Unit]:
        """One transaction on behalf of a caller: it sees the caller's tenants; what is emitted is appended last."""
        seen = caller.gemeenten if tenants is None else tenants
        async with self.database.as_tenants(seen, caller.partner) as conn:
            unit = Unit(self.service, caller.rol, conn, self.clock.now())
            yield unit
            crash_point("command.before_append")
            await append(conn, self.service, unit.pending)
            crash_point("command.before_commit")
        crash_point("command.after_commit")
        if unit.pending:
            count_said(self.service, unit.pending)
            self.wakeup.touch(self.service)

    @asynccontextmanager
    async def reading(self, caller: Caller, tenants: Sequence[str] | None = None) -> AsyncIterator[Connection]:
        """One transaction that only reads (and writes the log of reads)."""
        seen = caller.gemeenten if tenants is None else tenants
        async with self.database.as_tenants(seen, caller.partner) as conn:
            yield conn


@dataclass(frozen=True, slots=True)
class Loop:
    """What a service does by the clock, until told to stop; it has no endpoint, and its end ends the process.

    `behind` is a query of one number: how much it has still to do on the day `{day}`. It counts as lag under its name.
    """

    name: str
    run: Callable[[Runtime, asyncio.Event], Coroutine[Any, Any, None]]
    behind: str


@dataclass(frozen=True, slots=True)
class Service:
    """All that makes a service: what it serves, what it hears, what it keeps.

    The name is its schema, its roles, its log's source and the first part of its paths: for ever.
    `begins` is done each time it starts, before it serves or hears anything.
    `opens` says that it has a grant on the keyring. `pages` are served at the root; `error_page(status, sentence)` is
    how they tell an error to a browser.
    """

    name: str
    router: APIRouter
    reactions: Callable[[Runtime], Sequence[Reaction]] = field(default=lambda runtime: ())
    views: Sequence[View] = ()
    loops: Sequence[Loop] = ()
    begins: Callable[[Runtime], Coroutine[Any, Any, None]] | None = None
    pages: APIRouter | None = None
    error_page: Callable[[int, str], Response] | None = None
    opens: bool = False


async def runtime_of(request: Request) -> Runtime:
    """Dependency: the runtime of the service that serves this request. Not async, it would cost a thread each time."""
    runtime: Runtime = request.app.state.runtime
    return runtime
