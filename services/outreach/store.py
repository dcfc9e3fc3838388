"""Outreach's tables: facts kept, cases made from them, the work list read."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg

from libs.events.catalogue import CATALOGUE, CaseOpened, Event, SelfReported
from libs.events.envelope import Envelope
from libs.events.postgres.log import Connection, read_streams
from services.outreach.dossier import Dossier, Signaal, met_klokken, tot
from services.outreach.klokken import lopende
from services.outreach.stand import ONTRUIMING, dreiging, stand_van

Parts = dict[UUID, dict[str, tuple[int, str]]]
"""Per signal, per part of it: place in the log of who said it, and the JSON of what was said."""

ASPECTS = ("aangeleverd", "ingetrokken", "gekoppeld", "besluit")

_KEEP_PART = """
INSERT INTO signaal (signaal_id, {aspect}, {aspect}_nr)
SELECT s, g::jsonb, n FROM unnest($1::uuid[], $2::text[], $3::bigint[]) AS nieuw(s, g, n)
ON CONFLICT (signaal_id) DO UPDATE SET {aspect} = excluded.{aspect}, {aspect}_nr = excluded.{aspect}_nr
WHERE coalesce(signaal.{aspect}_nr, 0) < excluded.{aspect}_nr
"""

_SIGNALEN = """
SELECT signaal_id, zaak_id, gekoppeld, aangeleverd, ingetrokken, besluit FROM signaal
WHERE zaak_id = ANY($1) ORDER BY signaal_id
"""

_FEITEN = """
SELECT zaak_id, soort, gegevens, bron, nr FROM feit WHERE zaak_id = ANY($1)
UNION ALL
SELECT s.zaak_id, f.soort, f.gegevens, f.bron, f.nr FROM signaal s JOIN feit f ON f.signaal_id = s.signaal_id
WHERE f.zaak_id IS NULL AND s.zaak_id = ANY($1)
ORDER BY bron, nr
"""

_WERKVOORRAAD = """
SELECT rij FROM werkvoorraad WHERE tenant = ANY($1) AND ($2::text IS NULL OR rij->'behandelaar'->>'team' = $2)
ORDER BY dreiging, ontruimingsdatum, uiterlijke_datum, prioriteit, melding_id, zaak_id LIMIT $3 OFFSET $4
"""


_NEW_DAYS = """
UPDATE werkvoorraad w SET uiterlijke_datum = n.dag::date, rij = n.rij::jsonb, plan = n.plan::jsonb,
                          gepland_voor = n.tot::date
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[])
    AS n(zaak, melding, dag, rij, plan, tot)
WHERE w.zaak_id = n.zaak AND w.melding_id = n.melding
"""


# --- the fold ---------------------------------------------------------------------------------------


async def one_fold_at_a_time(conn: Connection) -> None:
    """Rows are made of facts of several logs: two members that fold at once would each miss the other's."""
    await conn.execute("SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || '.werkvoorraad', 0))")


async def zaken_of(conn: Connection, signalen: Sequence[UUID]) -> set[UUID]:
    """The cases these signals belong to now."""
    rows = await conn.fetch(
        "SELECT DISTINCT zaak_id FROM signaal WHERE signaal_id = ANY($1) AND zaak_id IS NOT NULL", signalen
    )
    return {row[0] for row in rows}


async def keep_parts(conn: Connection, parts: Parts) -> None:
    """Keep the parts of signals that are newer than what is known."""
    for aspect in ASPECTS:
        new = [(signaal_id, *known[aspect]) for signaal_id, known in sorted(parts.items()) if aspect in known]
        if new:
            signalen, numbers, contents = zip(*new, strict=True)
            await conn.execute(_KEEP_PART.format(aspect=aspect), signalen, contents, numbers)


async def keep_facts(conn: Connection, events: Sequence[Envelope], without: set[str]) -> None:
    """Keep events about cases, each once, but for what is sealed in them."""
    rows = [
        (
            e.id, e.source.rpartition(":")[2], e.sequence, e.type, getattr(e.data, "zaak_id", None),
            getattr(e.data, "signaal_id", None),
            e.data.model_dump_json(by_alias=True, exclude_none=True, exclude=without),
        )
        for e in events
    ]  # fmt: skip
    if rows:
        await conn.executemany(
            "INSERT INTO feit VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb) ON CONFLICT DO NOTHING", rows
        )


