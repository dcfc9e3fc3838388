"""What is recorded of a municipality, for a replay: read part by part, so that ten years are not in memory at once."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any
from uuid import UUID

from libs.events.postgres.log import Connection
from services.routing.domain import Beeld, Genomen, Signaal
from services.routing.simulatie.historie import Historie, Omvang, Verbanden
from services.routing.store import GEDAAN, HANDELING, KOPPELING

_GEMEENTE = """
CREATE TEMP TABLE gemeente ON COMMIT DROP AS
SELECT signaal_id, zaak_id, achterstand_id FROM signaal WHERE koppeling->>'gemeentecode' = $1
"""
_GEZIN = """
CREATE TEMP TABLE gezin ON COMMIT DROP AS
SELECT zaak_id, huishouden_id FROM zaak WHERE huishouden_id IN (
    SELECT huishouden_id FROM zaak JOIN gemeente USING (zaak_id))
UNION SELECT zaak_id, zaak_id FROM gemeente WHERE zaak_id NOT IN (SELECT zaak_id FROM zaak)
UNION SELECT huishouden_id, huishouden_id FROM zaak JOIN gemeente USING (zaak_id)
"""
_VERBANDEN = """
SELECT signaal_id, adres_id, achterstand_id, coalesce(huishouden_id, zaak_id)
FROM signaal LEFT JOIN gezin USING (zaak_id)
WHERE huishouden_id IS NOT NULL OR achterstand_id IN (SELECT achterstand_id FROM gemeente)
"""
_OMVANG = """
SELECT count(*) FILTER (WHERE NOT ingetrokken) AS signalen, array_agg(DISTINCT koppeling->>'signaaldatum') AS dagen
FROM signaal WHERE koppeling->>'gemeentecode' = $1
"""
_OPGENOMEN = """
SELECT signaal_id, sequence, ingetrokken, koppeling, volgorde, betaald, genomen->>'oppakken' = 'true' AS oppakken,
genomen->>'route' AS route FROM signaal WHERE signaal_id = ANY($1)
"""
AT_ONCE = 1_000
"""Signals that are read together; between two such requests are answered."""
_NIEMAND = UUID(int=0)
Besluiten = dict[tuple[bool, str], Genomen]
"""Decisions without the ids of whom they are on: one for all on whom it was so decided."""


async def omvang(conn: Connection, gemeentecode: str) -> Omvang:
    """How much is recorded of a municipality."""
    (row,) = await conn.fetch(_OMVANG, gemeentecode)
    return Omvang(row["signalen"], frozenset(map(date.fromisoformat, row["dagen"] or ())))


async def historie(conn: Connection, gemeentecode: str) -> AsyncIterator[Historie]:
    """What is recorded of a municipality and of the households that came from or went elsewhere, in parts that know
    nothing of each other. Asks for a transaction that sees one moment."""
    await conn.execute(_GEMEENTE, gemeentecode)
    await conn.execute(_GEZIN)
    verbanden, gezinnen, besluiten = Verbanden(), Beeld(), Besluiten()
    async for zaak_id, huishouden_id in conn.cursor("SELECT * FROM gezin WHERE zaak_id <> huishouden_id"):
        gezinnen.hoort(zaak_id, huishouden_id)
    async for row in conn.cursor(_VERBANDEN, prefetch=AT_ONCE):
        verbanden.zie(*row)
    for ids in verbanden.delen(AT_ONCE):
        signalen = [_signaal(row, besluiten) for row in await conn.fetch(_OPGENOMEN, ids)]
        yield await _deel(conn, ids, signalen, gezinnen)


async def _deel(conn: Connection, ids: list[UUID], signalen: list[Signaal], gezinnen: Beeld) -> Historie:
    """These signals, with what was done in their households."""
    zaken = {zaak for one in signalen if one.koppeling for zaak in gezinnen.familie(one.koppeling.zaak_id)}
    gedaan = [HANDELING.validate_json(row["gegevens"]) for row in await conn.fetch(GEDAAN, list(zaken), ids)]
    return Historie(
        signalen, gedaan, {zaak: gezinnen.huishouden(zaak) for zaak in zaken if zaak in gezinnen.huishoudens}
    )


def _signaal(row: Any, besluiten: Besluiten) -> Signaal:
    """A signal as far as a replay looks at it."""
    taken, key = None, (row["oppakken"], row["route"])
    if row["route"] is not None and (taken := besluiten.get(key)) is None:
        taken = besluiten[key] = Genomen(_NIEMAND, _NIEMAND, _NIEMAND, *key)
    link = KOPPELING.validate_json(row["koppeling"])
    return Signaal(row["signaal_id"], row["sequence"], row["ingetrokken"], link, taken, row["volgorde"], row["betaald"])
