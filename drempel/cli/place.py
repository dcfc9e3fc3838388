"""Where this installation is: its settings, its data folder, its database, and the instance that runs beside us."""

import json
import os
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import asyncpg
import typer
import uvloop
from aiokafka.errors import KafkaError
from pydantic import ValidationError
from rich.console import Console

from libs.chassis.auth import LocalIssuer, Rol
from libs.chassis.clock import SimulatedClock, SystemClock
from libs.chassis.embedded import EmbeddedPostgresError, RunningPostgres, default_folder, serving
from libs.chassis.settings import SERVICES, Settings, SettingsDoNotFit
from libs.events.errors import Transient, WrongKey
from libs.events.kafka.security import Refused
from libs.events.ports import Clock

FOUND_WRONG, WRONG_USE, NO_CONNECTION = 1, 2, 3
DATABASE = "drempel"
DEMO = "drempel-demo"
"""A file of this name says that a data folder holds nothing but a demo, and may be emptied by the next one."""

out = Console()
err = Console(stderr=True)
T = TypeVar("T")


def fail(text: str, status: int = FOUND_WRONG) -> NoReturn:
    """Say what is wrong, and end with this status."""
    err.print(text, style="red", markup=False, highlight=False)
    raise typer.Exit(status)


def as_json(value: object) -> None:
    """One line of JSON on standard output."""
    typer.echo(json.dumps(value, default=str, ensure_ascii=False))


def settings(**given: object) -> Settings:
    """The environment's settings, with what was given on the command line."""
    try:
        found = Settings.from_env(os.environ)
        return Settings.model_validate({**found.model_dump(), **{k: v for k, v in given.items() if v is not None}})
    except ValidationError as error:
        names = ", ".join(".".join(map(str, e["loc"])) for e in error.errors(include_input=False))
        fail(f"settings that do not fit: {names}", WRONG_USE)


def folder_of(configured: Settings) -> Path:
    """The data folder."""
    return configured.data or default_folder()


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end.

    Exit status 2: a document of the region or its partners does not fit, a database that nothing has started on, or
    another key-encryption key than the one it was filled with; 3: no database, or no Kafka.
    """
    try:
        return uvloop.run(work)
    except SettingsDoNotFit as error:
        fail(str(error), WRONG_USE)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        fail(f"a document does not fit ({error.title}): {where} {first['msg']}", WRONG_USE)
    except KafkaError as error:
        fail(f"no connection with Kafka: {error.args[0] if isinstance(error, Refused) else type(error).__name__}",
             NO_CONNECTION)  # fmt: skip
    except (asyncpg.InvalidSchemaNameError, asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError) as error:
        fail(f"{error}: this version has not started on this database yet; `drempel up` or `drempel migrate` makes it",
             WRONG_USE)  # fmt: skip
    except WrongKey as error:
        fail(f"{error}: set DREMPEL_KEK_FILE to that of intake, matching and outreach", WRONG_USE)
    except Transient as error:
        fail(f"no answer: {type(error).__name__}: {error}", NO_CONNECTION)
    except (
        EmbeddedPostgresError,
        OSError,
        asyncpg.PostgresConnectionError,
        asyncpg.InvalidAuthorizationSpecificationError,
    ) as error:
        fail(f"no connection: {type(error).__name__}: {error}", NO_CONNECTION)


@asynccontextmanager
async def database(configured: Settings, folder: Path) -> AsyncIterator[str]:
    """URL of the owner's connection: the given database, the embedded one that runs, or one of our own.

    Raises SettingsDoNotFit where services have databases of their own.
    """
    if configured.database_url_per_service:
        raise SettingsDoNotFit(
            "this command looks at all services in one database, and DREMPEL_DATABASE_URL_<SERVICE> says that they are "
            "apart (docs/distributed.md says what to do instead)"
        )
    async with databases(configured, folder) as shared:
        assert shared is not None  # noqa: S101 - only where services have databases of their own
        yield shared


@asynccontextmanager
async def databases(configured: Settings, folder: Path) -> AsyncIterator[str | None]:
    """As `database`, for what knows to find each service: None where they have databases of their own and no other."""
    if configured.database_url is not None:
        yield configured.database_url.get_secret_value()
    elif configured.database_url_per_service:
        yield None
    else:
        async with serving(folder) as postgres:
            yield await database_in(postgres)


def services_here(configured: Settings, shared: str | None) -> tuple[str, ...]:
    """The services whose databases these settings name."""
    own = configured.database_url_per_service
    return tuple(name for name in SERVICES if shared is not None or name in own)


async def database_in(postgres: RunningPostgres) -> str:
    """The database of this installation, made when it is not there yet."""
    conn = await asyncpg.connect(postgres.dsn(user="drempel", database="postgres"), timeout=30)
    try:
        if not await conn.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE):
            await conn.execute(f"CREATE DATABASE {DATABASE}")
    finally:
        await conn.close()
    return postgres.dsn(user="drempel", database=DATABASE)


@dataclass(frozen=True, slots=True)
class Instance:
    """A running instance: its address, and the time of its clock when that is a simulated one."""

    url: str
    clock: Clock


def announce(folder: Path, url: str, clock: Clock) -> None:
    """Leave word of this instance in the data folder; only the owner can read that folder."""
    simulated = clock.now().isoformat() if isinstance(clock, SimulatedClock) else None
    unfinished = folder / "instance.json.new"
    unfinished.write_text(json.dumps({"url": url, "pid": os.getpid(), "clock": simulated}))
    unfinished.replace(folder / "instance.json")


def withdraw(folder: Path) -> None:
    """This instance is gone."""
    (folder / "instance.json").unlink(missing_ok=True)


def instance(folder: Path) -> Instance | None:
    """The instance that runs on this data folder, if one does."""
    try:
        found = json.loads((folder / "instance.json").read_text())
        os.kill(found["pid"], 0)
    except (OSError, ValueError, KeyError):
        return None
    clock = SimulatedClock(datetime.fromisoformat(found["clock"])) if found["clock"] else SystemClock()
    return Instance(found["url"], clock)


def local_token(
    folder: Path, rol: Rol, clock: Clock, *, partner: str | None = None, gemeenten: tuple[str, ...] = ()
) -> str:
    """A token of the local issuer."""
    return LocalIssuer.at(folder / "issuer.pem").token(rol, clock, partner=partner, gemeenten=gemeenten)
