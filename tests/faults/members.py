"""One consumer with two members (`tests.faults.member`): its events, its process, and what must have come of them."""

import asyncio
import json
import os
import random
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from libs.events.ids import derived
from libs.events.ports import Entry
from tests import invariants
from tests.contracts.transports import OnPostgres, new_events
from tests.faults import points
from tests.installation import Start
from tests.invariants import Broken

DATABASE = sorted(
    points.FAILURE
    | {name for name in points.UP if name.startswith(("processor.", "sessions.", "log.", "subscription."))}
)
KAFKA = sorted(points.KAFKA)
SECONDS = 90


@dataclass
class Members:
    """The consumer's process, on a transport that has its events; `place` is what the process is told."""

    transport: OnPostgres
    start: Start
    folder: Path
    place: dict[str, Any]
    said: list[Entry] = field(default_factory=list)
    killed: int = 0

    async def more(self) -> None:
        """Eight events over three cases, of which the first is poisoned."""
        entries = new_events(8, subjects=3)
        await OnPostgres.append(self.transport, entries)
        await self.transport.admin.execute("CREATE TABLE IF NOT EXISTS monitoring.test_poison (id uuid)")
        await self.transport.admin.execute("INSERT INTO monitoring.test_poison VALUES ($1)", entries[0].envelope.id)
        self.said += entries

    async def run(self, *, moment: float | None = None, **environment: str) -> bool:
        """Run the process to its end, whatever end that is; says whether it came to its own."""
        plain = {name: value for name, value in os.environ.items() if not name.startswith("DREMPEL_")}
        err = self.folder / "member.err"
        process = await self.start(
            "tests.faults.member", json.dumps(self.place), out=err, err=err,
            env={**plain, "PYTHONPATH": str(points.ROOT)} | environment,
        )  # fmt: skip
        async with asyncio.timeout(SECONDS):
            if moment is not None:
                await asyncio.sleep(moment)
                process.send_signal(signal.SIGKILL)
            status = await process.wait()
        if status not in (0, -signal.SIGKILL):
            raise Broken([f"by hand: it ended with {status}: {err.read_text()[-2000:]}"])
        self.killed += status != 0
        return status == 0

    async def survive(self, chance: random.Random, among: Sequence[str], most: int) -> None:
        """Events come; the process is killed up to so many times while it handles them and while it tries again."""
        await self.more()
        for retry in (False, True):
            self.place["retry"] = retry
            for _ in range(chance.randrange(1, most + 1)):
                if chance.random() < 0.15:
                    done = await self.run(moment=chance.random() * 0.4)
                else:
                    done = await self.run(DREMPEL_CRASH=f"{chance.choice(among)}:{chance.choice((1, 1, 2, 4))}")
                if done:
                    break
            while not await self.run():
                pass
            if not retry and not await self.transport.parked():
                raise Broken(["lost: nothing is parked, and there was poison"])

    async def broken(self) -> list[str]:
        """What was lost, done twice or out of order per case; what followed was said once, under its derived id."""
        found = invariants.of_effects(self.said, await self.transport.effects())
        ids = sorted(derived(entry.envelope.id, "recorder:1") for entry in self.said)
        if sorted(await self.transport.emitted()) != ids:
            found.append("twice: what follows was not said once, under the id that follows from its cause")
        found += [f"by hand: parked: {one}" for one in await self.transport.parked()]
        return found + await invariants.of_logs(self.transport.admin, ("outreach", "monitoring"))
