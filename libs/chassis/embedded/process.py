"""The server as a child process: begun, awaited, ended, and its log kept small."""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from libs.chassis.embedded.cluster import Cluster
from libs.chassis.embedded.errors import StartFailed
from libs.chassis.embedded.identity import Death, environment
from libs.chassis.embedded.postmaster import disarm_stale_record, read_postmaster

LOG_BYTES = 4 * 1024 * 1024
READY_POLL = 0.003


async def launch(cluster: Cluster, patience: float) -> subprocess.Popen[bytes]:
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
            dismiss_watchdog(process)
            raise
        dismiss_watchdog(process)
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
    bound(cluster.log)
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


async def ended(process: subprocess.Popen[bytes], way: signal.Signals, patience: float) -> bool:
    ends = time.monotonic() + patience
    process.send_signal(way)  # does nothing when the process has ended
    while process.poll() is None:
        if time.monotonic() > ends:
            return False
        await asyncio.sleep(READY_POLL)
    return True


def dismiss_watchdog(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        with contextlib.suppress(BrokenPipeError):  # it ended by itself
            process.stdin.write(b".")
            process.stdin.close()


def bound(log: Path) -> None:
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
