"""Connections of one service: a pool per role, and transactions that see only the tenants of their caller.

`<service>_api` answers callers under row-level security; `<service>_loop` runs the consumers and sees all
tenants. Neither owns a table. Tenants are set for one transaction only, and a connection comes back to the pool
with none open, so no caller can inherit another's.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from libs.events.keyring import Kek
from libs.events.postgres.log import Connection

POOL_SIZE = 6
ACQUIRE_SECONDS = 20.0
"""A busy system answers slowly; how many may wait is bounded by the server (limit_concurrency)."""

AWAY = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""How a database shows that it does not answer, for upkeep that can wait until the next round."""

STATEMENT_MS = 60_000
LOCK_MS = 10_000


def password_of(kek: Kek, role: str) -> str:
    """The password of a role: derived, so that nothing has to be stored or passed around."""
    return kek.derive(f"role/{role}").hex()


def url_for(admin_url: str, role: str, kek: Kek) -> str:
    """The same database, as this role."""
    parts = urlsplit(admin_url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(role)}:{password_of(kek, role)}@{host}"))


async def open_pool(url: str, *, name: str, schema: str, size: int = POOL_SIZE) -> asyncpg.Pool:
    """A pool whose connections look for tables in `schema` and give up on what takes too long."""
    return await asyncpg.create_pool(
        url,
        min_size=0,
        max_size=size,
        timeout=10.0,
        command_timeout=STATEMENT_MS / 1000 + 5,
        reset=_as_it_is,
        server_settings={
            "application_name": f"drempel {name}",
            "search_path": schema,
            "statement_timeout": str(STATEMENT_MS),
            "lock_timeout": str(LOCK_MS),
            "idle_in_transaction_session_timeout": "60000",
            "timezone": "UTC",
        },
    )


async def _as_it_is(conn: Connection) -> None:
    """Of a connection that comes back asyncpg ends the transaction and the listeners, and that is enough.

    Nothing here outlives its transaction (the relay gives its lock back itself), and RESET ALL is a round trip each.
    """


async def see(conn: Connection, tenants: Sequence[str], partner: str | None = None) -> None:
    """Until the end of this transaction: rows of these tenants, and of this partner where a table knows partners."""
    await conn.execute(
        "SELECT set_config('drempel.tenants', $1, true), set_config('drempel.partner', $2, true)",
        ",".join(tenants), partner or "",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Database:
    """The two pools of a service."""

    service: str
    api: asyncpg.Pool
    loop: asyncpg.Pool

    @classmethod
    async def open(cls, service: str, admin_url: str, kek: Kek) -> "Database":
        """Connect as the service's two roles."""
        pools = [
            await open_pool(url_for(admin_url, f"{service}_{kind}", kek), name=f"{service} {kind}", schema=service)
            for kind in ("api", "loop")
        ]
        return cls(service, *pools)

    @asynccontextmanager
    async def as_tenants(self, tenants: Sequence[str], partner: str | None = None) -> AsyncIterator[Connection]:
        """A transaction of the api role that sees these tenants only."""
        async with self.api.acquire(timeout=ACQUIRE_SECONDS) as conn, conn.transaction():
            await see(conn, tenants, partner)
            yield conn

    async def close(self) -> None:
        """Close both pools; a connection that does not end in time is cut."""
        for pool in (self.api, self.loop):
            pool.terminate()
