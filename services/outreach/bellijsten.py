"""Lists for a call centre: it sees name and telephone number of whom it may call, and records its own attempts.

Only while the municipality agrees to one; only cases on a list of its team, made by hand and valid, or given to it by
a route (`doorlopend`), while there is still to call. Every reading leaves a line per person in the Logboek
Dataverwerkingen.
"""

import json
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from fastapi import Request
from fastapi.responses import JSONResponse

from libs.chassis import logboek
from libs.chassis.auth import Caller
from libs.chassis.clock import AMSTERDAM, today
from libs.chassis.paging import Page
from libs.chassis.service import Runtime
from libs.events.catalogue import ContactAttempted
from libs.events.errors import Forbidden, Invalid, NotFound, Refusal
from libs.events.ids import uuid7
from libs.events.postgres.log import Connection
from libs.events.unit import Unit
from libs.events.values import Contactsoort
from services.outreach import doorlopend, lijsten, store, takenlijst
from services.outreach.bodies import Contactpoging
from services.outreach.doorlopend import KANALEN
from services.outreach.dossier import Dossier
from services.outreach.handelen import LEZEN, Antwoord, eenmaal
from services.outreach.inzage import Inzage, sealed_in
from services.outreach.lijsten import Bellijst, Oordeel, Regel

SOORT, BELLEN = "bellijst", "outreach:bellen"
MIDDEL = "Callcenter"
LONGEST = timedelta(days=31)
VERWERKING = "outreach: bellijst inzien"

_LISTS = """
SELECT lijst_id, gegevens, count(r.zaak_id) AS aantal FROM lijst l LEFT JOIN lijstregel r USING (lijst_id)
WHERE l.soort = $1 AND l.tenant = ANY($2) AND ($3::text IS NULL OR (l.team = $3 AND l.geldig_tot >= $4))
  AND (r.oordeel IS NULL OR r.oordeel = $5)
GROUP BY l.lijst_id, l.datum, l.gegevens ORDER BY l.datum DESC, l.lijst_id LIMIT $6 OFFSET $7
"""

_MAY_CALL = """
SELECT l.gegevens->>'reden' AS reden, l.tenant FROM lijst l JOIN lijstregel r USING (lijst_id)
WHERE r.zaak_id = $1 AND r.oordeel = $2 AND l.soort = $3 AND l.team = $4 AND l.geldig_tot >= $5
ORDER BY l.datum DESC, l.lijst_id DESC LIMIT 1
"""


class GeenCallcenter(Refusal):
    """Deze gemeente heeft niet afgesproken dat een callcenter belt."""

    code = "geenCallcenter"


async def maak(runtime: Runtime, caller: Caller, request: Request, body: Bellijst) -> JSONResponse:
    """Make a list: 201 with a verdict per case."""
    tenants = caller.may_see(body.gemeentecode)

    async def doe(unit: Unit) -> Antwoord:
        nieuw, vandaag = uuid7(), unit.now.astimezone(AMSTERDAM).date()
        if not vandaag <= body.geldig_tot <= vandaag + LONGEST:
            raise Invalid("Een bellijst geldt vanaf vandaag, ten hoogste 31 dagen.", field="geldigTot")
        if not (await takenlijst.regels_van(unit.conn, body.gemeentecode, vandaag)).callcenter:
            raise GeenCallcenter(field="gemeentecode")
        gekozen = await lijsten.kies(unit.conn, body, Contactsoort.TELEFOON, vandaag)
        regels = [_regel(body, zaak_id, gekozen, vandaag) for zaak_id in gekozen.zaken]
        gegevens: dict[str, Any] = {
            "gemeentecode": body.gemeentecode, "team": body.team, "datum": str(vandaag),
            "geldigTot": str(body.geldig_tot), "reden": body.reden, "meer": gekozen.meer,
        }  # fmt: skip
        await lijsten.bewaar(
            unit.conn, nieuw, body.gemeentecode, SOORT, vandaag, gegevens, regels, team=body.team,
            geldig_tot=body.geldig_tot,
        )  # fmt: skip
        answer = lijsten.antwoord("bellijstId", nieuw, gegevens, regels)
        return Antwoord(answer, f"/outreach/v1/bellijsten/{nieuw}")

    return await eenmaal(runtime, caller, request, doe, tenants)


