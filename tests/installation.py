"""A Drempel as a user has it: `drempel up` in a process of its own, on a data folder of its own, over loopback."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any, Protocol
from uuid import uuid4

import httpx

from drempel.cli.place import DATABASE
from libs.chassis.auth import LocalIssuer, Rol
from libs.chassis.clock import SystemClock
from libs.chassis.embedded import serving
from libs.chassis.run import kek_of
from libs.chassis.settings import Settings
from tests import invariants

START_SECONDS = 60.0
REST_SECONDS = 240.0


class Process(Protocol):
    """A process that was started."""

    pid: int
    returncode: int | None

    def send_signal(self, number: int, /) -> None:
        """Signal it."""

    async def wait(self) -> int:
        """Its exit status, negative for the signal that ended it."""


class Start(Protocol):
    """Starts `python -m module argv`; what it prints is appended to these files."""

    async def __call__(
        self, module: str, /, *argv: str, env: Mapping[str, str], out: Path, err: Path
    ) -> Process:  # fmt: skip
        """The process, which has begun."""


async def anew(module: str, /, *argv: str, env: Mapping[str, str], out: Path, err: Path) -> Process:
    """An interpreter of its own, as a user starts it."""
    with out.open("ab") as to, err.open("ab") as errors:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", module, *argv, env=env, stdout=to, stderr=errors, start_new_session=True
        )


@dataclass
class Installation:
    """One data folder and, while it runs, its process. Settings are environment variables without the prefix."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    start: Start = anew
    process: Process | None = None
    http: httpx.AsyncClient = field(default_factory=lambda: httpx.AsyncClient(timeout=60))
    _tokens: dict[tuple[str, tuple[str, ...], str | None], str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """What a shell of this user would have."""
        own = {f"DREMPEL_{name}": value for name, value in self.settings.items()}
        plain = {name: value for name, value in os.environ.items() if not name.startswith("DREMPEL_")}
        return {**plain, "DREMPEL_DATA": str(self.folder), "PYTHONPATH": str(Path(__file__).parents[1]), **own}

    @property
    def log(self) -> Path:
        """What its processes had to say."""
        return self.folder.parent / f"{self.folder.name}.log"

    async def up(self) -> None:
        """Start it and wait until it is ready."""
        (self.folder / "instance.json").unlink(missing_ok=True)
        self.process = await self.start(
            "drempel", "up", "--port", "0", env=self.environment, out=Path(os.devnull), err=self.log
        )
        end = monotonic() + START_SECONDS
        while not await self._ready():
            assert self.process.returncode is None, f"drempel up ended with {self.process.returncode}"
            assert monotonic() < end, "drempel up is not ready"
            await asyncio.sleep(0.05)

    async def _ready(self) -> bool:
        found = self.folder / "instance.json"
        if not found.exists():
            return False
        self.http.base_url = httpx.URL(json.loads(found.read_text())["url"])
        try:
            return (await self.http.get("/health/ready")).status_code == 200
        except httpx.HTTPError:
            return False

    async def kill(self) -> None:
        """SIGKILL, as a power cut: nothing is told to anybody."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()

    async def down(self) -> int:
        """SIGTERM; gives the exit status."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(30):
            return await self.process.wait()

    async def rest(self, seconds: float = REST_SECONDS) -> None:
        """Wait until nothing is under way; parked events fail the test."""
        end = monotonic() + seconds
        while True:
            consumers = (await self.http.get("/health/ready")).json()["consumers"]
            if not any(one["lag"] for one in consumers.values()):
                parked = {name: one for name, one in consumers.items() if one["geparkeerd"]}
                assert not parked, f"parked: {parked}"
                return
            assert monotonic() < end, f"not at rest: {consumers}"
            await asyncio.sleep(0.1)

    def als(self, rol: str, *gemeenten: str, partner: str | None = None) -> dict[str, str]:
        """Request headers of this role, from the installation's own issuer."""
        asked = (rol, gemeenten, partner)
        if asked not in self._tokens:
            issuer = LocalIssuer.at(self.folder / "issuer.pem")
            self._tokens[asked] = issuer.token(Rol(rol), SystemClock(), partner=partner, gemeenten=gemeenten)
        return {"Authorization": f"Bearer {self._tokens[asked]}"}

    async def run(self, *command: str) -> tuple[int, str, str]:
        """A command line beside it: exit status, standard output, standard error."""
        out, err = (self.folder.parent / f"{self.folder.name}.{uuid4().hex}.{kind}" for kind in ("out", "err"))
        try:
            process = await self.start("drempel", *command, env=self.environment, out=out, err=err)
            async with asyncio.timeout(120):
                return await process.wait(), out.read_text(), err.read_text()
        finally:
            out.unlink(missing_ok=True)
            err.unlink(missing_ok=True)

    async def json(self, *command: str) -> Any:
        """What a command prints with --json."""
        (found,) = await self.lines(*command)
        return found

    async def lines(self, *command: str) -> list[Any]:
        """The same of a command that prints more lines."""
        status, out, err = await self.run(*command, "--json")
        assert out, f"{command}: {status} {err[-500:]}"
        return [json.loads(line) for line in out.splitlines()]

    async def whole(self) -> str:
        """Every invariant of tests.invariants, and the hash of the state; it must be at rest, or stopped."""
        kek = kek_of(Settings(), self.folder)
        if given := self.settings.get("DATABASE_URL"):
            return await invariants.assert_whole(given, kek)
        async with serving(self.folder) as postgres:
            return await invariants.assert_whole(postgres.dsn(user="drempel", database=DATABASE), kek)

    async def pages(self, path: str, name: str, headers: dict[str, str]) -> list[dict[str, Any]]:
        """All rows of a paged list."""
        rows: list[dict[str, Any]] = []
        following: str | None = path
        while following:
            page = (await self.http.get(following, headers=headers)).raise_for_status().json()
            rows += page[name]
            following = page["_links"].get("next", {}).get("href")
        return rows


@asynccontextmanager
async def installed(folder: Path, settings: dict[str, str] | None = None) -> AsyncIterator[Installation]:
    """A running installation; stopped at the end, whatever happened."""
    folder.mkdir(parents=True, exist_ok=True)
    found = Installation(folder, settings or {})
    try:
        await found.up()
        yield found
    finally:
        if found.process is not None and found.process.returncode is None:
            await found.down()
        await found.http.aclose()


def command(*parts: str) -> Sequence[str]:
    """A command line of this project."""
    return (sys.executable, "-m", "drempel", *parts)
