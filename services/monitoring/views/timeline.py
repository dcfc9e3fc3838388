"""View `timeline`: every event of every case, and the phase of the case.

Rows are keyed by the id of an event, a signal or a case. A signal belongs to the case that matching named last
(the highest position in its log), and all events about the signal go where it goes: they are joined when asked
for. A household that came by itself is as a signal here. The phase is computed from the rows whenever one that bears
on it comes or moves.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from libs.events.catalogue import (
    CATALOGUE,
    BRPMatched,
    CaseOpened,
    DeurwaarderTransferred,
    PolicyPublished,
    SelfReportMatched,
)
from libs.events.consumer import View
from libs.events.envelope import Envelope
from libs.events.postgres.log import Connection
from libs.events.values import REGIOBALIE
from services.monitoring.fase import MARKS, Fase, fase_of
from services.monitoring.omschrijving import omschrijving
from services.monitoring.tijdlijn import LINKS, Gebeurtenis, Tijdlijn, dag_van, day_of, moment_of, told
from services.monitoring.views.folding import begin

KINDS = tuple(kind for kind in CATALOGUE.values() if kind is not PolicyPublished)
_RANK = {owner: n for n, owner in enumerate(("intake", "matching", "routing", "outreach", "escalation"))}
_OPENED = CaseOpened.name()
_FIELDS = (
    "zaak_id",
    "signaal_id",
    "aanmelding_id",
    "melding_id",
    "besluit_id",
    "ontruiming_id",
    "achterstand_id",
    "vervangt",
    "fase",
    "partner",
)
_NAMED_BY = {
    **{name: "ontruiming_id" for name, kind in CATALOGUE.items() if "ontruiming_id" in kind.model_fields},
    DeurwaarderTransferred.name(): "achterstand_id",
}
"""What `kenteken` is of an event; of others it is the decision."""
_HAS = {name: tuple(f for f in _FIELDS if f in kind.model_fields) for name, kind in CATALOGUE.items()}


_LINK = """
WITH new AS (SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::bigint[])
             AS n(signaal_id, tenant, zaak_id, partner_key, status, volgnummer)),
     old AS (SELECT zaak_id FROM koppeling WHERE signaal_id = ANY($1) AND zaak_id IS NOT NULL),
     put AS (INSERT INTO koppeling AS k (signaal_id, tenant, zaak_id, partner_key, status, volgnummer)
             SELECT * FROM new
             ON CONFLICT (signaal_id) DO UPDATE SET tenant = excluded.tenant, zaak_id = excluded.zaak_id,
                 status = excluded.status, volgnummer = excluded.volgnummer
             WHERE k.volgnummer < excluded.volgnummer
             RETURNING signaal_id, tenant),
     moved AS (UPDATE gebeurtenis g SET tenant = put.tenant FROM put
               WHERE g.signaal_id = put.signaal_id AND g.tenant <> put.tenant)
SELECT zaak_id FROM old UNION SELECT zaak_id FROM new WHERE zaak_id IS NOT NULL
"""

_TELL = """
INSERT INTO gebeurtenis (id, tenant, zaak_id, signaal_id, melding_id, kenteken, vervangt, rang, volgnummer, type, stand,
                         partner_key, op, vastgelegd_op, omschrijving, telt)
SELECT e.id, coalesce(k.tenant, e.tenant), e.zaak_id, e.signaal_id, e.melding_id, e.kenteken, e.vervangt, e.rang,
       e.volgnummer, e.type, e.stand, e.partner_key, e.op, e.vastgelegd_op, e.omschrijving, e.telt
FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::uuid[], $8::smallint[],
            $9::bigint[], $10::text[], $11::text[], $12::text[], $13::timestamptz[], $14::timestamptz[], $15::text[],
            $16::boolean[])
     AS e(id, tenant, zaak_id, signaal_id, melding_id, kenteken, vervangt, rang, volgnummer, type, stand, partner_key,
          op, vastgelegd_op, omschrijving, telt)
