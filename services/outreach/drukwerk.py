"""Letters printed: personal data opened for them, and a line for each person in the log of reads."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from libs.chassis.auth import Caller
from libs.chassis.clock import today
from libs.chassis.logboek import record
from libs.chassis.service import Runtime
from libs.events.afspraken import Uitvoering
from libs.events.errors import Erased, NotFound
from libs.events.sealed import Keys
from libs.events.values import Contactsoort
from services.outreach import brievenronden, lijsten, store, takenlijst
from services.outreach.brieven import Blad, Briefsoort, bladen, tekst_van
from services.outreach.dossier import Dossier
from services.outreach.inzage import Inzage, sealed_in
from services.outreach.lijsten import Oordeel
from services.outreach.pdf import drukken

VERWERKING = "outreach: brief maken"
OP_PAPIER = {Contactsoort.BRIEF: Briefsoort.BRIEF, Contactsoort.KAARTJE: Briefsoort.KAARTJE}


async def brief(runtime: Runtime, caller: Caller, zaak_id: UUID, soort: Briefsoort, naam: str | None) -> bytes:
    """A PDF with a page for each person of the case; raises NotFound, or Erased when nobody is left."""
    begin, vandaag = runtime.clock.now(), today(runtime.clock)
    async with runtime.reading(caller) as conn:
        dossier = await store.dossier(conn, zaak_id)
        if dossier is None or not dossier.personen:
            raise NotFound
        regels = await takenlijst.regels_van(conn, dossier.gemeentecode, vandaag)
        alineas = _tekst(soort, naam, regels)
        gevuld = _bladen(runtime, [dossier], await _keys(runtime, [dossier]), soort, alineas, regels, vandaag)
        if not gevuld:
            raise Erased(dossier.personen[0])
        await record(conn, runtime.service, VERWERKING, dossier.personen, door=caller.rol, begin=begin)
    return drukken(gevuld)


async def ronde(runtime: Runtime, caller: Caller, ronde_id: UUID) -> bytes:
    """A PDF of all letters a round recorded, dated as the round, a page for each person who is not erased.

    Raises NotFound, also for a round that is not on paper.
    """
    begin, vandaag = runtime.clock.now(), today(runtime.clock)
    async with runtime.reading(caller) as conn:
        found = await lijsten.lees(conn, ronde_id, brievenronden.SOORT)
        soort = OP_PAPIER.get(found[0]["gegevens"]["soort"]) if found else None
        if found is None or soort is None:
            raise NotFound
        kop, regels = found
        agreed = await takenlijst.regels_van(conn, kop["tenant"], vandaag)
        alineas = _tekst(soort, kop["gegevens"]["brief"], agreed)
        zaken = await store.dossiers(conn, [r.zaak_id for r in regels if r.oordeel is Oordeel.VASTGELEGD])
        dossiers = [zaken[zaak_id] for zaak_id in sorted(zaken)]
        gevuld = _bladen(runtime, dossiers, await _keys(runtime, dossiers), soort, alineas, agreed, kop["datum"])
        if not gevuld:
            raise NotFound
        personen = [persoon_id for dossier in dossiers for persoon_id in dossier.personen]
        await record(conn, runtime.service, VERWERKING, personen, door=caller.rol, begin=begin)
    return await asyncio.to_thread(drukken, gevuld)


def _tekst(soort: Briefsoort, naam: str | None, regels: Uitvoering) -> tuple[str, ...]:
    alineas = tekst_van(soort, naam, regels)
    if alineas is None:
        raise NotFound("Deze gemeente heeft geen brief met deze naam.", field="brief")
    return alineas


async def _keys(runtime: Runtime, dossiers: Iterable[Dossier]) -> Keys:
    return await runtime.keyring.keys([sealed.subject for dossier in dossiers for sealed in sealed_in(dossier)])


def _bladen(
    runtime: Runtime, dossiers: Iterable[Dossier], keys: Keys, soort: Briefsoort, alineas: Sequence[str],
    regels: Uitvoering, dag: date,
) -> list[Blad]:  # fmt: skip
    """A page for each person who is not erased."""
    found: list[Blad] = []
    for dossier in dossiers:
        personen = [p for persoon_id in dossier.personen if (p := Inzage(dossier, keys).persoon(persoon_id))]
        gemeente = runtime.region.regio.gemeente(dossier.gemeentecode)
        afzender = f"Gemeente {gemeente.naam}" if gemeente else "De gemeente"
        found += bladen(soort, alineas, personen, afzender, regels, dag)
    return found
