"""What a municipality agreed with itself and its partners, beside the rules of its policy document.

They stand under `afspraken` in the document, and travel with it in PolicyPublished; each service keeps the part it
needs. What a document leaves out is as the law, the convenant or the Divosa report has it.
"""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from libs.events.values import Bedrag, Dagdeel, PartnerKey, Value

Briefnaam = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,59}$", description="naam van een brief")]
Alinea = Annotated[str, Field(min_length=1, max_length=1000)]
Gebied = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[\w ,.:()/+-]+$")]
Postcodecijfers = Annotated[str, Field(pattern=r"^[1-9][0-9]{3}$")]
Tijd = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


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

    gebieden: dict[Gebied, tuple[Postcodecijfers, ...]] = Field(
        default_factory=dict,
        max_length=100,
        description="wijken waar het beleid naar vraagt, met de vier cijfers van hun postcodes",
    )

    def gebied_van(self, postcode: str | None) -> str | None:
        """The named area of an address; of other addresses nothing is told, so that facts stay coarse."""
        return next((naam for naam, cijfers in self.gebieden.items() if (postcode or "")[:4] in cijfers), None)

    @model_validator(mode="after")
    def _can_be_done(self) -> Self:
        if not self.automatische_controle and self.nakijken is not Nakijken.ALLES:
            raise ValueError("zonder automatische controle bekijkt een medewerker alles: laat nakijken weg")
        if self.nakijken is Nakijken.ALLES and self.nakijken_vanaf is not None:
            raise ValueError("wie alles nakijkt, heeft geen bedrag nodig: laat nakijkenVanaf weg")
        return self


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
    zelfde_consulent_maanden: int = Field(
        default=12,
        ge=1,
        le=60,
        description="zo lang na het laatste in een zaak komt een huishouden terug bij zijn consulent",
    )
    contactregels: tuple[Annotated[str, Field(min_length=1, max_length=100)], ...] = Field(
        default=(), max_length=6, description="hoe de gemeente te bereiken is, onder iedere brief"
    )
    brieven: dict[Briefnaam, tuple[Alinea, ...]] = Field(
        default_factory=dict, max_length=20, description="eigen tekst per brief, in alinea's; {naam} en {gemeente} mag"
    )

    def buiten_kantooruren(self, tijdstip: str | None, dagdeel: Dagdeel | None, *, werkdag: bool) -> bool:
        """Whether that is outside office hours; without an hour, the evening is where the office has closed by then."""
        if not werkdag:
            return True
        if tijdstip is not None:
            return not self.kantooruren_van <= tijdstip < self.kantooruren_tot
        return dagdeel is Dagdeel.AVOND and self.kantooruren_tot <= Dagdeel.AVOND.begin

    @model_validator(mode="after")
    def _day(self) -> Self:
        if self.kantooruren_van >= self.kantooruren_tot:
            raise ValueError("kantoorurenVan ligt voor kantoorurenTot")
        if any(len(alineas) > 20 for alineas in self.brieven.values()):
            raise ValueError("brieven: ten hoogste 20 alinea's")
        return self


class Termijnen(Value):
    """The clocks that escalation keeps, and how long something may go without news.

    A municipality may bind itself to less time than the law allows, never to more.
    """

    eerste_gesprek_dagen: int = Field(28, ge=1, le=28, description="eerste gesprek; Wgs art. 4: vier weken")
    eerste_gesprek_vanaf: Literal["Signaal", "Hulpvraag"] = Field(
        "Signaal", description="waarmee die termijn begint: het opgepakte signaal, of de vraag om hulp"
    )
    eerste_gesprek_bedreigend_werkdagen: int = Field(
        3, ge=1, le=3, description="eerste gesprek bij een bedreigende situatie; Wgs art. 4: drie werkdagen"
    )
    eindelevering_bedreigend: bool = Field(
        False, description="een eindelevering is op zichzelf een bedreigende situatie; volgens SZW niet"
    )
    besluit_dagen: int = Field(56, ge=1, le=56, description="besluit na het eerste gesprek; Wgs art. 4a: acht weken")
    incassopauze_dagen: int = Field(30, ge=1, le=90, description="incassopauze; Landelijk Convenant: dertig dagen")
    eindelevering_werkdagen: int = Field(
        20, ge=1, le=60, description="tussen eindelevering en einde van de levering; Landelijk Convenant: twintig"
    )
    aanzegtermijn_dagen: int = Field(3, ge=3, le=30, description="na de aanzegging of een nieuwe datum; Rv art. 555")
    moratorium_maanden: int = Field(6, ge=1, le=6, description="moratorium; Fw art. 287b: ten hoogste zes maanden")
    uit_beeld_dagen: int = Field(
        60, ge=7, le=730, description="huurachterstand zonder nieuws is na zoveel dagen uit beeld"
    )
    maandelijks_overleg: tuple[PartnerKey, ...] | None = Field(
        None, max_length=100, description="corporaties met een maandelijks overleg, voorwaarde van Signalering+; "
                                          "niet genoemd: alle, een lege lijst: geen"
    )  # fmt: skip
    meldpunt_zorg_en_overlast: bool = Field(True, description="er is een meldpunt waar corporaties melden (spoor 2)")
    meldpunt_maanden: int = Field(2, ge=1, le=6, description="maanden huurachterstand zonder contact tot die melding")


class Afspraken(Value):
    """One part per service."""

    koppelen: Koppelen = Koppelen()
    uitvoering: Uitvoering = Uitvoering()
    termijnen: Termijnen = Termijnen()


STANDAARD = Afspraken()
"""Where nothing was agreed: as the law, the convenant or the report has it."""


class Gepubliceerd:
    """All that holds for some municipalities, for who needs it on many days: one query per batch.

    In the order in which it begins, what ships before what a municipality published itself: the last that has begun
    holds.
    """

    def __init__(self, rows: Iterable[tuple[str, date, Afspraken]] = ()) -> None:
        self._per_code: dict[str, list[tuple[date, Afspraken]]] = {}
        for code, begins, found in rows:
            self._per_code.setdefault(code, []).append((begins, found))

    def op(self, gemeentecode: str, day: date) -> Afspraken:
        """What was agreed on a day; the defaults where nothing was published by then."""
        found = STANDAARD
        for begins, agreed in self._per_code.get(gemeentecode, ()):
            if begins <= day:
                found = agreed
        return found
