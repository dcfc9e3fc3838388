"""When a household is left alone: a rest after contact, for whichever partner, and for a while after a "no". Pure.

The rest follows on every approach for another melding of the household, and on the last time it was reached; attempts
for one melding in which nobody was reached are only spaced (`planning`). A "no" ends early when the household takes
help after all or comes by itself. Where the case is urgent (`stand.dringend`) there is no rest.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Self

from libs.events.afspraken import Uitvoering
from libs.events.catalogue import (
    ContactAttempted,
    Event,
    FirstConversationHeld,
    HelpAccepted,
    HelpDeclined,
    SelfReported,
)
from libs.events.values import Contactsoort

RUSTPERIODE, NEE = "rustperiode", "nee"


@dataclass(frozen=True, slots=True)
class Rust:
    """Until `tot` (that day not included) no new contact is sought, by this rule."""

    tot: date
    regel: str


DAGEN = ("bereikt", "afwijzing", "toenadering", "gesprek")


@dataclass(frozen=True, slots=True)
class Contacten:
    """Last days of contact with a household: per melding an approach; over all a talk, a "no", coming round after all,
    a first conversation."""

    per_melding: dict[str, date] = field(default_factory=dict)
    bereikt: date | None = None
    afwijzing: date | None = None
    toenadering: date | None = None
    gesprek: date | None = None

    @property
    def nee(self) -> date | None:
        """The day of a "no" that still stands."""
        omgekeerd = self.afwijzing and self.toenadering and self.toenadering >= self.afwijzing
        return None if omgekeerd else self.afwijzing

    @property
    def gesproken(self) -> date | None:
        """The last day on which somebody was reached, whatever came of it."""
        return max((dag for dag in (self.bereikt, self.afwijzing, self.gesprek) if dag), default=None)

    def vraagt_nog(self, kwam: date) -> bool:
        """Whether who came by itself on this day has still to be spoken with: no talk since, and no "no" after it."""
        return not (self.gesprek and self.gesprek >= kwam) and not (self.afwijzing and self.afwijzing > kwam)

    @classmethod
    def van(cls, eigen: Iterable[Event], kwamen: Iterable[date] = ()) -> Self:
        """As outreach itself said, and the days on which the household came by itself as far as matching found it out;
        the latest day counts, not the last that was told."""
        per_melding: dict[str, date] = {}
        dagen: dict[str, list[date]] = {naam: [] for naam in DAGEN}
        dagen["toenadering"] += kwamen
        for event in eigen:
            match event:
                case ContactAttempted(soort=soort) if soort is not Contactsoort.ADMINISTRATIEF:
                    melding = str(event.melding_id)
                    per_melding[melding] = max(event.datum, per_melding.get(melding, event.datum))
                    dagen["bereikt"] += [event.datum] if event.bereikt else []
                case HelpDeclined(datum=datum):
                    dagen["afwijzing"].append(datum)
                case HelpAccepted(datum=datum) | SelfReported(datum=datum):
                    dagen["toenadering"].append(datum)
                case FirstConversationHeld(datum=datum):
                    dagen["gesprek"].append(datum)
        return cls(per_melding, **{naam: max(gevonden, default=None) for naam, gevonden in dagen.items()})

    @classmethod
    def uit(cls, bewaard: Iterable[Mapping[str, Any]]) -> Self:
        """From what was kept of several cases of one household."""
        delen = list(bewaard)
        per_melding = {
            melding: date.fromisoformat(dag) for deel in delen for melding, dag in deel["perMelding"].items()
        }
        laatste = {naam: max((deel[naam] for deel in delen if deel[naam]), default=None) for naam in DAGEN}
        return cls(per_melding, **{naam: date.fromisoformat(dag) if dag else None for naam, dag in laatste.items()})

    def bewaard(self) -> dict[str, Any]:
        """As kept: JSON."""
        dagen = {naam: getattr(self, naam) for naam in DAGEN}
        return {
            "perMelding": {melding: str(dag) for melding, dag in sorted(self.per_melding.items())},
            **{naam: str(dag) if dag else None for naam, dag in dagen.items()},
        }


def rust(contacten: Contacten, melding_id: str, regels: Uitvoering, *, dringend: bool) -> Rust | None:
    """The rest that ends last, for contact on behalf of this melding; None where there is none."""
    if dringend:
        return None
    andere = [dag for melding, dag in contacten.per_melding.items() if melding != melding_id]
    laatste = max([*andere, *([contacten.bereikt] if contacten.bereikt else [])], default=None)
    found = [
        Rust(dag + timedelta(days=dagen), regel)
        for dag, dagen, regel in (
            (laatste, regels.rustperiode_dagen, RUSTPERIODE),
            (contacten.nee, regels.nee_respecteren_dagen, NEE),
        )
        if dag is not None and dagen
    ]
    return max(found, key=lambda een: een.tot, default=None)