async def keep_aanmeldingen(conn: Connection, said: Sequence[SelfReported]) -> None:
    """Keep which households came by themselves."""
    rows = [(a.aanmelding_id, a.gemeentecode, a.zaak_id, a.datum) for a in said]
    if rows:
        await conn.executemany("INSERT INTO aanmelding VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING", rows)


async def join_aanmeldingen(conn: Connection, aanmeldingen: Sequence[UUID]) -> None:
    """Those of which matching told the case wait no longer, until it takes that back."""
    if aanmeldingen:
        await conn.execute(
            """UPDATE aanmelding a SET zaak_id = s.zaak_id FROM signaal s
               WHERE s.signaal_id = a.aanmelding_id AND a.aanmelding_id = ANY($1)""",
            aanmeldingen,
        )


async def refresh(conn: Connection, zaken: Iterable[UUID]) -> None:
    """Make the rows of these cases again from their facts."""
    ids = sorted(zaken)
    if not ids:
        return
    dossiers = await _dossiers(conn, ids)
    await conn.execute("DELETE FROM werkvoorraad WHERE zaak_id = ANY($1)", ids)
    await conn.execute("DELETE FROM zaak WHERE zaak_id = ANY($1)", ids)
    await conn.executemany(
        "INSERT INTO zaak VALUES ($1, $2, $3::jsonb, $4::jsonb)",
        [(d.zaak_id, d.gemeentecode, json.dumps(d.stand), json.dumps(d.contact())) for d in dossiers],
    )
    await conn.executemany(
        """INSERT INTO werkvoorraad
           VALUES ($1, $2, $3, $4, $5::text::date, $6::text::date, $7, $8::jsonb, $9::jsonb, $10::text::date)""",
        [_row(d, rij) for d in dossiers for rij in d.rijen()],
    )


async def refresh_days(conn: Connection, zaken: Iterable[UUID]) -> None:
    """Give the rows of cases of which only clocks changed their last day, without making them again."""
    klokken = await lopende(conn, zaken)
    changed = []
    for zaak_id, melding_id, oud, gepland in await conn.fetch(
        "SELECT zaak_id, melding_id, rij, plan FROM werkvoorraad WHERE zaak_id = ANY($1)", list(klokken)
    ):
        was = json.loads(oud)
        rij = met_klokken(was, klokken[zaak_id])
        if rij != was:
            plan = json.loads(gepland) | tot(rij) if gepland else None
            changed.append((zaak_id, melding_id, *_days(rij, plan)))
    if changed:
        await conn.execute(_NEW_DAYS, *(list(column) for column in zip(*changed, strict=True)))


def _days(rij: Mapping[str, Any], plan: Mapping[str, Any] | None) -> tuple[Any, ...]:
    """What of a row goes by its last day."""
    return (rij["uiterlijkeDatum"], json.dumps(rij), json.dumps(plan) if plan else None,
            plan["uiterlijk"] if plan else None)  # fmt: skip


def _row(dossier: Dossier, rij: Mapping[str, Any]) -> tuple[Any, ...]:
    nabij = dreiging(dossier.stand)
    ontruiming = dossier.stand["ontruiming"].get("ontruimingsdatum") if nabij == ONTRUIMING else None
    plan = dossier.plan(rij)
    uiterlijk, *rest = _days(rij, plan)
    return (dossier.zaak_id, UUID(rij["meldingId"]), dossier.gemeentecode, nabij, ontruiming, uiterlijk,
            rij["prioriteit"], *rest)  # fmt: skip


async def _dossiers(conn: Connection, zaken: Sequence[UUID]) -> list[Dossier]:
    """The cases of which matching told where they belong."""
    signalen: dict[UUID, list[Signaal]] = {zaak_id: [] for zaak_id in zaken}
    feiten: dict[UUID, list[Event]] = {zaak_id: [] for zaak_id in zaken}
    for row in await conn.fetch(_SIGNALEN, zaken):
        signalen[row["zaak_id"]].append(_signaal(row))
    for row in await conn.fetch(_FEITEN, zaken):
        feiten[row["zaak_id"]].append(CATALOGUE[row["soort"]].model_validate_json(row["gegevens"]))
    klokken = await lopende(conn, zaken)
    found = []
    for zaak_id in zaken:
        genoemd = [f.gemeentecode for f in feiten[zaak_id] if isinstance(f, CaseOpened)]
        genoemd += [s.gekoppeld["gemeentecode"] for s in signalen[zaak_id]]
        if genoemd:
            eigen = [f for f in feiten[zaak_id] if f.owner == "outreach"]
            stand = stand_van(feiten[zaak_id])
            found.append(Dossier(zaak_id, genoemd[0], stand, signalen[zaak_id], eigen, klokken[zaak_id]))
    return found


