"""The figures: the partner view over the region, and the indicators of the Divosa monitor.

A *melding* is the signals at one address in one month that are followed up: one whose signals were all set
aside, and for which nothing was done, is none. *Bereikt*: at least one attempt reached the household.
*Hulpacceptatie*: help was accepted; its percentage is of the meldingen reached. A melding counts as
*Signalering+* from the one that was open when the case went there (definitions: Divosa, Monitor
Vroegsignalering; the funnel: Breda, Signalering+).

Signals and meldingen are counted in the month of their signals, bailiffs and evictions in the month they
happened. What was done in a case without naming a melding counts for its last one until then. A step of a bailiff
or an eviction that names a signal counts for that signal's partner, otherwise for the landlords of the case, or
for all its partners if none is one.
"""

from dataclasses import dataclass
from typing import Any, Self

from libs.events.postgres.log import Connection
from services.monitoring.trechter import Funnel

# Every melding with what came of it; $1 is a LIKE pattern for the period and is applied afterwards.
_MELDINGEN = """
WITH decided AS MATERIALIZED (
    SELECT s.*, b.opgepakt FROM signaal s LEFT JOIN besluit b USING (signaal_id)
), bundled AS MATERIALIZED (
    SELECT melding_id, zaak_id, tenant, periode, count(*) AS signalen,
           bool_or(recidive) AS recidive, bool_or(opgepakt IS NOT FALSE) AS opgepakt
    FROM decided WHERE melding_id IS NOT NULL GROUP BY melding_id, zaak_id, tenant, periode
), done AS (
    SELECT f.type, f.bereikt, coalesce(f.melding_id, (
        SELECT s.melding_id FROM signaal s WHERE s.zaak_id = f.zaak_id AND s.periode <= to_char(f.datum, 'YYYY-MM')
        ORDER BY s.periode DESC, s.melding_id LIMIT 1)) AS melding_id
    FROM feit f WHERE f.type IN ('ContactAttempted', 'HelpAccepted')
), outcome AS MATERIALIZED (
    SELECT melding_id, count(*) FILTER (WHERE type = 'ContactAttempted') AS pogingen, bool_or(bereikt) AS bereikt,
           bool_or(type = 'HelpAccepted') AS hulp
    FROM done GROUP BY melding_id
), climbed AS (
    SELECT coalesce(s.zaak_id, f.zaak_id) AS zaak_id, min(to_char(f.datum, 'YYYY-MM')) AS maand
    FROM feit f LEFT JOIN signaal s USING (signaal_id) WHERE f.type = 'EscalatedToSignaleringPlus' GROUP BY 1
), plus AS MATERIALIZED (
    SELECT zaak_id, coalesce(max(periode) FILTER (WHERE periode <= maand), min(periode)) AS vanaf
    FROM bundled JOIN climbed USING (zaak_id) GROUP BY zaak_id
), melding AS MATERIALIZED (
    SELECT b.*, coalesce(o.pogingen, 0) AS pogingen, coalesce(o.bereikt, false) AS bereikt,
           coalesce(o.hulp, false) AS hulp, coalesce(b.periode >= p.vanaf, false) AS plus
    FROM bundled b LEFT JOIN outcome o USING (melding_id) LEFT JOIN plus p USING (zaak_id)
    WHERE (b.opgepakt OR o.melding_id IS NOT NULL) AND b.periode LIKE $1
)
"""

_FUNNEL = f"""{_MELDINGEN}
SELECT plus, count(*) AS meldingen, count(*) FILTER (WHERE bereikt) AS bereikt, count(*) FILTER (WHERE hulp) AS hulp,
       count(*) FILTER (WHERE signalen > 1) AS meervoudig, count(*) FILTER (WHERE recidive) AS recidive,
       coalesce(sum(pogingen), 0)::bigint AS pogingen
FROM melding GROUP BY plus
"""

_SIGNALS = """
SELECT count(*) AS signalen, count(*) FILTER (WHERE b.opgepakt IS FALSE) AS niet_opgepakt
FROM signaal s LEFT JOIN besluit b USING (signaal_id) WHERE s.periode LIKE $1
"""

