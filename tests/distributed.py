"""Drempel as six processes on a real broker, behind a gateway, with an issuer of its own beside them."""

import asyncio
import json
import secrets
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

import asyncpg
import httpx

from libs.chassis.auth import LOCAL_ISSUER, LocalIssuer
from libs.chassis.run import port_of, server_for
from libs.chassis.settings import SERVICES, Settings
from tests.gateway import Gateway
from tests.installation import REST_SECONDS, START_SECONDS, Installation

OPENING = ("intake", "matching", "outreach")


def _of_all(columns: str, table: str) -> str:
    return " UNION ALL ".join(f"SELECT '{s}' AS of, {columns} FROM {s}.{table}" for s in SERVICES)


_UNDER_WAY = f"""
WITH head AS ({_of_all("position", "head")}), relay AS ({_of_all("position, last", "relay")}),
     checkpoint AS ({_of_all("source, partition, position", "checkpoint")}), parked AS ({_of_all("position", "parked")})
SELECT (SELECT count(*) FROM head h JOIN relay r USING (of) WHERE h.position <> r.position) AS unpublished,
       (SELECT count(*) FROM checkpoint c JOIN relay r ON r.of = c.source
        WHERE c.position <> coalesce(r.last[c.partition + 1], 0)) AS behind,
       (SELECT count(*) FROM parked) AS parked
"""


@dataclass
class Distributed(Installation):
    """Six processes. `http` is the gateway's address, `own` what only the environment of one service holds."""

    own: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    processes: dict[str, asyncio.subprocess.Process] = field(default_factory=dict)
    where: dict[str, str] = field(default_factory=dict)

    def of(self, service: str) -> dict[str, str]:
        """The environment of one service: a data folder of its own, and a key that opens nothing unless it may."""
        own = {f"DREMPEL_{name}": value for name, value in self.own.get(service, {}).items()}
        kek = "kek" if service in OPENING else "kek-without-grant"
        return {**self.environment, "DREMPEL_DATA": str(self.folder / service), "DREMPEL_PORT": "0",
                "DREMPEL_KEK_FILE": str(self.folder / kek), **own}  # fmt: skip

    def prepare(self) -> None:
        """The folder with its two keys, made once."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for path in (self.folder / "kek", self.folder / "kek-without-grant"):
            if not path.exists():
                path.write_text(secrets.token_hex(32))

    async def up(self) -> None:
        """Start all six side by side and wait until each is ready."""
        for service in SERVICES:
            with (self.folder / f"{service}.log").open("ab") as log:
                self.processes[service] = await asyncio.create_subprocess_exec(
                    sys.executable, "-m", "drempel", "serve", service, env=self.of(service),
                    stdout=asyncio.subprocess.DEVNULL, stderr=log, start_new_session=True,
                )  # fmt: skip
        end = monotonic() + START_SECONDS
        for service, process in self.processes.items():
            while not await self._is_ready(service):
                assert process.returncode is None, f"{service} ended: {(self.folder / f'{service}.log').read_text()}"
                assert monotonic() < end, f"{service} is not ready"
                await asyncio.sleep(0.1)

    async def _is_ready(self, service: str) -> bool:
        found = self.folder / service / "instance.json"
        if not found.exists():
            return False
        self.where[service] = json.loads(found.read_text())["url"]
        try:
            return (await self.http.get(f"{self.where[service]}/health/ready")).status_code == 200
        except httpx.HTTPError:
            return False

    async def down(self) -> int:
        """SIGTERM to all; gives the highest exit status."""
        for process in self.processes.values():
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(30):
            return max([await process.wait() for process in self.processes.values()], default=0)

    async def consumers(self) -> dict[str, Any]:
        """What all processes say of their consumers; no snapshot."""
        answers = await asyncio.gather(*(self.http.get(f"{url}/health/ready") for url in self.where.values()))
        return {name: one for answer in answers for name, one in answer.json()["consumers"].items()}

    async def settled(self, seconds: float = 60.0) -> None:
        """Wait until every process says twice, some time apart, that it is behind nothing."""
        end, quiet = monotonic() + seconds, 0
        while quiet < 2:
            found = await self.consumers()
            assert not any(one["geparkeerd"] for one in found.values()), found
            quiet = 0 if any(one["lag"] for one in found.values()) else quiet + 1
            assert monotonic() < end, found
            await asyncio.sleep(0.5)

    async def rest(self, seconds: float = REST_SECONDS) -> None:
        """Wait until nothing is under way: in one snapshot of the one database, and by what every process says."""
        conn = await asyncpg.connect(self.settings["DATABASE_URL"])
        try:
            end, quiet = monotonic() + seconds, 0
            while quiet < 2:  # twice, because what the clock has still to do is not in that snapshot
                behind = sum(one["lag"] for one in (await self.consumers()).values())
                found = {"said": behind, **await conn.fetchrow(_UNDER_WAY)}
                assert not found["parked"], await self.consumers()
                assert monotonic() < end, found
                quiet = 0 if any(found.values()) else quiet + 1
                await asyncio.sleep(0.1)
        finally:
            await conn.close()


@asynccontextmanager
async def distributed(
    folder: Path, settings: Mapping[str, str], own: Mapping[str, Mapping[str, str]] | None = None
) -> AsyncIterator[Distributed]:
    """Six running processes; stopped at the end, whatever happened."""
    key = LocalIssuer.at(folder / "issuer.pem").key
    gateway = Gateway({"keys": [{**key.as_dict(private=False), "kid": "lokaal"}]})
    server = server_for(gateway, Settings(port=0))
    serving = asyncio.create_task(server.serve())
    while not server.started and not serving.done():
        await asyncio.sleep(0.01)
    address = f"http://127.0.0.1:{port_of(server)}"
    issued = {"ISSUER": LOCAL_ISSUER, "JWKS_URL": f"{address}/jwks.json"}
    found = Distributed(folder, {**settings, **issued, "KEK_FILE": str(folder / "kek")}, own=own or {})
    found.http.base_url = httpx.URL(address)
    found.prepare()
    try:
        await found.up()
        gateway.where.update(found.where)
        yield found
    finally:
        try:
            await found.down()
        finally:
            await found.http.aclose()
            server.should_exit = True
            await serving
            await gateway.http.aclose()
