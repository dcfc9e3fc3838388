"""HTTP of escalation: a report in, what it set in motion out."""

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse

from libs.chassis.auth import Caller
from libs.chassis.clock import today
from libs.chassis.guard import allow
from libs.chassis.http import StrictRoute
from libs.chassis.idempotency import Idempotency
from libs.chassis.paging import Paged
from libs.chassis.patience import eventually
from libs.chassis.service import Runtime, runtime_of
from libs.events.catalogue import DeurwaarderTransferred
from libs.events.errors import Forbidden, NotFound
from libs.events.ids import uuid7
from libs.events.values import Datum, Gemeentecode, PartnerKey
from services.escalation import berichten as b
from services.escalation import store, views
from services.escalation.domain import opdrachten as o
from services.escalation.melden import BASE, Doel, report, seen_by

router = APIRouter(route_class=StrictRoute)

VOORUITBLIK = timedelta(days=14)
LEZEN, HANDELEN, OVERDRAGEN = "escalation:lezen", "escalation:handelen", "escalation:overdragen"


@router.post("/deurwaarderoverdrachten", status_code=201)
async def transfer(
    request: Request,
    body: b.Overdrachtbericht,
    caller: Caller = allow(OVERDRAGEN),
    runtime: Runtime = Depends(runtime_of),
) -> JSONResponse:
    """Meldt dat een dossier bij een deurwaarder is, en in welke fase."""
    once, doel = await Idempotency.of(request, caller), Doel(body.signaal_id, body.zaak_id)
    opdracht = o.Overdracht(
        deurwaarder=body.deurwaarder, fase=body.fase, datum=body.datum, vandaag=today(runtime.clock)
    )
    return await report(runtime, caller, once, doel, opdracht, f"{BASE}/deurwaarderoverdrachten/{{id}}")


@router.get("/deurwaarderoverdrachten/{id}")
async def transferred(
    id: UUID, caller: Caller = allow(OVERDRAGEN, LEZEN), runtime: Runtime = Depends(runtime_of)
) -> JSONResponse:
    """Een gemelde overdracht."""
    async with runtime.reading(caller, seen_by(caller)) as conn:
        found = await store.fact(conn, id, DeurwaarderTransferred)
    if found is None or not isinstance(found.event, DeurwaarderTransferred):
        raise NotFound
    event = found.event
    return _json({"id": id, "deurwaarder": event.deurwaarder, "fase": event.fase, "datum": event.datum})


@router.post("/ontruimingen", status_code=201)
async def announce(
    request: Request,
    body: b.Aanzeggingbericht,
    caller: Caller = allow(OVERDRAGEN),
    runtime: Runtime = Depends(runtime_of),
) -> JSONResponse:
    """Meldt een aangezegde ontruiming (Rv art. 555)."""
    once, doel, ontruiming_id = await Idempotency.of(request, caller), Doel(body.signaal_id, body.zaak_id), uuid7()
    opdracht = o.Aanzegging(
        ontruiming_id=ontruiming_id, datum=body.aanzegdatum, ontruimingsdatum=body.ontruimingsdatum, grond=body.grond,
        vandaag=today(runtime.clock),
    )  # fmt: skip
    return await report(runtime, caller, once, doel, opdracht, f"{BASE}/ontruimingen/{ontruiming_id}")


@router.get("/ontruimingen/{id}")
async def eviction(
    id: UUID, caller: Caller = allow(OVERDRAGEN, LEZEN), runtime: Runtime = Depends(runtime_of)
) -> JSONResponse:
    """Een aangezegde ontruiming en haar afloop."""
    async with runtime.reading(caller, seen_by(caller)) as conn:
        found = await views.one_eviction(conn, id)
    if found is None:
        raise NotFound
    return _json(found)


