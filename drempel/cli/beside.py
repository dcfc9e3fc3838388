"""Services opened in the process of a command, beside those that run: it works with what is theirs, and makes nothing.

What it would make for itself fits nothing: a new key-encryption key, passwords that follow from another one, invented
persons. The running services would be shut out, or the log would say what nobody outside ever answered.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from drempel.cli import place
from drempel.cli.running import with_persons
from libs.chassis.run import System, open_system
from libs.chassis.settings import Settings


@asynccontextmanager
async def opened(
    names: Sequence[str], configured: Settings, folder: Path, shared: str | None, *, migrate: bool = False
) -> AsyncIterator[System]:
    """These services without their loops. Ends the command with status 2 where a setting of theirs is not given, 3
    where the key-encryption key is not theirs. `migrate` is for a database that no other process has, the embedded
    one."""
    own = configured.model_copy(update={"migrate": migrate and configured.migrate})
    try:
        async with open_system(names, with_persons(own, folder, names, invent=False), shared, folder) as system:
            yield system
    except asyncpg.InvalidPasswordError as error:
        place.fail(
            f"no connection: {error}. Its password follows from the key-encryption key of its service: set "
            "DREMPEL_KEK_FILE to that one (services may have different ones: name a consumer of one)",
            place.NO_CONNECTION,
        )
