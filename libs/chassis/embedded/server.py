"""One PostgreSQL server that lives and dies with this process. See docs/decisions/0004."""

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import platformdirs

from libs.chassis.embedded.cluster import Cluster, forget_socket_folder, lock, make_home, prepare, settle
from libs.chassis.embedded.errors import FolderInUse
from libs.chassis.embedded.moved import followed
from libs.chassis.embedded.postmaster import disarm_stale_record, end_orphan
from libs.chassis.embedded.process import bound, dismiss_watchdog, ended, launch
from libs.chassis.embedded.running import RunningPostgres, running
from libs.events.crash import crash_point

T = TypeVar("T")


def default_folder() -> Path:
    """``DREMPEL_DATA``, else where the platform keeps a user's application data."""
    given = os.environ.get("DREMPEL_DATA")
    return Path(given) if given else platformdirs.user_data_path("drempel", appauthor=False)


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
    async def start(cls, folder: Path, timeout: float = 300.0) -> Self:
        """Start the server on ``folder``, making the database at the first start; ready when this returns.

        ``timeout``: seconds for recovery after a crash. Raises FolderInUse at once where another process
        owns the folder, and the other errors of ``EmbeddedPostgresError``.
        """
        home = make_home(folder)
        ours = lock(home)
        try:
            cluster, socket = await _to_its_end(asyncio.to_thread(_make_ready, home))
            crash_point("embedded.prepared")
            process = await launch(cluster, timeout)
            crash_point("embedded.started")
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

    async def stop(self, timeout: float = 4.0) -> None:
        """Fast shutdown; after ``timeout`` seconds an immediate one, which loses nothing. Idempotent."""
        if self._lock is None:
            return
        crash_point("embedded.before_stop")
        for way, patience in ((signal.SIGINT, timeout), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0)):
            if await ended(self._process, way, patience):
                break
        crash_point("embedded.after_stop")
        self._watch.cancel()
        await asyncio.wait([self._watch])
        dismiss_watchdog(self._process)
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
            bound(self._cluster.log)
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
    crash_point("embedded.locked")
    end_orphan(data)
    cluster = settle(home)
    socket = prepare(cluster)
    disarm_stale_record(cluster.data)
    return cluster, socket
