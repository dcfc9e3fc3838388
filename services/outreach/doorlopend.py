"""The list that is always there for a call centre: whom the routes of a municipality give it to call today.

A step of a route may name who carries it out (`uitvoerder`). Where that is the team a call centre stands for, and the
municipality agreed to a call centre, nobody has to make a list. It is computed when it is asked for, so whoever was
reached, rests, said no or has no number is not on it, and an agreement that ends ends it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from libs.events.afspraken import Uitvoering
from libs.events.catalogue import ContactAttempted
from libs.events.ids import derived
from libs.events.postgres.log import Connection
from libs.events.values import Contactsoort
from services.outreach import store, takenlijst
from services.outreach.lijsten import MOST
from services.outreach.takenlijst import Gevraagd

KANALEN = (Contactsoort.TELEFOON, Contactsoort.SMS_WHATSAPP)
"""What a call centre does."""

_ID = UUID("7f0c6a52-6f0e-5d0e-9a43-2f6f3f0c9b11")

_WITH_NUMBER = """
SELECT DISTINCT zaak_id FROM signaal WHERE zaak_id = ANY($1) AND (aangeleverd->>'telefoonBruikbaar')::boolean
"""


def lijst_id(gemeentecode: str, team: str) -> UUID:
    """The id of the list of this team in a municipality: always the same."""
    return derived(_ID, f"{gemeentecode}:{team.strip().casefold()}")


def gemeente_van(gezocht: UUID, gemeenten: Iterable[str], team: str) -> str | None:
    """The municipality whose list this is, of those the team works for."""
    return next((code for code in gemeenten if lijst_id(code, team) == gezocht), None)


def kop(gemeentecode: str, team: str, vandaag: date) -> dict[str, Any]:
    """What is told of the list itself; it is of today."""
    return {"gemeentecode": gemeentecode, "team": team, "datum": str(vandaag), "geldigTot": str(vandaag),
            "doorlopend": True}  # fmt: skip


async def op_de_lijst(conn: Connection, gemeentecode: str, team: str, vandaag: date) -> dict[UUID, int]:
    """The cases to call today, at most MOST, the first due first, each with how often its step was done."""
    regels = await takenlijst.regels_van(conn, gemeentecode, vandaag)
    found: dict[UUID, int] = {}
    if not regels.callcenter:
        return found
    async for rijen in takenlijst.van_meldingen(conn, Gevraagd([gemeentecode], uitvoerder=team), vandaag):
        nu = [(UUID(taak["zaakId"]), taak["gedaan"]) for taak in rijen if _nu(taak, regels, vandaag)]
        bereikbaar = {row[0] for row in await conn.fetch(_WITH_NUMBER, [zaak_id for zaak_id, _ in nu])}
        for zaak_id, gedaan in nu:
            if zaak_id in bereikbaar:
                found.setdefault(zaak_id, gedaan)
        if len(found) >= MOST:
            break
    return dict(list(found.items())[:MOST])


async def stond_erop(conn: Connection, zaak_id: UUID, team: str, vandaag: date) -> bool:
    """Whether the team has or had the case on its list today: what it did today does not take it off."""
    dossier = await store.dossier(conn, zaak_id)
    if dossier is None or not any(s.aangeleverd.get("telefoonBruikbaar") for s in dossier.signalen):
        return False
    regels = await takenlijst.regels_van(conn, dossier.gemeentecode, vandaag)
    eerder = [e for e in dossier.eigen if not (isinstance(e, ContactAttempted) and e.datum == vandaag)]
    taken = await takenlijst.van_zaak(conn, replace(dossier, eigen=eerder), vandaag, team)
    return regels.callcenter and any(_nu(taak, regels, vandaag) for taak in taken)


def _nu(taak: Mapping[str, Any], regels: Uitvoering, vandaag: date) -> bool:
    """To be called today: planned, nothing keeps from it, nobody was reached, and not called often enough already."""
    soorten: Sequence[str] = taak["contactsoorten"]
    return (
        any(soort in KANALEN for soort in soorten)
        and taak["rust"] is None
        and taak["gepland"] <= str(vandaag)
        and (taak["zoVaakAlsNodig"] or (not taak["bereikt"] and taak["gedaan"] < regels.callcenter_pogingen))
    )
