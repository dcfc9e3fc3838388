"""What the monthly meeting with a corporation looks at: what was done, what was tried, and who is out of sight."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from libs.chassis.werkdagen import is_werkdag
from libs.events import catalogue as c
from libs.events.afspraken import Uitvoering
from libs.events.values import Contactsoort
from services.escalation.domain.ladder import Ladder, op_datum

CONTACTMOMENT = frozenset(
    {Contactsoort.TELEFOON, Contactsoort.SMS_WHATSAPP, Contactsoort.HUISBEZOEK, Contactsoort.AFSPRAAK_OP_LOCATIE}
)
"""What is a moment of contact: nobody reads a letter at the hour it was written."""
_MINIMA = {
    "Brief": ("een brief", 1),
    "Telefoon": ("een belpoging", 2),
    "WhatsApp-oproep": ("een belpoging via WhatsApp", 1),
    "Bericht": ("een WhatsApp-bericht of sms", 1),
    "Huisbezoek": ("een huisbezoek", 2),
    "Flyer": ("een flyer bij niet thuis", 1),
    "Buiten kantoortijd": ("een contactmoment buiten kantoortijd", 1),
}
"""What Breda wants tried at least in Signalering+, and how often."""


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
    done = Counter(kind for event in attempts for kind in _counts_as(event, regels))
    visited = any(event.soort is Contactsoort.HUISBEZOEK and not event.bereikt for event in attempts)
    return [
        {"actie": kind, "gedaan": done[kind], "minimum": minimum if kind != "Flyer" or visited else 0}
        for kind, (_, minimum) in _MINIMA.items()
    ]


def minima(feiten: Sequence[c.Event], since: date, regels: Uitvoering) -> list[str]:
    """What of that is still to be tried; nothing once somebody was reached."""
    reached = [event for event in feiten if isinstance(event, c.ContactAttempted) and event.bereikt]
    if any(event.datum >= since for event in reached):
        return []
    return [
        f"Signalering+: nog {one['minimum'] - one['gedaan']} keer {_MINIMA[one['actie']][0]}"
        for one in verplicht(feiten, since, regels)
        if one["gedaan"] < one["minimum"]
    ]


def _counts_as(event: c.ContactAttempted, regels: Uitvoering) -> list[str]:
    """The minima this attempt counts for: a call by WhatsApp is asked beside the ordinary calls."""
    kinds = [event.soort.value] if event.middel != "WhatsApp-oproep" else [event.middel]
    if event.middel == "Flyer":
        kinds.append(event.middel)
    elif event.soort is Contactsoort.SMS_WHATSAPP and event.middel != "WhatsApp-oproep":
        kinds.append("Bericht")
    werkdag = is_werkdag(event.datum)
    if event.soort in CONTACTMOMENT and regels.buiten_kantooruren(event.tijdstip, event.dagdeel, werkdag=werkdag):
        kinds.append("Buiten kantoortijd")
    return kinds
