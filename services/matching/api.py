"""HTTP of matching: what became of a signal, the review queue, and an official's decision."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from libs.chassis import logboek
from libs.chassis.auth import Caller
from libs.chassis.guard import allow
from libs.chassis.http import StrictRoute
from libs.chassis.idempotency import Idempotency
from libs.chassis.paging import Paged
from libs.chassis.patience import eventually
from libs.chassis.service import Runtime, runtime_of
from libs.events.errors import Invalid, NotFound
from libs.events.ids import uuid7
from libs.events.unit import Unit
from libs.events.values import REGIOBALIE, Bewijs, Koppelstatus, Value
from services.matching import aanmeldingen, store, views
from services.matching.domain import NietKoppelbaar, NogInBehandeling
from services.matching.gateway import BrpToegang
from services.matching.koppelen import Koppelaar
from services.matching.normalisatie import elfproef
from services.matching.schuldhulp import SCHULDHULP, schuldhulp
from services.matching.werk import Opdracht
from services.matching.zoeken import Bevinding, gekoppeld, plaats

router = APIRouter(route_class=StrictRoute, tags=["matching"])
LEZEN, BEOORDELEN = "matching:lezen", "matching:beoordelen"


class Besluitsoort(StrEnum):
    """What an official can decide."""

    GEKOPPELD = "Gekoppeld"
    GEEN_INWONER = "Geen inwoner"
    ONTERECHT = "Onterecht"


class Besluit(Value):
    """A decision; the number of the person only with Gekoppeld."""

    besluit: Besluitsoort
    burgerservicenummer: str | None = Field(default=None, max_length=9)


@router.get("/signalen/{signaalId}", summary="Waar een signaal staat")
async def signaal(
    signaalId: UUID,
    caller: Caller = allow(LEZEN),
    runtime: Runtime = Depends(runtime_of),
) -> dict[str, Any]:
    """Status, case, flags as things stand now, and the evidence."""

    async def kijk() -> dict[str, Any] | None:
        async with runtime.reading(caller) as conn:
            return await views.signaal(conn, signaalId)

    gevonden = await eventually(kijk)
    if gevonden is None:
        raise NotFound
    return gevonden


@router.get("/uitval", summary="Signalen die iemand moet bekijken")
async def uitval(
    pagina: Paged,
    gemeentecode: Annotated[str | None, Query(pattern=r"^([0-9]{4}|regio)$")] = None,
    afgedaan: Annotated[bool, Query(description="wat volgens afspraak niet wordt nagekeken")] = False,
    caller: Caller = allow(LEZEN),
    runtime: Runtime = Depends(runtime_of),
) -> dict[str, Any]:
    """The review queue: where an escalation waits first, then in order of arrival; or what nobody looks at."""
    async with runtime.reading(caller, caller.may_see(gemeentecode)) as conn:
        rijen = await views.uitval(conn, afgedaan, limit=pagina.limit, offset=pagina.offset)
    return pagina.answer("uitval", rijen)


@router.post("/uitval/{signaalId}/besluiten", status_code=201, summary="Beslis over een signaal")
async def besluiten(
    signaalId: UUID,
    besluit: Besluit,
    request: Request,
    caller: Caller = allow(BEOORDELEN),
    runtime: Runtime = Depends(runtime_of),
) -> Response:
    """Link it to a person by BSN, or say that no resident is meant or that it was sent unjustly; also undoes a link."""
    sleutel = await Idempotency.of(request, caller)
    rij = await _beoordeelbaar(runtime, caller, signaalId)
    begin = runtime.clock.now()
    bevinding = await _bevinding(runtime, besluit, rij.tenant, rij.kandidaten, rij.feiten.signaaldatum)
    bekend_shv = await _bekend_bij_schuldhulp(runtime, bevinding)
    async with runtime.command(caller, _tenants(caller, bevinding)) as unit:
        if (eerder := await sleutel.stored(unit.conn)) is not None:
            return eerder
        await _log(unit, besluit, signaalId, bekend_shv, caller, begin)
        opdracht = Opdracht(
            signaalId, uuid7(), bevinding, rij.feiten, rij.signaal.client, rij.volgorde, besluit=True,
            opgave=rij.signaal.opgave, bekend_shv=bekend_shv,
        )  # fmt: skip
        await Koppelaar(runtime).verwerk(unit, [opdracht])
        antwoord = await views.signaal(unit.conn, signaalId) or {}
        if bevinding.gemeentecode not in caller.gemeenten:  # handed over: what is known there is not for the caller
            antwoord = {naam: antwoord[naam] for naam in ("signaalId", "status", "gemeentecode")}
        return await sleutel.store(unit.conn, 201, antwoord, f"/matching/v1/signalen/{signaalId}")


@router.get("/aanmeldingen", summary="Huishoudens die zelf kwamen en niet gevonden zijn")
async def gemeld(
    pagina: Paged,
    gemeentecode: Annotated[str | None, Query(pattern=r"^[0-9]{4}$")] = None,
    caller: Caller = allow(LEZEN),
    runtime: Runtime = Depends(runtime_of),
) -> dict[str, Any]:
    """The longest waiting first; holds no personal data."""
    async with runtime.reading(caller, caller.may_see(gemeentecode)) as conn:
        rijen = await aanmeldingen.wachtend(conn, limit=pagina.limit, offset=pagina.offset)
    return pagina.answer("aanmeldingen", rijen)


@router.post("/aanmeldingen/{aanmeldingId}/besluiten", status_code=201, summary="Beslis over een aanmelding")
async def besluiten_over_aanmelding(
    aanmeldingId: UUID,
    besluit: Besluit,
    request: Request,
    caller: Caller = allow(BEOORDELEN),
    runtime: Runtime = Depends(runtime_of),
) -> Response:
    """Put it into the case of this person's household, by BSN, or say that it is nobody of the region; or undo that."""
    sleutel = await Idempotency.of(request, caller)
    rij = await eventually(lambda: _gemeld(runtime, caller, aanmeldingId))
    if rij is None:
        raise NotFound
    begin = runtime.clock.now()
    bevinding = await _bevinding(runtime, besluit, rij.tenant, rij.kandidaten, rij.aanmelding.datum)
    bekend_shv = await _bekend_bij_schuldhulp(runtime, bevinding)
    async with runtime.command(caller, _tenants(caller, bevinding)) as unit:
        if (eerder := await sleutel.stored(unit.conn)) is not None:
            return eerder
        await _log(unit, besluit, aanmeldingId, bekend_shv, caller, begin)
        opdracht = Opdracht(
            aanmeldingId, uuid7(), bevinding, besluit=True, aanmelding=rij.aanmelding, bekend_shv=bekend_shv
        )
        await Koppelaar(runtime).verwerk(unit, [opdracht])
        nu = await aanmeldingen.een(unit.conn, aanmeldingId)
        antwoord = aanmeldingen.getoond(nu) if nu else {}
        if bevinding.gemeentecode not in caller.gemeenten:  # handed over: the case there is not for the caller
            antwoord.pop("zaakId", None)
        return await sleutel.store(unit.conn, 201, antwoord)


