"""The same caseworker for the same household (`zelfdeConsulent` of a route). Pure.

Decided here, where the sources leave it open:
- A household is known again by its cases: each refers to the one before it. Cases in another municipality are passed
  over: their caseworkers work elsewhere.
- Whoever had the nearest earlier case that was given to anybody last; if that was a team without a name, nobody comes
  back, for then the household had left its caseworker already.
- Not after a long time without a word in that case: who was there may be gone.
- What somebody decided by hand in the case itself stands, and what somebody decides later replaces this.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from libs.chassis.clock import AMSTERDAM
from libs.events.catalogue import CaseClosed, HandlerAssigned
from libs.events.envelope import Envelope

GROND = "Zelfde consulent"
"""Why the case was given, in HandlerAssigned."""


def vorige_consulent(
    hier: Iterable[Envelope], eerder: Iterable[Sequence[Envelope]], gevraagd: date, maanden: int
) -> HandlerAssigned | None:
    """The assignment that comes back, from what outreach said in this case and in earlier ones, the nearest first."""
    if any(isinstance(e.data, HandlerAssigned | CaseClosed) for e in hier):
        return None
    for zaak in eerder:
        toegewezen = [e.data for e in zaak if isinstance(e.data, HandlerAssigned)]
        if toegewezen:
            laatst = max(e.time for e in zaak).astimezone(AMSTERDAM).date()
            verstreken = (gevraagd.year - laatst.year) * 12 + gevraagd.month - laatst.month
            return toegewezen[-1] if toegewezen[-1].medewerker and verstreken <= maanden else None
    return None
