"""The server's own record of itself, ``postmaster.pid``, and whether it is still true.

A pid alone proves nothing: after a restart of the machine or the container it may belong to anybody, and
``kill(pid, 0)`` succeeds on a zombie. The process must be alive, be ``postgres`` and serve this folder.
"""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from libs.chassis.embedded.errors import FolderInUse, StartFailed


@dataclass(frozen=True)
class Postmaster:
    """What ``postmaster.pid`` says: process, folder of the unix socket, ready for connections or not."""

    pid: int
    socket_folder: Path | None
    ready: bool


def read_postmaster(data: Path) -> Postmaster | None:
    """Lines 1, 5 and 8 of ``postmaster.pid``; None where there is no (readable) record."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return None
    if not lines or not lines[0].strip().isdigit():
        return None
    socket_folder = Path(lines[4]) if len(lines) > 4 and lines[4] else None
    return Postmaster(int(lines[0]), socket_folder, len(lines) > 7 and lines[7].strip() == "ready")


def serves(pid: int, data: Path) -> bool:
    """Whether the process is a living server on ``data``."""
    arguments = _linux_arguments(pid) if sys.platform == "linux" else _listed_arguments(pid)
    if not arguments:
        return False
    if sys.platform == "linux":
        return Path(arguments[0]).name == "postgres" and str(data) in arguments
    return "postgres" in arguments[0] and str(data) in arguments[0]


def _linux_arguments(pid: int) -> list[str]:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        line = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [] if state in "ZX" else os.fsdecode(line).split("\0")


def _listed_arguments(pid: int) -> list[str]:
    command = ["/bin/ps", "-ww", "-o", "stat=,command=", "-p", str(pid)]
    line = subprocess.run(command, capture_output=True, text=True, timeout=30).stdout.strip()  # noqa: S603
    return [] if not line or line.startswith("Z") else [line]


def end_orphan(data: Path, patience: float = 30.0) -> None:
    """Stop a server whose owner is gone. Only under the folder's lock, which proves that it is gone.

    Raises FolderInUse when it may not be stopped, or does not stop within ``patience`` seconds.
    """
    found = read_postmaster(data)
    if found is None or not serves(found.pid, data):
        return
    ends = time.monotonic() + patience
    try:
        os.kill(found.pid, signal.SIGINT)
        while serves(found.pid, data):
            if time.monotonic() > ends:
                raise FolderInUse(f"an ownerless server (pid {found.pid}) does not stop")
            time.sleep(0.01)
    except ProcessLookupError:
        return
    except PermissionError:
        raise FolderInUse(f"an ownerless server of another user is running (pid {found.pid})") from None


def disarm_stale_record(data: Path) -> None:
    """Let a server start though the recorded pid now belongs to a stranger or a zombie.

    The record is not removed: its shared memory key is how PostgreSQL notices that processes of a killed
    server still live. Its pid is replaced by ours: a pid of its own parent is one it never takes for a
    rival (CreateLockFile in PostgreSQL's miscinit.c).
    """
    record = data / "postmaster.pid"
    if not record.exists():
        return
    if (found := read_postmaster(data)) is None:
        record.unlink()  # cut off while being written: the server had not come to shared memory yet
    elif not serves(found.pid, data):
        _replace_pid(record)


def _replace_pid(record: Path) -> None:
    """In place, which keeps the owner. We may be root and the folder another user's: follow no link."""
    with os.fdopen(os.open(record, os.O_RDWR | os.O_NOFOLLOW), "r+", encoding="utf-8") as file:
        found = os.fstat(file.fileno())
        if found.st_nlink != 1 or found.st_uid != record.parent.stat().st_uid:
            raise StartFailed(f"{record} is not the server's own file")
        rest = file.read().partition("\n")[2]
        file.seek(0)
        file.truncate()
        file.write(f"{os.getpid()}\n{rest}")
