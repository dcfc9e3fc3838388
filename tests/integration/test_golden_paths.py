"""Every version of every event ever stored comes through every path: log, Kafka, parked and tried again, rebuild.

One event is given a newer version for the length of a test, so that its golden file is an old one: each path upcasts.
"""

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from libs.events import envelope as envelopes
from libs.events import ports, upcasting
from libs.events.catalogue import CATALOGUE, HelpEnded, PolicyPublished
from libs.events.envelope import Envelope, decode, source_of
from libs.events.keyring import Kek
from libs.events.postgres import parked
from libs.events.postgres.sessions import PostgresSessions
from libs.events.unit import Unit
from services.monitoring import upkeep
from tests.contracts.transports import (
    NOW,
    SERVICE,
    SOURCE,
    OnPostgres,
    Recorder,
    drain,
    on_kafka,
    on_postgres,
)
from tests.system import At, fresh_database

pytestmark = pytest.mark.postgres
GOLDEN = sorted((Path(__file__).parents[1] / "golden").glob("*.json"))
NEWER = date(2026, 3, 9)


@pytest.fixture(autouse=True)
def an_older_version(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """HelpEnded is at its second version; the first said another day."""
    forget()
    monkeypatch.setattr(HelpEnded, "version", HelpEnded.version + 1)
    monkeypatch.setitem(upcasting.STEPS, ("HelpEnded", 1), lambda payload: payload | {"datum": NEWER.isoformat()})
    yield
    monkeypatch.undo()
    forget()


def forget() -> None:
    """What was learnt of versions, and what was decoded with it."""
    envelopes._reader.cache_clear()
    ports._decoded.cache_clear()


def stored(of: str | None = None) -> list[tuple[UUID, str, str, bytes]]:
    """Every golden event as it stands in a log: id, subject, type, bytes; each under an id of its own.

    With `of` all are said by that service, as the log of one service is of one source.
    """
    found = []
    for n, file in enumerate(GOLDEN):
        event = json.loads(file.read_bytes()) | {"id": str(UUID(int=1000 + n))}
        event |= {"source": source_of(of)} if of else {}
        raw = json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()
        found.append((UUID(event["id"]), event["subject"], file.stem.split(".")[0], raw))
    return found


async def append_all(conn: asyncpg.Connection, of: str | None = None) -> None:
    """Into one log, or each event into the log of its owner."""
    for identity, subject, name, raw in stored(of):
        source = of or CATALOGUE[name].owner
        async with conn.transaction():
            position = await conn.fetchval(f"UPDATE {source}.head SET position = position + 1 RETURNING position")
            await conn.execute(
                f"""INSERT INTO {source}.log (position, stream, version, id, type, tenant, envelope)
                    VALUES ($1::bigint, $2, $1::bigint::int, $3, $4, '0505', $5)""",
                position, subject, identity, name, raw,
            )  # fmt: skip


@dataclass
class Collector(Recorder):
    """Keeps what it hears."""

    heard: list[Envelope] = field(default_factory=list)

    async def apply(self, unit: Unit, events: Sequence[Envelope], prepared: Any) -> None:
        """Fail as a Recorder does, or keep."""
        await super().apply(unit, events, prepared)
        self.heard += events


def collector(**more: Any) -> Collector:
    """One that hears every kind."""
    return Collector(hears=frozenset(CATALOGUE), **more)


@asynccontextmanager
async def transport(path: str, request: pytest.FixtureRequest) -> AsyncIterator[OnPostgres]:
    """A log that holds everything, and what carries it."""
    folder = request.getfixturevalue("postgres")
    if path == "kafka":
        async with on_kafka(folder, request.getfixturevalue("kafka"), partitions=3) as over_kafka:
            await append_all(over_kafka.admin, SOURCE)
            over_kafka.wakeup.touch(SOURCE)
            await over_kafka.published()
            yield over_kafka
        return
    async with on_postgres(folder) as found:
        await append_all(found.admin, SOURCE)
        yield found


async def tried_again(found: OnPostgres) -> list[Envelope]:
    """All of them parked, and then applied by another try."""
    first = stored()[0][0]
    await drain(await found.processor(collector(poison={first})))
    assert len(await found.parked()) == len(GOLDEN)
    mended, pool = collector(), found.reader.loop
    sessions = PostgresSessions(pool, SERVICE, mended.name, At(NOW), lambda source: None)
    assert await parked.retry(pool, SERVICE, mended, sessions) == parked.Retried(len(GOLDEN), 0, ())
    return mended.heard


@pytest.mark.parametrize("path", ["log", pytest.param("kafka", marks=pytest.mark.kafka), "parked"])
async def test_every_event_ever_stored_is_heard_as_it_is_now(path: str, request: pytest.FixtureRequest) -> None:
    expected = [replace(decode(raw), sequence=n) for n, (*_, raw) in enumerate(stored(SOURCE), 1)]
    assert NEWER in {event.data.datum for event in expected if isinstance(event.data, HelpEnded)}
    async with transport(path, request) as found:
        if path == "parked":
            heard = await tried_again(found)
        else:
            all_of_it = collector()
            await drain(await found.processor(all_of_it))
            heard = all_of_it.heard
    assert heard == expected


async def test_every_event_ever_stored_is_in_a_view_that_is_made_anew(postgres: Path) -> None:
    async with fresh_database(postgres) as url:
        conn = await asyncpg.connect(url)
        await append_all(conn)
        for name in ("timeline", "partners"):
            await upkeep.rebuild(url, name)
        rows = {row["id"]: row for row in await conn.fetch("SELECT * FROM monitoring.gebeurtenis")}
        await conn.close()
        found = await upkeep.verify(url, Kek(bytes(32)))
    assert found["ok"], found
    expected = {identity: name for identity, _, name, _ in stored() if name != PolicyPublished.name()}
    assert {identity: row["type"] for identity, row in rows.items()} == expected
    (ended,) = [row for row in rows.values() if row["type"] == "HelpEnded"]
    assert ended["op"].date() in (NEWER, NEWER.replace(day=NEWER.day - 1)), "midnight in the Netherlands, in UTC"
