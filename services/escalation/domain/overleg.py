"""What the monthly meeting with a corporation looks at: what was done, what is open, and who is out of sight.

What a corporation itself is shown is fed with its own facts only: what the municipality did with the household
is not the partner's to know (Bgs art. 17).
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, time, timedelta
from typing import Any

from libs.events import catalogue as c
from libs.events.values import Contactsoort, Dagdeel, Deurwaardersfase
from services.escalation.domain.ladder import Ladder, op_datum

UIT_BEELD_DAGEN = 60
"""Days without any news after which rent arrears are out of sight, where the caller asks for no other number."""

KANTOORTIJD = (time(9), time(17))
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


def uit_beeld(ladder: Ladder, feiten: Sequence[c.Event], peildatum: date, dagen: int = UIT_BEELD_DAGEN) -> bool:
    """Running rent arrears of which nothing was heard for so many days, while no help runs."""
    if ladder.einde is not None or ladder.hulp is not None:
        return False
    if not any(signaal.huur for signaal in ladder.signalen.values()):
        return False
    news = [signaal.signaaldatum for signaal in ladder.signalen.values()] + [op_datum(event) for event in feiten]
    return max(news) + timedelta(days=dagen) < peildatum


def told(event: c.Event) -> dict[str, Any]:
    """What was done: the kind of event, the day, and what is said of it."""
    hidden = {"zaak_id", "signaal_id", "melding_id", "contactpoging_id", "toelichting", "dossierkenmerk"}
    return {"type": event.name(), **event.model_dump(mode="json", by_alias=True, exclude_none=True, exclude=hidden)}


def _bij_partner(ladder: Ladder, peildatum: date) -> list[str]:
    """The corporation's own next steps."""
    found = []
    if _summoned(ladder) and ladder.mpzo is None:
        found.append("Melding bij het Meldpunt Zorg en Overlast: er is gedagvaard")
    for known in ladder.ontruimingen.values():
        if known.open and known.datum is not None and known.datum < peildatum:
            found.append("Afloop van de ontruiming melden: de datum is voorbij")
    return found


def openstaand(ladder: Ladder, feiten: Sequence[c.Event], peildatum: date, *, voor_partner: bool = False) -> list[str]:
    """What is still to be done: everything, or only what the corporation itself has to do."""
    found = _bij_partner(ladder, peildatum)
    if voor_partner:
        return found
    if ladder.hulp is not None and ladder.incassopauze is None and any(s.huur for s in ladder.signalen.values()):
        found.append("Corporatie vragen de incasso te pauzeren: hulp is aanvaard")
    if ladder.signalering_plus is not None and ladder.einde is None:
        found += _minima(feiten, ladder.signalering_plus)
    found += _eviction_duties(ladder, feiten)
    return found


def _summoned(ladder: Ladder) -> bool:
    beyond = (Deurwaardersfase.DAGVAARDING, Deurwaardersfase.VONNIS)
    return ladder.einde is None and any(dossier.fase in beyond for dossier in ladder.dossiers.values())


def _minima(feiten: Sequence[c.Event], since: date) -> list[str]:
    attempts = [event for event in feiten if isinstance(event, c.ContactAttempted) and event.datum >= since]
    if any(event.bereikt for event in attempts):
        return []
    done = Counter(kind for event in attempts for kind in _counts_as(event))
    at_home = not any(event.soort is Contactsoort.HUISBEZOEK for event in attempts)
    return [
        f"Signalering+: nog {minimum - done[kind]} keer {wording}"
        for kind, (wording, minimum) in _MINIMA.items()
        if done[kind] < minimum and not (kind == "Flyer" and at_home)
    ]


def _counts_as(event: c.ContactAttempted) -> list[str]:
    """The minima this attempt counts for."""
    kinds = [event.soort.value]
    if event.middel in ("WhatsApp-oproep", "Flyer"):
        kinds.append(event.middel)
    elif event.soort is Contactsoort.SMS_WHATSAPP:
        kinds.append("Bericht")
    if _outside_office_hours(event):
        kinds.append("Buiten kantoortijd")
    return kinds


def _outside_office_hours(event: c.ContactAttempted) -> bool:
    if event.datum.weekday() >= 5 or event.dagdeel is Dagdeel.AVOND:
        return True
    return event.tijdstip is not None and not KANTOORTIJD[0] <= time.fromisoformat(event.tijdstip) < KANTOORTIJD[1]


def _eviction_duties(ladder: Ladder, feiten: Sequence[c.Event]) -> list[str]:
    """Breda: always a visit, and a gele kaart where there is no contact."""
    announced = [known.aanzegdatum for known in ladder.ontruimingen.values() if known.open]
    if not announced:
        return []
    attempts = [e for e in feiten if isinstance(e, c.ContactAttempted) and e.datum >= min(announced)]
    cards = [e for e in feiten if isinstance(e, c.ActionTaken) and e.soort == "Gele kaart"]
    found = []
    if not any(event.soort is Contactsoort.HUISBEZOEK for event in attempts):
        found.append("Ontruiming: huisbezoek")
    if not cards and not any(event.bereikt or event.middel == "Gele kaart" for event in attempts):
        found.append("Ontruiming: gele kaart, er is geen contact")
    return found
