"""What the tests of matching share: invented people for the trial BRP, and signals as intake would say them."""

import json
from collections.abc import Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from libs.chassis.service import Runtime
from libs.events.catalogue import Event, SignalCorrected, SignalReceived, SignalWithdrawn
from libs.events.keyring import Soort
from libs.events.values import Client, Intrekkingsreden, Signaalpartner, Signaalsoort
from tests.system import Running, running

JANSSEN, DEVRIES, KIND, TWEEDE = "999990019", "999990020", "999990032", "999990044"


def persoon(
    bsn: str, geslachtsnaam: str, geboren: str = "1985-06-15", *, voorletters: str = "A.B.", voorvoegsel: str = "",
    adres: tuple[str, int, str, str] = ("3311AB", 10, "", ""), gemeente: str = "0505", **meer: Any,
) -> dict[str, Any]:  # fmt: skip
    """One person in Haal Centraal shape; `adres` is postcode, number, letter, addition."""
    postcode, nummer, letter, extra = adres
    naam = {"voorletters": voorletters, "geslachtsnaam": geslachtsnaam, "aanduidingNaamgebruik": {"code": "E"}}
    verblijfadres = {"officieleStraatnaam": "Lekstraat", "huisnummer": nummer, "postcode": postcode, "woonplaats": "X"}
    verblijfadres |= {"huisletter": letter} if letter else {}
    verblijfadres |= {"huisnummertoevoeging": extra} if extra else {}
    plek = f"{abs(hash(adres)) % 10**12:012d}"
    return {
        "burgerservicenummer": bsn,
        "naam": naam | ({"voorvoegsel": voorvoegsel} if voorvoegsel else {}),
        "geboorte": {"datum": {"type": "Datum", "datum": geboren, "langFormaat": "een dag"}},
        "gemeenteVanInschrijving": {"code": gemeente, "omschrijving": "X"},
        "verblijfplaats": {
            "type": "Adres", "verblijfadres": verblijfadres, "functieAdres": {"code": "W", "omschrijving": "woonadres"},
            "adresseerbaarObjectIdentificatie": f"{gemeente}{plek}",
        },
        "adressering": {"adresregel1": f"Lekstraat {nummer}{letter}{extra}", "adresregel2": f"{postcode}  X"},
        **meer,
    }  # fmt: skip


def overleden() -> dict[str, Any]:
    """What makes a person deceased."""
    return {"opschortingBijhouding": {"reden": {"code": "O", "omschrijving": "overlijden"}}}


def schrijf(folder: Path, personen: Sequence[dict[str, Any]]) -> Path:
    """The file of the trial BRP, one person a line."""
    bestand = folder / f"personen-{uuid4().hex[:8]}.json"
    bestand.write_text("[\n" + ",\n".join(json.dumps(een) for een in personen) + "\n]\n")
    return bestand


CLIENT = Client(
    voorletters="A.B.", achternaam="Janssen", geboortedatum=date(1985, 6, 15), postcode="3311AB", huisnummer=10
)


def client(**anders: Any) -> Client:
    """The client everything agrees with, but for what is named."""
    return CLIENT.model_copy(update=anders)


@dataclass
class Matching:
    """A running system with a trial BRP, and intake's voice."""

    drempel: Running
    runtime: Runtime
    achterstanden: dict[tuple[str, str], UUID] = field(default_factory=dict)

    async def signaal(
        self, wie: Client = CLIENT, periode: str = "2026-01", *, kenmerk: str = "", partner: str = "woonbron",
        bedrag: str = "500.00", signaal_id: UUID | None = None, correctie: int | None = None,
    ) -> UUID:  # fmt: skip
        """Say that a signal was received, or corrected; gives its id."""
        gekregen, event = await self.event(wie, periode, kenmerk, partner, bedrag, signaal_id, correctie)
        await self.drempel.emit_as("intake", [(event, gekregen, None)], tenant=partner)
        return gekregen

    async def event(
        self, wie: Client, periode: str, kenmerk: str = "", partner: str = "woonbron", bedrag: str = "500.00",
        signaal_id: UUID | None = None, correctie: int | None = None,
    ) -> tuple[UUID, Event]:  # fmt: skip
        """The event, sealed under the key of the signal."""
        eigen = signaal_id or uuid4()
        keys = await self.runtime.keyring.create([eigen], Soort.SIGNAAL)
        velden: dict[str, Any] = {
            "signaal_id": eigen, "partner": partner, "signaalpartner": Signaalpartner.HUUR,
            "achterstand_id": self.achterstanden.setdefault((partner, kenmerk or str(eigen)), uuid4()),
            "soort": Signaalsoort.VROEGSIGNAAL, "bedrag": Decimal(bedrag), "periode": periode,
            "signaaldatum": date.fromisoformat(f"{periode}-03"), "kenmerk": keys.seal(eigen, uuid4(), kenmerk or "K"),
            "client": keys.seal(eigen, uuid4(), wie),
        }  # fmt: skip
        if correctie is None:
            return eigen, SignalReceived(**velden)
        return eigen, SignalCorrected(**velden, correctie=correctie)

    async def trek_in(self, signaal_id: UUID, periode: str = "2026-01") -> None:
        """Say that a signal was taken back."""
        event = SignalWithdrawn(
            signaal_id=signaal_id, partner="woonbron", signaalpartner=Signaalpartner.HUUR, periode=periode,
            reden=Intrekkingsreden.BETAALD, datum=date(2026, 1, 20),
        )  # fmt: skip
        await self.drempel.emit_as("intake", [(event, signaal_id, None)], tenant="woonbron")

    async def stand(self, signaal_id: UUID, *gemeenten: str, rol: str = "coordinator") -> dict[str, Any]:
        """What GET says of a signal, once everything came to rest."""
        await self.drempel.rest()
        koppen = self.drempel.als(rol, *(gemeenten or ("0505", "0523")))
        antwoord = await self.drempel.http.get(f"/matching/v1/signalen/{signaal_id}", headers=koppen)
        assert antwoord.status_code == 200, antwoord.text
        gevonden: dict[str, Any] = antwoord.json()
        return gevonden

    async def besluit(self, signaal_id: UUID, *gemeenten: str, **inhoud: Any) -> Any:
        """Post a decision of an official."""
        return await self.drempel.http.post(
            f"/matching/v1/uitval/{signaal_id}/besluiten", json=inhoud,
            headers=self.drempel.als("consulent", *(gemeenten or ("0505",))),
        )  # fmt: skip


@asynccontextmanager
async def matching(postgres: Path, tmp_path: Path, personen: Sequence[dict[str, Any]], **settings: Any) -> Any:
    """Run it with these people."""
    bestand = schrijf(tmp_path, personen)
    async with running(postgres, alone="matching", brp_personen=bestand, **settings) as drempel:
        runtime = next(r for service, r in drempel.system.runtimes if service.name == "matching")
        yield Matching(drempel, runtime)
