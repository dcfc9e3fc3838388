"""Events in, commands out: signals are answered, cases end, escalations wait for a link.

Three consumers. `matching.ontvangst` makes a signal known at once, also while the BRP is away; `matching.koppelen`
asks the BRP and links; `matching.zaken` hears what becomes of the cases.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from libs.chassis import afspraken, logboek
from libs.chassis.service import Runtime
from libs.events.afspraken import Gepubliceerd
from libs.events.catalogue import (
    CaseClosed,
    DeurwaarderTransferred,
    EvictionCarriedOut,
    EvictionScheduled,
    SignalCorrected,
    SignalReceived,
    SignalWithdrawn,
)
from libs.events.consumer import Reaction
from libs.events.crash import crash_point
from libs.events.envelope import Envelope
from libs.events.errors import Erased
from libs.events.sealed import Keys
from libs.events.unit import Unit
from libs.events.values import REGIOBALIE, Client, Koppelstatus
from services.matching import store
from services.matching.feiten import Feiten
from services.matching.gateway import Brp, BrpToegang
from services.matching.koppelen import Koppelaar
from services.matching.schuldhulp import SCHULDHULP, schuldhulp
from services.matching.stand import Signaal
from services.matching.store import Rij
from services.matching.werk import Opdracht
from services.matching.zeggen import zeg_uitval
from services.matching.zoeken import GEWIST, MET_DE_HAND, Bevinding, Onderzoek


@dataclass(frozen=True, slots=True)
class Gevraagd:
    """What the BRP said about one event's client, and what stands for the client and its address."""

    bevinding: Bevinding
    begin: datetime
    client: bytes | None = None
    opgave: UUID | None = None
    bekend_shv: bool | None = None


class Koppelen:
    """The reaction that asks the BRP."""

    def __init__(self, runtime: Runtime) -> None:
        self._keyring, self._clock, self._database = runtime.keyring, runtime.clock, runtime.database
        self._regio = runtime.region.regio
        self._brp, self._koppelaar = BrpToegang(runtime.settings), Koppelaar(runtime)
        self._schuldhulp = schuldhulp(runtime.settings)

    async def prepare(self, events: Sequence[Envelope]) -> dict[UUID, Gevraagd]:
        """Ask the BRP about every signal of the batch, side by side."""
        signalen = [event for event in events if isinstance(event.data, SignalReceived)]
        if not signalen:
            return {}
        keys = await self._keyring.keys([event.data.client.subject for event in signalen])  # type: ignore[attr-defined]
        async with self._database.as_tenants(()) as conn:
            bekend = await afspraken.known(conn)
        crash_point("matching.before_brp")
        async with self._brp.open() as brp:
            vragen = [self._vraag(brp, event, keys, bekend) for event in signalen]
            antwoorden = await asyncio.gather(*vragen, return_exceptions=True)
        crash_point("matching.after_brp")
        gevonden: dict[UUID, Gevraagd] = {}
        for event, antwoord in zip(signalen, antwoorden, strict=True):
            if isinstance(antwoord, BaseException):
                raise antwoord
            gevonden[event.id] = antwoord
        return await self._met_schuldhulp(gevonden)

    async def _met_schuldhulp(self, gevonden: dict[UUID, Gevraagd]) -> dict[UUID, Gevraagd]:
        """Whether those who were found are known at schuldhulpverlening: one question for the batch."""
        bsns = {
            welk: g.bevinding.wie.burgerservicenummer for welk, g in gevonden.items() if g.bevinding.wie is not None
        }
        if self._schuldhulp is None or not bsns:
            return gevonden
        bekend = await self._schuldhulp.bekend(set(bsns.values()))
        return gevonden | {welk: replace(gevonden[welk], bekend_shv=bsn in bekend) for welk, bsn in bsns.items()}

    async def _vraag(self, brp: Brp, event: Envelope, keys: Keys, bekend: Gepubliceerd) -> Gevraagd:
        assert isinstance(event.data, SignalReceived)  # noqa: S101
        begin = self._clock.now()
        try:
            client = keys.open(event.data.client, Client)
        except Erased:
            return Gevraagd(GEWIST, begin)
        bevinding = await self._bevinding(brp, client, event.data.signaaldatum, bekend)
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

    async def apply(self, unit: Unit, events: Sequence[Envelope], prepared: dict[UUID, Gevraagd]) -> None:
        """Link, or send to the review queue; mark what was taken back."""
        opdrachten = [_opdracht(event, prepared.get(event.id)) for event in events]
        if prepared:
            gelezen = [UUID(event.subject) for event in events if event.id in prepared]
            begin = min(gevraagd.begin for gevraagd in prepared.values())
            await logboek.record(unit.conn, unit.service, "koppelen", gelezen, door=unit.actor, begin=begin)
            bekend = [UUID(e.subject) for e in events if e.id in prepared and prepared[e.id].bekend_shv is not None]
            await logboek.record(unit.conn, unit.service, SCHULDHULP, bekend, door=unit.actor, begin=begin)
        await self._koppelaar.verwerk(unit, opdrachten)
        clienten = {o.signaal_id: (o.client, o.opgave) for o in opdrachten if o.client and o.opgave}
        if clienten:
            await store.bewaar_vingerafdrukken(unit.conn, clienten)
        await store.herzie_vorige(unit.conn, (o.feiten.achterstand_id for o in opdrachten if o.feiten))