def _signaal(row: asyncpg.Record) -> Signaal:
    parts = {name: json.loads(row[name]) if row[name] else None for name in ASPECTS}
    return Signaal(
        row["signaal_id"], parts["gekoppeld"] or {}, parts["aangeleverd"] or {}, parts["ingetrokken"], parts["besluit"]
    )


# --- commands and questions -------------------------------------------------------------------------


async def bekend(conn: Connection, zaak_id: UUID, melding_id: UUID | None = None) -> bool:
    """Whether the caller may see this case with a signal in it, in this melding where one is named."""
    return bool(
        await conn.fetchval(
            """SELECT EXISTS (SELECT 1 FROM zaak JOIN signaal USING (zaak_id)
               WHERE zaak_id = $1 AND ($2::text IS NULL OR gekoppeld->>'meldingId' = $2))""",
            zaak_id, str(melding_id) if melding_id else None,
        )
    )  # fmt: skip


async def lock(conn: Connection, zaak_id: UUID) -> None:
    """One act at a time in a case, until the end of the transaction: the next one decides on what this one said."""
    await conn.execute("SELECT pg_advisory_xact_lock(hashtextextended('outreach/' || $1, 0))", str(zaak_id))


async def lock_all(conn: Connection, zaken: Sequence[UUID]) -> None:
    """The same for many cases, always in one order, so that two rounds wait for each other."""
    names = sorted(str(zaak_id) for zaak_id in zaken)
    await conn.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('outreach/' || z, 0)) FROM unnest($1::text[]) AS z", names
    )


async def dossier(conn: Connection, zaak_id: UUID) -> Dossier | None:
    """The case, None where the caller may not see it."""
    return (await dossiers(conn, [zaak_id])).get(zaak_id)


async def dossiers(conn: Connection, zaken: Sequence[UUID]) -> dict[UUID, Dossier]:
    """Those of the cases that the caller may see. What outreach itself said comes straight from its log, so that
    nobody misses his own act."""
    rows = await conn.fetch("SELECT zaak_id, tenant, stand FROM zaak WHERE zaak_id = ANY($1)", zaken)
    klokken = await lopende(conn, [row["zaak_id"] for row in rows])
    found = {row[0]: Dossier(row[0], row[1], json.loads(row[2]), [], [], klokken[row[0]]) for row in rows}
    for row in await conn.fetch(_SIGNALEN, list(found)):
        found[row["zaak_id"]].signalen.append(_signaal(row))
    for delivery in await read_streams(conn, "outreach", [str(zaak_id) for zaak_id in found]):
        found[UUID(delivery.subject)].eigen.append(delivery.envelope().data)
    return found


async def werkvoorraad(
    conn: Connection, gemeenten: Sequence[str], team: str | None, limit: int, offset: int
) -> list[dict[str, Any]]:
    """Rows of the work list: threat of eviction first, then due date, then priority."""
    return [json.loads(row["rij"]) for row in await conn.fetch(_WERKVOORRAAD, gemeenten, team, limit, offset)]


async def aanmeldingen(conn: Connection, gemeenten: Sequence[str], limit: int, offset: int) -> list[dict[str, Any]]:
    """Households that came by themselves and have no case yet, the longest waiting first."""
    rows = await conn.fetch(
        """SELECT aanmelding_id, tenant, datum FROM aanmelding WHERE tenant = ANY($1) AND zaak_id IS NULL
           ORDER BY datum, aanmelding_id LIMIT $2 OFFSET $3""",
        gemeenten, limit, offset,
    )  # fmt: skip
    return [
        {"aanmeldingId": str(row["aanmelding_id"]), "gemeentecode": row["tenant"], "datum": str(row["datum"])}
        for row in rows
    ]
