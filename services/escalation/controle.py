"""Reads all logs for the proof that no term passed unseen, beside the running instance and with the owner's rights."""

from collections.abc import Callable
from datetime import date
from typing import Any

import asyncpg

from libs.events.envelope import decode
from libs.events.errors import Unreadable
from services.escalation.domain.bewijs import KINDS, Bewijs

LOGS = ("matching", "intake", "routing", "outreach", "escalation")
"""In the order in which the proof hears them."""

BATCH = 5_000


async def controleer(database_of: Callable[[str], str], vandaag: date) -> dict[str, Any]:
    """`{"ok", "opDatum", "zaken", "termijnen": {kind: {stand: number}}, "ongezien": [...]}`.

    Each log comes from the database of its service. That of escalation is read last, so what it said of the facts in
    the others is there.
    """
    bewijs = Bewijs()
    for service in LOGS:
        conn = await asyncpg.connect(database_of(service))
        try:
            async with conn.transaction(readonly=True):
                await _hear(conn, service, bewijs)
        finally:
            await conn.close()
    wrong = bewijs.fouten(vandaag)
    return {"ok": not wrong, "opDatum": vandaag, "zaken": len(bewijs.boek.zaken), "termijnen": bewijs.telling(),
            "ongezien": wrong}  # fmt: skip


async def _hear(conn: asyncpg.Connection, service: str, bewijs: Bewijs) -> None:
    names = [kind.name() for kind in KINDS if kind.owner == service]
    query = f"SELECT position, envelope FROM {service}.log WHERE type = ANY($1) ORDER BY position"
    async for row in conn.cursor(query, names, prefetch=BATCH):
        try:
            bewijs.hear(decode(row["envelope"], row["position"]))
        except Unreadable:
            continue  # parked where it was heard, and listed there
