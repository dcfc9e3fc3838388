"""What this machine must have."""

import os
import shutil
import sys

from drempel.cli.doctor.finding import Here, Wrong
from libs.chassis.embedded.binaries import find_binaries, major_version
from libs.chassis.region import Region

FREE_GB = 1.0


async def python(here: Here) -> str:
    """Its version."""
    return ".".join(map(str, sys.version_info[:3]))


async def programs(here: Here) -> str:
    """PostgreSQL's own, where we start it."""
    if here.settings.database_url is not None:
        return "not needed: DREMPEL_DATABASE_URL is set"
    return f"version {major_version(find_binaries())}"


async def folder(here: Here) -> str:
    """Writable, with room."""
    there = next(path for path in (here.folder, *here.folder.parents) if path.exists())
    if not os.access(there, os.W_OK):
        raise Wrong("is not writable", "give its owner the right to write, or set DREMPEL_DATA")
    free = shutil.disk_usage(there).free / 1e9
    if free < FREE_GB:
        raise Wrong(f"{free:.1f} GB free, less than {FREE_GB:.0f} GB", "make room: a full disk stops PostgreSQL")
    return f"{free:.0f} GB free"


async def region(here: Here) -> str:
    """The two documents."""
    try:
        found = Region.load(here.settings.regio, here.settings.partners)
    except (OSError, ValueError) as error:
        raise Wrong(f"can't be read ({type(error).__name__})", "correct DREMPEL_REGIO or DREMPEL_PARTNERS") from None
    return f"{len(found.gemeentecodes)} municipalities, {len(found.partners)} partners"
