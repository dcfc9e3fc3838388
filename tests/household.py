"""A household for tests of what comes after matching: what intake, matching and routing say, really sealed."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from libs.chassis.service import Runtime
from libs.events.catalogue import BRPMatched, CaseOpened, RouteAssigned, SignalReceived, SignalSetAside
from libs.events.keyring import Keyring, Soort
from libs.events.postgres.keyring import PostgresKeyring
from libs.events.values import (
    Behandelaar,
    Client,
    Contactsoort,
    Eindresultaat,
    Persoon,
    Signaalpartner,
    Signaalsoort,
    Stap,
)
from tests.system import Running

NAAM, TELEFOON, BSN, STRAAT = "Zwaluwenberg", "0612345678", "999912345", "Kanariepad"
"""What may be readable nowhere but in an opened case."""


@dataclass
class Household:
    """One case of one person, with signals linked to it."""

    drempel: Running
    gemeentecode: str = "0505"
    zaak_id: UUID = field(default_factory=uuid4)
    melding_id: UUID = field(default_factory=uuid4)
    persoon_id: UUID = field(default_factory=uuid4)
    adres_id: UUID = field(default_factory=uuid4)
    opened: bool = False

    @property
    def pad(self) -> str:
        """Where the case is."""
        return f"/outreach/v1/zaken/{self.zaak_id}"

    def als(self, rol: str = "consulent", gemeentecode: str | None = None) -> dict[str, str]:
        """Headers of somebody who works for this municipality."""
        return self.drempel.als(rol, gemeentecode or self.gemeentecode)

    async def signal(self, **changes: Any) -> UUID:
        """A signal arrives and is linked to the case; gives its id once everybody heard."""
        signaal_id, common = uuid4(), self._common() | changes
        keys = await self.keyring.create([signaal_id], Soort.SIGNAAL)
        await self.keyring.create([self.persoon_id], Soort.PERSOON)
        await self.keyring.link({signaal_id: self.persoon_id})
        client = Client(achternaam=NAAM, postcode="3311AB", huisnummer=10, telefoonnummer=TELEFOON)
        received = SignalReceived(
            signaal_id=signaal_id, achterstand_id=uuid4(), kenmerk=keys.seal(signaal_id, uuid4(), "HUUR-7"),
            client=keys.seal(signaal_id, uuid4(), client), **common,
        )  # fmt: skip
        await self.drempel.emit_as("intake", [(received, signaal_id, None)], tenant=received.partner)
        await self.link(signaal_id, **changes)
        return signaal_id

    async def link(self, signaal_id: UUID, melding_id: UUID | None = None, **changes: Any) -> None:
        """Matching says that the signal belongs to this case."""
        keys = await self.keyring.create([self.persoon_id], Soort.PERSOON)
        persoon = Persoon(burgerservicenummer=BSN, naam=f"A. {NAAM}", adres=f"{STRAAT} 10", geheimhouding=True)
        matched = BRPMatched(
            signaal_id=signaal_id, zaak_id=self.zaak_id, melding_id=melding_id or self.melding_id,
            persoon_id=self.persoon_id, adres_id=self.adres_id, achterstand_id=uuid4(),
            gemeentecode=self.gemeentecode, match=False, recidive=False, herhaald=False,
            persoon=keys.seal(self.persoon_id, uuid4(), persoon), **self._common() | changes,
        )  # fmt: skip
        opening = CaseOpened(
            zaak_id=self.zaak_id, adres_id=self.adres_id, gemeentecode=self.gemeentecode, datum=date(2025, 3, 3)
        )
        said = [matched] if self.opened else [opening, matched]
        self.opened = True
        await self.drempel.emit_as("matching", [(event, self.zaak_id, self.gemeentecode) for event in said])
        await self.drempel.rest()

    async def route(self, signaal_id: UUID, **changes: Any) -> None:
        """Routing says how the signal is picked up."""
        fields: dict[str, Any] = {
            "besluit_id": uuid4(), "signaal_id": signaal_id, "zaak_id": self.zaak_id, "melding_id": self.melding_id,
            "contactsoorten": (Contactsoort.BRIEF, Contactsoort.TELEFOON), "prioriteit": 3,
            "stappen": (Stap(contactsoorten=(Contactsoort.BRIEF, Contactsoort.TELEFOON)),),
            "behandelaar": Behandelaar(organisatie="Sociale Dienst", team="Vroegsignalering"),
            "uiterlijke_datum": date(2025, 3, 31), "regel": "standaard", "uitleg": ("",), "beleid_versie": "1",
        }  # fmt: skip
        await self.say("routing", RouteAssigned(**fields | changes))

    async def set_aside(self, signaal_id: UUID) -> None:
        """Routing says that the signal is not picked up."""
        aside = SignalSetAside(
            besluit_id=uuid4(), signaal_id=signaal_id, zaak_id=self.zaak_id, melding_id=self.melding_id,
            reden=Eindresultaat.NIET_OPGEPAKT_ANDERS, regel="onder de drempel", uitleg=("",), beleid_versie="1",
        )  # fmt: skip
        await self.say("routing", aside)

    async def say(self, service: str, *events: Any, subject: UUID | None = None) -> None:
        """Some service says this about the case; returns when everybody heard."""
        await self.drempel.emit_as(service, [(e, subject or self.zaak_id, self.gemeentecode) for e in events])
        await self.drempel.rest()

    async def erase(self, subject: UUID) -> None:
        """Destroy the keys of a person, as the command line does."""
        pool = await asyncpg.create_pool(self.drempel.admin_url, min_size=1, max_size=1)
        try:
            await PostgresKeyring(pool, self._runtime.kek).erase(subject)
        finally:
            pool.terminate()

    @property
    def keyring(self) -> Keyring:
        """The keyring, as who holds a grant."""
        return self._runtime.keyring

    @property
    def _runtime(self) -> Runtime:
        return next(r for s, r in self.drempel.system.runtimes if s.name == "outreach")

    def _common(self) -> dict[str, Any]:
        return {"partner": "woonbron", "signaalpartner": Signaalpartner.HUUR, "soort": Signaalsoort.VROEGSIGNAAL,
                "bedrag": Decimal("812.40"), "signaaldatum": date(2025, 3, 3), "periode": "2025-03"}  # fmt: skip
