"""What simulated people do: a POST to be sent on a day. The driver fills in the ids of the path and the body."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class Act:
    """One POST. `pad` and `body` may hold {signaalId}, {zaakId} or {id}.

    An act that follows from arrears names its signal by `partner`, `kenmerk` and `periode`, and {zaakId} is that
    signal's case; {id} is that of the eviction announced under the same `ontruiming`. An act that follows from a
    work list carries `zaak_id` and `gemeentecode`.
    """

    datum: date
    rol: str
    pad: str
    body: dict[str, Any] = field(hash=False)
    partner: str | None = None
    kenmerk: str | None = None
    periode: str | None = None
    ontruiming: str | None = None
    zaak_id: str | None = None
    gemeentecode: str | None = None


def werkdag(dag: date, *, terug: bool = False) -> date:
    """The day itself; for a day of the weekend the Monday after it, or the Friday before it."""
    weekend = dag.weekday() - 4
    if weekend <= 0:
        return dag
    return dag - timedelta(days=weekend) if terug else dag + timedelta(days=3 - weekend)
