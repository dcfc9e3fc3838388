"""Verify and rebuild: the views are what the logs say, also while the logs grow."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from libs.chassis.migrate import migrate
from libs.chassis.settings import SERVICES
from libs.events.envelope import Envelope
from libs.events.keyring import Soort
from libs.events.ports import Entry
from libs.events.postgres.keyring import PostgresKeyring
from libs.events.postgres.log import append
from libs.events.postgres.parked import listed, retry, skip
from libs.events.postgres.sessions import PostgresSessions
from services.monitoring import upkeep
from services.monitoring.views import VIEWS
from tests.monitoring_story import KEK, Story, ladder, muddle, tell
from tests.system import Running, fresh_database, running

pytestmark = pytest.mark.postgres


@asynccontextmanager
async def empty(folder: Path) -> AsyncIterator[str]:
    """The database of an installation that has never run."""
    async with fresh_database(folder) as url:
        await migrate(url, ["keyring", *SERVICES])
        yield url


async def lived_through(url: str, story: Story, order: int, *, erase: bool = False) -> str:
    """Tell the story to a fresh installation, fold it, and give the state."""
    async with asyncpg.create_pool(url, min_size=1, max_size=2) as pool:
        keyring = PostgresKeyring(pool, KEK)
        story.sealed_with(await keyring.create(list(story.kenmerken), Soort.SIGNAAL))
        if erase:
            await keyring.erase(next(iter(story.kenmerken)))
        async with pool.acquire() as conn:
            for source, log in story.logs().items():
                async with conn.transaction():
                    await append(conn, source, [Entry(e, "0505") for e in shuffled(log, Random(order))])
    for name in VIEWS:
        await upkeep.rebuild(url, name)
    found = await upkeep.verify(url, KEK)
    assert found["ok"], found
    state: str = found["state"]
    return state


def shuffled(log: list[Envelope], random: Random) -> list[Envelope]:
    """Another order of the log that keeps that of each subject, and of what matching says of one signal."""
    keys = [getattr(e.data, "signaal_id", None) or e.subject for e in log]
    order = {key: random.random() for key in keys}
    return [event for _, event in sorted(zip(keys, log, strict=True), key=lambda pair: order[pair[0]])]


def told(seed: int, *more: Any) -> Story:
    """The story, under the ids of this seed."""
    story = Story(seed)
    for part in (ladder, muddle, *more):
        part(story)
    return story


async def test_the_same_input_has_the_same_state_whatever_the_ids_and_the_order(postgres: Path) -> None:
    states = []
    for seed, order in ((1, 1), (2, 7)):
        async with empty(postgres) as url:
            states.append(await lived_through(url, told(seed), order))
    async with empty(postgres) as url:
        other = await lived_through(url, told(1, lambda story: ladder(story, "0642", "trivire", "HUUR-9")), 1)
    async with empty(postgres) as url:
        erased = await lived_through(url, told(1), 1, erase=True)
    assert states[0] == states[1]
    assert len({states[0], other, erased}) == 3


async def test_verify_names_the_first_row_that_was_tampered_with(postgres: Path) -> None:
    story = told(1)
    async with running(postgres, alone="monitoring") as drempel:
        async with asyncpg.create_pool(drempel.admin_url, min_size=1, max_size=1) as pool:
            kek = next(r.kek for s, r in drempel.system.runtimes if s.name == "monitoring")
            story.sealed_with(await PostgresKeyring(pool, kek).create(list(story.kenmerken), Soort.SIGNAAL))
        await tell(drempel, story)
        whole = await upkeep.verify(drempel.admin_url, kek)
        assert whole["ok"], whole
        async with drempel.admin() as conn:
            row = await conn.fetchval(
                "UPDATE monitoring.zaak SET fase = 'Afgesloten' WHERE tenant = '0642' RETURNING zaak_id"
            )
        found = await upkeep.verify(drempel.admin_url, kek)
        assert not found["ok"]
        assert found["views"][0]["difference"] == {"table": "zaak", "row": str(row), "columns": ["fase"]}
        assert found["views"][1]["ok"]
        await upkeep.rebuild(drempel.admin_url, "timeline")
        assert (await upkeep.verify(drempel.admin_url, kek)) == whole
        async with drempel.admin() as conn:
            assert not await conn.fetch("SELECT FROM pg_namespace WHERE nspname LIKE 'monitoring\\_%'")


RIGHTS = """
SELECT c.relname, c.relacl::text, c.relrowsecurity, c.relforcerowsecurity,
       (SELECT array_agg((p.polname, p.polcmd, p.polroles::regrole[]::text, pg_get_expr(p.polqual, c.oid),
                          pg_get_expr(p.polwithcheck, c.oid))::text ORDER BY p.polname)
        FROM pg_policy p WHERE p.polrelid = c.oid) AS policies,
       (SELECT array_agg(pg_get_indexdef(i.indexrelid) ORDER BY pg_get_indexdef(i.indexrelid))
        FROM pg_index i WHERE i.indrelid = c.oid) AS indexes
