"""What outreach makes of what others say: it gives a household that returns to the caseworker who had it before.

A route asks for that, and matching says which case comes before which. Nothing promises which of the two is heard
first, so both are kept, and what completes the picture gives the case; each case is answered once.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from libs.chassis import afspraken
from libs.chassis.clock import AMSTERDAM
from libs.chassis.service import Runtime
from libs.events.catalogue import CaseOpened, HandlerAssigned, RouteAssigned
from libs.events.consumer import Reaction
from libs.events.envelope import Envelope
from libs.events.errors import Erased
from libs.events.keyring import Soort
from libs.events.postgres.log import Connection, read_streams
from libs.events.unit import Unit
from services.outreach import store
from services.outreach.consulent import GROND, vorige_consulent

_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || '.zaakketen', 0))"

_HEARD = """
INSERT INTO zaakketen AS z (zaak_id, tenant, geopend, vorige_zaak_id, gevraagd_op)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::boolean[], $4::uuid[], $5::date[])
ON CONFLICT (zaak_id) DO UPDATE SET
    geopend = z.geopend OR excluded.geopend, vorige_zaak_id = coalesce(z.vorige_zaak_id, excluded.vorige_zaak_id),
    gevraagd_op = least(z.gevraagd_op, excluded.gevraagd_op)
"""

_COMPLETE = """
WITH RECURSIVE keten AS (
    SELECT zaak_id, tenant, gevraagd_op, zaak_id AS hier, tenant AS plaats, vorige_zaak_id AS vorige, geopend, 0 AS n
    FROM zaakketen WHERE gevraagd_op IS NOT NULL AND NOT beantwoord
    UNION ALL
    SELECT k.zaak_id, k.tenant, k.gevraagd_op, z.zaak_id, z.tenant, z.vorige_zaak_id, z.geopend, k.n + 1
    FROM keten k JOIN zaakketen z ON z.zaak_id = k.vorige WHERE k.n < 24)
SELECT zaak_id, tenant, gevraagd_op, array_agg(hier ORDER BY n) AS keten,
       array_agg(hier ORDER BY n) FILTER (WHERE n > 0 AND plaats = tenant) AS eerder
FROM keten GROUP BY zaak_id, tenant, gevraagd_op
HAVING bool_and(geopend) AND (bool_or(vorige IS NULL) OR max(n) = 24) ORDER BY zaak_id
"""


@dataclass(frozen=True, slots=True)
class Vraag:
    """A case whose route asks for whoever had the household before; `cause` is what completed the picture."""

    zaak_id: UUID
    gemeentecode: str
    op: date
    eerder: tuple[UUID, ...]
    cause: Envelope


def reactions(runtime: Runtime) -> Sequence[Reaction]:
    """All consumers of outreach that are no views."""
    again = Reaction("outreach.consulent", (CaseOpened, RouteAssigned), partial(give_back, runtime))
    return [afspraken.reaction("outreach"), again]


async def give_back(runtime: Runtime, unit: Unit, events: Sequence[Envelope], prepared: Any) -> None:
    """Keep what these say, and give the cases of which everything is known now."""
    heard = [e for e in events if isinstance(e.data, CaseOpened) or getattr(e.data, "zelfde_consulent", None)]
    if not heard:
        return
    await unit.conn.execute(_ONE_AT_A_TIME)
    await _keep(unit.conn, heard)
    vragen = await _complete(unit.conn, heard)
    if not vragen:
        return
    zaken = [vraag.zaak_id for vraag in vragen]
    await unit.conn.execute("UPDATE zaakketen SET beantwoord = true WHERE zaak_id = ANY($1)", zaken)
    await store.lock_all(unit.conn, zaken)
    gezegd = await _said(unit.conn, [*zaken, *(zaak for vraag in vragen for zaak in vraag.eerder)])
    agreed = await afspraken.published(unit.conn, {vraag.gemeentecode for vraag in vragen})
    for vraag in vragen:
        maanden = agreed.op(vraag.gemeentecode, vraag.op).uitvoering.zelfde_consulent_maanden
        eerder = [gezegd[zaak_id] for zaak_id in vraag.eerder]
        found = vorige_consulent(gezegd[vraag.zaak_id], eerder, vraag.op, maanden)
        if found and (said := await _give(runtime, unit, vraag, found)):
            gezegd[vraag.zaak_id].append(said)


async def _keep(conn: Connection, heard: Sequence[Envelope]) -> None:
    rows: dict[UUID, list[Any]] = {}
    for envelope in heard:
        event: Any = envelope.data
        row = rows.setdefault(event.zaak_id, [event.zaak_id, envelope.gemeentecode, False, None, None])
        if isinstance(event, CaseOpened):
            row[2:4] = True, event.vorige_zaak_id
        else:
            row[4] = row[4] or envelope.time.astimezone(AMSTERDAM).date()
    await conn.execute(_HEARD, *(list(column) for column in zip(*rows.values(), strict=True)))


async def _complete(conn: Connection, heard: Sequence[Envelope]) -> list[Vraag]:
    """In the order of what completed them: the first route that asked, else the last case that was still unknown."""
    place = {envelope.id: n for n, envelope in enumerate(heard)}
    found = []
    for row in await conn.fetch(_COMPLETE):
        routes = [e for e in heard if isinstance(e.data, RouteAssigned) and e.data.zaak_id == row["zaak_id"]]
        opened = [e for e in heard if isinstance(e.data, CaseOpened) and e.data.zaak_id in row["keten"]]
        cause = routes[0] if routes else opened[-1]
        found.append(Vraag(row["zaak_id"], row["tenant"], row["gevraagd_op"], tuple(row["eerder"] or ()), cause))
    return sorted(found, key=lambda vraag: place[vraag.cause.id])


async def _said(conn: Connection, zaken: Sequence[UUID]) -> Mapping[UUID, list[Envelope]]:
    """What outreach itself said in these cases."""
    found: defaultdict[UUID, list[Envelope]] = defaultdict(list)
    for delivery in await read_streams(conn, "outreach", [str(zaak_id) for zaak_id in zaken]):
        found[UUID(delivery.subject)].append(delivery.envelope())
    return found


async def _give(runtime: Runtime, unit: Unit, vraag: Vraag, was: HandlerAssigned) -> Envelope | None:
    """Say it, with the name sealed anew for this case; nothing where either case was erased."""
    assert was.medewerker is not None  # noqa: S101
    old = await runtime.keyring.keys([was.medewerker.subject])
    new = await runtime.keyring.create([vraag.zaak_id], Soort.ZAAK)
    try:
        name = old.open(was.medewerker, str)
    except Erased:
        return None
    if vraag.zaak_id not in new.by_subject:
        return None
    event_id = unit.next_id(vraag.cause)
    given = HandlerAssigned(
        zaak_id=vraag.zaak_id, behandelaar=was.behandelaar, medewerker=new.seal(vraag.zaak_id, event_id, name),
        medewerker_id=was.medewerker_id, grond=GROND,
    )  # fmt: skip
    return unit.emit(given, subject=vraag.zaak_id, gemeentecode=vraag.gemeentecode, cause=vraag.cause, id=event_id)