def _opdracht(event: Envelope, gevraagd: Gevraagd | None) -> Opdracht:
    data = event.data
    if isinstance(data, SignalReceived) and gevraagd is not None:
        return Opdracht(
            data.signaal_id, event.id, gevraagd.bevinding, Feiten.van(data), gevraagd.client, event.sequence,
            oorzaak=event, opgave=gevraagd.opgave, bekend_shv=gevraagd.bekend_shv,
        )  # fmt: skip
    assert isinstance(data, SignalWithdrawn)  # noqa: S101
    return Opdracht(data.signaal_id, event.id, oorzaak=event)


async def ontvang(unit: Unit, events: Sequence[Envelope], prepared: Any) -> None:
    """A signal is known from now on: at the regional desk, being handled."""
    await unit.conn.execute(store.SLOT)
    rijen = []
    for event in events:
        assert isinstance(event.data, SignalReceived)  # noqa: S101
        feiten = Feiten.van(event.data)
        signaal = Signaal(event.data.signaal_id, feiten.achterstand_id, feiten.periode, feiten.bedrag)
        rijen.append(Rij(signaal, feiten, REGIOBALIE, event.sequence))
    await store.bewaar(unit.conn, rijen, alleen_nieuw=True)


async def volg_zaken(unit: Unit, events: Sequence[Envelope], prepared: Any) -> None:
    """Cases end, and signals without a case get an escalation that waits for them."""
    await unit.conn.execute(store.SLOT)
    gesloten, ontruimd, wachtend = list[UUID](), list[UUID](), dict[UUID, bool]()
    oorzaken: dict[UUID, Envelope] = {}
    for event in events:
        data = event.data
        if isinstance(data, CaseClosed):
            gesloten.append(data.zaak_id)
        elif isinstance(data, EvictionCarriedOut) and data.zaak_id is not None:
            ontruimd.append(data.zaak_id)
        elif data.zaak_id is None and data.signaal_id is not None:  # type: ignore[attr-defined]
            uitgevoerd = isinstance(data, EvictionCarriedOut)
            wachtend[data.signaal_id] = wachtend.get(data.signaal_id, False) or uitgevoerd  # type: ignore[attr-defined]
            oorzaken.setdefault(data.signaal_id, event)  # type: ignore[attr-defined]
    if wachtend:
        await store.laat_wachten(unit.conn, wachtend)
        for rij in await store.heropen(unit.conn, list(wachtend)):
            zeg_uitval(unit, rij, oorzaken[rij.signaal.signaal_id])
    await store.beeindig(unit.conn, gesloten, ontruimd, [s for s, uitgevoerd in wachtend.items() if uitgevoerd])


def reactions(runtime: Runtime) -> Sequence[Reaction]:
    """All consumers of matching."""
    koppelen = Koppelen(runtime)
    signalen = (SignalReceived, SignalCorrected, SignalWithdrawn)
    gevolgd = (CaseClosed, DeurwaarderTransferred, EvictionScheduled, EvictionCarriedOut)
    return (
        Reaction("matching.ontvangst", (SignalReceived,), ontvang),
        Reaction("matching.koppelen", signalen, koppelen.apply, koppelen.prepare),
        Reaction("matching.zaken", gevolgd, volg_zaken),
        afspraken.reaction("matching"),
    )
