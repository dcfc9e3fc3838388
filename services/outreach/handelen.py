"""From a posted act to what was said: one act at a time in a case, decided on all that was said before.

The lock on the case makes a conflict of versions impossible between acts; the log's own UNIQUE(stream, version)
stays behind it. Nobody has to try again because a colleague was busy with the same household.
"""

from collections.abc import Sequence
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
from services.outreach import store
from services.outreach.bodies import Aanmelding, Basis
from services.outreach.domain import aanmelding, decider
from services.outreach.handelingen import Command


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


async def handel(
    runtime: Runtime, caller: Caller, request: Request, zaak_id: UUID, body: Posted, *, status: int = 201
) -> JSONResponse:
    """Record an act on a case; its own answer when the same Idempotency-Key comes again."""
    key = await Idempotency.of(request, caller)
    await eventually(lambda: _bekend(runtime, caller, zaak_id, body.melding_id))
    async with runtime.command(caller) as unit:
        stored = await key.stored(unit.conn)
        if stored is not None:
            return stored
        await store.lock(unit.conn, zaak_id)
        dossier = await store.dossier(unit.conn, zaak_id)
        if dossier is None:
            raise NotFound
        zaak = dossier.zaak()
        basis = await _basis(runtime.keyring, unit, body, zaak_id, dossier.personen)
        events = decider(zaak).decide(body.command(basis), zaak)
        for n, event in enumerate(events):
            unit.emit(event, subject=zaak_id, gemeentecode=zaak.gemeentecode, id=None if n else basis.id)
        return await key.store(unit.conn, status, _antwoord(basis.id, zaak_id, events))


async def meld_aan(runtime: Runtime, caller: Caller, request: Request, body: Aanmelding) -> JSONResponse:
    """Record a household that came by itself and has no case we know of."""
    gemeentecode = body.gemeentecode or ""
    tenants = caller.may_see(gemeentecode)
    key = await Idempotency.of(request, caller)
    async with runtime.command(caller, tenants) as unit:
        stored = await key.stored(unit.conn)
        if stored is not None:
            return stored
        nieuw = uuid7()
        keys = await runtime.keyring.create([nieuw], Soort.SIGNAAL)
        toelichting = keys.seal(nieuw, nieuw, body.vrij()) if body.vrij() else None
        client = keys.seal(nieuw, nieuw, body.client.client()) if body.client else None
        command = body.command(Basis(nieuw, unit.now.astimezone(AMSTERDAM), toelichting))
        event = aanmelding(command, gemeentecode, client=client)
        unit.emit(event, subject=nieuw, gemeentecode=gemeentecode, id=nieuw)
        return await key.store(unit.conn, 201, {"aanmeldingId": str(nieuw), "zaakId": None})


async def _bekend(runtime: Runtime, caller: Caller, zaak_id: UUID, melding_id: UUID | None) -> bool | None:
    async with runtime.reading(caller) as conn:
        return await store.bekend(conn, zaak_id, melding_id) or None


async def _basis(keyring: Keyring, unit: Unit, body: Posted, zaak_id: UUID, personen: Sequence[UUID]) -> Basis:
    """Id, time and sealed texts of an act. Names of staff are sealed with the case."""
    nieuw, nu = uuid7(), unit.now.astimezone(AMSTERDAM)
    medewerker: Sealed[str] | None = None
    name = getattr(body, "medewerker", None)
    if name:
        keys = await keyring.create([zaak_id], Soort.ZAAK)
        medewerker = keys.seal(zaak_id, nieuw, name)
    return Basis(nieuw, nu, await _verzegel(keyring, nieuw, body.vrij(), personen or [zaak_id]), medewerker)


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


def _antwoord(id: UUID, zaak_id: UUID, events: Sequence[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"id": str(id), "zaakId": str(zaak_id)}
    meldingen = [event.melding_id for event in events if getattr(event, "melding_id", None)]
    if meldingen:
        found["meldingId"] = str(meldingen[0])
    for name in ("contactpoging_id", "aanmelding_id"):
        if getattr(events[0], name, None):
            found[name.replace("_id", "Id")] = str(id)
    return found
