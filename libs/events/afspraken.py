"""What a municipality agreed with itself and its partners, beside the rules of its policy document.

They stand under `afspraken` in the document, and travel with it in PolicyPublished; each service keeps the part it
needs. What a document leaves out is as the law, the convenant or the Divosa report has it.
"""

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from libs.events.values import Bedrag, Value


class Nakijken(StrEnum):
    """Which fall-out an official looks at."""

    ALLES = "alles"
    CRISIS_EN_MATCH = "crisis en match"
    GEEN = "geen"


class Koppelen(Value):
    """What matching does by itself, and what an official looks at.

    Divosa, onder de loep 2025, 2.3: four in ten municipalities have the check done automatically, of those 55 % look
    at the fall-out by hand, others at crises, matches and high amounts only. Here everything is, unless agreed else.
    """

    automatische_controle: bool = Field(
        default=True, description="nee: de BRP wordt niet bevraagd, een medewerker koppelt elk signaal"
    )
    nakijken: Nakijken = Field(default=Nakijken.ALLES, description="welke uitval een medewerker bekijkt")
    nakijken_vanaf: Bedrag | None = Field(
        default=None, description="ook elke uitval vanaf dit bedrag; de rest wordt zichtbaar afgedaan als uitval"
    )

    @model_validator(mode="after")
    def _can_be_done(self) -> Self:
        if not self.automatische_controle and self.nakijken is not Nakijken.ALLES:
            raise ValueError("zonder automatische controle bekijkt een medewerker alles: laat nakijken weg")
        if self.nakijken is Nakijken.ALLES and self.nakijken_vanaf is not None:
            raise ValueError("wie alles nakijkt, heeft geen bedrag nodig: laat nakijkenVanaf weg")
        return self


class Uitvoering(Value):
    """How outreach carries out a route."""


class Termijnen(Value):
    """The clocks that escalation keeps, and how long something may go without news."""


class Afspraken(Value):
    """One part per service."""

    koppelen: Koppelen = Koppelen()
    uitvoering: Uitvoering = Uitvoering()
    termijnen: Termijnen = Termijnen()
