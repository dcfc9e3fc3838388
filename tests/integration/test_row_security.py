"""Who may see and change which rows, asked of PostgreSQL itself as each role of each service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from libs.chassis.database import url_for
from libs.chassis.settings import SERVICES
from tests.e2e.test_first_signal import personen, post
from tests.system import Running, running

__all__ = ["personen"]

PUBLIC = {"routing.beleid"}
"""Whoever may read routing reads every policy."""

OF_ALL = {"routing.log": "type = 'PolicyPublished'"}
"""What is said of every municipality, so that a neighbour has its own: the policies that ship."""

WITHOUT_TENANT = {
    "head": "UPDATE,SELECT", "idempotentie": "SELECT,INSERT", "logboek": "SELECT,INSERT",
    "matching.persoon": "SELECT,INSERT", "matching.adres": "SELECT,INSERT",
    "matching.vingerafdruk": "SELECT", "matching.wachtend": "SELECT", "afspraken": "SELECT",
    "escalation.besluit": "SELECT",
}  # fmt: skip
"""What the api role may do with tables that know no tenant; with all others nothing."""

GRANTED = {"intake", "matching", "outreach"}

TABLES = """
SELECT n.nspname || '.' || c.relname AS name, c.relrowsecurity AND c.relforcerowsecurity AS forced,
       EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant') AS tenant,
       pg_get_userbyid(c.relowner) AS owner
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname = $1 ORDER BY 1
"""

RIGHTS = """
SELECT string_agg(p, ',' ORDER BY p DESC) FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS p
WHERE has_table_privilege($1, $2, p)
"""


@asynccontextmanager
async def as_role(
    drempel: Running, role: str, tenants: str = "", partner: str = ""
) -> AsyncIterator[asyncpg.Connection]:
    """A connection of this role, which says for whom it looks."""
    runtime = drempel.system.runtimes[0][1]
    conn = await asyncpg.connect(url_for(drempel.admin_url, role, runtime.kek))
    try:
        await conn.execute(
            "SELECT set_config('drempel.tenants', $1, false), set_config('drempel.partner', $2, false)",
            tenants,
            partner,
        )
        yield conn
    finally:
        await conn.close()


async def visible(conn: asyncpg.Connection, tables: list[str]) -> dict[str, int]:
    """Rows this connection sees, of the tables where it sees any."""
    found = {
        table: await conn.fetchval(f"SELECT count(*) FROM {table} WHERE NOT ({OF_ALL.get(table, 'false')})")
        for table in tables
    }
    return {table: count for table, count in found.items() if count}


async def test_rules_of_every_table(postgres: Path) -> None:
    async with running(postgres) as drempel, drempel.admin() as conn:
        for service in SERVICES:
            api, loop = f"{service}_api", f"{service}_loop"
            for table in await conn.fetch(TABLES, service):
                name = table["name"]
                assert table["owner"] not in (api, loop)
                rights = await conn.fetchval(RIGHTS, api, name)
                if table["tenant"]:
                    assert table["forced"], name
                else:
                    allowed = WITHOUT_TENANT.get(name) or WITHOUT_TENANT.get(name.partition(".")[2])
                    assert rights == allowed, (name, rights)
                if name.endswith((".log", ".logboek")):
                    assert await conn.fetchval(RIGHTS, loop, name) == "SELECT,INSERT", name
        roles = await conn.fetch(
            "SELECT rolname, rolsuper OR rolbypassrls OR rolcreaterole AS strong FROM pg_roles WHERE rolname = ANY($1)",
            [f"{service}_{kind}" for service in SERVICES for kind in ("api", "loop")],
        )
        assert len(roles) == 12
        assert not [role["rolname"] for role in roles if role["strong"]]


async def test_a_neighbour_sees_no_row_of_any_table(postgres: Path, personen: Path) -> None:
    async with running(postgres, brp_personen=personen) as drempel:
        await post(drempel)
        async with drempel.admin() as conn:
            tables = {s: [t["name"] for t in await conn.fetch(TABLES, s) if t["tenant"]] for s in SERVICES}
        for service in SERVICES:
            hidden = [name for name in tables[service] if name not in PUBLIC]
            own = "woonbron" if service == "intake" else "0505"
            for tenants in ("", "0590", "trivire", "0590,0642,regio", "%", "*"):
                async with as_role(drempel, f"{service}_api", tenants, "trivire") as conn:
                    assert await visible(conn, hidden) == {}, (service, tenants)
            async with as_role(drempel, f"{service}_api", own) as conn:
                assert service == "escalation" or await visible(conn, hidden), service
            for other in SERVICES:
                if other != service:
                    async with as_role(drempel, f"{service}_api", own) as conn:
                        with pytest.raises(asyncpg.InsufficientPrivilegeError):
                            await conn.fetch(f"SELECT * FROM {other}.log")


async def test_a_row_of_a_neighbour_cannot_be_written(postgres: Path) -> None:
    async with running(postgres) as drempel, as_role(drempel, "outreach_api", "0505") as conn:
        row = "INSERT INTO outreach.aanmelding VALUES (gen_random_uuid(), $1, NULL, '2025-03-03')"
        await conn.execute(row, "0505")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await conn.execute(row, "0590")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await conn.execute("UPDATE outreach.aanmelding SET tenant = '0590'")


async def test_only_three_services_reach_the_keyring(postgres: Path) -> None:
    async with running(postgres) as drempel:
        for service in SERVICES:
            for kind in ("api", "loop"):
                async with as_role(drempel, f"{service}_{kind}") as conn:
                    for statement in ("SELECT * FROM keyring.sleutel", "DELETE FROM keyring.sleutel"):
                        if service in GRANTED and statement.startswith("SELECT"):
                            await conn.fetch(statement)
                            continue
                        with pytest.raises(asyncpg.InsufficientPrivilegeError):
                            await conn.fetch(statement)
