"""A round of letters: one attempt for every household it goes to, so that what is sent in bulk is not lost sight of.

Its attempts have ids of their case, letter and day: a round that is sent again records nothing twice.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import Request
from fastapi.responses import JSONResponse

from libs.chassis.auth import Caller
from libs.chassis.clock import AMSTERDAM
from libs.chassis.service import Runtime
from libs.events.catalogue import ContactAttempted
from libs.events.errors import NotFound, Refusal
from libs.events.ids import derived, uuid7
from libs.events.unit import Unit
from services.outreach import lijsten
from services.outreach.domain import decider, op_tijd
from services.outreach.dossier import Dossier
from services.outreach.handelen import Antwoord, eenmaal
from services.outreach.handelingen import InRustperiode, NeeGerespecteerd, ProbeerContact
from services.outreach.lijsten import Brievenronde, Oordeel, Regel
from services.outreach.rust import Rust

SOORT = "brievenronde"
VERZONDEN = "Verzonden"


async def verstuur(runtime: Runtime, caller: Caller, request: Request, body: Brievenronde) -> JSONResponse:
    """Record the round: 201 with a verdict per case."""
    tenants = caller.may_see(body.gemeentecode)

    async def doe(unit: Unit) -> Antwoord:
        nieuw, nu = uuid7(), unit.now.astimezone(AMSTERDAM)
        op_tijd(_poging(body, nieuw, nu, None, None))
        gekozen = await lijsten.kies(unit.conn, body, body.soort, nu.date(), body.brief)
        regels = [
            _regel(unit, body, nu, zaak_id, gekozen.dossiers.get(zaak_id), melding_id, gekozen.rust.get(zaak_id))
            for zaak_id, melding_id in gekozen.zaken.items()
        ]
        gegevens: dict[str, Any] = {
            "gemeentecode": body.gemeentecode, "soort": body.soort.value, "brief": body.brief,
            "datum": str(body.datum), "reden": body.reden, "meer": gekozen.meer,
        }  # fmt: skip
        await lijsten.bewaar(unit.conn, nieuw, body.gemeentecode, SOORT, body.datum, gegevens, regels)
        answer = lijsten.antwoord("brievenrondeId", nieuw, gegevens, regels)
        return Antwoord(answer, f"/outreach/v1/brievenronden/{nieuw}")

    return await eenmaal(runtime, caller, request, doe, tenants)


async def ronde(runtime: Runtime, caller: Caller, ronde_id: UUID) -> dict[str, Any]:
    """A round with its verdicts; raises NotFound."""
    async with runtime.reading(caller) as conn:
        found = await lijsten.lees(conn, ronde_id, SOORT)
    if found is None:
        raise NotFound
    return lijsten.antwoord("brievenrondeId", ronde_id, found[0]["gegevens"], found[1])


def _regel(
    unit: Unit, body: Brievenronde, nu: datetime, zaak_id: UUID, dossier: Dossier | None, melding_id: UUID | None,
    stilte: Rust | None,
) -> Regel:  # fmt: skip
    if dossier is None:
        return Regel(zaak_id, Oordeel.GEWEIGERD, NotFound.code)
    poging_id = derived(zaak_id, f"{SOORT}:{body.soort}:{body.brief}:{body.datum}")
    if any(isinstance(e, ContactAttempted) and e.contactpoging_id == poging_id for e in dossier.eigen):
        return Regel(zaak_id, Oordeel.DUBBEL, contactpoging_id=poging_id)
    zaak = dossier.zaak()
    try:
        events = decider(zaak).decide(_poging(body, poging_id, nu, melding_id, stilte), zaak)
    except (InRustperiode, NeeGerespecteerd) as rust:
        return Regel(zaak_id, Oordeel.OVERGESLAGEN, rust.code)
    except Refusal as refusal:
        return Regel(zaak_id, Oordeel.GEWEIGERD, refusal.code)
    for event in events:
        unit.emit(event, subject=zaak_id, gemeentecode=zaak.gemeentecode, id=poging_id)
    return Regel(zaak_id, Oordeel.VASTGELEGD, contactpoging_id=poging_id)


def _poging(body: Brievenronde, id: UUID, nu: datetime, melding_id: UUID | None, stilte: Rust | None) -> ProbeerContact:
    """The letter to one household; of today it still is to go, whatever its result will be."""
    return ProbeerContact(
        id=id, vandaag=nu.date(), datum=body.datum, melding_id=melding_id, nu=nu.time(), soort=body.soort,
        bereikt=False, resultaat=VERZONDEN, brief=body.brief, reden=body.reden, rust=stilte,
        ondanks=body.reden is not None, verricht=False,
    )  # fmt: skip
