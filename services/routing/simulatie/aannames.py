"""What a simulation assumes. Every figure is a setting of the request, and stands in the report.

The coefficients are those of the regression in Divosa, De vroegsignaleringsaanpak onder de loep 2025: they compare
municipalities, so they tell the direction and the size of a difference, never what happens in one case. The hours are
Drempel's own assumption: no published figure is known.
"""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from libs.events.values import Contactsoort, Value

Aandeel = Annotated[float, Field(ge=0, le=1)]
Uren = Annotated[float, Field(ge=0, le=40)]

GESCHREVEN = frozenset({Contactsoort.BRIEF, Contactsoort.KAARTJE, Contactsoort.MAIL, Contactsoort.SMS_WHATSAPP})
BEZOEK = frozenset({Contactsoort.HUISBEZOEK, Contactsoort.AFSPRAAK_OP_LOCATIE})


UREN: Mapping[Contactsoort, float] = dict.fromkeys(Contactsoort, 0.25) | {
    Contactsoort.BRIEF: 0.1,
    Contactsoort.KAARTJE: 0.1,
    Contactsoort.MAIL: 0.1,
    Contactsoort.SMS_WHATSAPP: 0.1,
    Contactsoort.HUISBEZOEK: 1.5,
    Contactsoort.AFSPRAAK_OP_LOCATIE: 1.5,
}
"""Hours per contact, travel and registration included."""


class Aannames(Value):
    """The assumptions, with what they are unless said otherwise."""

    uren_per_contact: dict[Contactsoort, Uren] = Field(default_factory=lambda: dict(UREN))
    fte: float | None = Field(default=None, gt=0, le=10_000, description="capacity; unknown: no terms at risk are told")
    uren_per_fte: float = Field(
        default=120, gt=0, le=200, description="hours a month that one fte can work on meldingen"
    )
    bereik: Aandeel | None = Field(
        default=None, description="share reached; unknown: as recorded, or the 20 % of Divosa 2025 without any contact"
    )
    bereik_per_poging: float = Field(default=0.11, ge=-1, le=1, description="one more attempt per melding")
    bereik_per_geschreven: float = Field(default=-0.17, ge=-1, le=1, description="all attempts written instead of none")
    bereik_per_telefoon: float = Field(default=0.28, ge=-1, le=1, description="all attempts by phone instead of none")
    terugkeer: Aandeel = Field(default=0.49, description="chance that a household left alone returns the month after")
    terugkeer_per_poging: float = Field(default=0.0796, ge=0, le=1, description="more chance, per attempt fewer")

    def uren(self, contacten: Mapping[Contactsoort, float]) -> float:
        """Hours of so many contacts."""
        return sum(self.uren_per_contact.get(soort, UREN[soort]) * n for soort, n in contacten.items())
