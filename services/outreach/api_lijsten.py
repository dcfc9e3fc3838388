"""HTTP of outreach for many cases at once: rounds of letters and call lists."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import JSONResponse

from libs.chassis.auth import Caller
from libs.chassis.guard import allow
from libs.chassis.http import StrictRoute
from libs.chassis.paging import Paged
from libs.chassis.service import Runtime, runtime_of
from services.outreach import bellijsten, brievenronden, drukwerk
from services.outreach.lijsten import Bellijst, Brievenronde

router = APIRouter(route_class=StrictRoute)

Acts = Annotated[Caller, allow("outreach:behandelen")]
Reads = Annotated[Caller, allow("outreach:lezen")]
Calls = Annotated[Caller, allow("outreach:lezen", bellijsten.BELLEN)]
Here = Annotated[Runtime, Depends(runtime_of)]


@router.post("/brievenronden", status_code=201, summary="Leg een brievenronde vast: een contactpoging per zaak")
async def verstuur(body: Brievenronde, request: Request, caller: Acts, runtime: Here) -> JSONResponse:
    """To the named cases, or to those with such a letter to do. What was recorded before is `dubbel`."""
    return await brievenronden.verstuur(runtime, caller, request, body)


@router.get("/brievenronden/{brievenrondeId}", summary="Een brievenronde met het oordeel per zaak")
async def ronde(
    ronde_id: Annotated[UUID, Path(alias="brievenrondeId")], caller: Reads, runtime: Here
) -> dict[str, Any]:
    """Holds no personal data."""
    return await brievenronden.ronde(runtime, caller, ronde_id)


@router.get(
    "/brievenronden/{brievenrondeId}/brieven", summary="De brieven van een ronde als één PDF; de inzage wordt gelogd",
    response_class=Response, responses={200: {"content": {"application/pdf": {}}}},
)  # fmt: skip
async def brieven_van_ronde(
    ronde_id: Annotated[UUID, Path(alias="brievenrondeId")], caller: Acts, runtime: Here
) -> Response:
    """A page for each person of the cases in which the round recorded its letter."""
    found = await drukwerk.ronde(runtime, caller, ronde_id)
    headers = {"Content-Disposition": 'inline; filename="brievenronde.pdf"'}
    return Response(found, media_type="application/pdf", headers=headers)


@router.post("/bellijsten", status_code=201, summary="Maak een bellijst voor een callcenter")
async def maak_bellijst(body: Bellijst, request: Request, caller: Acts, runtime: Here) -> JSONResponse:
    """409 where the municipality agreed to no call centre."""
    return await bellijsten.maak(runtime, caller, request, body)


@router.get("/bellijsten", summary="De bellijsten; een callcenter ziet die van zijn team die nu gelden")
async def alle_bellijsten(page: Paged, caller: Calls, runtime: Here) -> dict[str, Any]:
    """The newest first."""
    return await bellijsten.alle(runtime, caller, page)


@router.get("/bellijsten/{bellijstId}", summary="Een bellijst; een callcenter ziet wie te bellen, de inzage is gelogd")
async def bellijst(lijst_id: Annotated[UUID, Path(alias="bellijstId")], caller: Calls, runtime: Here) -> dict[str, Any]:
    """Name and telephone number for the call centre; the verdict per case for who made the list."""
    return await bellijsten.lijst(runtime, caller, lijst_id)