LEFT JOIN koppeling k ON k.signaal_id = e.signaal_id
ON CONFLICT (id) DO NOTHING
"""

_OPEN = f"""
INSERT INTO zaak (zaak_id, tenant, openingsdatum, vorige_zaak_id, fase)
SELECT *, '{Fase.VROEGSIGNALERING}' FROM unnest($1::uuid[], $2::text[], $3::date[], $4::uuid[])
ON CONFLICT (zaak_id) DO NOTHING
"""

_CASES_OF = "SELECT zaak_id FROM koppeling WHERE signaal_id = ANY($1) AND zaak_id IS NOT NULL"

_COLUMNS = ", ".join(f"g.{name}" for name in Gebeurtenis.__slots__)
_OF_CASE = f"""
SELECT {_COLUMNS} FROM koppeling k JOIN gebeurtenis g USING (signaal_id) WHERE k.zaak_id = z.zaak_id
UNION ALL
SELECT {_COLUMNS} FROM gebeurtenis g WHERE g.zaak_id = z.zaak_id
    AND NOT EXISTS (SELECT FROM koppeling k WHERE k.signaal_id = g.signaal_id)
"""

_MARKS = """
WITH mark AS (
    SELECT k.zaak_id, g.type, g.stand, g.kenteken, g.op, g.vastgelegd_op, g.rang, g.volgnummer
    FROM koppeling k JOIN gebeurtenis g ON g.signaal_id = k.signaal_id AND g.telt WHERE k.zaak_id = ANY($1)
    UNION ALL
    SELECT g.zaak_id, g.type, g.stand, g.kenteken, g.op, g.vastgelegd_op, g.rang, g.volgnummer
    FROM gebeurtenis g WHERE g.telt AND g.zaak_id = ANY($1)
        AND NOT EXISTS (SELECT FROM koppeling k WHERE k.signaal_id = g.signaal_id)
)
SELECT z.zaak_id, z.fase, m.type, m.stand, m.kenteken, m.op FROM zaak z LEFT JOIN mark m USING (zaak_id)
WHERE z.zaak_id = ANY($1) ORDER BY z.zaak_id, m.op, m.vastgelegd_op, m.rang, m.volgnummer
"""

_PHASE = """
UPDATE zaak SET fase = n.fase FROM unnest($1::uuid[], $2::text[]) AS n(zaak_id, fase) WHERE zaak.zaak_id = n.zaak_id
"""


async def fold(conn: Any, events: Sequence[Envelope]) -> None:
    """Write the rows of a batch, in one statement per table."""
    await begin(conn, "timeline")
    cases = await _link(conn, [e for e in events if e.type in LINKS])
    rows = [row_of(event) for event in events]
    await conn.execute(_TELL, *zip(*rows, strict=True))
    cases |= await _open(conn, [e.data for e in events if e.type == _OPENED])
    marks = [row for row in rows if row[-1]]
    cases |= {row[2] for row in marks if row[2]}
    if signals := [row[3] for row in marks if row[3]]:
        cases |= {found[0] for found in await conn.fetch(_CASES_OF, signals)}
    if cases:
        await _phase(conn, cases)


def row_of(event: Envelope) -> tuple[Any, ...]:
    """The row of an event, in the order of the columns."""
    data, kind = event.data, event.type
    has = {name: getattr(data, name) for name in _HAS[kind]}
    return (
        event.id, event.gemeentecode or REGIOBALIE, has.get("zaak_id"), has.get("signaal_id", has.get("aanmelding_id")),
        has.get("melding_id"),
        has.get(_NAMED_BY.get(kind, "besluit_id")), has.get("vervangt"), _RANK[data.owner], event.sequence,
        kind, has.get("fase"), has.get("partner"), moment_of(day_of(data), event.time), event.time, omschrijving(data),
        kind in MARKS,
    )  # fmt: skip


async def _link(conn: Any, events: Sequence[Envelope]) -> set[UUID]:
    """Put signals where matching says; gives the cases they left and came to."""
    last = {row[0]: row for row in (_link_row(e.data, e.sequence) for e in sorted(events, key=attrgetter("sequence")))}
    if not last:
        return set()
    rows = last.values()
    return {row[0] for row in await conn.fetch(_LINK, *zip(*rows, strict=True))}


def _link_row(data: Any, sequence: int) -> tuple[Any, ...]:
    linked, own = isinstance(data, BRPMatched | SelfReportMatched), hasattr(data, "aanmelding_id")
    return (
        data.aanmelding_id if own else data.signaal_id, data.gemeentecode, data.zaak_id if linked else None,
        None if own else data.partner, "Gekoppeld" if linked else data.status, sequence,
    )  # fmt: skip


async def _open(conn: Any, opened: Sequence[Any]) -> set[UUID]:
    if not opened:
        return set()
    rows = [(case.zaak_id, case.gemeentecode, case.datum, case.vorige_zaak_id) for case in opened]
    await conn.execute(_OPEN, *zip(*rows, strict=True))
    return {case.zaak_id for case in opened}


async def _phase(conn: Any, cases: set[UUID]) -> None:
    """Compute the phase of these cases anew from all their rows."""
    marks: dict[UUID, list[Any]] = {}
    before: dict[UUID, str] = {}
    for row in await conn.fetch(_MARKS, list(cases)):
        before[row["zaak_id"]] = row["fase"]
        marks.setdefault(row["zaak_id"], []).extend([_Mark(*row[2:])] if row["type"] else [])
    changed = [(case, fase) for case, found in marks.items() if (fase := fase_of(found)) != before[case]]
    if changed:
        await conn.execute(_PHASE, *zip(*changed, strict=True))


class _Mark(NamedTuple):
    type: str
    stand: str | None
    kenteken: UUID | None
    op: datetime

    @property
    def dag(self) -> date:
        """The calendar day in the Netherlands on which it happened."""
        return dag_van(self.op)


view = View(name="monitoring.timeline", kinds=KINDS, tables=("gebeurtenis", "koppeling", "zaak"), fold=fold)

_CASES = """
SELECT z.zaak_id, z.tenant AS gemeentecode, z.fase, z.openingsdatum, s.signalen, s.partners,
       (SELECT max(g.op) FROM gebeurtenis g WHERE g.zaak_id = z.zaak_id) AS laatste_op