def _regel(body: Bellijst, zaak_id: UUID, gekozen: lijsten.Gekozen, vandaag: date) -> Regel:
    dossier = gekozen.dossiers.get(zaak_id)
    if dossier is None:
        return Regel(zaak_id, Oordeel.GEWEIGERD, NotFound.code)
    if not dossier.contact()["loopt"]:
        return Regel(zaak_id, Oordeel.GEWEIGERD, "zaakBeeindigd")
    rust = lijsten.rustcode(gekozen.rust[zaak_id], vandaag)
    if rust and body.reden is None:
        return Regel(zaak_id, Oordeel.OVERGESLAGEN, rust)
    if not any(s.aangeleverd.get("telefoonBruikbaar") for s in dossier.signalen):
        return Regel(zaak_id, Oordeel.OVERGESLAGEN, "geenTelefoonnummer")
    return Regel(zaak_id, Oordeel.OPGENOMEN)


async def lijst(runtime: Runtime, caller: Caller, lijst_id: UUID) -> dict[str, Any]:
    """The call centre gets whom to call, who made it the verdicts; raises NotFound."""
    begin, vandaag = runtime.clock.now(), today(runtime.clock)
    async with runtime.reading(caller) as conn:
        found = await lijsten.lees(conn, lijst_id, SOORT)
        if caller.may(LEZEN):
            if found is None:
                raise NotFound
            return lijsten.antwoord("bellijstId", lijst_id, found[0]["gegevens"], found[1])
        team = _team(caller)
        kop, gebeld = await (_gemaakt(conn, *found, team, vandaag) if found else
                             _doorlopend(conn, caller, lijst_id, team, vandaag))  # fmt: skip
        dossiers = await store.dossiers(conn, list(gebeld))
        personen = [persoon_id for dossier in dossiers.values() for persoon_id in dossier.personen]
        keys = await runtime.keyring.keys([sealed.subject for d in dossiers.values() for sealed in sealed_in(d)])
        await logboek.record(conn, runtime.service, VERWERKING, personen, door=caller.rol, begin=begin)
        rijen = [
            _rij(Inzage(dossiers[zaak_id], keys), aantal) for zaak_id, aantal in gebeld.items() if zaak_id in dossiers
        ]
    return {"bellijstId": str(lijst_id), **kop, "zaken": [rij for rij in rijen if rij["clienten"]]}


async def alle(runtime: Runtime, caller: Caller, page: Page) -> dict[str, Any]:
    """The lists of the caller's municipalities, or those its team may call from now, standing lists first."""
    team, vandaag = None if caller.may(LEZEN) else _team(caller), today(runtime.clock)
    async with runtime.reading(caller) as conn:
        staand = await _staand(conn, caller, team, vandaag) if team else []
        eerste = staand[page.offset : page.offset + page.limit]
        rows = await conn.fetch(
            _LISTS, SOORT, caller.gemeenten, team, vandaag, Oordeel.OPGENOMEN,
            page.limit - len(eerste), max(0, page.offset - len(staand)),
        )  # fmt: skip
    return page.answer("bellijsten", [*eerste, *(_kop(row) for row in rows)])


async def namens_callcenter(runtime: Runtime, caller: Caller, zaak_id: UUID, body: Contactpoging) -> Contactpoging:
    """The attempt as a call centre may record it; raises NotFound for a case that is on no list of its team."""
    team, vandaag, reden = _team(caller), today(runtime.clock), None
    async with runtime.reading(caller) as conn:
        row = await conn.fetchrow(_MAY_CALL, zaak_id, Oordeel.OPGENOMEN, SOORT, team, vandaag)
        if row is not None and (await takenlijst.regels_van(conn, row["tenant"], vandaag)).callcenter:
            reden = row["reden"]
        elif not await doorlopend.stond_erop(conn, zaak_id, team, vandaag):
            raise NotFound
    if body.soort not in KANALEN:
        raise Forbidden("Een callcenter legt alleen telefoontjes en berichten vast.", field="soort")
    return body.model_copy(update={"middel": body.middel or MIDDEL, "reden": body.reden or reden})


