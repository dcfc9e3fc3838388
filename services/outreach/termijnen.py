"""The clocks of a case as escalation tells of them, and the last day that follows from them for contact. Pure.

Nothing of law, ordinance or convenant is counted here, so that nobody sees another last day than the clock has. The
day in a route is the municipality's own (`termijnen` of its policy document). It stands while no clock is known, and
where it comes before the clock: a municipality may bind itself to less. A household that came by itself and has no
case yet has no clock either; until then its day is counted as the clock will be.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from libs.chassis.werkdagen import op_werkdag

GESPREK, BEDREIGEND = "Eerste gesprek", "Eerste gesprek bij bedreigende situatie"
CONTACT = (GESPREK, BEDREIGEND, "Eindelevering")
"""Clocks that stop when somebody speaks with the household."""

WGS, BELEID, ONTRUIMING = "Wgs art. 4", "beleid", "ontruiming"
"""Whose day a last day is, beside the sources of escalation."""


@dataclass(frozen=True, slots=True)
class Termijn:
    """A running clock. `oorzaak` is the melding, signal, eviction or request it is the clock of."""

    soort: str
    bron: str
    uiterlijk: date
    oorzaak: UUID | None = None
    verlopen: bool = False


Dag = tuple[date, str]
"""A last day, and whose it is."""


def laatste_dag(termijnen: Iterable[Termijn], eigen: Collection[UUID], beleid: date | None = None) -> Dag | None:
    """The last day for contact about these causes, a threat to the household always among them; None: there is none.

    Of one day the law's is told. The policy's day ends on a working day, as those of the law do.
    """
    found = [
        (t.uiterlijk, t.bron) for t in termijnen
        if t.soort in CONTACT and (t.oorzaak in eigen or t.soort == BEDREIGEND)
    ]  # fmt: skip
    if beleid is not None:
        found.append((op_werkdag(beleid), BELEID))
    return min(found, key=lambda dag: (dag[0], dag[1] == BELEID), default=None)


def zonder_klok(gevraagd: date, dagen: int) -> Dag:
    """The last day of a first conversation with who asked for it on this day, while escalation knows no case of it."""
    return op_werkdag(gevraagd + timedelta(days=dagen)), WGS


def lopend(termijnen: Sequence[Termijn], rijen: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """`{"soort", "uiterlijk", "bron", "verlopen"}` per running clock, and where the policy's day comes first that."""
    found = [
        {"soort": t.soort, "uiterlijk": str(t.uiterlijk), "bron": t.bron, "verlopen": t.verlopen} for t in termijnen
    ]
    return sorted([*found, *_van_de_route(rijen)], key=lambda termijn: str(termijn["uiterlijk"]))


def _van_de_route(rijen: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for rij in rijen:
        if rij["termijnbron"] == BELEID and not rij["bereikt"] and not rij["ingetrokken"]:
            yield {"soort": "Contact", "uiterlijk": rij["uiterlijkeDatum"], "bron": BELEID, "verlopen": False}
