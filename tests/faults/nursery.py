"""Processes of this project without their start-up: a parent that has imported everything forks each of them.

Importing the services takes two seconds of a core, and a campaign starts them a thousand times. What is forked is a
whole process all the same, with its own crash points and environment, and dies by SIGKILL as any other.
`python -m tests.faults.nursery` is that parent; it reads what to start as a line of JSON and says pids and statuses.
"""

import asyncio
import gc
import json
import os
import runpy
import selectors
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from drempel.cli import COMMANDS

ROOT = Path(__file__).parents[2]
SERVICES = ("intake", "matching", "routing", "outreach", "escalation", "monitoring")
IMPORTED = ("libs.events.postgres.parked", "tests.contracts.transports",
            *(f"drempel.cli.{module.partition(':')[0]}" for module in COMMANDS.values()),
            *(f"services.{name}.app" for name in SERVICES))  # fmt: skip


@dataclass
class Forked:
    """One process; the same to its owner as `asyncio.subprocess.Process`."""

    pid: int = 0
    returncode: int | None = None
    _begun: threading.Event = field(default_factory=threading.Event)

    def send_signal(self, number: int) -> None:
        """Signal it, unless it has ended."""
        if self.returncode is None:
            os.kill(self.pid, number)

    async def wait(self) -> int:
        """Its exit status, negative for the signal that ended it."""
        while self.returncode is None:
            await asyncio.sleep(0.002)
        return self.returncode


class Nursery:
    """The parent, seen from the test; what still runs at the end is killed."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.faults.nursery"]
        self._parent = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
        self._children: dict[int, Forked] = {}
        self._numbers = count()
        threading.Thread(target=self._hear, daemon=True).start()

    def _hear(self) -> None:
        assert self._parent.stdout is not None
        for line in self._parent.stdout:
            said = json.loads(line)
            child = self._children[said["number"]]
            if "pid" in said:
                child.pid = said["pid"]
                child._begun.set()
            else:
                child.returncode = said["status"]

    async def start(self, module: str, *argv: str, env: Mapping[str, str], out: Path, err: Path) -> Forked:
        """`python -m module argv`, appending what it prints to these files."""
        number, child = next(self._numbers), Forked()
        self._children[number] = child
        asked = {"number": number, "module": module, "argv": argv, "env": dict(env), "out": str(out), "err": str(err)}
        assert self._parent.stdin is not None
        self._parent.stdin.write(json.dumps(asked).encode() + b"\n")
        self._parent.stdin.flush()
        assert await asyncio.to_thread(child._begun.wait, 60), "the nursery does not answer"
        return child

    def close(self) -> None:
        """End it, and what it started."""
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        self._parent.stdin.close()
        self._parent.wait(30)
        self._parent.stdout.close()


def _become(asked: dict[str, Any]) -> None:
    """In the child: be that process, to its end."""
    os.setsid()
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(os.open(asked["out"], flags, 0o600), 1)
    os.dup2(os.open(asked["err"], flags, 0o600), 2)
    os.closerange(3, 64)
    os.environ.clear()
    os.environ.update(asked["env"])
    from libs.events import crash

    crash._act = crash.armed(os.environ)
    status: Any = 0
    try:
        sys.argv[1:] = asked["argv"]
        runpy.run_module(asked["module"], run_name="__main__", alter_sys=True)
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        status = 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _say(**what: int) -> None:
    os.write(1, json.dumps(what).encode() + b"\n")


def _fork(asked: dict[str, Any], living: dict[int, int]) -> None:
    pid = os.fork()
    if pid == 0:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _become(asked)
    living[pid] = asked["number"]
    _say(number=asked["number"], pid=pid)


def _bury(living: dict[int, int]) -> None:
    while living:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        _say(number=living.pop(pid), status=os.waitstatus_to_exitcode(status))


def main() -> None:
    """Fork what is asked for until nobody asks any more."""
    for name in IMPORTED:
        __import__(name)
    gc.freeze()
    told, tell = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(tell)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    living: dict[int, int] = {}
    chosen, rest = selectors.DefaultSelector(), b""
    chosen.register(0, selectors.EVENT_READ)
    chosen.register(told, selectors.EVENT_READ)
    while True:
        for key, _ in chosen.select():
            read = os.read(key.fd, 65536)
            if key.fd == told:
                _bury(living)
            elif not read:
                for pid in living:
                    os.kill(pid, signal.SIGKILL)
                return
            else:
                *lines, rest = (rest + read).split(b"\n")
                for line in lines:
                    _fork(json.loads(line), living)


if __name__ == "__main__":
    main()