async def _gemeld(runtime: Runtime, caller: Caller, aanmelding_id: UUID) -> aanmeldingen.Rij | None:
    async with runtime.reading(caller) as conn:
        return await aanmeldingen.een(conn, aanmelding_id)


async def _log(
    unit: Unit, besluit: Besluit, subject: UUID, bekend_shv: bool | None, caller: Caller, begin: datetime
) -> None:
    """Lines for the person who was looked up, and for what was asked of schuldhulpverlening."""
    if besluit.burgerservicenummer:
        await logboek.record(unit.conn, unit.service, "beoordelen", [subject], door=caller.rol, begin=begin)
    if bekend_shv is not None:
        await logboek.record(unit.conn, unit.service, SCHULDHULP, [subject], door=caller.rol, begin=begin)


async def _beoordeelbaar(runtime: Runtime, caller: Caller, signaal_id: UUID) -> store.Rij:
    """The signal, when the caller sees it and it was answered."""

    async def kijk() -> store.Rij | None:
        async with runtime.reading(caller) as conn:
            return (await store.laad(conn, [signaal_id], [], [], [])).rijen.get(signaal_id)

    rij = await eventually(kijk)
    if rij is None:
        raise NotFound
    if rij.signaal.status is Koppelstatus.IN_BEHANDELING:
        raise NogInBehandeling
    return rij


async def _bevinding(runtime: Runtime, besluit: Besluit, tenant: str, kandidaten: int, op: date) -> Bevinding:
    bsn, veld = besluit.burgerservicenummer, "burgerservicenummer"
    bewijs = Bewijs(vraag="besluit", overeenkomst=(veld,) if bsn else (), zekerheid=1.0)
    if besluit.besluit is not Besluitsoort.GEKOPPELD:
        if bsn is not None:
            raise Invalid("Alleen bij Gekoppeld hoort een burgerservicenummer.", field=veld)
        geen_inwoner = besluit.besluit is Besluitsoort.GEEN_INWONER
        status = Koppelstatus.GEEN_INWONER if geen_inwoner else Koppelstatus.UITVAL
        reden = "geenInwoner" if geen_inwoner else "onterecht"
        return Bevinding(status, tenant, reden=reden, kandidaten=kandidaten, bewijs=(bewijs,))
    if bsn is None or not elfproef(bsn):
        raise Invalid("Een burgerservicenummer heeft negen cijfers en voldoet aan de elfproef.", field=veld)
    async with BrpToegang(runtime.settings).open() as brp:
        personen = await brp.raadpleeg([bsn])
        if len(personen) != 1:
            raise NietKoppelbaar(field=veld)
        wie = personen[0]
        status, _, code = plaats(wie, runtime.region.gemeentecodes)
        if status is not Koppelstatus.GEKOPPELD:
            raise NietKoppelbaar(field=veld)
        return await gekoppeld(brp, wie, code, op, (bewijs,))


async def _bekend_bij_schuldhulp(runtime: Runtime, bevinding: Bevinding) -> bool | None:
    vraag = schuldhulp(runtime.settings)
    if vraag is None or bevinding.wie is None:
        return None
    return bool(await vraag.bekend([bevinding.wie.burgerservicenummer]))


def _tenants(caller: Caller, bevinding: Bevinding) -> tuple[str, ...]:
    """The regional desk hands a signal to the municipality where the person lives; others stay in their own."""
    if bevinding.gemeentecode in caller.gemeenten:
        return caller.gemeenten
    if REGIOBALIE not in caller.gemeenten:
        raise NietKoppelbaar(field="burgerservicenummer")
    return (*caller.gemeenten, bevinding.gemeentecode)