FROM (SELECT * FROM zaak
      WHERE ($1::text IS NULL OR fase = $1)
        AND ($2::text IS NULL OR zaak_id IN (SELECT zaak_id FROM koppeling WHERE partner_key = $2))
      ORDER BY openingsdatum DESC, zaak_id LIMIT $3 OFFSET $4) z
CROSS JOIN LATERAL (SELECT count(*) AS signalen,
                           coalesce(array_agg(DISTINCT k.partner_key), '{}') AS partners
                    FROM koppeling k WHERE k.zaak_id = z.zaak_id AND k.partner_key IS NOT NULL) s
ORDER BY z.openingsdatum DESC, z.zaak_id
"""

_CASE = f"SELECT g.* FROM (SELECT $1::uuid AS zaak_id) z CROSS JOIN LATERAL ({_OF_CASE}) g"

# Who has charge by the last word of outreach, else of routing (tables of the view `partners`).
_HANDLER = """
SELECT organisatie, team FROM behandeling WHERE zaak_id = $1
UNION ALL
(SELECT b.organisatie, b.team FROM signaal s JOIN besluit b USING (signaal_id)
 WHERE s.zaak_id = $1 AND b.opgepakt ORDER BY b.volgnummer DESC LIMIT 1)
LIMIT 1
"""

_TELLING = """
SELECT z.zaak_id FROM zaak z LEFT JOIN gebeurtenis g ON g.zaak_id = z.zaak_id AND g.telt
GROUP BY z.zaak_id ORDER BY count(DISTINCT g.type) DESC, count(g.type) DESC, z.openingsdatum DESC, z.zaak_id LIMIT 1
"""


async def cases(conn: Connection, fase: Fase | None, partner: str | None, limit: int, offset: int) -> list[Any]:
    """Cases the connection may see, newest first: zaak_id, gemeentecode, fase, openingsdatum, signalen, partners."""
    return list(await conn.fetch(_CASES, fase, partner, limit, offset))


async def case(conn: Connection, zaak_id: UUID, moment: datetime | None = None) -> Tijdlijn | None:
    """The timeline of a case, None when there is no such case that the connection may see."""
    tenant = await conn.fetchval("SELECT tenant FROM zaak WHERE zaak_id = $1", zaak_id)
    if tenant is None:
        return None
    rows = await conn.fetch(_CASE, zaak_id)
    found = told(zaak_id, tenant, (Gebeurtenis(*row) for row in rows), moment)
    if moment is not None:
        return found
    handler = await conn.fetchrow(_HANDLER, zaak_id)
    return replace(found, behandelaar=(handler["organisatie"], handler["team"]) if handler else None)


async def telling_case(conn: Connection) -> UUID | None:
    """The case in which most different things happened: the one that shows most of the way."""
    found: UUID | None = await conn.fetchval(_TELLING)
    return found
