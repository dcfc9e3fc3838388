"""The log on a real PostgreSQL: the order of commit, no holes, nobody changes it, and tenants are apart."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from libs.chassis.database import see
from libs.events.ports import Entry
from libs.events.postgres.log import append, head, read
from tests.contracts.transports import OnPostgres, envelope, new_events, on_postgres

pytestmark = pytest.mark.postgres


@pytest.fixture
async def database(postgres: Path) -> AsyncIterator[OnPostgres]:
    """A fresh database with the logs of two services."""
    async with on_postgres(postgres) as found:
        yield found


async def test_a_reader_skips_nothing_while_many_write(database: OnPostgres) -> None:
    """The classic hole: a later position that commits first. 6 writers, one slow transaction, one reader."""
    writers, each = 6, 25
    done = asyncio.Event()

    async def write(slow: bool) -> None:
        for _ in range(each):
            async with database.writer.loop.acquire() as conn, conn.transaction():
                if slow:
                    await conn.execute("SELECT pg_sleep(0.005)")  # the head is not locked yet: others go on
                await append(conn, "outreach", new_events(3))

    async def follow() -> list[int]:
        seen: list[int] = []
        while not (done.is_set() and len(seen) == writers * each * 3):
            async with database.reader.loop.acquire() as conn:
                batch = await read(conn, "outreach", seen[-1] if seen else 0, 50)
            assert not seen or batch.previous == seen[-1]
            seen += [delivery.position for delivery in batch.deliveries]
            await asyncio.sleep(0)
        return seen

    async with asyncio.timeout(60):
        reader = asyncio.create_task(follow())
        await asyncio.gather(*(write(slow=n == 0) for n in range(writers)))
        done.set()
        assert await reader == list(range(1, writers * each * 3 + 1))


async def test_a_transaction_that_fails_leaves_no_hole(database: OnPostgres) -> None:
    async with database.writer.loop.acquire() as conn:
        await append(conn, "outreach", new_events(2))
        with pytest.raises(ZeroDivisionError):
            async with conn.transaction():
                await append(conn, "outreach", new_events(2))
                raise ZeroDivisionError
        await append(conn, "outreach", new_events(2))
        assert await head(conn, "outreach") == 4
        assert [d.position for d in (await read(conn, "outreach", 0, 10)).deliveries] == [1, 2, 3, 4]


@pytest.mark.parametrize("statement", ["UPDATE outreach.log SET type = 'x'", "DELETE FROM outreach.log",
                                       "TRUNCATE outreach.log", "DROP TABLE outreach.log"])  # fmt: skip
@pytest.mark.parametrize("kind", ["api", "loop"])
async def test_nobody_changes_the_log(database: OnPostgres, kind: str, statement: str) -> None:
    pool = getattr(database.writer, kind)
    async with pool.acquire() as conn:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await conn.execute(statement)


async def test_a_service_writes_in_no_log_but_its_own(database: OnPostgres) -> None:
    async with database.reader.loop.acquire() as conn:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await append(conn, "outreach", new_events(1))


async def test_callers_see_their_municipality_and_write_no_other(database: OnPostgres) -> None:
    async with database.writer.loop.acquire() as conn:
        await append(conn, "outreach", [Entry(envelope(uuid4()), "0505"), Entry(envelope(uuid4()), "0523")])
    async with database.writer.api.acquire() as conn:
        assert await conn.fetchval("SELECT count(*) FROM outreach.log") == 0, "without tenants nothing is seen"
        async with conn.transaction():
            await see(conn, ("0505",))
            assert await conn.fetchval("SELECT array_agg(tenant) FROM outreach.log") == ["0505"]
        async with conn.transaction():
            await see(conn, ("0505",))
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await append(conn, "outreach", [Entry(envelope(uuid4()), "0523")])


async def test_tenants_end_with_their_transaction(database: OnPostgres) -> None:
    async with database.writer.api.acquire() as conn:
        async with conn.transaction():
            await see(conn, ("0505",), "woonbron")
        assert await conn.fetchval("SELECT current_setting('drempel.tenants', true)") in (None, "")
        assert await conn.fetchval("SELECT current_setting('drempel.partner', true)") in (None, "")
