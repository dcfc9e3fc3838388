"""What partners read: a delivery with its verdicts, and what became of their signals.

A kenmerk is opened for the partner it belongs to and for nobody else, and every reading leaves a line in the
Logboek Dataverwerkingen. Of somebody who was erased a list says `kenmerk: null`; asked for by itself it is gone.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from libs.chassis import logboek
from libs.chassis.auth import Caller
from libs.chassis.paging import Page
from libs.chassis.service import Runtime
from libs.events.errors import Erased, NotFound
from libs.events.postgres.log import Connection
from libs.events.sealed import Keys, Sealed
from services.intake.domain import Leveringstatus, Oordeel, Terugkoppelstatus

SILENT = timedelta(minutes=5)
"""A delivery that has been coming in for so long without a batch ended with the process that took it in."""

_REGELS = """
SELECT r.regel, r.oordeel, r.signaal_id, r.veld, r.code, coalesce(s.kenmerk, r.kenmerk) AS kenmerk, r.onbruikbaar
FROM regel r LEFT JOIN signaal s ON s.signaal_id = r.signaal_id
WHERE r.levering_id = $1 AND ($2::text IS NULL OR r.oordeel = $2) ORDER BY r.regel LIMIT $3 OFFSET $4
"""

_EEN = f"""
SELECT s.signaal_id, s.kenmerk, coalesce(t.status, '{Terugkoppelstatus.ONTVANGEN}') AS status,
       coalesce(t.bijgewerkt_op, s.ontvangen_op) AS bijgewerkt_op
FROM signaal s LEFT JOIN terugkoppeling t ON t.signaal_id = s.signaal_id AND t.status IS NOT NULL
WHERE s.signaal_id = $1
"""

_SINDS = """
SELECT s.signaal_id, s.kenmerk, t.status, t.bijgewerkt_op, t.wijziging
FROM terugkoppeling t JOIN signaal s ON s.signaal_id = t.signaal_id
WHERE t.tenant = $1 AND t.wijziging > $2 ORDER BY t.wijziging LIMIT $3
"""


async def levering(runtime: Runtime, caller: Caller, levering_id: UUID) -> dict[str, Any]:
    """Status and counts of a delivery; raises NotFound."""
    async with runtime.reading(caller, [caller.own_partner()]) as conn:
        row = await conn.fetchrow("SELECT * FROM levering WHERE levering_id = $1", levering_id)
    if row is None:
        raise NotFound
    status = row["status"]
    if status == Leveringstatus.BEZIG and row["bijgewerkt_op"] < runtime.clock.now() - SILENT:
        status = Leveringstatus.AFGEBROKEN
    counts = {oordeel.value: row[oordeel.value] for oordeel in Oordeel}
    return {"leveringId": str(levering_id), "status": status, "totaal": sum(counts.values())} | counts


async def regels(
    runtime: Runtime, caller: Caller, levering_id: UUID, oordeel: Oordeel | None, page: Page
) -> list[dict[str, Any]]:
    """Verdicts on the rows of a delivery, up to one more than the page shows; raises NotFound."""
    begin = runtime.clock.now()
    async with runtime.reading(caller, [caller.own_partner()]) as conn:
        if not await conn.fetchval("SELECT 1 FROM levering WHERE levering_id = $1", levering_id):
            raise NotFound
        rows = await conn.fetch(_REGELS, levering_id, oordeel, page.limit, page.offset)
        betrokkenen = [row["signaal_id"] or levering_id for row in rows if row["kenmerk"]]
        await logboek.record(conn, "intake", "leveringsverslag", betrokkenen, door=caller.rol, begin=begin)
    keys = await runtime.keyring.keys(betrokkenen)
    return [_regel(row, keys) for row in rows]


def _regel(row: Any, keys: Keys) -> dict[str, Any]:
    found = {"regel": row["regel"], "kenmerk": _open(keys, row["kenmerk"]), "oordeel": row["oordeel"]}
    if row["signaal_id"]:
        found["signaalId"] = str(row["signaal_id"])
    found |= {naam: row[naam] for naam in ("veld", "code") if row[naam]}
    if row["onbruikbaar"]:
        found["onbruikbaar"] = row["onbruikbaar"].split()
    return found


async def status(conn: Connection, signaal_id: UUID) -> str:
    """What the partner may know of a signal now."""
    found = await conn.fetchval("SELECT status FROM terugkoppeling WHERE signaal_id = $1", signaal_id)
    return str(found or Terugkoppelstatus.ONTVANGEN)


async def terugkoppeling(runtime: Runtime, caller: Caller, signaal_id: UUID, partner: str) -> dict[str, Any]:
    """What this partner may know of a signal; raises NotFound, or Erased."""
    rows = await _gelezen(runtime, caller, partner, _EEN, signaal_id)
    if not rows:
        raise NotFound
    keys = await runtime.keyring.keys([signaal_id])
    if signaal_id not in keys.by_subject:
        raise Erased(signaal_id)
    return _terugkoppeling(rows[0], keys)


async def terugkoppelingen(runtime: Runtime, caller: Caller, na: int, limit: int) -> list[dict[str, Any]]:
    """What changed for a partner after position `na`, in that order, each signal once with its last status."""
    partner = caller.own_partner()
    rows = await _gelezen(runtime, caller, partner, _SINDS, partner, na, limit)
    keys = await runtime.keyring.keys([row["signaal_id"] for row in rows])
    return [_terugkoppeling(row, keys) | {"positie": row["wijziging"]} for row in rows]


async def _gelezen(runtime: Runtime, caller: Caller, partner: str, query: str, *arguments: Any) -> Sequence[Any]:
    begin = runtime.clock.now()
    async with runtime.reading(caller, [partner]) as conn:
        rows = await conn.fetch(query, *arguments)
        betrokkenen = [row["signaal_id"] for row in rows]
        await logboek.record(conn, "intake", "terugkoppeling", betrokkenen, door=caller.rol, begin=begin)
    return rows


def _terugkoppeling(row: Any, keys: Keys) -> dict[str, Any]:
    return {
        "signaalId": str(row["signaal_id"]),
        "kenmerk": _open(keys, row["kenmerk"]),
        "status": row["status"],
        "bijgewerktOp": row["bijgewerkt_op"].isoformat(),
    }


def _open(keys: Keys, sealed: str | None) -> str | None:
    if sealed is None:
        return None
    block = Sealed[str].parse(sealed)
    return keys.open(block, str) if block.subject in keys.by_subject else None