# The steps of the ladder in the period, each with the partners it counts for.
_LADDER = """
, step AS MATERIALIZED (
    SELECT f.id, f.type, f.ontruiming_id, f.signaal_id, coalesce(s.zaak_id, f.zaak_id) AS zaak_id,
           coalesce(s.zaak_id, f.zaak_id, f.signaal_id) AS huishouden, s.partner_key
    FROM feit f LEFT JOIN signaal s USING (signaal_id)
    WHERE f.type NOT IN ('ContactAttempted', 'HelpAccepted') AND to_char(f.datum, 'YYYY-MM') LIKE $1
          AND coalesce(f.stand, '') NOT IN ('Teruggenomen', 'Geregeld')
), landlord AS (
    SELECT DISTINCT zaak_id FROM signaal WHERE signaalpartner = 'Huur' AND zaak_id IS NOT NULL
), of_partner AS (
    SELECT id, partner_key AS wie FROM step WHERE partner_key IS NOT NULL
    UNION
    SELECT step.id, s.partner_key FROM step JOIN signaal s ON s.zaak_id = step.zaak_id
    LEFT JOIN landlord l ON l.zaak_id = step.zaak_id
    WHERE step.partner_key IS NULL AND (l.zaak_id IS NULL OR s.signaalpartner = 'Huur')
), handler AS MATERIALIZED (
    SELECT zaak_id, organisatie, team FROM behandeling
    UNION ALL
    (SELECT DISTINCT ON (s.zaak_id) s.zaak_id, b.organisatie, b.team FROM signaal s JOIN besluit b USING (signaal_id)
     WHERE b.opgepakt AND s.zaak_id IS NOT NULL AND NOT EXISTS (SELECT FROM behandeling h WHERE h.zaak_id = s.zaak_id)
     ORDER BY s.zaak_id, b.volgnummer DESC)
)
"""

_STEPS = """
    count(DISTINCT huishouden) FILTER (WHERE type = 'EscalatedToSignaleringPlus') AS signalering_plus,
    count(DISTINCT huishouden) FILTER (WHERE type = 'ReportedToMPZO') AS spoor_2,
    count(DISTINCT huishouden) FILTER (WHERE type = 'DeurwaarderTransferred') AS deurwaarder,
    count(DISTINCT ontruiming_id) FILTER (WHERE type = 'EvictionScheduled') AS aangezegd,
    count(DISTINCT ontruiming_id) FILTER (WHERE type = 'EvictionAverted') AS voorkomen,
    count(DISTINCT ontruiming_id) FILTER (WHERE type = 'EvictionCarriedOut') AS uitgevoerd
"""


def _grouped(signals: str, meldingen: str, steps: str, *keys: str) -> str:
    """Signals, meldingen and steps, each counted per group, side by side. The three texts are FROM clauses."""
    named = ", ".join(keys)
    same = " AND ".join(f"{{0}}.{key} IS NOT DISTINCT FROM {{1}}.{key}" for key in keys)
    every = ", ".join(f"{key}" for key in keys)
    return f"""{_MELDINGEN}{_LADDER}
, a AS (SELECT {named}, count(*) AS signalen, count(*) FILTER (WHERE opgepakt IS FALSE) AS niet_opgepakt,
               array_agg(DISTINCT tenant) AS gemeenten FROM {signals} GROUP BY {named}),
  m AS (SELECT {named}, count(*) AS meldingen, count(*) FILTER (WHERE bereikt) AS bereikt,
               count(*) FILTER (WHERE hulp) AS hulp FROM {meldingen} GROUP BY {named}),
  e AS (SELECT {named}, {_STEPS} FROM {steps} GROUP BY {named}),
  k AS (SELECT {every} FROM a UNION SELECT {every} FROM m UNION SELECT {every} FROM e)
SELECT {", ".join(f"k.{key}" for key in keys)}, coalesce(gemeenten, '{{}}') AS gemeenten, {
        ", ".join(f"coalesce({name}, 0) AS {name}" for name in Figures.__slots__)
    }
FROM k LEFT JOIN a ON {same.format("k", "a")} LEFT JOIN m ON {same.format("k", "m")}
       LEFT JOIN e ON {same.format("k", "e")}
ORDER BY {", ".join(f"k.{key}" for key in keys)}"""


