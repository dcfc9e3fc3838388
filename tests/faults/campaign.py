"""The story with its process killed again and again, at points and at moments; afterwards nothing may show it."""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.faults import points
from tests.faults.story import GEWIST, Story
from tests.installation import Installation, Start
from tests.invariants import Broken

Kill = tuple[str, int]
"""A point and the time it is passed at which to kill; or MOMENT and after how many milliseconds."""

Step = Callable[[], Awaitable[None]]

MOMENT, BETWEEN = "a moment", "between steps"

LOST = (httpx.HTTPError, AssertionError)
"""What a client sees of a process that dies."""

STEPS = 17
STOPPING = frozenset({"run.stopping", "run.stopped", "embedded.before_stop", "embedded.after_stop"})
RUNNING = sorted(name for name in points.UP - STOPPING if not name.startswith("embedded."))
"""Where `drempel up` on a given database can be killed before it stops."""

BESIDE = ("rebuild.", "keyring.")
"""The commands that are killed, by their points."""


def planned(chance: random.Random, kills: int) -> tuple[dict[int, list[Kill]], list[Kill]]:
    """So many kills of the process, spread over the steps, and one of each command."""
    plan: dict[int, list[Kill]] = {}
    often = [chance.randrange(STEPS) for _ in range(kills)] if kills > STEPS else chance.sample(range(STEPS), kills)
    for place in often:
        at = (MOMENT, chance.randrange(1500)) if chance.random() < 0.2 else \
             (chance.choice(RUNNING), chance.choice((1, 1, 1, 2, 3, 5)))  # fmt: skip
        plan.setdefault(place, []).append(at)
    return plan, [(chance.choice(sorted(p for p in points.COMMANDS if p.startswith(kind))), 1) for kind in BESIDE]


@dataclass
class Campaign:
    """One installation, and how its process is killed: within step n once for each kill of `plan[n]`."""

    drempel: Installation
    plan: dict[int, list[Kill]] = field(default_factory=dict)
    commands: Sequence[Kill] = ()
    killed: Counter[str] = field(default_factory=Counter)
    armed: Kill | None = None

    async def run(self) -> str:
        """The whole story, rebuild, erasure and stop; gives the hash of the state."""
        story = Story(self.drempel)
        await self._start(None)
        for place, step in enumerate(story.steps()):
            for kill in self.plan.get(place, ()):
                await self._disturb(kill, step)
            await self._until_done(step)
        await self._until_done(self.drempel.rest)
        await self.command("rebuild", "timeline")
        await self._until_done(self.drempel.rest)
        await self.drempel.down()
        self._note()
        await self.command("keys", "erase", story.signalen[GEWIST])
        return await self.drempel.whole()

    async def _disturb(self, kill: Kill, step: Step) -> None:
        """Try the step once, in a process that is killed."""
        await self._kill(BETWEEN)
        await self._start(kill)
        await self._tried(step)

    async def _until_done(self, step: Step) -> None:
        """Send it until it is answered."""
        while not await self._tried(step):
            await self._start(None)

    async def _tried(self, step: Step) -> bool:
        """Send it once; says whether it was answered by a process that lives. What fails otherwise, raises."""
        if not self._alive():
            return False
        at_a_moment = asyncio.create_task(self._at_a_moment())
        try:
            await step()
        except LOST:
            if not await self._died():
                raise
        finally:
            at_a_moment.cancel()
        return self._alive()

    async def _at_a_moment(self) -> None:
        if self.armed is not None and self.armed[0] == MOMENT:
            await asyncio.sleep(self.armed[1] / 1000)
            await self._kill(MOMENT)

    async def _kill(self, why: str) -> None:
        """SIGKILL from outside, whatever it is doing."""
        if self._alive():
            self.armed = (why, 0)
            await self.drempel.kill()

    def _alive(self) -> bool:
        process = self.drempel.process
        return process is not None and process.returncode is None

    async def _died(self) -> bool:
        """The process may take a moment to be gone."""
        for _ in range(50):
            if not self._alive():
                return True
            await asyncio.sleep(0.02)
        return False

    async def _start(self, kill: Kill | None) -> None:
        """Start it; when it is killed while it starts, start it again without."""
        self._note()
        self.armed = kill
        self.drempel.settings.pop("CRASH", None)
        if kill is not None and kill[0] != MOMENT:
            self.drempel.settings["CRASH"] = f"{kill[0]}:{kill[1]}"
        try:
            await self.drempel.up()
        except AssertionError as error:
            if self.armed is None:
                raise Broken([f"by hand: it does not start again: {error}"]) from error
            if self._alive():
                raise
            await self._start(None)

    def _note(self) -> None:
        """Count the kill that just happened. A process that ended in another way was not to."""
        process = self.drempel.process
        if process is None or process.returncode is None:
            return
        if process.returncode == -signal.SIGKILL and self.armed is not None:
            self.killed[self.armed[0]] += 1
        elif process.returncode:
            raise Broken([f"other: ended with {process.returncode}, and nobody killed it"])
        self.armed = self.drempel.process = None

    async def command(self, *words: str) -> None:
        """A command, killed at each of the points armed for it, until it succeeds."""
        kind = BESIDE[words[0] != "rebuild"]
        own = [kill for kill in self.commands if kill[0].startswith(kind)]
        for kill in [*own, None]:
            saved = self.drempel.settings.pop("CRASH", None)
            if kill is not None:
                self.drempel.settings["CRASH"] = f"{kill[0]}:{kill[1]}"
            status, out, err = await self.drempel.run(*words)
            self.drempel.settings.pop("CRASH", None)
            if saved is not None:
                self.drempel.settings["CRASH"] = saved
            if kill is None:
                assert status in (0, 1), (words, status, out[-500:], err[-500:])
            elif status == -signal.SIGKILL:
                self.killed[kill[0]] += 1


async def watched(folder: Path, settings: dict[str, str], start: Start) -> tuple[str, frozenset[str]]:
    """An undisturbed run: its state, and the points it passed."""
    seen = folder.parent / f"{folder.name}.seen"
    drempel = Installation(folder, {**settings, "CRASH_SEEN": str(seen)}, start)
    folder.mkdir(parents=True)
    state = await ended(drempel, Campaign(drempel).run())
    return state, frozenset(seen.read_text().split())


async def ended(drempel: Installation, work: Awaitable[str]) -> str:
    """Do it; whatever came of it, nothing of the installation runs afterwards."""
    try:
        return await work
    finally:
        if drempel.process is not None and drempel.process.returncode is None:
            await drempel.kill()
        await drempel.http.aclose()
