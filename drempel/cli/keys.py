"""`drempel keys erase`: make a person, a household or a signal unreadable, everywhere and for ever."""

from contextlib import AsyncExitStack
from typing import Annotated
from uuid import UUID

import asyncpg
import typer

from drempel.cli import place
from libs.chassis.settings import Settings
from libs.events.postgres.keyring import erase as erase_keys

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The keys of sealed personal data.")


@app.callback()
def keys() -> None:
    """The keys of sealed personal data."""


@app.command("erase")
def erase(
    subject: Annotated[UUID, typer.Argument(help="id of a signal, a person or a case")],
    json: Annotated[bool, typer.Option("--json", help="as JSON")] = False,
) -> None:
    """Destroy the keys of SUBJECT and of all that hangs on it. Exit status 1 when it has no key (any more)."""
    configured = place.settings()
    try:
        erased = place.run(_erase(configured, subject))
    except asyncpg.InsufficientPrivilegeError:
        place.fail(
            "nothing was erased: this owner does not see all rows (it needs BYPASSRLS: deploy/postgres/roles.sql)",
            place.WRONG_USE,
        )
    if json:
        place.as_json({"vernietigd": len(erased)})
    else:
        place.out.print(f"{len(erased)} sleutels vernietigd", highlight=False)
    if not erased:
        raise typer.Exit(place.FOUND_WRONG)


async def _erase(configured: Settings, subject: UUID) -> set[UUID]:
    folder = place.folder_of(configured)
    from services.matching.store import forget

    async with place.databases(configured, folder) as shared, AsyncExitStack() as stack:
        keyring_url, matching_url = configured.keyring_of(shared), configured.database_of("matching", shared)
        keyring = await _connected(keyring_url, stack)
        matching = keyring if matching_url == keyring_url else await _connected(matching_url, stack)
        # A key that is gone is not found a second time: both or neither. Where databases are apart the indexes go
        # first, so that what a crash leaves between the two is done by the same command again.
        async with keyring.transaction():
            erased = await erase_keys(keyring, subject)
            async with matching.transaction():
                await forget(matching, list(erased))
        return erased


async def _connected(url: str, stack: AsyncExitStack) -> asyncpg.Connection:
    """As the owner; one who sees only some of the rows is told so, instead of leaving the others in the index."""
    conn = await asyncpg.connect(url, server_settings={"row_security": "off"})
    stack.push_async_callback(conn.close)
    return conn