Bellen = tuple[dict[str, Any], dict[UUID, int]]
"""What is told of a list, and the cases to call with how often that was done."""


async def _gemaakt(conn: Connection, kop: dict[str, Any], regels: list[Regel], team: str, vandaag: date) -> Bellen:
    """Of a list made by hand: open cases in which nobody was reached since, and that were not called often enough."""
    agreed = await takenlijst.regels_van(conn, kop["tenant"], vandaag)
    if kop["team"] != team or kop["geldig_tot"] < vandaag or not agreed.callcenter:
        raise NotFound
    dossiers = await store.dossiers(conn, [r.zaak_id for r in regels if r.oordeel is Oordeel.OPGENOMEN])
    gebeld = {zaak_id: _gebeld(dossier, kop["datum"]) for zaak_id, dossier in sorted(dossiers.items())}
    zichtbaar = {naam: kop["gegevens"][naam] for naam in ("gemeentecode", "team", "datum", "geldigTot")}
    return zichtbaar, {
        zaak_id: len(pogingen)
        for zaak_id, pogingen in gebeld.items()
        if dossiers[zaak_id].contact()["loopt"]
        and not any(p.bereikt for p in pogingen)
        and (len(pogingen) < agreed.callcenter_pogingen or dossiers[zaak_id].dringend())
    }


async def _doorlopend(conn: Connection, caller: Caller, lijst_id: UUID, team: str, vandaag: date) -> Bellen:
    code = doorlopend.gemeente_van(lijst_id, caller.gemeenten, team)
    if code is None or not (await takenlijst.regels_van(conn, code, vandaag)).callcenter:
        raise NotFound
    return doorlopend.kop(code, team, vandaag), await doorlopend.op_de_lijst(conn, code, team, vandaag)


async def _staand(conn: Connection, caller: Caller, team: str, vandaag: date) -> list[dict[str, Any]]:
    """The standing lists with somebody on them."""
    found = []
    for code in caller.gemeenten:
        if gebeld := await doorlopend.op_de_lijst(conn, code, team, vandaag):
            kop = doorlopend.kop(code, team, vandaag)
            found.append({"bellijstId": str(doorlopend.lijst_id(code, team)), **kop, "aantal": len(gebeld)})
    return found


def _gebeld(dossier: Dossier, sinds: date) -> list[ContactAttempted]:
    attempts = [e for e in dossier.eigen if isinstance(e, ContactAttempted) and e.datum >= sinds]
    return [e for e in attempts if e.soort in KANALEN or e.bereikt]


def _rij(inzage: Inzage, gebeld: int) -> dict[str, Any]:
    """Whom to call; nobody without a number, or who was erased."""
    clienten = [inzage.client(persoon_id) for persoon_id in inzage.dossier.personen]
    return {
        "zaakId": str(inzage.dossier.zaak_id),
        "gebeld": gebeld,
        "clienten": [{n: client[n] for n in ("naam", "telefoonnummer")} for client in clienten
                     if client.get("telefoonnummer")],
    }  # fmt: skip


def _kop(row: Any) -> dict[str, Any]:
    gegevens = json.loads(row["gegevens"])
    tonen = ("gemeentecode", "team", "datum", "geldigTot")
    return {"bellijstId": str(row["lijst_id"]), **{n: gegevens[n] for n in tonen}, "aantal": row["aantal"]}


def _team(caller: Caller) -> str:
    if not caller.team:
        raise Forbidden("Dit token staat voor geen team.")
    return caller.team
