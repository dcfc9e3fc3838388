"""Events in, commands out: signals are answered, cases end, escalations wait for a link.

`matching.ontvangst` makes a signal known at once, also while the BRP is away; `matching.koppelen` asks the BRP and
links; `matching.aanmeldingen` does so for households that came by themselves; `matching.zaken` hears what becomes of
the cases.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from libs.chassis import afspraken, logboek
from libs.chassis.service import Runtime
from libs.events.catalogue import (
    CaseClosed,
    DeurwaarderTransferred,
    EvictionCarriedOut,
    EvictionScheduled,
    MeldingClosed,
    SelfReported,
    SignalCorrected,
    SignalReceived,
    SignalWithdrawn,
)
from libs.events.consumer import Reaction
from libs.events.envelope import Envelope
from libs.events.unit import Unit
from libs.events.values import REGIOBALIE
from services.matching import store
from services.matching.aanmeldingen import Aanmelding
from services.matching.feiten import Feiten
from services.matching.koppelen import Koppelaar
from services.matching.schuldhulp import SCHULDHULP
from services.matching.stand import Signaal
from services.matching.store import Rij
from services.matching.vragen import Gevraagd, Vrager
from services.matching.werk import Opdracht
from services.matching.zeggen import zeg_uitval


class Koppelen:
    """The reaction that asks the BRP about signals."""

    def __init__(self, koppelaar: Koppelaar, vrager: Vrager) -> None:
        self._koppelaar, self._vrager = koppelaar, vrager

    async def prepare(self, events: Sequence[Envelope]) -> dict[UUID, Gevraagd]:
        """Ask the outside about every signal of the batch."""
        return await self._vrager.vraag(
            {e.id: (e.data.client, e.data.signaaldatum) for e in events if isinstance(e.data, SignalReceived)}
        )

    async def apply(self, unit: Unit, events: Sequence[Envelope], prepared: dict[UUID, Gevraagd]) -> None:
        """Link, or send to the review queue; mark what was taken back."""
        opdrachten = [_opdracht(event, prepared.get(event.id)) for event in events]
        await _log(unit, events, prepared)
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


class Aanmeldingen:
    """The reaction that asks the BRP about households that came by themselves and are in no case yet."""

    def __init__(self, koppelaar: Koppelaar, vrager: Vrager) -> None:
        self._koppelaar, self._vrager = koppelaar, vrager

    async def prepare(self, events: Sequence[Envelope]) -> dict[UUID, Gevraagd]:
        """Ask the outside about everybody of the batch."""
        gevraagd = {e.id: (e.data.client, e.data.datum) for e in events if isinstance(e.data, SelfReported)}
        return await self._vrager.vraag({welk: (wie, op) for welk, (wie, op) in gevraagd.items() if wie is not None})

    async def apply(self, unit: Unit, events: Sequence[Envelope], prepared: dict[UUID, Gevraagd]) -> None:
        """Put them into the case of their household, or let them wait for an official."""
        opdrachten = [
            Opdracht(
                event.data.aanmelding_id, event.id, prepared[event.id].bevinding, oorzaak=event,
                aanmelding=Aanmelding.van(event.data), bekend_shv=prepared[event.id].bekend_shv,
            )
            for event in events
            if isinstance(event.data, SelfReported) and event.data.zaak_id is None and event.id in prepared
        ]  # fmt: skip
        await _log(unit, events, prepared)
        await self._koppelaar.verwerk(unit, opdrachten)


async def _log(unit: Unit, events: Sequence[Envelope], prepared: dict[UUID, Gevraagd]) -> None:
    """A line for everybody who was looked up, and for what was asked of schuldhulpverlening."""
    if not prepared:
        return
    begin = min(gevraagd.begin for gevraagd in prepared.values())
    gelezen = [UUID(event.subject) for event in events if event.id in prepared]
    await logboek.record(unit.conn, unit.service, "koppelen", gelezen, door=unit.actor, begin=begin)
    bekend = [UUID(e.subject) for e in events if e.id in prepared and prepared[e.id].bekend_shv is not None]
    await logboek.record(unit.conn, unit.service, SCHULDHULP, bekend, door=unit.actor, begin=begin)


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
    """Meldingen and cases end, and signals without a case get an escalation that waits for them."""
    await unit.conn.execute(store.SLOT)
    await store.sluit(unit.conn, [event.data for event in events if isinstance(event.data, MeldingClosed)])
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
    koppelaar = Koppelaar(runtime)
    vrager = Vrager(runtime, koppelaar)
    koppelen, zelf = Koppelen(koppelaar, vrager), Aanmeldingen(koppelaar, vrager)
    signalen = (SignalReceived, SignalCorrected, SignalWithdrawn)
    gevolgd = (MeldingClosed, CaseClosed, DeurwaarderTransferred, EvictionScheduled, EvictionCarriedOut)
    return (
        Reaction("matching.ontvangst", (SignalReceived,), ontvang),
        Reaction("matching.koppelen", signalen, koppelen.apply, koppelen.prepare),
        Reaction("matching.aanmeldingen", (SelfReported,), zelf.apply, zelf.prepare),
        Reaction("matching.zaken", gevolgd, volg_zaken),
        afspraken.reaction("matching"),
    )
