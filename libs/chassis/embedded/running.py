"""A server that another process owns: found by its own record, used without owning it."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from libs.chassis.embedded.cluster import home_of
from libs.chassis.embedded.errors import DataMissing
from libs.chassis.embedded.moved import followed
from libs.chassis.embedded.postmaster import read_postmaster, serves


@dataclass(frozen=True)
class RunningPostgres:
    """A server that can be connected to: ours, or one that another process runs."""

    folder: Path
    pid: int
    socket_folder: Path

    def dsn(self, *, user: str, database: str) -> str:
        """A URL for asyncpg over the unix socket; no password, the folder's permissions are the guard."""
        names = f"{quote(user, safe='')}@/{quote(database, safe='')}"
        return f"postgresql://{names}?host={quote(str(self.socket_folder))}&port=5432"


def running(folder: Path) -> RunningPostgres | None:
    """The server that another process runs on ``folder`` and that is ready; None where there is none."""
    try:
        data = followed(home_of(folder)) / "data"
    except DataMissing:
        return None
    found = read_postmaster(data)
    if found is None or not found.ready or found.socket_folder is None or not serves(found.pid, data):
        return None
    return RunningPostgres(folder, found.pid, found.socket_folder)


def running_dsn(folder: Path, *, user: str, database: str) -> str | None:
    """As ``running``, for who needs the address only."""
    found = running(folder)
    return found.dsn(user=user, database=database) if found else None
