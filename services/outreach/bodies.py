"""What may be posted: strict values, bounded texts, and the command each becomes."""

from abc import abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar, Self
from uuid import UUID

from pydantic import Field, StrictBool, StrictInt, StringConstraints, model_validator

from libs.events.afspraken import Briefnaam
from libs.events.sealed import Sealed
from libs.events.values import (
    Behandelaar,
    Client,
    Contactsoort,
    Dagdeel,
    Datum,
    Eindresultaat,
    Geboortedatum,
    Gemeentecode,
    Value,
)
from services.outreach import handelingen as h
from services.outreach import woorden
from services.outreach.rust import Rust

Naam = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Tekst = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
LangeTekst = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
Tijdstip = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


@dataclass(frozen=True, slots=True)
class Basis:
    """What a command needs beside the body: its id, the time in the Netherlands, what was sealed, and what rests."""

    id: UUID
    nu: datetime
    toelichting: Sealed[dict[str, str]] | None = None
    medewerker: Sealed[str] | None = None
    medewerker_id: UUID | None = None
    rust: Rust | None = None


class Body(Value):
    """Base of what is posted on a case; `lijsten` names the closed list of a field that may go in clear."""

    lijsten: ClassVar[dict[str, tuple[str, ...]]] = {}

    datum: Datum
    melding_id: UUID | None = None
    toelichting: LangeTekst | None = None

    def vrij(self) -> dict[str, str]:
        """What has to be sealed: free text, and words that are on no list."""
        velden = ("toelichting", "uitvoerder", *self.lijsten)
        gegeven = {veld: getattr(self, veld, None) for veld in velden}
        return {v: tekst for v, tekst in gegeven.items() if tekst is not None and self.op_lijst(v) is None}

    def op_lijst(self, veld: str) -> str | None:
        """The word of the closed list that was posted in this field."""
        return woorden.op_lijst(getattr(self, veld), self.lijsten[veld]) if veld in self.lijsten else None

    @abstractmethod
    def command(self, basis: Basis) -> h.Command:
        """The command this asks for."""

    def gewoon(self, basis: Basis) -> dict[str, Any]:
        """What every command has."""
        return {"id": basis.id, "vandaag": basis.nu.date(), "datum": self.datum, "melding_id": self.melding_id,
                "toelichting": basis.toelichting, **{veld: self.op_lijst(veld) for veld in self.lijsten}}  # fmt: skip


class Contactpoging(Body):
    """An attempt to reach a household."""

    lijsten: ClassVar = {"resultaat": woorden.CONTACTRESULTATEN, "middel": woorden.MIDDELEN,
                         "reden": woorden.REDENEN_VOOR_CONTACT}  # fmt: skip

    soort: Contactsoort
    dagdeel: Dagdeel | None = None
    bereikt: StrictBool
    resultaat: Tekst | None = None
    middel: Tekst | None = None
    tijdstip: Tijdstip | None = None
    uitvoerder: Tekst | None = Field(default=None, description="who did it; kept sealed")
    brief: Briefnaam | None = Field(default=None, description="which letter, where several exist")
    reden: Tekst | None = Field(default=None, description="why, although the household has rest or said no")

    def command(self, basis: Basis) -> h.ProbeerContact:
        """Record it. A result or an hour tells of something done."""
        return h.ProbeerContact(
            nu=basis.nu.time(), soort=self.soort, dagdeel=self.dagdeel, bereikt=self.bereikt, tijdstip=self.tijdstip,
            brief=self.brief, rust=basis.rust, ondanks=self.reden is not None,
            verricht=self.resultaat is not None or self.tijdstip is not None, **self.gewoon(basis),
        )  # fmt: skip


class Hulpacceptatie(Body):
    """The household takes help of this kind."""

    lijsten: ClassVar = {"soort": woorden.HULPSOORTEN}

    soort: Tekst

    def command(self, basis: Basis) -> h.AanvaardHulp:
        """Record it; a kind of our own words is `Overige` in clear."""
        gewoon = self.gewoon(basis)
        return h.AanvaardHulp(**gewoon | {"soort": gewoon["soort"] or woorden.OVERIGE})


class Afwijzing(Body):
    """The household wants no help."""

    lijsten: ClassVar = {"reden": woorden.REDENEN}

    reden: Tekst

    def command(self, basis: Basis) -> h.WijsAf:
        """Record it."""
        return h.WijsAf(**self.gewoon(basis))


