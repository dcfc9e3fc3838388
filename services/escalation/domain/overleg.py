"""What the monthly meeting with a corporation looks at: what was done, what was tried, and who is out of sight."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from libs.chassis.werkdagen import is_werkdag
from libs.events import catalogue as c
from libs.events.afspraken import Uitvoering
from libs.events.stappen import OPROEP, verdeel
from libs.events.values import Contactsoort, Stap
from services.escalation.domain.ladder import Ladder, op_datum

CONTACTMOMENT = frozenset(
    {Contactsoort.TELEFOON, Contactsoort.SMS_WHATSAPP, Contactsoort.HUISBEZOEK, Contactsoort.AFSPRAAK_OP_LOCATIE}
)
"""What is a moment of contact: nobody reads a letter at the hour it was written."""
BUITEN, FLYER = "Buiten kantoortijd", "Flyer"
_MINIMA = {
    "Brief": ("een brief", Stap(contactsoorten=(Contactsoort.BRIEF,))),
    "Telefoon": ("een belpoging", Stap(contactsoorten=(Contactsoort.TELEFOON,), minimum=2)),
    OPROEP: ("een belpoging via WhatsApp", Stap(contactsoorten=(Contactsoort.TELEFOON,), middel=OPROEP)),
    "Bericht": ("een WhatsApp-bericht of sms", Stap(contactsoorten=(Contactsoort.SMS_WHATSAPP,))),
    "Huisbezoek": ("een huisbezoek", Stap(contactsoorten=(Contactsoort.HUISBEZOEK,), minimum=2)),
    FLYER: ("een flyer bij niet thuis", Stap(contactsoorten=(Contactsoort.KAARTJE,), middel=FLYER)),
}
"""What Breda wants tried at least in Signalering+, as steps: they are counted as outreach counts those of a route."""
_WOORD = {actie: woord for actie, (woord, _) in _MINIMA.items()} | {BUITEN: "een contactmoment buiten kantoortijd"}


def uit_beeld(ladder: Ladder, feiten: Sequence[c.Event], peildatum: date, dagen: int) -> bool:
    """Rent arrears that run, or a landlord's care case: nothing was heard for so many days, and no help runs."""
    if ladder.einde is not None or ladder.hulp is not None:
        return False
    if not any(signaal.van_corporatie for signaal in ladder.signalen.values()):
        return False
    news = [signaal.signaaldatum for signaal in ladder.signalen.values()] + [op_datum(event) for event in feiten]
    return max(news) + timedelta(days=dagen) < peildatum


def told(event: c.Event) -> dict[str, Any]:
    """What was done: the kind of event, the day, and what is said of it."""
    hidden = {"zaak_id", "signaal_id", "melding_id", "contactpoging_id", "aanmelding_id", "toelichting",
              "dossierkenmerk", "client", "signaal_ids"}  # fmt: skip
    return {"type": event.name(), **event.model_dump(mode="json", by_alias=True, exclude_none=True, exclude=hidden)}


def verplicht(feiten: Sequence[c.Event], since: date, regels: Uitvoering) -> list[dict[str, Any]]:
    """What has to be tried at least in Signalering+: `{"actie", "gedaan", "minimum"}` each."""
    attempts = [event for event in feiten if isinstance(event, c.ContactAttempted) and event.datum >= since]
    visited = any(event.soort is Contactsoort.HUISBEZOEK and not event.bereikt for event in attempts)
    steps = {actie: step for actie, (_, step) in _MINIMA.items()}
    found = [
        {"actie": actie, "gedaan": len(done), "minimum": step.minimum if actie != FLYER or visited else 0}
        for (actie, step), done in zip(steps.items(), verdeel(list(steps.values()), attempts), strict=True)
    ]
    return [*found, {"actie": BUITEN, "gedaan": sum(_outside(event, regels) for event in attempts), "minimum": 1}]


def minima(feiten: Sequence[c.Event], since: date, regels: Uitvoering) -> list[str]:
    """What of that is still to be tried; nothing once somebody was reached."""
    if any(_reached(event) and op_datum(event) >= since for event in feiten):
        return []
    return [
        f"Signalering+: nog {one['minimum'] - one['gedaan']} keer {_WOORD[one['actie']]}"
        for one in verplicht(feiten, since, regels)
        if one["gedaan"] < one["minimum"]
    ]


def _reached(event: c.Event) -> bool:
    """Somebody was spoken with, also where no attempt tells of it."""
    spoken = isinstance(event, c.HelpDeclined | c.FirstConversationHeld)
    return spoken or (isinstance(event, c.ContactAttempted) and event.bereikt)


def _outside(event: c.ContactAttempted, regels: Uitvoering) -> bool:
    """A moment of contact outside office hours."""
    werkdag = is_werkdag(event.datum)
    return event.soort in CONTACTMOMENT and regels.buiten_kantooruren(event.tijdstip, event.dagdeel, werkdag=werkdag)
