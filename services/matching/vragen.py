"""Asks the outside about the clients of a batch: the BRP side by side, then schuldhulpverlening in one question."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from libs.chassis import afspraken
from libs.chassis.service import Runtime
from libs.events.afspraken import Gepubliceerd
from libs.events.crash import crash_point
from libs.events.errors import Erased
from libs.events.sealed import Keys, Sealed
from libs.events.values import Client, Koppelstatus
from services.matching.gateway import Brp, BrpToegang
from services.matching.koppelen import Koppelaar
from services.matching.schuldhulp import schuldhulp
from services.matching.zoeken import GEWIST, MET_DE_HAND, Bevinding, Onderzoek


@dataclass(frozen=True, slots=True)
class Gevraagd:
    """What the BRP said about one event's client, and what stands for the client and its address."""

    bevinding: Bevinding
    begin: datetime
    client: bytes | None = None
    opgave: UUID | None = None
    bekend_shv: bool | None = None


class Vrager:
    """Asks for one running service."""

    def __init__(self, runtime: Runtime, koppelaar: Koppelaar) -> None:
        self._keyring, self._clock, self._database = runtime.keyring, runtime.clock, runtime.database
        self._regio, self._koppelaar = runtime.region.regio, koppelaar
        self._brp, self._schuldhulp = BrpToegang(runtime.settings), schuldhulp(runtime.settings)

    async def vraag(self, clienten: Mapping[UUID, tuple[Sealed[Client], date]]) -> dict[UUID, Gevraagd]:
        """What is found of each of these clients on a day; raises what the outside could not answer."""
        if not clienten:
            return {}
        keys = await self._keyring.keys([sealed.subject for sealed, _ in clienten.values()])
        async with self._database.as_tenants(()) as conn:
            bekend = await afspraken.published(conn)
        crash_point("matching.before_brp")
        async with self._brp.open() as brp:
            vragen = [self._een(brp, sealed, op, keys, bekend) for sealed, op in clienten.values()]
            antwoorden = await asyncio.gather(*vragen, return_exceptions=True)
        crash_point("matching.after_brp")
        gevonden: dict[UUID, Gevraagd] = {}
        for welk, antwoord in zip(clienten, antwoorden, strict=True):
            if isinstance(antwoord, BaseException):
                raise antwoord
            gevonden[welk] = antwoord
        return await self._met_schuldhulp(gevonden)

    async def _een(self, brp: Brp, sealed: Sealed[Client], op: date, keys: Keys, bekend: Gepubliceerd) -> Gevraagd:
        begin = self._clock.now()
        try:
            client = keys.open(sealed, Client)
        except Erased:
            return Gevraagd(GEWIST, begin)
        bevinding = await self._bevinding(brp, client, op, bekend)
        return Gevraagd(bevinding, begin, self._koppelaar.vingerafdruk(client), self._koppelaar.opgave(client))

    async def _bevinding(self, brp: Brp, client: Client, op: date, bekend: Gepubliceerd) -> Bevinding:
        """What the BRP says; nothing is asked, nor linked by itself, where the municipality wants neither."""
        hier = self._regio.van_postcode(client.postcode)
        if hier is not None and not bekend.op(hier, op).koppelen.automatische_controle:
            return Bevinding(Koppelstatus.UITVAL, hier, reden=MET_DE_HAND)
        gevonden = await Onderzoek(brp, client, op, self._regio.gemeentecodes).bevinding()
        if bekend.op(gevonden.gemeentecode, op).koppelen.automatische_controle:
            return gevonden
        kandidaten = max(gevonden.kandidaten, int(gevonden.wie is not None))
        return Bevinding(
            Koppelstatus.UITVAL, gevonden.gemeentecode, MET_DE_HAND, kandidaten=kandidaten, bewijs=gevonden.bewijs
        )

    async def _met_schuldhulp(self, gevonden: dict[UUID, Gevraagd]) -> dict[UUID, Gevraagd]:
        """Whether those who were found are known at schuldhulpverlening: one question for the batch."""
        bsns = {welk: g.bevinding.wie.burgerservicenummer for welk, g in gevonden.items() if g.bevinding.wie}
        if self._schuldhulp is None or not bsns:
            return gevonden
        bekend = await self._schuldhulp.bekend(set(bsns.values()))
        return gevonden | {welk: replace(gevonden[welk], bekend_shv=bsn in bekend) for welk, bsn in bsns.items()}