@dataclass(frozen=True, slots=True)
class Figures:
    """The counts of one line of the partner view."""

    signalen: int
    meldingen: int
    bereikt: int
    hulp: int
    niet_opgepakt: int
    signalering_plus: int
    spoor_2: int
    deurwaarder: int
    aangezegd: int
    voorkomen: int
    uitgevoerd: int

    @property
    def trechter(self) -> Funnel:
        """Meldingen, reached and help as a funnel, for its percentages."""
        return Funnel(self.meldingen, self.bereikt, self.hulp)

    @classmethod
    def of(cls, row: Any) -> Self:
        """From a row that has these columns, and others."""
        return cls(*(row[name] for name in cls.__slots__))


_PARTNERS = _grouped(
    "decided WHERE periode LIKE $1",
    "(SELECT DISTINCT d.partner_key, m.* FROM melding m JOIN decided d USING (melding_id)) x",
    "(SELECT p.wie AS partner_key, type, huishouden, ontruiming_id FROM step JOIN of_partner p USING (id)) x",
    "partner_key",
)
_TEAMS = _grouped(
    "(SELECT h.organisatie, h.team, d.* FROM decided d JOIN handler h USING (zaak_id) WHERE d.periode LIKE $1) x",
    "(SELECT h.organisatie, h.team, m.* FROM melding m JOIN handler h USING (zaak_id)) x",
    "(SELECT h.organisatie, h.team, step.* FROM step JOIN handler h USING (zaak_id)) x",
    "organisatie", "team",
)  # fmt: skip
_STEPS_OF_ALL = f"{_MELDINGEN}{_LADDER} SELECT {_STEPS} FROM step"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the partner view: whose it is (a partner's key, or organisation and team), where, and its counts."""

    wie: tuple[str | None, ...]
    gemeenten: tuple[str, ...]
    figures: Figures


@dataclass(frozen=True, slots=True)
class Indicatoren:
    """The indicators over a period and some municipalities."""

    signalen: int
    niet_opgepakt: int
    meervoudig: int
    recidive: int
    pogingen: int
    totaal: Funnel
    vroegsignalering: Funnel
    signalering_plus: Funnel


async def _ask(conn: Connection, query: str, periode: str | None) -> list[Any]:
    """Rows of a query over whole tables; no nested loops, which a table without statistics seems to invite."""
    await conn.execute("SET LOCAL enable_nestloop = off")
    return list(await conn.fetch(query, f"{periode or ''}%"))


async def per_partner(conn: Connection, periode: str | None) -> list[Line]:
    """Per signal partner, over the municipalities the connection sees; `periode` a month, a year or None for all."""
    rows = await _ask(conn, _PARTNERS, periode)
    return [Line((row["partner_key"],), tuple(row["gemeenten"]), Figures.of(row)) for row in rows]


async def per_team(conn: Connection, periode: str | None) -> list[Line]:
    """Per organisation and team that has charge of cases."""
    rows = await _ask(conn, _TEAMS, periode)
    return [Line((row["organisatie"], row["team"]), tuple(row["gemeenten"]), Figures.of(row)) for row in rows]


async def indicatoren(conn: Connection, periode: str | None) -> Indicatoren:
    """The indicators over the municipalities the connection sees."""
    rows = {row["plus"]: row for row in await _ask(conn, _FUNNEL, periode)}
    (signals,) = await _ask(conn, _SIGNALS, periode)

    def total(name: str, *which: bool) -> int:
        return sum(rows[plus][name] for plus in which or (False, True) if plus in rows)

    def funnel(*which: bool) -> Funnel:
        return Funnel(*(total(name, *which) for name in ("meldingen", "bereikt", "hulp")))

    return Indicatoren(
        signals["signalen"], signals["niet_opgepakt"], total("meervoudig"), total("recidive"), total("pogingen"),
        funnel(), funnel(False), funnel(True),
    )  # fmt: skip


async def total(conn: Connection, periode: str | None) -> Figures:
    """The line under the partner view: everything once, whatever number of partners it counts for."""
    found = await indicatoren(conn, periode)
    (steps,) = await _ask(conn, _STEPS_OF_ALL, periode)
    whole = found.totaal
    return Figures(found.signalen, whole.meldingen, whole.bereikt, whole.hulp, found.niet_opgepakt, *steps)


async def periods(conn: Connection) -> list[str]:
    """The months that have signals, newest first."""
    return [row[0] for row in await conn.fetch("SELECT DISTINCT periode FROM signaal ORDER BY periode DESC")]
