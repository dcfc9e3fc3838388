"""One PostgreSQL server that lives and dies with this process. See docs/decisions/0002."""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote

import platformdirs

from libs.chassis.embedded.cluster import (
    Cluster,
    forget_socket_folder,
    home_of,
    lock,
    make_home,
    prepare,
    settle,
)
from libs.chassis.embedded.errors import DataMissing, FolderInUse, StartFailed
from libs.chassis.embedded.identity import Death, environment
from libs.chassis.embedded.moved import followed
from libs.chassis.embedded.postmaster import disarm_stale_record, end_orphan, read_postmaster, serves

LOG_BYTES = 4 * 1024 * 1024
READY_POLL = 0.003
T = TypeVar("T")


def default_folder() -> Path:
    """``DREMPEL_DATA``, else where the platform keeps a user's application data."""
    given = os.environ.get("DREMPEL_DATA")
    return Path(given) if given else platformdirs.user_data_path("drempel", appauthor=False)


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


@contextlib.asynccontextmanager
async def serving(folder: Path, patience: float = 30.0) -> AsyncIterator[RunningPostgres]:
    """For commands: the server that runs on ``folder``, else one of our own for the time of the block.

    Raises FolderInUse where another process owns the folder for ``patience`` seconds without being ready.
    """
    ends = time.monotonic() + patience
    while True:
        if found := running(folder):
            yield found
            return
        try:
            server = await EmbeddedPostgres.start(folder)
        except FolderInUse:
            if time.monotonic() > ends:
                raise
            await asyncio.sleep(0.1)  # its owner is starting or stopping
            continue
        async with server:
            yield server.running
        return


class EmbeddedPostgres:
    """The server of one data folder, owned by this process until ``stop`` or the process's end.

    Start it from the main thread where possible: elsewhere a watchdog process takes the kernel's place.
    """

    def __init__(self, cluster: Cluster, process: subprocess.Popen[bytes], ours: int, socket: Path) -> None:
        self.folder = cluster.home.parent
        self.running = RunningPostgres(self.folder, process.pid, socket)
        self._cluster = cluster
        self._process = process
        self._lock: int | None = ours
        self._watch = asyncio.create_task(self._keep_watch(), name="embedded-postgres")

    @classmethod
    async def start(cls, folder: Path, timeout: float = 300.0) -> Self:  # noqa: ASYNC109
        """Start the server on ``folder``, making the database at the first start; ready when this returns.

        ``timeout``: seconds for recovery after a crash. Raises FolderInUse at once where another process
        owns the folder, and the other errors of ``EmbeddedPostgresError``.
        """
        home = make_home(folder)
        ours = lock(home)
        try:
            cluster, socket = await _to_its_end(asyncio.to_thread(_make_ready, home))
            process = await _launch(cluster, timeout)
        except BaseException:
            os.close(ours)
            raise
        return cls(cluster, process, ours, socket)

    @property
    def pid(self) -> int:
        """The postmaster's process id."""
        return self._process.pid

    def dsn(self, *, user: str, database: str) -> str:
        """See ``RunningPostgres.dsn``."""
        return self.running.dsn(user=user, database=database)

    async def wait(self) -> int:
        """Returns the exit status when the server ends, for whatever reason. It is never restarted."""
        while (status := self._process.poll()) is None:
            if self._watch.done():
                self._watch.result()  # raises what ended the watch
            await asyncio.sleep(0.1)
        return status

    async def stop(self, timeout: float = 10.0) -> None:  # noqa: ASYNC109
        """Fast shutdown; after ``timeout`` seconds an immediate one, which loses nothing either. Idempotent."""
        if self._lock is None:
            return
        for way, patience in ((signal.SIGINT, timeout), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0)):
            if await _ended(self._process, way, patience):
                break
        self._watch.cancel()
        await asyncio.wait([self._watch])
        _dismiss_watchdog(self._process)
        forget_socket_folder(self._cluster)
        ours, self._lock = self._lock, None
        os.close(ours)
        if not self._watch.cancelled():
            self._watch.result()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _keep_watch(self) -> None:
        while True:
            _bound(self._cluster.log)
            await asyncio.sleep(0.25)