FROM pg_class c WHERE c.relnamespace = 'monitoring'::regnamespace AND c.relname = ANY($1) ORDER BY 1
"""


@pytest.mark.parametrize("name", VIEWS)
async def test_a_view_is_rebuilt_while_the_logs_grow_and_the_loops_go_on(postgres: Path, name: str) -> None:
    story = told(1)
    tables = list(VIEWS[name].tables)
    async with running(postgres, alone="monitoring") as drempel:
        await tell(drempel, story)
        async with drempel.admin() as conn:
            before = [tuple(row) for row in await conn.fetch(RIGHTS, tables)]
        growing = asyncio.create_task(grow(drempel))
        made = [await upkeep.rebuild(drempel.admin_url, name) for _ in range(3)]
        last = await growing
        await drempel.rest()
        assert made[0]["events"] > 0
        async with drempel.admin() as conn:
            assert [tuple(row) for row in await conn.fetch(RIGHTS, tables)] == before
            assert await conn.fetchval("SELECT count(*) FROM monitoring.parked") == 0
        kek = next(r.kek for s, r in drempel.system.runtimes if s.name == "monitoring")
        found = await upkeep.verify(drempel.admin_url, kek)
        assert found["ok"], found
        answer = await drempel.http.get(
            f"/monitoring/v1/zaken/{last}/tijdlijn", headers=drempel.als("consulent", "0505")
        )
        assert answer.json()["fase"] == "Deurwaarder"


async def grow(drempel: Running) -> Any:
    """Households go on arriving."""
    zaak = None
    for seed in range(10, 22):
        story = Story(seed)
        zaak = ladder(story, kenmerk=f"G-{seed}")
        await tell(drempel, story)
        await asyncio.sleep(0.02)
    return zaak


async def test_there_is_no_other_view() -> None:
    with pytest.raises(KeyError):
        await upkeep.rebuild("postgresql://nowhere", "onbekend")


UNREADABLE = """INSERT INTO outreach.log (position, stream, version, id, type, tenant, envelope)
                SELECT h.position + 1, $1, 1, $2, 'ContactAttempted', '0505', 'no event' FROM outreach.head h"""


async def test_a_view_that_skipped_an_event_is_what_it_is_when_made_again(postgres: Path) -> None:
    story, late = told(1), Story(2)
    zaak = ladder(late, kenmerk="LAAT-1")
    async with running(postgres, alone="monitoring") as drempel:
        await tell(drempel, story)
        kek = next(r.kek for s, r in drempel.system.runtimes if s.name == "monitoring")
        async with drempel.admin() as conn:
            async with conn.transaction():
                await conn.execute(UNREADABLE, str(zaak), uuid4())
                await conn.execute("UPDATE outreach.head SET position = position + 1")
            drempel.system.wakeup.touch("outreach")
            await tell(drempel, late, parked=True)
            waiting = await listed(conn, "monitoring")
            assert len(waiting) > 2, "the unreadable one, and what came behind it in each view"
            assert (await upkeep.verify(drempel.admin_url, kek))["ok"], "while parked"
            for name, view in VIEWS.items():
                first = next(row for row in waiting if row["consumer"] == view.name)
                assert first["reason"].startswith("Unreadable")
                subject = await skip(
                    conn, "monitoring", (view.name, "outreach", first["position"]), reden="onleesbaar", door="test"
                )
                sessions = PostgresSessions(
                    drempel.system.runtimes[-1][1].database.loop, "monitoring", view.name, drempel.clock, lambda _: None
                )
                done = await retry(sessions._pool, "monitoring", view, sessions, subject)
                assert (done.waiting, done.applied > 0) == (0, True)
                before = await upkeep.verify(drempel.admin_url, kek)
                assert before["ok"], before
                await upkeep.rebuild(drempel.admin_url, name)
                assert await upkeep.verify(drempel.admin_url, kek) == before
            assert not await listed(conn, "monitoring")
        answer = await drempel.http.get(
            f"/monitoring/v1/zaken/{zaak}/tijdlijn", headers=drempel.als("consulent", "0505")
        )
        assert len(answer.json()["gebeurtenissen"]) == len(late.said), "everything but the one that was left out"


async def read_on(drempel: Running, zaak: Any, stop: asyncio.Event, seen: list[int], told: int) -> None:
    """Ask for a list, a timeline and the counts until told to stop; each answer is whole."""
    me, all_of_it = drempel.als("consulent", "0505"), drempel.als("coordinator", "0505", "0642", "0590")
    while not stop.is_set():
        cases = await drempel.http.get("/monitoring/v1/zaken?paginaGrootte=100", headers=me)
        assert cases.status_code == 200, cases.text
        assert any(one["zaakId"] == str(zaak) for one in cases.json()["zaken"])
        found = await drempel.http.get(f"/monitoring/v1/zaken/{zaak}/tijdlijn", headers=me)
        assert found.status_code == 200, found.text
        assert len(found.json()["gebeurtenissen"]) == told
        counts = await drempel.http.get("/monitoring/v1/partnerbeeld", headers=all_of_it)
        assert counts.status_code == 200, counts.text
        assert counts.json()["totaal"]["signalen"] > 0
        seen.append(told)


@pytest.mark.parametrize("name", VIEWS)
async def test_who_reads_during_a_rebuild_sees_the_old_or_the_new_and_never_an_error(postgres: Path, name: str) -> None:
    story, stop, seen = Story(1), asyncio.Event(), list[int]()
    zaak = ladder(story)
    muddle(story)
    async with running(postgres, alone="monitoring") as drempel:
        await tell(drempel, story)
        path, me = f"/monitoring/v1/zaken/{zaak}/tijdlijn", drempel.als("consulent", "0505")
        told = len((await drempel.http.get(path, headers=me)).json()["gebeurtenissen"])
        readers = [asyncio.create_task(read_on(drempel, zaak, stop, seen, told)) for _ in range(4)]
        try:
            for _ in range(8):
                before = len(seen)
                await upkeep.rebuild(drempel.admin_url, name)
                async with asyncio.timeout(30):
                    while len(seen) < before + 4 and not any(reader.done() for reader in readers):
                        await asyncio.sleep(0.01)
        finally:
            stop.set()
            await asyncio.gather(*readers)
        assert len(seen) >= 8 * 4, "they read on during each rebuild"


_ROWS = """
SELECT format('SELECT %L, md5(coalesce(string_agg(t::text, %L ORDER BY t::text), %L)) FROM %I.%I t',
              schemaname || '.' || tablename, chr(10), '', schemaname, tablename)
