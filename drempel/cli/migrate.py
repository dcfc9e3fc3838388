"""`drempel migrate`: schemas, roles and passwords, for installations whose services may not change them."""

import asyncio
from typing import Annotated

import typer

from drempel.cli import place
from libs.chassis.run import kek_of, migrated
from libs.chassis.settings import SERVICES, Settings


def migrate(
    services: Annotated[list[str] | None, typer.Argument(help="some of the six; unset: all")] = None,
) -> None:
    """Bring schemas to their newest version and give the roles their passwords, as the owner of the databases.

    Services with DREMPEL_MIGRATE=no leave that to this command. Safe to run again, also while services run. Exit
    status 2 for an unknown service.
    """
    wanted = services or list(SERVICES)
    if unknown := [name for name in wanted if name not in SERVICES]:
        place.fail(f"{len(unknown)} of them none of " + ", ".join(SERVICES), place.WRONG_USE)
    place.run(_migrate(place.settings(), wanted))
    place.out.print(f"Bijgewerkt: {', '.join(wanted)}", highlight=False)


async def _migrate(configured: Settings, wanted: list[str]) -> None:
    folder = place.folder_of(configured)
    kek = await asyncio.to_thread(kek_of, configured, folder)
    async with place.databases(configured, folder) as shared:
        await migrated(wanted, configured, shared, kek)
