"""The campaign: the same story with the process killed at points, and afterwards nothing may show it."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.faults import points
from tests.faults.story import GEWIST, Story
from tests.installation import Installation

Kill = tuple[str, int]
"""A point and the time it is passed at which to kill."""

LOST = (httpx.HTTPError, AssertionError)
"""What a client sees of a process that dies."""


@dataclass
class Campaign:
    """One data folder, and where its process is killed: before `plan[n]` the n-th step is begun with that armed."""

    drempel: Installation
    plan: dict[int, Kill] = field(default_factory=dict)
    commands: list[Kill] = field(default_factory=list)
    killed: Counter[str] = field(default_factory=Counter)
    armed: Kill | None = None

    async def run(self) -> str:
        """The whole story, rebuild, erasure and stop; gives the hash of the state."""
        story = Story(self.drempel)
        await self._start(self._next(0))
        for place, step in enumerate(story.steps()):
            if place in self.plan and self.armed != self.plan[place]:
                await self.drempel.kill()
                await self._start(self.plan[place])
            await self._until_done(step, place + 1)
        await self._until_done(self.drempel.rest, len(story.steps()))
        await self.command("rebuild", "timeline")
        await self._until_done(self.drempel.rest, len(story.steps()))
        await self._stop()
        await self.command("keys", "erase", story.signalen[GEWIST])
        return await self.drempel.whole()

    def _next(self, place: int) -> Kill | None:
        """The first planned kill from this step on that did not happen yet."""
        return next((kill for at, kill in sorted(self.plan.items()) if at >= place), None)

    async def _until_done(self, step: Callable[[], Awaitable[None]], following: int) -> None:
        """Send it until it is answered; a process that was killed is started again, armed with what comes next."""
        while True:
            try:
                await step()
                if self._alive():
                    return
            except LOST:
                if not await self._died():
                    raise
            await self._start(self._next(following))

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
        self._arm(kill)
        try:
            await self.drempel.up()
        except AssertionError:
            if self._alive():
                raise
            await self._start(None)

    def _arm(self, kill: Kill | None) -> None:
        self.armed = kill
        self.drempel.settings.pop("CRASH", None)
        if kill is not None:
            self.drempel.settings["CRASH"] = f"{kill[0]}:{kill[1]}"

    def _note(self) -> None:
        """Count the kill that just happened."""
        process = self.drempel.process
        if self.armed is not None and process is not None and process.returncode == -9:
            self.killed[self.armed[0]] += 1

    async def _stop(self) -> None:
        """Stop in order, or be killed while stopping; whatever it was, the next start finds its way."""
        await self.drempel.down()
        self._note()
        self.armed = None

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
            elif status == -9:
                self.killed[kill[0]] += 1


async def watched(folder: Path, settings: dict[str, str]) -> tuple[str, frozenset[str]]:
    """An undisturbed run: its state, and the points it passed."""
    seen = folder.parent / f"{folder.name}.seen"
    drempel = Installation(folder, {**settings, "CRASH_SEEN": str(seen)})
    folder.mkdir(parents=True)
    try:
        state = await Campaign(drempel).run()
    finally:
        await drempel.http.aclose()
    return state, frozenset(seen.read_text().split())


STOPPING = frozenset({"run.stopping", "run.stopped", "embedded.before_stop", "embedded.after_stop"})


BESIDE = ("rebuild.", "keyring.")
"""The commands that are killed, by their points."""


def planned(seed: int, kills: int, steps: int) -> tuple[dict[int, Kill], list[Kill]]:
    """So many kills of the process, each in a step of its own, and one of each command."""
    chance = random.Random(seed)
    often = sorted(points.UP - STOPPING)
    chosen = chance.sample(often, min(kills, len(often)))
    places = sorted(chance.sample(range(steps), min(kills, steps)))
    plan = {place: (point, chance.choice((1, 1, 2, 3))) for place, point in zip(places, chosen, strict=False)}
    commands = [(chance.choice(sorted(p for p in points.COMMANDS if p.startswith(kind))), 1) for kind in BESIDE]
    return plan, commands
