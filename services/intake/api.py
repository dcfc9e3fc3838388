"""HTTP of intake: signals, deliveries, withdrawals, feedback."""

from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

import structlog
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse

from libs.chassis.auth import Caller
from libs.chassis.bounds import bounded
from libs.chassis.clock import today
from libs.chassis.guard import allow
from libs.chassis.http import StrictRoute, TooLarge, UnknownContent, content_type
from libs.chassis.idempotency import Idempotency
from libs.chassis.paging import LARGEST, Paged
from libs.chassis.problems import problem
from libs.chassis.service import Runtime, runtime_of
from libs.chassis.strict import clean, parse
from libs.events.catalogue import SignalWithdrawn
from libs.events.crash import crash_point
from libs.events.errors import Erased, Forbidden, Invalid, NotFound
from libs.events.unit import Unit
from libs.events.values import Signaalpartner
from services.intake import bodies, leveringen, namens, opname, store, views
from services.intake.aanlevering import Aanlevering, lees
from services.intake.domain import Ingetrokken, Oordeel, Terugkoppelstatus, TrekIn, signaal
from services.intake.opname import Afzender, Index
from services.intake.splitters import SPLITTERS
from services.intake.velden import REGELS, Fout

router = APIRouter(route_class=StrictRoute)
log = structlog.get_logger()

SIGNALEN, NAMENS = "intake:signalen", "intake:namens"
Running = Annotated[Runtime, Depends(runtime_of)]
SignaalId = Annotated[UUID, Path(alias="signaalId")]
LeveringId = Annotated[UUID, Path(alias="leveringId")]


def _eigen(caller: Caller, runtime: Runtime) -> Afzender:
    """The partner of the token."""
    partner = runtime.region.partner(caller.own_partner())
    if partner is None:
        raise Forbidden("De partner van dit token is hier geen signaalpartner.")
    return Afzender(partner.key, partner.type)


def _afzender(caller: Caller, runtime: Runtime, index: Index, genoemd: object, soort: object) -> Afzender:
    """The partner of the token, or the one a caseworker names."""
    if not caller.may(NAMENS):
        for veld, waarde in (("namens", genoemd), ("signaalpartner", soort)):
            if waarde is not None:
                raise Invalid("De partner volgt uit het token.", field=veld)
        return _eigen(caller, runtime)
    if not isinstance(genoemd, str) or not clean(genoemd) or not 0 < len(genoemd.strip()) <= 200:
        raise Invalid("Hier hoort de sleutel of de naam van een partner.", field="namens")
    if soort is not None and (not isinstance(soort, str) or soort not in list(Signaalpartner)):
        raise Invalid("De waarde is geen van de mogelijke waarden.", field="signaalpartner")
    afzender = opname.namens(genoemd, Signaalpartner(soort) if soort else None, runtime.region, index)
    return namens.bevoegd(caller, afzender, runtime.region)


@router.post("/signalen", status_code=201, openapi_extra=bodies.SIGNAAL, summary="Lever een signaal aan")
async def lever_signaal(
    request: Request, runtime: Running, caller: Caller = bounded("intake_signalen", SIGNALEN, NAMENS)
) -> Response:
    """201 for a new signal; 200 and the first `signaalId` for what was received before, and for a correction."""
    if content_type(request) != "application/json":
        raise UnknownContent(field="Content-Type")
    idempotency = await Idempotency.of(request, caller)
    gegeven = parse(await request.body(), exact=True)
    velden = dict(gegeven) if isinstance(gegeven, dict) else {}
    index = Index(runtime.kek)
    afzender = _afzender(caller, runtime, index, velden.pop("namens", None), velden.pop("signaalpartner", None))
    try:
        rij = lees(velden if isinstance(gegeven, dict) else gegeven, afzender.signaalpartner, today(runtime.clock))
    except Fout as fout:
        return _geweigerd(fout)
    innemer = opname.Opname(afzender, index, runtime.keyring)
    stukken, keys = await innemer.bereid([(1, rij)])
    crash_point("intake.single_after_keys")
    async with runtime.command(caller, _ziet(caller, afzender)) as unit:
        if (eerder := await idempotency.stored(unit.conn)) is not None:
            return eerder
        [uitkomst], gevonden = await innemer.neem(unit, stukken, keys)
        crash_point("intake.single_decided")
        if uitkomst.signaal_id is None:
            raise Erased(stukken[0].signaal_id)
        if afzender.namens:
            if uitkomst.oordeel is Oordeel.AANGENOMEN:
                await namens.bewaar(unit.conn, uitkomst.signaal_id, caller, afzender)
            await namens.eigen(unit.conn, uitkomst.signaal_id)
        body = await _antwoord(unit, rij, uitkomst, gevonden[uitkomst.signaal_id])
        status = 201 if uitkomst.oordeel is Oordeel.AANGENOMEN else 200
        return await idempotency.store(unit.conn, status, body, f"/intake/v1/signalen/{uitkomst.signaal_id}")


