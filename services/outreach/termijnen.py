"""Terms of a case that have begun and not been met, each with its source. Pure.

The shortened term of Wgs art. 4 (three working days in a threatening situation) is not shown among them: escalation
keeps the clocks of the law. Where an eviction threatens, the four weeks are therefore not shown.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from libs.events.catalogue import DecisionTaken, Event, FirstConversationHeld, HelpAccepted
from services.outreach.planning import Kalender
from services.outreach.stand import Stand, dreigt

GESPREK = timedelta(weeks=4)
"""Wgs art. 4: the first conversation after somebody asks for help."""
GESPREK_BIJ_DREIGING = 3
"""Working days, where a threatening situation is (Wgs art. 4, second paragraph)."""
BESLUIT = timedelta(weeks=8)
"""Wgs art. 4a: the decision after the first conversation."""


def eerste_gesprek(gevraagd: date, kalender: Kalender, *, dreigt: bool) -> date:
    """The last day of the first conversation with who asked for help on this day."""
    return kalender.plus_werkdagen(gevraagd, GESPREK_BIJ_DREIGING) if dreigt else gevraagd + GESPREK


def lopend(stand: Stand, rijen: Iterable[Mapping[str, Any]], eigen: Iterable[Event]) -> list[dict[str, str]]:
    """`{"soort", "uiterlijk", "bron"}` per term, the first to end first."""
    laatste: dict[type[Event], date] = {}
    for event in eigen:
        if isinstance(event, HelpAccepted | FirstConversationHeld | DecisionTaken):
            laatste[type(event)] = event.datum
    found = [*_van_de_route(rijen), *_van_de_wet(stand, laatste)]
    return sorted(found, key=lambda termijn: termijn["uiterlijk"])


def _van_de_route(rijen: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, str]]:
    for rij in rijen:
        if rij["uiterlijkeDatum"] and not rij["bereikt"] and not rij["ingetrokken"]:
            yield {"soort": "Contact", "uiterlijk": rij["uiterlijkeDatum"], "bron": "beleid"}


def _van_de_wet(stand: Stand, laatste: Mapping[type[Event], date]) -> Iterator[dict[str, str]]:
    hulp, gesprek, besluit = (laatste.get(kind) for kind in (HelpAccepted, FirstConversationHeld, DecisionTaken))
    if hulp and (gesprek is None or gesprek < hulp) and not dreigt(stand):
        yield {"soort": "Eerste gesprek", "uiterlijk": str(hulp + GESPREK), "bron": "Wgs art. 4"}
    if gesprek and (besluit is None or besluit < gesprek):
        yield {"soort": "Besluit", "uiterlijk": str(gesprek + BESLUIT), "bron": "Wgs art. 4a"}
