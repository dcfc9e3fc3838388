"""A letter for one household: personal data opened for it, and a line for each person in the log of reads."""

from uuid import UUID

from libs.chassis.auth import Caller
from libs.chassis.clock import today
from libs.chassis.logboek import record
from libs.chassis.service import Runtime
from libs.events.errors import Erased, NotFound
from services.outreach import store, takenlijst
from services.outreach.brieven import Briefsoort, bladen, tekst_van
from services.outreach.inzage import Inzage, sealed_in
from services.outreach.pdf import drukken

VERWERKING = "outreach: brief maken"


async def brief(runtime: Runtime, caller: Caller, zaak_id: UUID, soort: Briefsoort, naam: str | None) -> bytes:
    """A PDF with a page for each person of the case; raises NotFound, or Erased when nobody is left."""
    begin, vandaag = runtime.clock.now(), today(runtime.clock)
    async with runtime.reading(caller) as conn:
        dossier = await store.dossier(conn, zaak_id)
        if dossier is None or not dossier.personen:
            raise NotFound
        regels = await takenlijst.regels_van(conn, dossier.gemeentecode, vandaag)
        alineas = tekst_van(soort, naam, regels)
        if alineas is None:
            raise NotFound("Deze gemeente heeft geen brief met deze naam.", field="brief")
        keys = await runtime.keyring.keys([sealed.subject for sealed in sealed_in(dossier)])
        personen = [p for persoon_id in dossier.personen if (p := Inzage(dossier, keys).persoon(persoon_id))]
        if not personen:
            raise Erased(dossier.personen[0])
        await record(conn, runtime.service, VERWERKING, dossier.personen, door=caller.rol, begin=begin)
    gemeente = runtime.region.regio.gemeente(dossier.gemeentecode)
    afzender = f"Gemeente {gemeente.naam}" if gemeente else "De gemeente"
    return drukken(bladen(soort, alineas, personen, afzender, regels, vandaag))
