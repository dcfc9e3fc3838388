"""What a municipality agreed with itself and its partners, beside the rules of its policy document.

They stand under `afspraken` in the document, and travel with it in PolicyPublished; each service keeps the part it
needs. What a document leaves out is as the law, the convenant or the Divosa report has it.
"""

from typing import Annotated, Self

from pydantic import Field, model_validator

from libs.events.values import Value

Briefnaam = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,59}$", description="naam van een brief")]
Alinea = Annotated[str, Field(min_length=1, max_length=1000)]
Tijd = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class Koppelen(Value):
    """What matching does by itself, and what an official looks at."""


class Uitvoering(Value):
    """How outreach carries out a route.

    Of the Divosa report (2025): seven calls by a call centre and evening calls from 17:00 (3.3). It gives no days
    between attempts, no rest and no length of a "no"; those defaults are our own choice. Privacy is opt-in: no call
    centre sees anybody unless the municipality says so.
    """

    werkdagen_tussen_pogingen: int = Field(default=3, ge=0, le=20, description="tussen twee pogingen voor een melding")
    rustperiode_dagen: int = Field(
        default=7,
        ge=0,
        le=92,
        description="geen nieuw contact na het laatste met het huishouden, voor welke partner ook",
    )
    nee_respecteren_dagen: int = Field(default=30, ge=0, le=366, description="geen nieuw contact na een afwijzing")
    werkdagen_aankondiging: int = Field(default=2, ge=0, le=10, description="tussen aankondiging en huisbezoek")
    kantooruren_van: Tijd = "09:00"
    kantooruren_tot: Tijd = "17:00"
    callcenter: bool = Field(default=False, description="een callcenter belt van lijsten en legt zelf vast")
    callcenter_pogingen: int = Field(default=7, ge=1, le=20, description="zo vaak belt het callcenter een huishouden")
    contactregels: tuple[Annotated[str, Field(min_length=1, max_length=100)], ...] = Field(
        default=(), max_length=6, description="hoe de gemeente te bereiken is, onder iedere brief"
    )
    brieven: dict[Briefnaam, tuple[Alinea, ...]] = Field(
        default_factory=dict, max_length=20, description="eigen tekst per brief, in alinea's; {naam} en {gemeente} mag"
    )

    @model_validator(mode="after")
    def _day(self) -> Self:
        if self.kantooruren_van >= self.kantooruren_tot:
            raise ValueError("kantoorurenVan ligt voor kantoorurenTot")
        if any(len(alineas) > 20 for alineas in self.brieven.values()):
            raise ValueError("brieven: ten hoogste 20 alinea's")
        return self


class Termijnen(Value):
    """The clocks that escalation keeps, and how long something may go without news."""


class Afspraken(Value):
    """One part per service."""

    koppelen: Koppelen = Koppelen()
    uitvoering: Uitvoering = Uitvoering()
    termijnen: Termijnen = Termijnen()
