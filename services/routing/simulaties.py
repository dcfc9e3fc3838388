"""HTTP of what-if: a candidate policy over the recorded history of a municipality."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from libs.chassis.auth import Caller
from libs.chassis.guard import allow
from libs.chassis.http import StrictRoute
from libs.chassis.idempotency import Idempotency
from libs.chassis.service import Runtime, runtime_of
from libs.events.errors import NotFound, Refusal
from libs.events.ids import uuid7
from libs.events.values import Value
from services.routing import opname, store
from services.routing.bodies import Code, Lezer, refused
from services.routing.policy.check import check_replayable
from services.routing.policy.document import Beleid
from services.routing.simulatie.aannames import Aannames
from services.routing.simulatie.historie import Historie, samen
from services.routing.simulatie.lopend import Simulatie, Simulaties, Stand, speel
from services.routing.simulatie.naspelen import Spel
from services.routing.simulatie.plaatje import plaatje

router = APIRouter(route_class=StrictRoute)
Beleidsmaker: Caller = allow("routing:beleid")
SimulatieId = Annotated[UUID, Path(alias="simulatieId")]
SVG = "image/svg+xml"


class NogBezig(Refusal):
    """De simulatie is nog niet klaar."""

    status = 409
    code = "nogBezig"


class Mislukt(Refusal):
    """De simulatie is mislukt; er is geen verslag."""

    status = 409
    code = "mislukt"


class Vraag(Value):
    """The candidate, and what is assumed where it should be something else."""

    beleid: dict[str, Any]
    aannames: Aannames = Field(default_factory=Aannames)


async def lopende(request: Request) -> Simulaties:
    """Dependency: the simulations of this process."""
    state = request.app.state
    if not hasattr(state, "simulaties"):
        state.simulaties = Simulaties()
    found: Simulaties = state.simulaties
    return found


@router.post("/beleid/{gemeentecode}/simulaties", status_code=202, summary="Wat als dit het beleid was geweest")
async def begin(
    gemeentecode: Code,
    vraag: Vraag,
    request: Request,
    caller: Caller = Beleidsmaker,
    runtime: Runtime = Depends(runtime_of),
    simulaties: Simulaties = Depends(lopende),
) -> JSONResponse:
    """Replays a candidate over all that is recorded; ask the Location how far it is. The candidate's own examples are
    not looked at: they may be about the policy it started from."""
    tenants = caller.may_see(gemeentecode)
    beleid, found = await asyncio.to_thread(check_replayable, vraag.beleid)
    if beleid is None or found:
        return refused(found, "beleid")
    once = await Idempotency.of(request, caller)
    async with runtime.command(caller, tenants) as unit:
        if (stored := await once.stored(unit.conn)) is not None:
            return stored
        simulatie = Simulatie(uuid7(), gemeentecode, beleid.versie, unit.now)
        toen = (await store.versies(unit.conn, [gemeentecode])).op
        spel = Spel(gemeentecode, toen, beleid, _aannames(vraag.aannames, beleid))
        simulaties.begin(simulatie, _speel(runtime, simulatie, spel))
        location = f"/routing/v1/beleid/{gemeentecode}/simulaties/{simulatie.id}"
        return await once.store(unit.conn, 202, simulatie.getoond(), location)


def _aannames(aannames: Aannames, beleid: Beleid) -> Aannames:
    """Where the request names no capacity, the document may."""
    if aannames.fte is not None or beleid.fte is None:
        return aannames
    return aannames.model_copy(update={"fte": float(beleid.fte)})


async def _speel(runtime: Runtime, simulatie: Simulatie, spel: Spel) -> None:
    """What is known around signals belongs to the loop, which sees all; only this municipality's is read, as it stands
    at one moment. It is played part by part while it is read; all of it together where a document counts what is done
    in a month."""
    code = simulatie.gemeentecode
    async with runtime.database.loop.acquire() as conn, conn.transaction(isolation="repeatable_read"):
        omvang = await opname.omvang(conn, code)
        spel, delen = spel.over(omvang.dagen), opname.historie(conn, code)
        if not spel.telt:
            await speel(simulatie, spel, omvang.signalen, delen)
            return
        geheel = await samen(delen)
    await speel(simulatie, spel, omvang.signalen, _alleen(geheel))


async def _alleen(historie: Historie) -> AsyncIterator[Historie]:
    yield historie


@router.get(
    "/beleid/{gemeentecode}/simulaties/{simulatieId}",
    summary="Hoe ver een simulatie is, en haar verslag",
    responses={200: {"content": {SVG: {"schema": {"type": "string"}}}}},
)
async def stand(
    gemeentecode: Code,
    simulatie_id: SimulatieId,
    request: Request,
    caller: Caller = Lezer,
    simulaties: Simulaties = Depends(lopende),
) -> Response:
    """`verslag` when it is done. `Accept: image/svg+xml` draws it: per month hours, letters, calls and visits, as they
    were and as they would be."""
    simulatie = _van(caller, simulaties, gemeentecode, simulatie_id)
    if SVG in request.headers.get("accept", ""):
        if simulatie.verslag is None:
            raise Mislukt if simulatie.stand is Stand.MISLUKT else NogBezig
        titel = f"Wat als: {simulatie.beleid_versie} in {gemeentecode}"
        return Response(plaatje(simulatie.verslag, titel), media_type=SVG)
    return JSONResponse(simulatie.getoond())


@router.delete("/beleid/{gemeentecode}/simulaties/{simulatieId}", status_code=204, summary="Stop een simulatie")
async def stop(
    gemeentecode: Code,
    simulatie_id: SimulatieId,
    caller: Caller = Beleidsmaker,
    simulaties: Simulaties = Depends(lopende),
) -> Response:
    """It stops within a moment, and is forgotten."""
    simulaties.vergeet(_van(caller, simulaties, gemeentecode, simulatie_id))
    return Response(status_code=204)


def _van(caller: Caller, simulaties: Simulaties, gemeentecode: str, simulatie_id: UUID) -> Simulatie:
    caller.may_see(gemeentecode)
    if (found := simulaties.van(gemeentecode, simulatie_id)) is None:
        raise NotFound
    return found
