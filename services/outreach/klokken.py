"""The clocks of cases, kept as escalation says; each event writes its own columns, so that none undoes another."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from libs.events.catalogue import TermBreached, TermMet, TermStarted
from libs.events.envelope import Envelope
from libs.events.postgres.log import Connection
from services.outreach.termijnen import Termijn

_BEGAN = """
INSERT INTO termijn (termijn_id, tenant, zaak_id, soort, bron, oorzaak, uiterlijk)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::uuid[], $7::date[])
ON CONFLICT DO NOTHING
"""
_RUNNING = """
SELECT zaak_id, soort, bron, uiterlijk, oorzaak, verlopen FROM termijn WHERE zaak_id = ANY($1) AND NOT gestopt
ORDER BY uiterlijk, termijn_id
"""


async def keep(conn: Connection, events: Sequence[Envelope]) -> None:
    """Keep what these say of clocks. Of one clock they come in the order of the log: its beginning first."""
    began = [
        (t.termijn_id, e.gemeentecode, t.zaak_id, t.soort, t.bron, t.oorzaak, t.uiterlijke_datum)
        for e in events if isinstance(t := e.data, TermStarted)
    ]  # fmt: skip
    if began:
        await conn.execute(_BEGAN, *(list(column) for column in zip(*began, strict=True)))
    for kind, column in ((TermMet, "gestopt"), (TermBreached, "verlopen")):
        said = [e.data.termijn_id for e in events if isinstance(e.data, kind)]
        if said:
            await conn.execute(f"UPDATE termijn SET {column} = true WHERE termijn_id = ANY($1)", said)


async def lopende(conn: Connection, zaken: Iterable[UUID]) -> dict[UUID, list[Termijn]]:
    """The running clocks of these cases, the first to end first."""
    found: dict[UUID, list[Termijn]] = {zaak_id: [] for zaak_id in zaken}
    for zaak_id, *klok in await conn.fetch(_RUNNING, list(found)):
        found[zaak_id].append(Termijn(*klok))
    return found
