"""Brings the schemas of services to their newest version, and the passwords of their roles up to date."""

from collections.abc import Sequence
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from libs.chassis.database import password_of
from libs.chassis.settings import Settings
from libs.events.crash import crash_point
from libs.events.keyring import Kek

HERE = Path(__file__).parent / "migrations"
ROOT = Path(__file__).parents[2]
LOCK = 0x647265  # one migration at a time in a database


def versions_of(schema: str) -> Path:
    """Where the versions of a schema are."""
    return HERE / "keyring" if schema == "keyring" else ROOT / "services" / schema / "migrations"


async def bring_up_to_date(
    names: Sequence[str], opening: Sequence[str], settings: Settings, shared: str | None, kek: Kek
) -> None:
    """Schemas, roles and passwords of these services, wherever their databases are.

    The keyring comes with the services that open it (`opening`); the others need not know where it is.
    """
    schemas: dict[str, list[str]] = {settings.keyring_of(shared): ["keyring"]} if opening else {}
    roles: dict[str, list[str]] = {url: list(opening) for url in schemas}
    for name in names:
        url = settings.database_of(name, shared)
        schemas.setdefault(url, []).append(name)
        roles[url] = [*(other for other in roles.get(url, ()) if other != name), name]
    for url, wanted in schemas.items():
        await migrate(url, wanted)
    for url, services in roles.items():
        await set_passwords(url, services, kek)


async def migrate(admin_url: str, schemas: list[str]) -> None:
    """Bring these schemas to their newest version, each in one transaction; safe to run at every start."""
    engine = create_async_engine(  # the address is read by asyncpg, as everywhere: SQLAlchemy does not know sslmode
        "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(admin_url), poolclass=NullPool
    )
    try:
        for schema in schemas:
            async with engine.begin() as connection:
                await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
                await connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {schema}"))
                crash_point("migrate.before_upgrade")
                await connection.run_sync(_upgrade, schema)
                crash_point("migrate.before_commit")
            crash_point("migrate.after_commit")
    finally:
        await engine.dispose()


def known_versions(schema: str) -> list[str]:
    """The versions of a schema that this release knows, oldest first."""
    return [script.revision for script in ScriptDirectory.from_config(_config(schema)).walk_revisions()][::-1]


def _config(schema: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("version_locations", str(versions_of(schema)))
    config.set_main_option("path_separator", "os")
    return config


def _upgrade(connection: Connection, schema: str) -> None:
    config = _config(schema)
    config.attributes.update(connection=connection, schema=schema)
    command.upgrade(config, "head")


async def set_passwords(admin_url: str, services: list[str], kek: Kek) -> None:
    """Give the roles of these services the passwords that follow from the key-encryption key."""
    conn = await asyncpg.connect(admin_url)
    try:
        for role in (f"{service}_{kind}" for service in services for kind in ("api", "loop")):
            if await conn.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role):
                await _set_password(conn, role, password_of(kek, role))
                crash_point("migrate.after_password")
    finally:
        await conn.close()


async def _set_password(conn: asyncpg.Connection, role: str, password: str) -> None:
    """Roles are of the whole server: a process beside us may give the same one the same password at this moment."""
    try:
        await conn.execute(f"ALTER ROLE {role} PASSWORD '{password}'")
    except asyncpg.InternalServerError as error:
        if "concurrently updated" not in str(error):
            raise
