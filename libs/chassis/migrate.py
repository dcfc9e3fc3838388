"""Brings the schemas of services to their newest version, and the passwords of their roles up to date."""

from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from libs.chassis.database import password_of
from libs.events.crash import crash_point
from libs.events.keyring import Kek

HERE = Path(__file__).parent / "migrations"
ROOT = Path(__file__).parents[2]
LOCK = 0x647265  # one migration at a time in a database


def versions_of(schema: str) -> Path:
    """Where the versions of a schema are."""
    return HERE / "keyring" if schema == "keyring" else ROOT / "services" / schema / "migrations"


async def migrate(admin_url: str, schemas: list[str]) -> None:
    """Bring these schemas to their newest version, each in one transaction; safe to run at every start."""
    engine = create_async_engine(admin_url.replace("postgresql://", "postgresql+asyncpg://", 1), poolclass=NullPool)
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
                await conn.execute(f"ALTER ROLE {role} PASSWORD '{password_of(kek, role)}'")
                crash_point("migrate.after_password")
    finally:
        await conn.close()
