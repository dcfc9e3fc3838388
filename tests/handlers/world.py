"""Where schedules with the real handlers happen: one database of a recorded run, the consumers, and what they wrote.

Between two schedules only what the consumers of one group wrote is removed, so a schedule costs milliseconds.
"""

import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import asyncpg

from libs.chassis.run import open_system
from libs.chassis.service import Runtime, Service
from libs.chassis.settings import SERVICES, Settings
from libs.events.consumer import Reaction, View
from libs.events.ports import Delivery
from libs.events.postgres.sessions import PostgresSessions
from tests.handlers.recorded import END, Logs, Recording, households, logs_of, told_of
from tests.system import At

CHASSIS = {"log", "head", "checkpoint", "parked", "skipped", "idempotentie", "logboek", "kafka_offset", "relay",
           "alembic_version"}  # fmt: skip
GIVEN = {"routing.beleid", "intake.stand"}
"""Tables that commands fill, and the one row that is there from the start."""

NUMBERED = {
    "escalation.feit": ("volgnummer",), "matching.zaak": ("volgorde",), "routing.besluit": ("volgnummer",),
    "intake.terugkoppeling": ("wijziging",),
}  # fmt: skip
"""Columns that count rows as they are written: those differ by batch and by what was rolled back, and nothing else."""

_SEALED = re.compile(r"(v1\.[0-9a-f-]{36}\.[0-9a-f-]{36})\.[A-Za-z0-9_=-]+")
_VACUUM = 150
"""Schedules of one group between two cleanings of its tables."""

Rows = dict[str, list[str]]
"""Per table its rows as text, sorted; of the log, in its order."""


@dataclass
class Group:
    """Consumers of one service that share tables; they are in a schedule together."""

    name: str
    service: str
    runtime: Runtime
    consumers: Sequence[Reaction | View]
    tables: Sequence[str]
    used: int = 0

    @property
    def sources(self) -> list[str]:
        """The services they hear."""
        heard = {source for one in self.consumers for source in one.sources}
        return [name for name in SERVICES if name in heard]

    def sessions(self, consumer: Reaction | View) -> PostgresSessions:
        """Real ones."""
        runtime = self.runtime
        return PostgresSessions(runtime.database.loop, self.service, consumer.name, runtime.clock, lambda service: None)

    @property
    def emptying(self) -> str:
        """SQL that leaves the service as if these consumers had heard nothing."""
        s = self.service
        gone = [f"DELETE FROM {s}.{name}" for name in (*self.tables, "log", "parked", "skipped", "logboek")]
        gone += [f"UPDATE {s}.head SET position = 0", f"UPDATE {s}.checkpoint SET position = 0"]
        gone += ["UPDATE intake.stand SET wijziging = 0"] if s == "intake" else []
        gone += (
            ["DELETE FROM keyring.koppeling", "DELETE FROM keyring.sleutel WHERE soort <> 'signaal'"]
            if s == "matching"
            else []
        )
        return "; ".join(gone)

    @property
    def reading(self) -> str:
        """SQL for everything they wrote, a text per row."""
        dropped = {name: NUMBERED.get(f"{self.service}.{name}", ()) for name in self.tables}
        parts = [self._texts(name, columns) for name, columns in dropped.items()]
        parts.append(self._texts("logboek", ("begin_op", "eind_op", "trace_id"), "DISTINCT"))
        return " UNION ALL ".join(parts)

    def _texts(self, table: str, dropped: Sequence[str], distinct: str = "") -> str:
        """Of one table; of the log of reads each line once: a person who is in a batch twice is read once."""
        columns = f"'{{{','.join(dropped)}}}'::text[]"
        return f"SELECT {distinct} '{table}', (to_jsonb(t) - {columns})::text FROM {self.service}.{table} t"