class Afsluiting(Value):
    """Close a melding with a DDAS result, or with `zaak` the whole case."""

    resultaat: Eindresultaat
    datum: Datum
    melding_id: UUID | None = None
    zaak: StrictBool = False

    def vrij(self) -> dict[str, str]:
        """No free text."""
        return {}

    def command(self, basis: Basis) -> h.SluitAf:
        """Close it."""
        return h.SluitAf(
            id=basis.id, vandaag=basis.nu.date(), datum=self.datum, melding_id=self.melding_id,
            resultaat=self.resultaat, zaak=self.zaak,
        )  # fmt: skip


class Vervolg(Body):
    """A step after acceptance."""

    soort: Tekst | None = None
    resultaat: Tekst | None = None


class Gesprek(Vervolg):
    """The first conversation (Wgs art. 4)."""

    lijsten: ClassVar = {"soort": woorden.GESPREKSOORTEN, "resultaat": woorden.GESPREKRESULTATEN}

    def command(self, basis: Basis) -> h.VoerGesprek:
        """Record it."""
        return h.VoerGesprek(**self.gewoon(basis))


class Beschikking(Vervolg):
    """The decision on help (Wgs art. 4a)."""

    lijsten: ClassVar = {"soort": woorden.BESLUITSOORTEN, "resultaat": woorden.BESLUITRESULTATEN}

    def command(self, basis: Basis) -> h.NeemBesluit:
        """Record it."""
        return h.NeemBesluit(**self.gewoon(basis))


class Hulpbeeindiging(Vervolg):
    """Help ends."""

    lijsten: ClassVar = {"soort": woorden.HULPSOORTEN, "resultaat": woorden.BEEINDIGINGEN}

    def command(self, basis: Basis) -> h.BeeindigHulp:
        """Record it."""
        return h.BeeindigHulp(**self.gewoon(basis))


class Nazorg(Vervolg):
    """Somebody asked afterwards."""

    lijsten: ClassVar = {"soort": woorden.NAZORGSOORTEN, "resultaat": woorden.NAZORGRESULTATEN}

    def command(self, basis: Basis) -> h.VerleenNazorg:
        """Record it."""
        return h.VerleenNazorg(**self.gewoon(basis))


class Toewijzing(Value):
    """Who handles the case; the person is kept sealed."""

    organisatie: Naam
    team: Naam
    medewerker: Naam | None = None

    melding_id: ClassVar[None] = None

    def vrij(self) -> dict[str, str]:
        """No free text."""
        return {}

    def command(self, basis: Basis) -> h.WijsToe:
        """Assign it."""
        behandelaar = Behandelaar(organisatie=self.organisatie, team=self.team)
        vandaag = basis.nu.date()
        return h.WijsToe(
            id=basis.id, vandaag=vandaag, datum=vandaag, behandelaar=behandelaar, medewerker=basis.medewerker,
            medewerker_id=basis.medewerker_id,
        )  # fmt: skip


class Clientgegevens(Value):
    """Who came by himself, as he says."""

    voorletters: Annotated[str, StringConstraints(strip_whitespace=True, max_length=50)] | None = None
    voorvoegsel: Annotated[str, StringConstraints(strip_whitespace=True, max_length=50)] | None = None
    achternaam: Naam
    geboortedatum: Geboortedatum | None = None
    postcode: Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{3} ?[A-Za-z]{2}$")]
    huisnummer: Annotated[StrictInt, Field(ge=1, le=99_999)]
    huisletter: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]$")] | None = None
    huisnummertoevoeging: Annotated[str, StringConstraints(strip_whitespace=True, max_length=20)] | None = None
    telefoonnummer: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)] | None = None
    email: Annotated[str, StringConstraints(strip_whitespace=True, max_length=254)] | None = None

    def client(self) -> Client:
        """As signals have it."""
        return Client(**self.model_dump() | {"postcode": self.postcode.replace(" ", "").upper()})


class Aanmelding(Value):
    """A household that comes by itself: of a running case, or somebody we do not know yet."""

    datum: Datum
    zaak_id: UUID | None = None
    gemeentecode: Gemeentecode | None = None
    client: Clientgegevens | None = None
    toelichting: LangeTekst | None = None

    melding_id: ClassVar[None] = None

    @model_validator(mode="after")
    def _een_van_beide(self) -> Self:
        nieuw = self.client is not None and self.gemeentecode is not None
        if nieuw is (self.zaak_id is not None) or (self.client is None) is not (self.gemeentecode is None):
            raise ValueError("zaakId, or gemeentecode and client")
        return self

    def vrij(self) -> dict[str, str]:
        """The free text."""
        return {"toelichting": self.toelichting} if self.toelichting else {}

    def command(self, basis: Basis) -> h.MeldAan:
        """Record it."""
        return h.MeldAan(id=basis.id, vandaag=basis.nu.date(), datum=self.datum, toelichting=basis.toelichting)
