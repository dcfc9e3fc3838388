"""HTTP of outreach: the work list, one case opened, and the acts on it."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse

from libs.chassis.auth import Caller
from libs.chassis.clock import today
from libs.chassis.guard import allow
from libs.chassis.http import StrictRoute
from libs.chassis.paging import Paged
from libs.chassis.patience import eventually
from libs.chassis.service import Runtime, runtime_of
from libs.events.errors import NotFound
from libs.events.values import Datum
from services.outreach import api_lijsten, bellijsten, bodies, drukwerk, inzage, store, takenlijst
from services.outreach.brieven import Briefsoort
from services.outreach.handelen import handel, meld_aan
from services.outreach.takenlijst import Gevraagd

router = APIRouter(route_class=StrictRoute)
router.include_router(api_lijsten.router)

LEZEN, BEHANDELEN, OVERZICHT = "outreach:lezen", "outreach:behandelen", "outreach:overzicht"

Looks = Annotated[Caller, allow(LEZEN, OVERZICHT)]
Reads = Annotated[Caller, allow(LEZEN)]
Acts = Annotated[Caller, allow(BEHANDELEN)]
ActsOrCalls = Annotated[Caller, allow(BEHANDELEN, bellijsten.BELLEN)]
Here = Annotated[Runtime, Depends(runtime_of)]
ZaakId = Annotated[UUID, Path(alias="zaakId")]
Gemeente = Annotated[str | None, Query(pattern=r"^[0-9]{4}$", description="CBS-code; weggelaten: alle van het token")]
Team = Annotated[str | None, Query(max_length=200, description="alleen wat dit team behandelt")]


@router.get("/werkvoorraad", summary="De open meldingen, en wie ontruiming dreigt: op dreiging, datum en prioriteit")
async def werkvoorraad(
    page: Paged, caller: Looks, runtime: Here, gemeentecode: Gemeente = None, team: Team = None
) -> dict[str, Any]:
    """A row per open melding. Holds no personal data: a coordinator may see it too."""
    tenants = caller.may_see(gemeentecode)
    async with runtime.reading(caller, tenants) as conn:
        return page.answer("werkvoorraad", await store.werkvoorraad(conn, tenants, team, page.limit, page.offset))


@router.get("/taken", summary="Wat er nog te doen is, met datums; het eerst te doene voorop")
async def taken(
    page: Paged,
    caller: Looks,
    runtime: Here,
    gemeentecode: Gemeente = None,
    team: Team = None,
    uiterlijk_voor: Annotated[Datum | None, Query(alias="uiterlijkVoor", description="op of voor deze dag")] = None,
    medewerker: Annotated[UUID | None, Query(description="`medewerkerId` van een taak of een toewijzing")] = None,
    uitvoerder: Annotated[str | None, Query(max_length=60, description="wie de stap uitvoert: een callcenter")] = None,
) -> dict[str, Any]:
    """A row per step of a route that is still to do. Holds no personal data."""
    tenants = caller.may_see(gemeentecode)
    vraag = Gevraagd(tenants, uiterlijk_voor, team, medewerker, uitvoerder)
    async with runtime.reading(caller, tenants) as conn:
        return page.answer("taken", await takenlijst.taken(conn, vraag, today(runtime.clock), page.limit, page.offset))


@router.get("/aanmeldingen", summary="Wie zelf kwam en nog geen zaak heeft")
async def aanmeldingen(page: Paged, caller: Looks, runtime: Here, gemeentecode: Gemeente = None) -> dict[str, Any]:
    """The longest waiting first. Holds no personal data."""
    tenants = caller.may_see(gemeentecode)
    async with runtime.reading(caller, tenants) as conn:
        return page.answer("aanmeldingen", await store.aanmeldingen(conn, tenants, page.limit, page.offset))


@router.get("/aanmeldingen/{aanmeldingId}", summary="Een aanmelding zonder persoonsgegevens")
async def aanmelding_van(
    aanmelding_id: Annotated[UUID, Path(alias="aanmeldingId")], caller: Looks, runtime: Here
) -> dict[str, Any]:
    """As it was recorded."""
    return await inzage.handeling(runtime, caller, aanmelding_id, aanmelding_id)


@router.get("/zaken/{zaakId}", summary="Een zaak met persoonsgegevens; de inzage wordt gelogd")
async def zaak(zaak_id: ZaakId, caller: Reads, runtime: Here) -> dict[str, Any]:
    """Everything about one case, opened for who handles it."""
    found = await eventually(lambda: inzage.zaak(runtime, caller, zaak_id))
    if found is None:
        raise NotFound
    return found


@router.get(
    "/zaken/{zaakId}/brieven/{soort}", summary="Een brief of kaart als PDF; de inzage wordt gelogd",
    response_class=Response, responses={200: {"content": {"application/pdf": {}}}},
)  # fmt: skip
async def brief_als_pdf(
    zaak_id: ZaakId,
    soort: Briefsoort,
    caller: Acts,
    runtime: Here,
    brief: Annotated[str | None, Query(max_length=60, description="welke brief, waar er meer zijn")] = None,
) -> Response:
    """A page for each person of the case. That it went is told as a contactpoging."""
    found = await drukwerk.brief(runtime, caller, zaak_id, soort, brief)
    headers = {"Content-Disposition": f'inline; filename="{soort}.pdf"'}
    return Response(found, media_type="application/pdf", headers=headers)


@router.get("/zaken/{zaakId}/handelingen/{handelingId}", summary="Een vastgelegde handeling zonder persoonsgegevens")
async def handeling(
    zaak_id: ZaakId, handeling_id: Annotated[UUID, Path(alias="handelingId")], caller: Looks, runtime: Here
) -> dict[str, Any]:
    """What the `Location` of an act leads to."""
    return await inzage.handeling(runtime, caller, zaak_id, handeling_id)


@router.post("/zaken/{zaakId}/contactpogingen", status_code=201, summary="Leg een contactpoging vast")
async def contactpoging(
    zaak_id: ZaakId, body: bodies.Contactpoging, request: Request, caller: ActsOrCalls, runtime: Here
) -> JSONResponse:
    """On the open melding unless another is named; a call centre only for a case on a list of its team."""
    if not caller.may(BEHANDELEN):
        body = await bellijsten.namens_callcenter(runtime, caller, zaak_id, body)
    return await handel(runtime, caller, request, zaak_id, body)


@router.post("/zaken/{zaakId}/hulpacceptaties", status_code=201, summary="Het huishouden aanvaardt hulp")
async def hulpacceptatie(
    zaak_id: ZaakId, body: bodies.Hulpacceptatie, request: Request, caller: Acts, runtime: Here
) -> JSONResponse:
    """A kind outside the list is kept sealed, as `Overige`."""
    return await handel(runtime, caller, request, zaak_id, body)


@router.post("/zaken/{zaakId}/afwijzingen", status_code=201, summary="Het huishouden wijst hulp af")
async def afwijzing(
    zaak_id: ZaakId, body: bodies.Afwijzing, request: Request, caller: Acts, runtime: Here
) -> JSONResponse:
    """A reason outside the list is kept sealed."""
    return await handel(runtime, caller, request, zaak_id, body)


@router.post("/zaken/{zaakId}/afsluitingen", status_code=201, summary="Sluit een melding af, of de zaak")
async def afsluiting(
    zaak_id: ZaakId, body: bodies.Afsluiting, request: Request, caller: Acts, runtime: Here
) -> JSONResponse:
    """With `"zaak": true` every open melding gets this result and the case ends."""
    return await handel(runtime, caller, request, zaak_id, body)


@router.post("/zaken/{zaakId}/gesprekken", status_code=201, summary="Het eerste gesprek (Wgs art. 4)")
async def gesprek(zaak_id: ZaakId, body: bodies.Gesprek, request: Request, caller: Acts, runtime: Here) -> JSONResponse:
    """The first conversation took place."""
    return await handel(runtime, caller, request, zaak_id, body)


@router.post("/zaken/{zaakId}/beschikkingen", status_code=201, summary="Het besluit (Wgs art. 4a)")
async def beschikking(
    zaak_id: ZaakId, body: bodies.Beschikking, request: Request, caller: Acts, runtime: Here
) -> JSONResponse:
    """The college decided, or the inhabitant renounces (`Inwoner ziet af`)."""
    return await handel(runtime, caller, request, zaak_id, body)


@router.post("/zaken/{zaakId}/hulpbeeindigingen", status_code=201, summary="De hulp eindigt")
async def hulpbeeindiging(
    zaak_id: ZaakId, body: bodies.Hulpbeeindiging, request: Request, caller: Acts, runtime: Here
) -> JSONResponse:
    """409 when no help runs."""
    return await handel(runtime, caller, request, zaak_id, body)


@router.post("/zaken/{zaakId}/nazorg", status_code=201, summary="Nazorg is gegeven")
async def nazorg(zaak_id: ZaakId, body: bodies.Nazorg, request: Request, caller: Acts, runtime: Here) -> JSONResponse:
    """Somebody asked how it goes."""
    return await handel(runtime, caller, request, zaak_id, body)


@router.put("/zaken/{zaakId}/behandelaar", summary="Wie de zaak behandelt")
async def behandelaar(
    zaak_id: ZaakId, body: bodies.Toewijzing, request: Request, caller: Acts, runtime: Here
) -> JSONResponse:
    """Takes the place of whom the route names."""
    return await handel(runtime, caller, request, zaak_id, body, status=200)


@router.post("/aanmeldingen", status_code=201, summary="Een huishouden meldt zich zelf")
async def aanmelding(body: bodies.Aanmelding, request: Request, caller: Acts, runtime: Here) -> JSONResponse:
    """In a running case (`zaakId`), or by `gemeentecode` and `client` for matching to find."""
    if body.zaak_id is not None:
        return await handel(runtime, caller, request, body.zaak_id, body)
    return await meld_aan(runtime, caller, request, body)
