"""How much of a month is in use before each signal: of its maxima, and how many signals there were. Pure.

The order is that of matching's log: who was first linked first goes first, whatever happens later. A melding takes
its contacts once, however many of its signals ask for them, and keeps its place for all of them.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from libs.events.values import Stap
from services.routing.policy.document import Beleid
from services.routing.policy.rows import pogingen

Soort = tuple[str, str]
"""A kind of contact, and who does it."""
Inzet = tuple[tuple[str, int], ...]
"""How often each kind of contact is sought at least."""


def inzet_van(stappen: Sequence[Stap]) -> Inzet:
    """What these steps take."""
    return tuple(sorted((str(kind), times) for kind, times in pogingen(stappen).items() if times))


class Telling:
    """The use of one month of one municipality; ask before telling, in the order of the log."""

    def __init__(self, gemeentecode: str) -> None:
        self._gemeentecode, self._signalen = gemeentecode, 0
        self._samen: Counter[Soort] = Counter()
        self._eigen: defaultdict[UUID, Counter[Soort]] = defaultdict(Counter)
        self._plaats: dict[tuple[UUID, Soort], Mapping[Soort, int]] = {}

    def voor(self, melding_id: UUID, beleid: Beleid) -> dict[str, Any]:
        """The facts of the next signal, which belongs to this melding."""
        benut = {name: self._benut(name, melding_id, beleid) for name in beleid.maxima}
        return {"signalen_deze_maand": self._signalen, "benut": benut}

    def telt(self, melding_id: UUID, inzet: Inzet, door: str) -> None:
        """A signal of this melding was decided, and asks for these contacts by this handler."""
        self._signalen += 1
        eigen = self._eigen[melding_id]
        for kind, times in inzet:
            soort = kind, door
            if (more := times - eigen[soort]) > 0:
                self._plaats.setdefault((melding_id, soort), dict(self._samen))
                eigen[soort] += more
                self._samen[soort] += more

    def _benut(self, name: str, melding_id: UUID, beleid: Beleid) -> int:
        """What others take; once the melding has a place of its own, what those before it take."""
        maximum, eigen = beleid.maxima[name], self._eigen.get(melding_id, Counter())

        def under(soort: Soort) -> bool:
            return maximum.counts(*soort, beleid.behandelaars, self._gemeentecode)

        held = [self._plaats[melding_id, soort] for soort in eigen if under(soort)]
        before = min((sum(n for soort, n in one.items() if under(soort)) for one in held), default=None)
        if before is not None:
            return before
        return sum(n for soort, n in self._samen.items() if under(soort))
