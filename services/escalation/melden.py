"""A report on its way: find what it is about, decide, say what happened, answer. One transaction.

The signal or case is looked up as the caller sees it, so that what a caller may not see does not exist for it. Only
then is the transaction narrowed to the municipality that was found, for reading the case and writing the fact.
"""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from fastapi.responses import JSONResponse

from libs.chassis.afspraken import published
from libs.chassis.auth import Caller
from libs.chassis.database import see
from libs.chassis.idempotency import Idempotency
from libs.chassis.patience import eventually
from libs.chassis.service import Runtime
from libs.events.errors import NotFound
from libs.events.postgres.log import Connection
from libs.events.unit import Unit
from services.escalation import klokken, store
from services.escalation.domain.boek import Feit
from services.escalation.domain.opdrachten import Opdracht
from services.escalation.domain.regels import decide

BASE = "/escalation/v1"


@dataclass(frozen=True, slots=True)
class Doel:
    """What a report is about: a signal, or a case."""

    signaal_id: UUID | None = None
    zaak_id: UUID | None = None

    async def plek(self, conn: Connection) -> "Doelplek | None":
        """Where it is, as far as the connection may see."""
        if self.signaal_id is not None:
            found = await store.signal(conn, self.signaal_id)
            return Doelplek(found.tenant, found.zaak_id, found.partner) if found else None
        assert self.zaak_id is not None  # noqa: S101
        tenant = await store.tenant_of(conn, self.zaak_id)
        return Doelplek(tenant, self.zaak_id, None) if tenant else None


@dataclass(frozen=True, slots=True)
class Doelplek:
    """Where a report belongs: who may see it, its case if there is one, and the partner whose signal it is about."""

    tenant: str
    zaak_id: UUID | None
    partner: str | None


def seen_by(caller: Caller) -> tuple[str, ...]:
    """The tenants a caller sees. A partner sees its own rows and no municipality."""
    return () if caller.partner else caller.gemeenten


async def find(runtime: Runtime, caller: Caller, doel: Doel) -> Doelplek:
    """Where it is; waits a moment for our own consumer before it says NotFound."""
    field = "zaakId" if doel.signaal_id is None else "signaalId"
    if caller.partner and doel.signaal_id is None:
        raise NotFound("Een partner meldt bij een signaal.", field=field)

    async def look() -> Doelplek | None:
        async with runtime.reading(caller, seen_by(caller)) as conn:
            return await doel.plek(conn)

    found = await eventually(look)
    if found is None:
        raise NotFound("Dit signaal of deze zaak is niet bekend.", field=field)
    return found


async def report(
    runtime: Runtime, caller: Caller, once: Idempotency, doel: Doel, opdracht: Opdracht, location: str | None = None
) -> JSONResponse:
    """Take a report; 201, or what was answered to the same Idempotency-Key. `{id}` in `location` is the fact's."""
    while True:
        found = await find(runtime, caller, doel)
        async with runtime.command(caller, seen_by(caller)) as unit:
            if (stored := await once.stored(unit.conn)) is not None:
                return stored
            await store.lock(unit.conn, {one for one in (doel.signaal_id, found.zaak_id) if one})
            if await doel.plek(unit.conn) != found:
                continue  # it moved meanwhile: the locks are not those of its case
            await see(unit.conn, [found.tenant], caller.partner)
            feit = await take(unit, found, replace(opdracht, zaak_id=found.zaak_id, signaal_id=doel.signaal_id))
            where = location or f"{BASE}/zaken/{found.zaak_id}"
            return await once.store(unit.conn, 201, _answer(feit), where.replace("{id}", str(feit.id)))


async def take(unit: Unit, plek: Doelplek, opdracht: Opdracht) -> Feit:
    """Decide on the state as it is, locked, and write the one fact that follows, with what it does to the clocks.

    The transaction sees the tenant of `plek`. Raises a Refusal that names field and rule.
    """
    signalen = {opdracht.signaal_id} if opdracht.signaal_id else set()
    boek = await store.load(unit.conn, signalen, {plek.zaak_id} if plek.zaak_id else set())
    kept = await published(unit.conn, [plek.tenant])
    opdracht = replace(opdracht, afspraken=kept.op(plek.tenant, opdracht.datum).termijnen)
    (event,) = decide(opdracht, boek.ladder(plek.zaak_id, opdracht.signaal_id))
    subject = plek.zaak_id or opdracht.signaal_id
    assert subject is not None  # noqa: S101
    said = unit.emit(event, subject=subject, gemeentecode=plek.tenant if plek.zaak_id else None, tenant=plek.tenant)
    feit = Feit(said.id, event, plek.tenant, plek.zaak_id, opdracht.signaal_id, plek.partner)
    boek.add(feit)
    if plek.zaak_id:
        boek.end(plek.zaak_id)
        clocks = await klokken.of(unit.conn, boek, kept)
        for term in clocks.na(plek.zaak_id, opdracht.datum, (said.id,)):
            unit.emit(term, subject=plek.zaak_id, gemeentecode=plek.tenant)
        await clocks.write(unit.conn)
    await store.write(unit.conn, boek)
    return feit


def _answer(feit: Feit) -> dict[str, Any]:
    eviction = getattr(feit.event, "ontruiming_id", None)
    answer = {"id": str(eviction or feit.id), "status": "Gekoppeld" if feit.zaak_id else "Wacht op koppeling"}
    return answer | ({"ontruimingId": str(eviction)} if eviction else {})