@router.post("/ontruimingen/{id}/afloop", status_code=201)
async def settle(
    id: UUID,
    request: Request,
    body: b.Afloopbericht,
    caller: Caller = allow(OVERDRAGEN),
    runtime: Runtime = Depends(runtime_of),
) -> JSONResponse:
    """Meldt wat er van een aangezegde ontruiming is geworden."""
    once = await Idempotency.of(request, caller)
    async with runtime.reading(caller, seen_by(caller)) as conn:
        found = await store.eviction(conn, id)
    if not found:
        raise NotFound
    doel = Doel(found[0].signaal_id, None if found[0].signaal_id else found[0].zaak_id)
    opdracht = o.Afloop(
        ontruiming_id=id, afloop=body.afloop, datum=body.datum, nieuwe_datum=body.nieuwe_datum,
        vandaag=today(runtime.clock),
    )  # fmt: skip
    return await report(runtime, caller, once, doel, opdracht, f"{BASE}/ontruimingen/{id}")


@router.post("/mpzo-meldingen", status_code=201)
async def reported(
    request: Request,
    body: b.Meldpuntbericht,
    caller: Caller = allow(OVERDRAGEN),
    runtime: Runtime = Depends(runtime_of),
) -> JSONResponse:
    """De corporatie heeft gemeld bij het Meldpunt Zorg en Overlast (spoor 2)."""
    once, doel = await Idempotency.of(request, caller), Doel(body.signaal_id, body.zaak_id)
    opdracht = o.Mpzo(soort=body.soort, resultaat=body.resultaat, datum=body.datum, vandaag=today(runtime.clock))
    return await report(runtime, caller, once, doel, opdracht, f"{BASE}/overleglijst")


@router.post("/incassostanden", status_code=201)
async def collecting(
    request: Request,
    body: b.Incassostandbericht,
    caller: Caller = allow(OVERDRAGEN),
    runtime: Runtime = Depends(runtime_of),
) -> JSONResponse:
    """De corporatie heeft de incasso gepauzeerd of hervat (spoor 1)."""
    once, doel = await Idempotency.of(request, caller), Doel(body.signaal_id, body.zaak_id)
    opdracht = o.Incasso(stand=body.soort, datum=body.datum, vandaag=today(runtime.clock))
    return await report(runtime, caller, once, doel, opdracht, f"{BASE}/overleglijst")


@router.post("/zaken/{zaakId}/acties", status_code=201)
async def act(
    zaakId: UUID,
    request: Request,
    body: b.Actiebericht,
    caller: Caller = allow(HANDELEN),
    runtime: Runtime = Depends(runtime_of),
) -> JSONResponse:
    """Meldt een met de corporatie afgesproken actie."""
    once = await Idempotency.of(request, caller)
    opdracht = o.Actie(
        soort=body.soort, resultaat=body.resultaat, uitvoerder=body.uitvoerder, taak=body.taak, datum=body.datum,
        vandaag=today(runtime.clock),
    )  # fmt: skip
    return await report(runtime, caller, once, Doel(zaak_id=zaakId), opdracht)


@router.post("/zaken/{zaakId}/mpzo-meldingen", status_code=201)
async def mpzo(
    zaakId: UUID,
    request: Request,
    body: b.Mpzobericht,
    caller: Caller = allow(HANDELEN),
    runtime: Runtime = Depends(runtime_of),
) -> JSONResponse:
    """Meldt dat de zaak bij het Meldpunt Zorg en Overlast is gemeld."""
    once = await Idempotency.of(request, caller)
    opdracht = o.Mpzo(soort=body.soort, resultaat=body.resultaat, datum=body.datum, vandaag=today(runtime.clock))
    return await report(runtime, caller, once, Doel(zaak_id=zaakId), opdracht)


@router.post("/zaken/{zaakId}/moratoria", status_code=201)
async def moratorium(
    zaakId: UUID,
    request: Request,
    body: b.Moratoriumbericht,
    caller: Caller = allow(HANDELEN),
    runtime: Runtime = Depends(runtime_of),
) -> JSONResponse:
    """Meldt een verzoek om een moratorium (Fw art. 287b), of met `resultaat` de uitspraak daarop."""
    once = await Idempotency.of(request, caller)
    opdracht = o.Moratorium(uitspraak=body.resultaat, datum=body.datum, vandaag=today(runtime.clock))
    return await report(runtime, caller, once, Doel(zaak_id=zaakId), opdracht)


