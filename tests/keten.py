"""The whole chain for tests of matching: six services, a BRP on the network in which people move, and partners."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from libs.chassis.run import port_of, server_for
from libs.chassis.settings import Settings
from services.matching.proefomgeving import Personen, Proefomgeving
from services.routing.beleid import meegeleverd
from tests.matching import schrijf
from tests.system import At, Running, running

MAART = datetime(2025, 3, 20, 10, tzinfo=UTC)


class Brp:
    """The trial BRP over people that change."""

    def __init__(self, folder: Path, personen: Sequence[dict[str, Any]]) -> None:
        self._folder = folder
        self.vragen = 0
        self.wordt(personen)

    def wordt(self, personen: Sequence[dict[str, Any]]) -> None:
        """From now on these are the people."""
        self._app = Proefomgeving(Personen(schrijf(self._folder, personen)))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer from the people of now."""
        self.vragen += 1
        await self._app(scope, receive, send)


@asynccontextmanager
async def op_het_net(app: Any, pad: str = "/haalcentraal/api/brp") -> AsyncIterator[str]:
    """Serve it on loopback; gives the address."""
    server = server_for(app, Settings(port=0))
    taak = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port_of(server)}{pad}"
    finally:
        server.should_exit = True
        await taak


@dataclass
class Keten:
    """What a test does with it."""

    drempel: Running
    brp: Brp
    clock: At

    async def post(
        self, client: dict[str, Any], maand: str = "2025-03", *, partner: str = "dubbelzorg", kenmerk: str = "K1",
        **anders: Any,
    ) -> str:  # fmt: skip
        """A signal from a partner; gives its id once everything came to rest."""
        body = {
            "kenmerk": kenmerk, "soort": "Vroegsignaal", "bedrag": 312.5, "signaaldatum": f"{maand}-03",
            "client": client,
        } | anders  # fmt: skip
        koppen = self.drempel.als("partner", partner=partner)
        antwoord = await self.drempel.http.post("/intake/v1/signalen", json=body, headers=koppen)
        assert antwoord.status_code in (200, 201), antwoord.text
        await self.drempel.rest()
        return str(antwoord.json()["signaalId"])

    async def haal(self, pad: str, *gemeenten: str, rol: str = "consulent") -> Any:
        """What a GET says; asserts that it is 200."""
        koppen = self.drempel.als(rol, *(gemeenten or ("0505",)))
        antwoord = await self.drempel.http.get(pad, headers=koppen)
        assert antwoord.status_code == 200, antwoord.text
        return antwoord.json()

    async def stand(self, signaal_id: str, *gemeenten: str) -> Any:
        """What matching says of a signal."""
        return await self.haal(f"/matching/v1/signalen/{signaal_id}", *(gemeenten or ("0505", "0523", "regio")))

    async def partner_hoort(self, signaal_id: str, partner: str = "dubbelzorg") -> str:
        """The status the partner reads."""
        koppen = self.drempel.als("partner", partner=partner)
        pad = f"/intake/v1/signalen/{signaal_id}/terugkoppeling"
        return str((await self.drempel.http.get(pad, headers=koppen)).json()["status"])

    async def doe(self, pad: str, body: dict[str, Any], *gemeenten: str, rol: str = "consulent") -> Any:
        """Post something as an official; gives the answer once everything came to rest."""
        koppen = self.drempel.als(rol, *(gemeenten or ("0505",)))
        antwoord = await self.drempel.http.post(pad, json=body, headers=koppen)
        assert antwoord.status_code == 201, antwoord.text
        await self.drempel.rest()
        return antwoord.json()

    async def besluit(self, signaal_id: str, *gemeenten: str, **body: Any) -> Any:
        """An official decides about a signal."""
        return await self.doe(f"/matching/v1/uitval/{signaal_id}/besluiten", body, *gemeenten)

    async def spreek_af(self, gemeentecode: str, versie: str, **koppelen: Any) -> Any:
        """Publish the municipality's policy with these agreements for matching; gives the answer."""
        document = meegeleverd().voor(gemeentecode).model_dump(mode="json", by_alias=True, exclude_none=True)
        dag = self.clock.now().date().isoformat()
        document |= {"versie": versie, "geldigVanaf": dag, "afspraken": {"koppelen": koppelen}}
        pad = f"/routing/v1/beleid/{gemeentecode}/versies"
        koppen = self.drempel.als("beleid", gemeentecode)
        antwoord = await self.drempel.http.post(pad, json=document, headers=koppen)
        await self.drempel.rest()
        return antwoord

    def ga_naar(self, dag: date) -> None:
        """It is this day, at ten."""
        self.clock.moment = datetime(dag.year, dag.month, dag.day, 10, tzinfo=UTC)


@asynccontextmanager
async def keten(
    postgres: Path, folder: Path, personen: Sequence[dict[str, Any]], **settings: Any
) -> AsyncIterator[Keten]:
    """Run it with these people; it is 20 March 2025."""
    clock, brp = At(MAART), Brp(folder, personen)
    async with op_het_net(brp) as url, running(postgres, clock=clock, brp_url=url, **settings) as drempel:
        yield Keten(drempel, brp, clock)
