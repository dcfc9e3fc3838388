"""How long arrears have lasted, by what was reported of them. Pure; said once for the services that go by it."""

from collections.abc import Iterable
from datetime import date
from typing import Protocol
from uuid import UUID


class Bericht(Protocol):
    """A report of arrears; `periode` as YYYY-MM, `ontstaansdatum` the day they began, where the partner told it."""

    @property
    def achterstand_id(self) -> UUID: ...
    @property
    def periode(self) -> str: ...
    @property
    def signaaldatum(self) -> date: ...
    @property
    def ontstaansdatum(self) -> date | None: ...


def hele_maanden(van: date, tot: date) -> int:
    """Whole months from a day until a later one; none where it is not later."""
    return max((tot.year - van.year) * 12 + tot.month - van.month - (tot.day < van.day), 0)


def maanden_achterstand(bericht: Bericht, berichten: Iterable[Bericht]) -> int:
    """Whole months from the day the arrears began until this report; where the partner did not tell that day, the
    periods until this one in which they were reported (Drechtsteden, spoor 2: "na 2 - 3 maanden achterstand")."""
    if bericht.ontstaansdatum is not None:
        return hele_maanden(bericht.ontstaansdatum, bericht.signaaldatum)
    keten = (one.periode for one in berichten if one.achterstand_id == bericht.achterstand_id)
    return len({bericht.periode, *(periode for periode in keten if periode <= bericht.periode)})
