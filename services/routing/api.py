"""HTTP of routing: policies, trial decisions, and the decisions in a case.

Policy is public to whoever may read routing; decisions belong to the municipality. A municipality without a document
of its own answers with the national default, whose name says so.
"""

import asyncio
from datetime import date, timedelta
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import JSONResponse
from pydantic import BeforeValidator, model_validator

from libs.chassis.auth import Caller
from libs.chassis.clock import today
from libs.chassis.guard import allow
from libs.chassis.http import StrictRoute
from libs.chassis.idempotency import Idempotency
from libs.chassis.paging import Paged
from libs.chassis.patience import eventually
from libs.chassis.service import Runtime, runtime_of
from libs.events.errors import Invalid, NotFound
from libs.events.unit import Unit
from libs.events.values import Gemeentecode, Value
from services.routing import simulaties, store
from services.routing.bodies import Code, Lezer, refused
from services.routing.meegeleverd import als_document, gezegd, onderwerp
from services.routing.policy.check import check_value, parse
from services.routing.policy.document import Beleid
from services.routing.policy.evaluate import Besluit, decide
from services.routing.policy.facts import Feiten
from services.routing.policy.references import Finding
from services.routing.policy.table import NoRow
from services.routing.policy.written import feiten, lijst
from services.routing.versies import Versie, VersieBestaat, Versies, publish

router = APIRouter(route_class=StrictRoute)
router.include_router(simulaties.router)
ZaakId = Annotated[UUID, Path(alias="zaakId")]


CONCEPT: dict[str, Any] = {
    "naam": "Concept", "versie": "concept", "bron": "concept",
    "voorbeelden": [{"naam": "geen", "feiten": {"signaalpartner": "Overige"}, "verwacht": {}}],
}  # fmt: skip
"""What a draft is where it does not say."""


class Proef(Value):
    """Decide these facts: under the policy of a municipality, or under a draft (then `gemeentecode` may choose who
    handles it)."""

    gemeentecode: Gemeentecode | None = None
    beleid: dict[str, Any] | None = None
    feiten: Annotated[Feiten, BeforeValidator(feiten)]

    @model_validator(mode="after")
    def _under_something(self) -> Self:
        if self.gemeentecode is None and self.beleid is None:
            raise ValueError("noem een gemeentecode of een beleid")
        return self


@router.get("/beleid/{gemeentecode}", summary="Het beleid van een gemeente en zijn versies")
async def beleid_van(
    gemeentecode: Code, caller: Caller = Lezer, runtime: Runtime = Depends(runtime_of)
) -> dict[str, Any]:
    """The document in force today, and all versions; `eigen` is false where the national default answers."""
    versies = await _versies(runtime, caller, gemeentecode)
    current = versies.op(gemeentecode, today(runtime.clock))
    every = [
        {
            "versie": one.beleid.versie,
            "geldigVanaf": one.beleid.geldig_vanaf.isoformat(),
            "gepubliceerdOp": one.gepubliceerd_op.isoformat() if one.gepubliceerd_op else None,
            "meegeleverd": one.meegeleverd,
            "inWerking": one.beleid is current,
        }
        for one in versies.van(gemeentecode)
    ]
    eigen = gemeentecode in current.gemeentecodes
    return {"gemeentecode": gemeentecode, "eigen": eigen, "beleid": als_document(current), "versies": every}


@router.get("/beleid/{gemeentecode}/versies/{versie}", summary="Een versie van het beleid")
async def versie_van(
    gemeentecode: Code, versie: str, caller: Caller = Lezer, runtime: Runtime = Depends(runtime_of)
) -> dict[str, Any]:
    """The document a decision refers to with `beleidVersie`."""
    found = (await _versies(runtime, caller, gemeentecode)).genoemd(gemeentecode, versie)
    if found is None:
        raise NotFound
    return als_document(found)