def _ziet(caller: Caller, afzender: Afzender) -> list[str]:
    """The partner's rows, and of a caseworker what its municipalities typed in."""
    return [afzender.partner, *(namens.invoerders(caller) if afzender.namens else ())]


def _geweigerd(fout: Fout) -> JSONResponse:
    log.info("command_refused", code=fout.code, status=400)
    reason = REGELS[fout.code]
    return problem(400, fout.code, reason, [{"name": fout.veld, "code": fout.code, "reason": reason}])


async def _antwoord(unit: Unit, rij: Aanlevering, uitkomst: store.Uitkomst, kept: store.Signaal) -> dict[str, Any]:
    nieuw = uitkomst.oordeel is Oordeel.AANGENOMEN
    status = Terugkoppelstatus.ONTVANGEN if nieuw else await views.status(unit.conn, kept.signaal_id)
    body = {
        "signaalId": str(kept.signaal_id),
        "status": status,
        "ontvangenOp": kept.ontvangen_op.isoformat(),
        "oordeel": uitkomst.oordeel,
    }
    return body | ({"onbruikbaar": list(rij.onbruikbaar)} if rij.onbruikbaar else {})


@router.get("/signalen/{signaalId}", summary="Raadpleeg een eigen signaal")
async def signaal_van(
    signaal_id: SignaalId, runtime: Running, caller: Caller = allow(SIGNALEN, NAMENS)
) -> dict[str, Any]:
    """What `Location` leads to: the same as its feedback."""
    return await terugkoppeling(signaal_id, runtime, caller)


@router.get("/signalen/{signaalId}/terugkoppeling", summary="Wat de partner van een signaal mag weten")
async def terugkoppeling(
    signaal_id: SignaalId, runtime: Running, caller: Caller = allow(SIGNALEN, NAMENS)
) -> dict[str, Any]:
    """Its status, from a closed list (Bgs art. 17); a caseworker sees it of what its municipality typed in."""
    ingevoerd = caller.may(NAMENS) and not caller.may(SIGNALEN)
    partner = await namens.afzender_van(runtime, caller, signaal_id) if ingevoerd else caller.own_partner()
    return await views.terugkoppeling(runtime, caller, signaal_id, partner)


@router.get("/terugkoppelingen", summary="Terugkoppeling over alle eigen signalen sinds een positie")
async def terugkoppelingen(
    request: Request,
    runtime: Running,
    na: Annotated[int, Query(ge=0, le=2**63 - 1, description="positie van de vorige keer; 0 is alles")] = 0,
    grootte: Annotated[int, Query(alias="paginaGrootte", ge=1, le=LARGEST, description="rijen per pagina")] = 100,
    caller: Caller = allow(SIGNALEN),
) -> dict[str, Any]:
    """Go on from `na` of the answer; `_links.next` is there while more is waiting."""
    rows = await views.terugkoppelingen(runtime, caller, na, grootte + 1)
    shown = rows[:grootte]
    tot = shown[-1]["positie"] if shown else na

    def href(positie: int) -> dict[str, str]:
        return {"href": f"{request.url.path}?{urlencode({'na': positie, 'paginaGrootte': grootte})}"}

    links = {"self": href(na)} | ({"next": href(tot)} if len(rows) > grootte else {})
    return {"terugkoppelingen": shown, "na": tot, "_links": links}