async def _to_its_end(work: Coroutine[Any, Any, T]) -> T:
    """A thread can't be cancelled: the lock must be held until it is done."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


def _make_ready(home: Path) -> tuple[Cluster, Path]:
    data = followed(home) / "data"
    end_orphan(data)
    cluster = settle(home)
    socket = prepare(cluster)
    disarm_stale_record(cluster.data)
    return cluster, socket


async def _launch(cluster: Cluster, patience: float) -> subprocess.Popen[bytes]:
    """Try again while processes of a server that was killed still leave its shared memory."""
    ends = time.monotonic() + patience
    while True:
        process, said_before = _spawn(cluster)
        try:
            if await _ready(process, cluster, ends):
                return process
        except BaseException:
            process.kill()
            process.wait()
            _dismiss_watchdog(process)
            raise
        _dismiss_watchdog(process)
        last_words = _last_words(cluster.log, said_before)
        if "shared memory block" not in last_words or time.monotonic() > ends:
            raise StartFailed(f"PostgreSQL ended at its start: {last_words} (log: {cluster.log})")
        await asyncio.sleep(0.2)
        disarm_stale_record(cluster.data)


def _spawn(cluster: Cluster) -> tuple[subprocess.Popen[bytes], int]:
    """The server in a session of its own: Ctrl-C and a closing terminal reach us, not it."""
    main = threading.current_thread() is threading.main_thread()
    death: Death = "signal" if sys.platform == "linux" and main else "pipe"
    program = [str(cluster.binaries / "postgres"), "-D", str(cluster.data)]
    command = cluster.identity.command(cluster.place, *program, death=death)
    _bound(cluster.log)
    with cluster.log.open("ab") as log:
        os.fchmod(log.fileno(), 0o600)
        stdin = subprocess.PIPE if death == "pipe" else subprocess.DEVNULL
        process = subprocess.Popen(  # noqa: S603
            command, env=environment(), stdin=stdin, stdout=log, stderr=log, start_new_session=True
        )
        return process, log.tell()


async def _ready(process: subprocess.Popen[bytes], cluster: Cluster, ends: float) -> bool:
    """Line 8 of postmaster.pid says ready, and line 1 names our child. False when the child ended."""
    while process.poll() is None:
        found = read_postmaster(cluster.data)
        if found is not None and found.pid == process.pid and found.ready:
            return True
        if time.monotonic() > ends:
            raise StartFailed(f"PostgreSQL was not ready in time (log: {cluster.log})")
        await asyncio.sleep(READY_POLL)
    return False


async def _ended(process: subprocess.Popen[bytes], way: signal.Signals, patience: float) -> bool:
    ends = time.monotonic() + patience
    process.send_signal(way)  # does nothing when the process has ended
    while process.poll() is None:
        if time.monotonic() > ends:
            return False
        await asyncio.sleep(READY_POLL)
    return True


def _dismiss_watchdog(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        with contextlib.suppress(BrokenPipeError):  # it ended by itself
            process.stdin.write(b".")
            process.stdin.close()


def _bound(log: Path) -> None:
    """Two files of at most about LOG_BYTES. The server appends, so the file may be emptied under it."""
    if log.exists() and log.stat().st_size > LOG_BYTES:
        shutil.copyfile(log, log.with_suffix(".log.1"))
        os.truncate(log, 0)


def _last_words(log: Path, start: int) -> str:
    """The FATAL lines since ``start``; the settings keep statements and values out of them."""
    with log.open("rb") as file:
        file.seek(start)
        lines = file.read(64 * 1024).decode(errors="replace").splitlines()
    fatal = [line for line in lines if "FATAL" in line or "PANIC" in line]
    return " / ".join(fatal[-2:] or lines[-2:]) or "it said nothing"