@dataclass
class World:
    """One database and all consumers on it."""

    admin: asyncpg.Connection
    groups: dict[str, Group]
    logs: Logs
    households: list[frozenset[UUID]]
    _told: dict[tuple[frozenset[UUID], int], dict[str, list[Delivery]]] = field(default_factory=dict)

    def told_of(self, ids: frozenset[UUID], share: int) -> dict[str, list[Delivery]]:
        """Logs of these households alone; made once."""
        key = ids, share
        if key not in self._told:
            self._told[key] = told_of(self.logs, ids, share)
        return self._told[key]

    async def empty(self, group: Group) -> None:
        """As if its consumers had heard nothing."""
        await self.admin.execute(group.emptying)
        group.used += 1
        if group.used % _VACUUM == 0:
            for name in (*group.tables, "log", "head", "checkpoint", "parked", "logboek"):
                await self.admin.execute(f"VACUUM {group.service}.{name}")

    async def rows(self, group: Group) -> Rows:
        """What its consumers wrote and said; ids that are made at random are called after what they stand for."""
        found: Rows = {name: [] for name in (*group.tables, "logboek")}
        for table, text in await self.admin.fetch(group.reading):
            found[table].append(text)
        said = await self.admin.fetch(
            f"SELECT stream, version, tenant, envelope FROM {group.service}.log ORDER BY position"
        )
        found["log"] = [_said(*row) for row in said]
        names = await self._names(group)
        for table, texts in found.items():
            named = [_renamed(_SEALED.sub(r"\1", text), names) for text in texts]
            found[table] = named if table == "log" else sorted(named)
        return found

    async def _names(self, group: Group) -> list[tuple[str, str]]:
        if group.service != "matching":
            return []
        rows = await self.admin.fetch(
            """SELECT persoon_id::text, 'persoon-' || left(encode(sleutel, 'hex'), 12) FROM matching.persoon
               UNION ALL SELECT adres_id::text, 'adres-' || left(encode(sleutel, 'hex'), 12) FROM matching.adres"""
        )
        return [(row[0], row[1]) for row in rows]

    async def blocked(self, pid: int) -> bool:
        """Whether this connection waits for a lock."""
        kind = await self.admin.fetchval("SELECT wait_event_type FROM pg_stat_activity WHERE pid = $1", pid)
        return bool(kind == "Lock")


def _said(stream: str, version: int, tenant: str | None, envelope: bytes) -> str:
    return f"{stream} {version} {tenant} {envelope.decode()}"


def _renamed(text: str, names: Iterable[tuple[str, str]]) -> str:
    for identity, name in names:
        text = text.replace(identity, name)
    return text


def differences(expected: Rows, rows: Rows, what: str) -> list[str]:
    """How the rows differ from those of an undisturbed run; names tables and how many, and no contents."""
    found = []
    for table, mine in rows.items():
        if table == "log" and what == "quiet":
            continue  # what is said between, may depend on the interleaving; where it ends may not
        less, more = Counter(expected[table]) - Counter(mine), Counter(mine) - Counter(expected[table])
        found += [f"lost: {less.total()} rows of {table} of the {what} run"] if less else []
        found += [f"twice: {more.total()} rows of {table} that the {what} run has not"] if more else []
        if not less and not more and mine != expected[table]:
            found.append(f"order: {table} is not in the order of the {what} run")
    return found


@asynccontextmanager
async def world(recording: Recording) -> AsyncIterator[World]:
    """A copy of the recorded database, its services put together, nothing running; dropped at the end."""
    name, parts = f"schedules_{uuid4().hex[:12]}", urlsplit(recording.url)
    server = await asyncpg.connect(parts._replace(path="/postgres").geturl())
    try:
        await server.execute(f"CREATE DATABASE {name} TEMPLATE {parts.path.lstrip('/')}")
        for setting in ("synchronous_commit = off", "deadlock_timeout = '20ms'", "jit = off"):
            await server.execute(f"ALTER DATABASE {name} SET {setting}")
        url = parts._replace(path=f"/{name}").geturl()
        async with AsyncExitStack() as stack:
            admin = await asyncpg.connect(url)
            stack.push_async_callback(admin.close)
            settings = Settings(port=0, brp_personen=recording.personen, migrate=False)
            system = await stack.enter_async_context(open_system(SERVICES, settings, url, recording.folder, At(END)))
            logs = await logs_of(admin)
            groups = [one for pair in system.runtimes for one in await _groups(admin, *pair)]
            yield World(admin, {one.name: one for one in groups}, logs, households(logs, recording.huizen))
    finally:
        await server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await server.close()


async def _groups(admin: asyncpg.Connection, service: Service, runtime: Runtime) -> list[Group]:
    """All reactions of a service together, and its views; views that share no table are a group each."""
    consumers = [*service.reactions(runtime), *service.views]
    tables = [
        row[0] for row in await admin.fetch("SELECT tablename FROM pg_tables WHERE schemaname = $1", service.name)
    ]
    mine = sorted(t for t in tables if t not in CHASSIS and f"{service.name}.{t}" not in GIVEN)
    if service.reactions(runtime):
        return [Group(service.name, service.name, runtime, consumers, mine)]
    return [Group(view.name, service.name, runtime, [view], sorted(view.tables)) for view in service.views]
