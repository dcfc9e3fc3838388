"""Value types the events share, in the words of the national information model.

Enumerations follow the DDAS/GGM exchange model Vroegsignalering v1.2 where it has them; the others
are named by the contract. A stored value is never renamed or reused.
"""

import re
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

Gemeentecode = Annotated[str, Field(pattern=r"^[0-9]{4}$", description="CBS-code van de gemeente")]
Periode = Annotated[str, Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$", description="maand van de signaaldatum")]
PartnerKey = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$", description="sleutel van de signaalpartner")]
Bedrag = Annotated[Decimal, Field(ge=0, max_digits=9, decimal_places=2, description="euro, twee decimalen")]

_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _written(value: Any) -> Any:
    """Only a written day is one: no number of seconds, no moment."""
    if isinstance(value, date) or (isinstance(value, str) and _ISO.fullmatch(value)):
        return value
    raise ValueError("is een datum als 2026-01-31")


EERSTE_DAG, LAATSTE_DAG = date(2000, 1, 1), date(2100, 12, 31)
"""What happens lies between these; a day outside is a slip of the pen, and terms and months are counted from it."""
EERSTE_GEBOORTE = date(1880, 1, 1)

Datum = Annotated[date, BeforeValidator(_written),
                  Field(ge=EERSTE_DAG, le=LAATSTE_DAG, description="van 2000-01-01 tot en met 2100-12-31")]  # fmt: skip
"""A day as it comes in from outside."""
Geboortedatum = Annotated[date, BeforeValidator(_written), Field(ge=EERSTE_GEBOORTE, le=LAATSTE_DAG)]

REGIOBALIE = "regio"
"""Tenant of what belongs to no municipality yet: the regional desk (design, section 6)."""


class Value(BaseModel):
    """Base of all value types: immutable, camelCase outside, snake_case inside, nothing unknown."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True, allow_inf_nan=False
    )


class Signaalpartner(StrEnum):
    """Type of a signal partner (DDAS EnumSignaalpartner)."""

    BELASTINGDIENST = "Belastingdienst"
    CAK_EIGEN_BIJDRAGE = "CAK Eigen bijdrage"
    CAK_ZORGVERZEKERINGEN = "CAK Zorgverzekeringen"
    DIENST_TOESLAGEN = "Dienst Toeslagen"
    DUO = "DUO"
    ENERGIE = "Energie"
    HUUR = "Huur"
    HYPOTHEEK = "Hypotheek"
    OVERIGE = "Overige"
    WATER = "Water"
    ZORG = "Zorg"


class Signaalsoort(StrEnum):
    """What kind of signal it is (contract, intake)."""

    VROEGSIGNAAL = "Vroegsignaal"
    EINDELEVERING = "Eindelevering"
    CRISIS = "Crisis"
    CAK_LIJST = "CAK-lijst"
    ZORGMELDING = "Zorgmelding"


class Intrekkingsreden(StrEnum):
    """Why a partner withdraws a signal."""

    BETAALD = "Betaald"
    BETALINGSREGELING = "Betalingsregeling"
    ONTERECHT = "Onterecht"


class Contactsoort(StrEnum):
    """Kind of contact (DDAS EnumContactsoort)."""

    ADMINISTRATIEF = "Administratief"
    AFSPRAAK_OP_LOCATIE = "Afspraak op locatie"
    BRIEF = "Brief"
    HUISBEZOEK = "Huisbezoek"
    KAARTJE = "Kaartje"
    MAIL = "Mail"
    ONBEKEND = "Onbekend"
    OVERIGE = "Overige"
    SMS_WHATSAPP = "SMS/Whatsapp"
    TELEFOON = "Telefoon"


class Dagdeel(StrEnum):
    """Part of the day: Ochtend before 12:00, Middag 12-18, Avond from 18:00 (DDAS EnumDagdeel)."""

    OCHTEND = "Ochtend"
    MIDDAG = "Middag"
    AVOND = "Avond"

    @property
    def begin(self) -> str:
        """Its first minute."""
        return {"Ochtend": "00:00", "Middag": "12:00", "Avond": "18:00"}[self]

    @classmethod
    def van(cls, tijdstip: str) -> Self:
        """The part of the day of an hour written as HH:MM."""
        return [dagdeel for dagdeel in cls if dagdeel.begin <= tijdstip][-1]


class Eindresultaat(StrEnum):
    """Result of a melding (DDAS EnumEindresultaat v1.2)."""

    ADVIES = "(Budget)advies en/of quick fix"
    GEEN_CONTACT = "Definitief geen contact kunnen krijgen"
    GEEN_REACTIE = "Geen reactie na eerder contact"
    BEKEND_BIJ_SHV = "Inwoner al bekend bij schuldhulpverlening"
    ANDER_TRAJECT = "Inwoner heeft al een ander lopend traject"
    ZELF_BETAALD = "Inwoner heeft zelf al betaald/betalingsregeling getroffen"
    OVERLEDEN = "Inwoner is overleden"
    REGELT_ZELF = "Inwoner regelt het zelf/hoeft geen hulp vanuit vroegsignalering"
    NIET_OPGEPAKT_ANDERS = "Niet opgepakt: andere reden"
    NIET_OPGEPAKT_HERHAALD = "Niet opgepakt: herhaalde melding"
    NIET_OPGEPAKT_ONTERECHT = "Niet opgepakt: onterecht signaal"
    GEEN_INWONER = "Persoon is geen inwoner (meer) in de gemeente"
    VERVOLGHULP = "Vervolghulp en/of verwijzing"
    VERVOLGHULP_FINANCIEEL = "Vervolghulp en/of verwijzing financieel"
    VERVOLGHULP_NIET_FINANCIEEL = "Vervolghulp en/of verwijzing niet financieel"
    VERWIJZING_ZONDER_INWONER = "Verwijzing zonder tussenkomst inwoner"


class Huishouden(StrEnum):
    """Who live at an address, as far as the BRP tells: with `kinderen` somebody is under 18, `Samenwonend` is with the
    spouse or registered partner, and with any other adult it is `Meer volwassenen`, with or without children.
    """

    ALLEENSTAAND = "Alleenstaand"
    ALLEENSTAAND_MET_KINDEREN = "Alleenstaand met kinderen"
    SAMENWONEND = "Samenwonend"
    SAMENWONEND_MET_KINDEREN = "Samenwonend met kinderen"
    MEER_VOLWASSENEN = "Meer volwassenen"


class Koppelstatus(StrEnum):
    """Where the matching of a signal stands (contract, matching)."""

    IN_BEHANDELING = "In behandeling"
    GEKOPPELD = "Gekoppeld"
    UITVAL = "Uitval"
    GEEN_INWONER = "Geen inwoner"
    OVERLEDEN = "Overleden"


class Deurwaardersfase(StrEnum):
    """Step of a bailiff's file (contract, escalation)."""

    OVERGEDRAGEN = "Overgedragen"
    DAGVAARDING = "Dagvaarding"
    VONNIS = "Vonnis"
    TERUGGENOMEN = "Teruggenomen"
    GEREGELD = "Geregeld"


class Ontruimingsgrond(StrEnum):
    """Ground of an announced eviction."""

    HUURACHTERSTAND = "Huurachterstand"
    OVERLAST = "Overlast"
    OVERIG = "Overig"


class SocialeIncasso(Value):
    """The four steps a landlord declares to have taken before it signals (Bgs art. 2)."""

    persoonlijk_contact: date
    gewezen_op_hulp: date
    schriftelijke_herinnering: date
    aanbod_gegevensdeling: date
    huurder_weigerde: bool


class Client(Value):
    """Whom a signal is about, as the partner wrote it down, in one sealed block."""

    voorletters: str | None = None
    voorvoegsel: str | None = None
    achternaam: str
    geboortedatum: date | None = None
    postcode: str
    huisnummer: int
    huisletter: str | None = None
    huisnummertoevoeging: str | None = None
    telefoonnummer: str | None = None
    email: str | None = None


class Persoon(Value):
    """Whom the BRP says it is, in one sealed block."""

    burgerservicenummer: str
    naam: str
    geboortedatum: str | None = None
    adres: str
    postcode: str | None = None
    woonplaats: str | None = None
    geheimhouding: bool = False


class Bewijs(Value):
    """One piece of evidence of a match: which BRP query, which fields agreed. Holds no values."""

    vraag: str
    overeenkomst: tuple[str, ...] = ()
    afwijking: tuple[str, ...] = ()
    zekerheid: float = Field(ge=0, le=1)


class Stap(Value):
    """One step of a route: these contact kinds, all of them or one of them, at least and at most so often."""

    contactsoorten: tuple[Contactsoort, ...]
    keuze: str = Field(default="alle", pattern=r"^(alle|een van)$")
    minimum: int = Field(default=1, ge=0)
    maximum: int | None = Field(default=None, ge=1)
    brief: str | None = Field(default=None, description="which letter, where several exist")
    middel: str | None = Field(default=None, max_length=60, description="WhatsApp-oproep, Flyer, Gele kaart ...")
    dagdeel: Dagdeel | None = None
    buiten_kantooruren: bool | None = Field(default=None, description="at least one of the attempts")
    aangekondigd: bool | None = Field(default=None, description="a visit is announced beforehand")
    uitvoerder: str | None = Field(
        default=None, max_length=60, description="who does it, where that is not the handler"
    )
    na_dagen: int | None = Field(
        default=None, ge=0, le=60, description="days after the step before it, at the earliest"
    )


class Behandelaar(Value):
    """Who handles a case: organisation and team."""

    organisatie: str
    team: str | None = None
