"""Which attempts count for which steps of a route. Pure.

Said once for the services that count them: outreach plans from it, escalation counts the minima of Signalering+ by it.

- An attempt counts for one step: where it names a means, for the step that asks for it; then for the step that still
  misses it; then for the narrowest. With `alle` a minimum holds for each kind of contact.
- A call by WhatsApp is a call, whatever kind it was recorded under: no message.
- A card that was left at a visit counts beside the visit.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Protocol, TypeVar

from libs.events.values import Contactsoort, Stap

OPROEP = "WhatsApp-oproep"


class Poging(Protocol):
    """An attempt, as far as it is counted."""

    @property
    def soort(self) -> Contactsoort:
        """The kind of contact it was recorded under."""
        ...

    @property
    def datum(self) -> date:
        """The day of it."""
        ...

    @property
    def middel(self) -> str | None:
        """By which means, in the words of a closed list."""
        ...


P = TypeVar("P", bound=Poging)


def soort_van(poging: Poging) -> Contactsoort:
    """The kind of contact that was sought."""
    gebeld = poging.soort is Contactsoort.SMS_WHATSAPP and _met(poging, OPROEP)
    return Contactsoort.TELEFOON if gebeld else poging.soort


def verdeel(stappen: Sequence[Stap], pogingen: Iterable[P]) -> list[list[P]]:
    """Per step the attempts that count for it, from the first day to the last."""
    per_stap: list[list[P]] = [[] for _ in stappen]
    for poging in sorted(pogingen, key=lambda een: een.datum):
        past = [n for n, stap in enumerate(stappen) if _past(poging, stap)]
        achtergelaten = [n for n in past if _achtergelaten(poging, stappen[n])]
        gekozen = [n for n in past if n not in achtergelaten]
        if gekozen:
            per_stap[min(gekozen, key=_voorkeur(stappen, per_stap, poging))].append(poging)
        for n in achtergelaten:
            per_stap[n].append(poging)
    return per_stap


def _met(poging: Poging, middel: str) -> bool:
    return (poging.middel or "").casefold() == middel.casefold()


def _past(poging: Poging, stap: Stap) -> bool:
    return _met(poging, stap.middel) if stap.middel is not None else soort_van(poging) in stap.contactsoorten


def _achtergelaten(poging: Poging, stap: Stap) -> bool:
    """The step asks for a card, by the means that this visit names."""
    return poging.soort is Contactsoort.HUISBEZOEK and poging.soort not in stap.contactsoorten


def _voorkeur(
    stappen: Sequence[Stap], per_stap: Sequence[Sequence[Poging]], poging: Poging
) -> Callable[[int], tuple[bool, bool, int, int]]:
    def rang(n: int) -> tuple[bool, bool, int, int]:
        stap, soort = stappen[n], soort_van(poging)
        zelfde = [p for p in per_stap[n] if stap.middel or stap.keuze == "een van" or soort_van(p) is soort]
        return len(zelfde) >= max(stap.minimum, 1), stap.middel is None, len(stap.contactsoorten), n

    return rang
