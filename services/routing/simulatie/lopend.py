"""The simulations under way and their reports, in the memory of this process: few, and the oldest finished one makes
room. They are lost when the process ends, and asked again.
"""

import asyncio
from collections.abc import AsyncIterable, Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any
from uuid import UUID

import structlog

from libs.events.errors import Refusal
from services.routing.policy.table import NoRow
from services.routing.simulatie.historie import Historie
from services.routing.simulatie.naspelen import Spel
from services.routing.simulatie.verslag import Verslag

log = structlog.get_logger()
MAX_KEPT, MAX_RUNNING, CHUNK = 16, 2, 500


class TeDruk(Refusal):
    """Er lopen al genoeg simulaties; probeer het later."""

    status = 429
    code = "teDruk"


class Stand(StrEnum):
    """Where a simulation stands."""

    LOOPT = "Loopt"
    KLAAR = "Klaar"
    MISLUKT = "Mislukt"


@dataclass(eq=False)
class Simulatie:
    """One replay: its progress while it runs, its report when it is done, or why it failed."""

    id: UUID
    gemeentecode: str
    beleid_versie: str
    gestart_op: datetime
    stand: Stand = Stand.LOOPT
    voortgang: float = 0.0
    verslag: dict[str, Any] | None = None
    melding: str | None = None
    task: asyncio.Task[None] | None = field(default=None, repr=False)

    def getoond(self) -> dict[str, Any]:
        """As the API shows it."""
        shown: dict[str, Any] = {
            "simulatieId": str(self.id),
            "gemeentecode": self.gemeentecode,
            "beleidVersie": self.beleid_versie,
            "gestartOp": self.gestart_op.isoformat(),
            "status": str(self.stand),
            "voortgang": round(self.voortgang, 3),
            "melding": self.melding,
            "verslag": self.verslag,
        }
        return {name: value for name, value in shown.items() if value is not None}


class Simulaties:
    """The simulations of this process."""

    def __init__(self) -> None:
        self._known: dict[UUID, Simulatie] = {}

    def van(self, gemeentecode: str, simulatie_id: UUID) -> Simulatie | None:
        """The simulation of this municipality."""
        found = self._known.get(simulatie_id)
        return found if found and found.gemeentecode == gemeentecode else None

    def begin(self, simulatie: Simulatie, work: Coroutine[Any, Any, None]) -> None:
        """Start its work. Raises TeDruk."""
        if sum(one.stand is Stand.LOOPT for one in self._known.values()) >= MAX_RUNNING:
            work.close()
            raise TeDruk
        while len(self._known) >= MAX_KEPT:
            del self._known[next(key for key, one in self._known.items() if one.stand is not Stand.LOOPT)]
        self._known[simulatie.id] = simulatie
        simulatie.task = asyncio.create_task(_tot_het_eind(simulatie, work), name=f"simulatie {simulatie.id}")

    def vergeet(self, simulatie: Simulatie) -> None:
        """Stop it if it runs, and forget it."""
        if simulatie.task is not None:
            simulatie.task.cancel()
        self._known.pop(simulatie.id, None)


async def speel(simulatie: Simulatie, spel: Spel, signalen: int, delen: AsyncIterable[Historie]) -> None:
    """Play a history of so many signals part by part, and each melding by melding, in a thread, so that requests are
    answered meanwhile; between two chunks it can be cancelled."""
    verslag, done = Verslag(spel.aannames), 0
    async for deel in delen:
        seen = gespeeld(verslag, spel, deel)
        while chunk := await asyncio.to_thread(_some, seen):
            done += sum(chunk)
            simulatie.voortgang = min(done / max(signalen, 1), 1.0)
    simulatie.verslag = await asyncio.to_thread(verslag.als_document)
    simulatie.stand, simulatie.voortgang = Stand.KLAAR, 1.0


def gespeeld(verslag: Verslag, spel: Spel, historie: Historie) -> Iterator[int]:
    """Play a part into the report; per melding how many signals it has."""
    return verslag.telt(historie, spel.speel(historie))


def _some(seen: Iterator[int]) -> list[int]:
    return list(islice(seen, CHUNK))


async def _tot_het_eind(simulatie: Simulatie, work: Coroutine[Any, Any, None]) -> None:
    """Whatever ends the work is told to who asked for it."""
    try:
        await work
    except NoRow:
        simulatie.stand, simulatie.melding = Stand.MISLUKT, "Geen regel of termijn past op een signaal van de historie."
    except Exception:
        log.exception("simulatie mislukt", simulatie=str(simulatie.id))
        simulatie.stand, simulatie.melding = Stand.MISLUKT, "De simulatie is door een storing gestopt."
