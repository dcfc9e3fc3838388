"""What an official decides about a signal in the review queue: they look it up, and know what the partner did not."""

from random import Random

from drempel.region.achterstanden import Achterstand
from drempel.region.calibration import UITVAL_BEOORDEELD


def besluit(seed: int, achterstand: Achterstand, periode: str, week: int) -> dict[str, str] | None:
    """The body of the decision in this week of the play, or None when nobody gets to it."""
    if (
        Random(f"{seed}/uitval/{achterstand.partner.key}/{achterstand.kenmerk}/{periode}/{week}").random()
        >= UITVAL_BEOORDEELD
    ):
        return None
    if achterstand.burgerservicenummer is None:
        return {"besluit": "Geen inwoner"}
    return {"besluit": "Gekoppeld", "burgerservicenummer": achterstand.burgerservicenummer}
