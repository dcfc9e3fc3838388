"""What is to happen on which day."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from drempel.region.acts import Act
from drempel.region.leveringen import Levering

WEEK = 7


class Agenda:
    """Deliveries and acts by day; what was put down first comes first on its day."""

    def __init__(self) -> None:
        self._leveringen: dict[date, list[Levering]] = defaultdict(list)
        self._acts: dict[date, list[Act]] = defaultdict(list)

    def plan(self, leveringen: Iterable[Levering] = (), acts: Iterable[Act] = ()) -> None:
        """Put them on their days."""
        for levering in leveringen:
            self._leveringen[levering.datum].append(levering)
        for act in acts:
            self._acts[act.datum].append(act)

    def neem(self, tot: date) -> Iterator[tuple[date, list[Levering], list[Act]]]:
        """Take what falls before `tot`, day by day, so that a day can still change those after it."""
        while dagen := [dag for dag in {*self._leveringen, *self._acts} if dag < tot]:
            dag = min(dagen)
            yield dag, self._leveringen.pop(dag, []), self._acts.pop(dag, [])

    def schrap(self, zaak_id: str, melding_id: str | None = None) -> None:
        """Nothing more is to be done for this case, or for this melding of it."""
        for dag, acts in self._acts.items():
            self._acts[dag] = [act for act in acts if not _voor(act, zaak_id, melding_id)]

    def wacht(self, zaak_id: str, melding_id: str) -> bool:
        """Whether something is still to be done for this melding."""
        return any(_voor(act, zaak_id, melding_id) for acts in self._acts.values() for act in acts)


def _voor(act: Act, zaak_id: str, melding_id: str | None) -> bool:
    return act.zaak_id == zaak_id and (melding_id is None or act.body.get("meldingId") == melding_id)


def weken(periode: str) -> list[date]:
    """The days after which the weeks of a month (yyyy-mm) end: the last one is the first of the next month."""
    eerste = date(int(periode[:4]), int(periode[5:]), 1)
    volgende = (eerste + timedelta(days=31)).replace(day=1)
    return [*(eerste + timedelta(days=WEEK * nummer) for nummer in (1, 2, 3)), volgende]