@router.post("/zaken/{zaakId}/incassostanden", status_code=201)
async def collection(
    zaakId: UUID,
    request: Request,
    body: b.Incassobericht,
    caller: Caller = allow(HANDELEN),
    runtime: Runtime = Depends(runtime_of),
) -> JSONResponse:
    """Meldt dat de corporatie de incasso pauzeert of hervat."""
    once = await Idempotency.of(request, caller)
    opdracht = o.Incasso(stand=body.soort, datum=body.datum, vandaag=today(runtime.clock))
    return await report(runtime, caller, once, Doel(zaak_id=zaakId), opdracht)


@router.get("/zaken/{zaakId}")
async def case(
    zaakId: UUID,
    caller: Caller = allow(LEZEN),
    runtime: Runtime = Depends(runtime_of),
) -> JSONResponse:
    """De fase, de geschiedenis en de lopende termijnen van een zaak."""

    async def look() -> dict[str, Any] | None:
        async with runtime.reading(caller, seen_by(caller)) as conn:
            return await views.case(conn, zaakId, today(runtime.clock))

    found = await eventually(look)
    if found is None:
        raise NotFound(field="zaakId")
    return _json(found)


@router.get("/termijnen")
async def terms(
    page: Paged,
    gemeentecode: Annotated[Gemeentecode | None, Query(description="weggelaten: alle van het token")] = None,
    uiterlijkVoor: Annotated[Datum | None, Query(description="standaard over veertien dagen")] = None,
    caller: Caller = allow(LEZEN),
    runtime: Runtime = Depends(runtime_of),
) -> JSONResponse:
    """De termijnen die voor een dag verlopen als er niets gebeurt, de eerste het eerst."""
    vandaag = today(runtime.clock)
    before = uiterlijkVoor or vandaag + VOORUITBLIK
    async with runtime.reading(caller, caller.may_see(gemeentecode)) as conn:
        rows = await views.coming(conn, before, vandaag, page.limit, page.offset)
    return _json({"uiterlijkVoor": before, **page.answer("termijnen", rows)})


@router.get("/overleglijst")
async def meeting(
    page: Paged,
    partner: Annotated[PartnerKey | None, Query(description="sleutel van de corporatie")] = None,
    maand: Annotated[
        str | None, Query(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", description="jjjj-mm; standaard de lopende maand")
    ] = None,
    dagen: Annotated[
        int | None,
        Query(ge=1, le=730, description="zonder nieuws sinds zoveel dagen: uit beeld; standaard de afspraak"),
    ] = None,
    caller: Caller = allow(LEZEN, OVERDRAGEN),
    runtime: Runtime = Depends(runtime_of),
) -> JSONResponse:
    """De maandelijkse lijst voor het overleg met een corporatie."""
    vandaag = today(runtime.clock)
    first, last = views.bounds(maand or f"{vandaag:%Y-%m}")
    whose = _whose_list(caller, partner)
    async with runtime.reading(caller, seen_by(caller)) as conn:
        rows = await store.meeting(conn, whose, first, last, page.limit, page.offset)
        answer = await views.meeting(conn, rows, min(last, vandaag), dagen, caller.partner)
    return _json({"peildatum": min(last, vandaag), **page.answer("rijen", answer)})


def _whose_list(caller: Caller, partner: str | None) -> str | None:
    """A partner has its own list; others may ask for anyone's in their municipalities."""
    if caller.may(LEZEN) and not caller.partner:
        return partner
    own = caller.own_partner()
    if partner not in (None, own):
        raise Forbidden("Dit token staat niet voor deze partner.")
    return own


@router.get("/wachtende-signalen")
async def waiting(page: Paged, caller: Caller = allow(LEZEN), runtime: Runtime = Depends(runtime_of)) -> JSONResponse:
    """Signalen waarover iets is gemeld terwijl zij nog geen zaak hebben; de langst wachtende eerst."""
    async with runtime.reading(caller, seen_by(caller)) as conn:
        rows = await store.waiting(conn, page.limit, page.offset)
    names = {"signaal_id": "signaalId", "partner": "partner", "gemeld": "gemeld", "sinds": "sinds"}
    return _json(page.answer("signalen", [{new: row[old] for old, new in names.items()} for row in rows]))


def _json(answer: Any) -> JSONResponse:
    return JSONResponse(jsonable_encoder(answer))