@router.post("/beleid/{gemeentecode}/versies", status_code=201, summary="Publiceer een versie van het beleid")
async def publiceer(
    gemeentecode: Code,
    document: dict[str, Any],
    request: Request,
    caller: Caller = allow("routing:beleid"),
    runtime: Runtime = Depends(runtime_of),
) -> JSONResponse:
    """Takes a policy document, or `{"beleid": document, "geldigVanaf": date}`. Refused with the examples that show
    what is wrong, and where `gemeentecodes` names others only; it holds for this municipality alone, whomever it names
    beside it."""
    tenants, document = caller.may_see(gemeentecode), _unwrapped(document)
    beleid, found = await asyncio.to_thread(check_value, document | {"gemeentecodes": [gemeentecode]})
    found = [*_of_others(document.get("gemeentecodes"), gemeentecode), *found]
    if beleid is None or found:
        return refused(found)
    once = await Idempotency.of(request, caller)
    async with runtime.command(caller, tenants) as unit:
        if (stored := await once.stored(unit.conn)) is not None:
            return stored
        await store.lock_policy(unit.conn, gemeentecode)
        versies = await store.versies(unit.conn, [gemeentecode])
        eerste = await _eerste_dag(unit, gemeentecode, beleid, today(runtime.clock))
        beleid = publish(beleid, versies, gemeentecode, eerste)
        if not await store.publish(unit.conn, versie := Versie(gemeentecode, beleid, unit.now)):
            raise VersieBestaat(field="versie")
        unit.emit(gezegd(versie), subject=onderwerp(gemeentecode), gemeentecode=gemeentecode)
        answer = {"gemeentecode": gemeentecode, "versie": beleid.versie, "geldigVanaf": beleid.geldig_vanaf.isoformat()}
        location = f"/routing/v1/beleid/{gemeentecode}/versies/{beleid.versie}"
        return await once.store(unit.conn, 201, answer, location)


@router.post("/proefbesluiten", summary="Wat zou er met dit signaal gebeuren")
async def proefbesluit(proef: Proef, caller: Caller = Lezer, runtime: Runtime = Depends(runtime_of)) -> JSONResponse:
    """The decision with its explanation, nothing stored. A draft needs no more than rows, and of these only one that
    fits."""
    day = proef.feiten.signaaldatum or today(runtime.clock)
    if proef.beleid is not None:
        beleid, found = await asyncio.to_thread(parse, CONCEPT | {"geldigVanaf": day} | proef.beleid)
        if beleid is None or found:
            return refused(found, "beleid")
    else:
        code = proef.gemeentecode or ""
        beleid = (await _versies(runtime, caller, code)).op(code, day)
    try:
        besluit = await asyncio.to_thread(decide, beleid, proef.feiten, vandaag=day, gemeentecode=proef.gemeentecode)
    except NoRow:
        raise Invalid("Geen regel of termijn van dit beleid past op deze feiten.", field="beleid.regels") from None
    return JSONResponse(_shown(besluit))


@router.get("/zaken/{zaakId}/besluiten", summary="De besluiten in een zaak, met de feiten waarop zij rusten")
async def besluiten_van(
    zaak_id: ZaakId, page: Paged, caller: Caller = allow("routing:lezen"), runtime: Runtime = Depends(runtime_of)
) -> dict[str, Any]:
    """Oldest first; the last on a signal is in force, `vervangt` names the one before it."""

    async def look() -> list[dict[str, Any]] | None:
        async with runtime.reading(caller) as conn:
            return await store.besluiten(conn, zaak_id, page.limit, page.offset) or None

    found = await (eventually(look) if page.offset == 0 else look())
    if found is None and page.offset == 0:
        raise NotFound
    return page.answer("besluiten", found or [])


async def _versies(runtime: Runtime, caller: Caller, gemeentecode: str) -> Versies:
    async with runtime.reading(caller) as conn:
        return await store.versies(conn, [gemeentecode])


async def _eerste_dag(unit: Unit, gemeentecode: str, beleid: Beleid, vandaag: date) -> date:
    """The first day on which a version may begin: today, or sooner where no decision was taken yet on a signal of that
    day or later."""
    if beleid.geldig_vanaf >= vandaag:
        return vandaag
    await store.serialise(unit.conn)  # what is being decided now counts too
    last = await store.laatst_beslist(unit.conn, gemeentecode)
    return min(vandaag, last + timedelta(days=1)) if last else date.min


def _unwrapped(body: dict[str, Any]) -> dict[str, Any]:
    """The document in the body, with the date beside it where one stands there."""
    if not isinstance(document := body.get("beleid"), dict):
        return body
    beside = {name: value for name, value in body.items() if name != "beleid"}
    return {**document, **beside}


def _of_others(named: Any, gemeentecode: str) -> list[Finding]:
    """That a document is meant for other municipalities. A number tells nothing: YAML 1.1 reads 0546 as 358."""
    codes = lijst(named) or ()
    if not codes or gemeentecode in codes or not all(isinstance(one, str) for one in codes):
        return []
    return [Finding(("gemeentecodes",), "noemt niet de gemeente waarvoor dit beleid wordt gepubliceerd")]


def _shown(besluit: Besluit) -> dict[str, Any]:
    shown = besluit.model_dump(mode="json", by_alias=True, exclude_none=True)
    return {"uiterlijkeDatum": None, **shown}