FROM pg_tables WHERE schemaname = ANY($1) ORDER BY 1
"""


async def everything(conn: asyncpg.Connection) -> dict[str, str]:
    """A hash of the rows of every table."""
    statements = [row[0] for row in await conn.fetch(_ROWS, ["keyring", *SERVICES])]
    return dict([tuple(await conn.fetchrow(statement)) for statement in statements])


_reached: list[str] = []
_watching = False


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if _watching and event in ("socket.connect", "socket.getaddrinfo", "subprocess.Popen"):
        _reached.append(f"{event} {arguments[1] if event == 'socket.connect' else arguments[0]}")


async def test_a_rebuild_says_nothing_and_asks_nobody(postgres: Path) -> None:
    global _watching
    sys.addaudithook(_watch)
    async with running(postgres, alone="monitoring") as drempel:
        await tell(drempel, told(1))
        async with drempel.admin() as conn:
            before = await everything(conn)
            _watching = True
            try:
                for name in VIEWS:
                    assert (await upkeep.rebuild(drempel.admin_url, name))["events"] > 0
            finally:
                _watching = False
            assert await everything(conn) == before, "no event, no checkpoint, no row that was not there"
    assert _reached, "the watch works: it saw the database"
    assert {one for one in _reached if ".s.PGSQL." not in one} == set()
