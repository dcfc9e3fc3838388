"""From a posted act to what was said: one act at a time in a case, decided on all that was said before.

The lock on the case makes a conflict of versions impossible between acts; the log's own UNIQUE(stream, version)
stays behind it. Nobody has to try again because a colleague was busy with the same household.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from fastapi import Request
from fastapi.responses import JSONResponse

from libs.chassis.auth import Caller
from libs.chassis.clock import AMSTERDAM
from libs.chassis.idempotency import Idempotency
from libs.chassis.patience import eventually
from libs.chassis.service import Runtime
from libs.events.errors import NotFound
from libs.events.ids import uuid7
from libs.events.keyring import Keyring, Soort
from libs.events.sealed import Sealed
from libs.events.unit import Unit
from services.outreach import store, takenlijst
from services.outreach.bodies import Aanmelding, Basis, Contactpoging
from services.outreach.domain import aanmelding, decider
from services.outreach.dossier import Dossier
from services.outreach.handelingen import Command

LEZEN = "outreach:lezen"
HANDELING = "/outreach/v1/zaken/{zaak_id}/handelingen/{id}"
"""Where an act can be read."""


class Posted(Protocol):
    """What a body of an act can do."""

    @property
    def melding_id(self) -> UUID | None:
        """The melding it is about, where one is named."""
        ...

    def vrij(self) -> dict[str, str]:
        """What has to be sealed."""
        ...

    def command(self, basis: Basis) -> Command:
        """The command it asks for."""
        ...


@dataclass(frozen=True, slots=True)
class Antwoord:
    """What is answered to something new, and where it can be read."""

    body: dict[str, Any]
    location: str | None = None
    status: int = 201


async def eenmaal(
    runtime: Runtime,
    caller: Caller,
    request: Request,
    doe: Callable[[Unit], Awaitable[Antwoord]],
    tenants: Sequence[str] | None = None,
) -> JSONResponse:
    """Do it in one transaction, and keep the answer with it: the same Idempotency-Key gets it again."""
    key = await Idempotency.of(request, caller)
    async with runtime.command(caller, tenants) as unit:
        stored = await key.stored(unit.conn)
        if stored is not None:
            return stored
        answer = await doe(unit)
        return await key.store(unit.conn, answer.status, answer.body, answer.location)


async def handel(
    runtime: Runtime, caller: Caller, request: Request, zaak_id: UUID, body: Posted, *, status: int = 201
) -> JSONResponse:
    """Record an act on a case."""
    await eventually(lambda: _bekend(runtime, caller, zaak_id, body.melding_id))

    async def doe(unit: Unit) -> Antwoord:
        await store.lock(unit.conn, zaak_id)
        dossier = await store.dossier(unit.conn, zaak_id)
        if dossier is None:
            raise NotFound
        zaak = dossier.zaak()
        basis = await _basis(runtime, unit, body, dossier)
        events = decider(zaak).decide(body.command(basis), zaak)
        for n, event in enumerate(events):
            unit.emit(event, subject=zaak_id, gemeentecode=zaak.gemeentecode, id=None if n else basis.id)
        leesbaar = status == 201 and caller.may(LEZEN)
        location = HANDELING.format(zaak_id=zaak_id, id=basis.id) if leesbaar else None
        return Antwoord(_antwoord(basis, zaak_id, events), location, status)

    return await eenmaal(runtime, caller, request, doe)


async def meld_aan(runtime: Runtime, caller: Caller, request: Request, body: Aanmelding) -> JSONResponse:
    """Record a household that came by itself and has no case we know of."""
    gemeentecode = body.gemeentecode or ""

    async def doe(unit: Unit) -> Antwoord:
        nieuw = uuid7()
        keys = await runtime.keyring.create([nieuw], Soort.SIGNAAL)
        toelichting = keys.seal(nieuw, nieuw, body.vrij()) if body.vrij() else None
        client = keys.seal(nieuw, nieuw, body.client.client()) if body.client else None
        command = body.command(Basis(nieuw, unit.now.astimezone(AMSTERDAM), toelichting))
        event = aanmelding(command, gemeentecode, client=client)
        unit.emit(event, subject=nieuw, gemeentecode=gemeentecode, id=nieuw)
        return Antwoord({"aanmeldingId": str(nieuw), "zaakId": None}, f"/outreach/v1/aanmeldingen/{nieuw}")

    return await eenmaal(runtime, caller, request, doe, caller.may_see(gemeentecode))


async def _bekend(runtime: Runtime, caller: Caller, zaak_id: UUID, melding_id: UUID | None) -> bool | None:
    async with runtime.reading(caller) as conn:
        return await store.bekend(conn, zaak_id, melding_id) or None


async def _basis(runtime: Runtime, unit: Unit, body: Posted, dossier: Dossier) -> Basis:
    """Id, time, sealed texts and rest of an act. Names of staff are sealed with the case."""
    nieuw, nu, zaak_id = uuid7(), unit.now.astimezone(AMSTERDAM), dossier.zaak_id
    medewerker: Sealed[str] | None = None
    medewerker_id = rust = None
    name = getattr(body, "medewerker", None)
    if name:
        keys = await runtime.keyring.create([zaak_id], Soort.ZAAK)
        medewerker = keys.seal(zaak_id, nieuw, name)
        medewerker_id = pseudoniem(runtime, dossier.gemeentecode, name)
    if isinstance(body, Contactpoging):
        rust = await takenlijst.rust_van(unit.conn, dossier, dossier.zaak().bedoeld(body.melding_id), nu.date())
    toelichting = await _verzegel(runtime.keyring, nieuw, body.vrij(), dossier.personen or [zaak_id])
    return Basis(nieuw, nu, toelichting, medewerker, medewerker_id, rust)


def pseudoniem(runtime: Runtime, gemeentecode: str, name: str) -> UUID:
    """The same for the same name in a municipality, and of no use to who has no key: tasks are asked for by it."""
    return UUID(
        bytes=runtime.kek.blind("medewerker").of(gemeentecode, " ".join(name.casefold().split()))[:16], version=5
    )


async def _verzegel(
    keyring: Keyring, id: UUID, vrij: dict[str, str], personen: Sequence[UUID]
) -> Sealed[dict[str, str]] | None:
    """Free text under a key of its own that hangs on everyone in the case: it goes when any of them is erased."""
    if not vrij:
        return None
    keys = await keyring.create([id], Soort.TEKST)
    for persoon_id in personen:
        await keyring.link({id: persoon_id})
    return keys.seal(id, id, vrij)


def _antwoord(basis: Basis, zaak_id: UUID, events: Sequence[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"id": str(basis.id), "zaakId": str(zaak_id)}
    meldingen = [event.melding_id for event in events if getattr(event, "melding_id", None)]
    if meldingen:
        found["meldingId"] = str(meldingen[0])
    if basis.medewerker_id is not None:
        found["medewerkerId"] = str(basis.medewerker_id)
    for name in ("contactpoging_id", "aanmelding_id"):
        if getattr(events[0], name, None):
            found[name.replace("_id", "Id")] = str(basis.id)
    return found