@router.post("/leveringen", status_code=202, openapi_extra=bodies.LEVERING, summary="Lever een bestand aan")
async def lever_bestand(
    request: Request, runtime: Running, caller: Caller = bounded("intake_leveringen", SIGNALEN)
) -> Response:
    """Taken in while it arrives. The contents make it idempotent: what was received before is `dubbel`."""
    kind = SPLITTERS.get(content_type(request))
    if kind is None:
        raise UnknownContent(field="Content-Type")
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > leveringen.BYTES:
        raise TooLarge
    levering = leveringen.Levering(runtime, caller, _eigen(caller, runtime))
    await levering.ontvang(request.stream(), kind())
    body = await views.levering(runtime, caller, levering.id)
    return JSONResponse(body, 202, {"Location": f"/intake/v1/leveringen/{levering.id}"})


@router.get("/leveringen/{leveringId}", summary="Status en aantallen van een levering")
async def levering_van(levering_id: LeveringId, runtime: Running, caller: Caller = allow(SIGNALEN)) -> dict[str, Any]:
    """`Bezig`, `Verwerkt`, or `Afgebroken`: then send it again."""
    return await views.levering(runtime, caller, levering_id)


@router.get("/leveringen/{leveringId}/regels", summary="Het oordeel per regel van een levering")
async def regels(
    levering_id: LeveringId,
    runtime: Running,
    page: Paged,
    oordeel: Oordeel | None = None,
    caller: Caller = allow(SIGNALEN),
) -> dict[str, Any]:
    """In the order of the file; the first record is 1."""
    return page.answer("regels", await views.regels(runtime, caller, levering_id, oordeel, page))


@router.post("/signalen/{signaalId}/intrekkingen", status_code=201, summary="Trek een signaal in")
async def trek_in(
    signaal_id: SignaalId,
    body: bodies.Intrekking,
    request: Request,
    runtime: Running,
    caller: Caller = bounded("intake_signalen", SIGNALEN, NAMENS),
) -> Response:
    """201; 200 when it was taken back like this before, 409 when otherwise."""
    idempotency = await Idempotency.of(request, caller)
    afzender = _afzender(caller, runtime, Index(runtime.kek), body.namens, None)
    async with runtime.command(caller, _ziet(caller, afzender)) as unit:
        if (eerder := await idempotency.stored(unit.conn)) is not None:
            return eerder
        kept = (await store.bestaand(unit.conn, [signaal_id])).get(signaal_id)
        if kept is None:
            raise NotFound
        if afzender.namens:
            await namens.eigen(unit.conn, signaal_id)
        besluit = signaal.decide(TrekIn(body.reden, body.datum, today(runtime.clock)), kept.stand)
        for gebeurtenis in besluit:
            assert isinstance(gebeurtenis, Ingetrokken)  # noqa: S101
            await _zeg_ingetrokken(unit, afzender, kept, gebeurtenis)
        answer = {"signaalId": str(signaal_id), "reden": body.reden, "datum": body.datum.isoformat()}
        location = f"/intake/v1/signalen/{signaal_id}"
        return await idempotency.store(unit.conn, 201 if besluit else 200, answer, location)


async def _zeg_ingetrokken(unit: Unit, afzender: Afzender, kept: store.Signaal, gebeurtenis: Ingetrokken) -> None:
    await store.trek_in(unit.conn, kept.signaal_id, gebeurtenis)
    unit.emit(
        SignalWithdrawn(
            signaal_id=kept.signaal_id, partner=afzender.partner, signaalpartner=kept.signaalpartner,
            periode=kept.periode, reden=gebeurtenis.reden, datum=gebeurtenis.datum,
        ),
        subject=kept.signaal_id, tenant=afzender.partner,
    )  # fmt: skip
