"""Escalation's own tables: read into a Boek, and back what changed in it. One statement per table."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from libs.events import upcasting
from libs.events.catalogue import Event
from libs.events.postgres.log import Connection
from libs.events.values import Signaalpartner, Signaalsoort
from services.escalation.domain.boek import Besluit, Boek, Feit, Plek
from services.escalation.domain.signaal import ONBEKEND, Signaal

_PLEK = ("partner", "tenant", "zaak_id", "koppeling", "zaak_einde")
_SIGNAAL = ("achterstand_id", "soort", "periode", "signaaldatum", "ontstaansdatum", "bedrag", "vorig_bedrag",
            "crisissignaal", "ingetrokken_op", "correctie", "signaalpartner", "melding_id")  # fmt: skip
_COLUMNS = ", ".join(("signaal_id", *_PLEK, *_SIGNAAL))
_FEIT = "id, tenant, partner, zaak_id, signaal_id, ontruiming_id, type, versie, datum, gegevens"
_DECIDE = """
INSERT INTO besluit AS b (signaal_id, opgepakt, volgnummer) VALUES ($1, $2, $3)
ON CONFLICT (signaal_id) DO UPDATE SET opgepakt = excluded.opgepakt, volgnummer = excluded.volgnummer
WHERE b.volgnummer < excluded.volgnummer
"""
_PUT = f"""
INSERT INTO signaal ({_COLUMNS}) SELECT {_COLUMNS} FROM jsonb_populate_recordset(NULL::signaal, $1::jsonb)
ON CONFLICT (signaal_id) DO UPDATE SET ({", ".join((*_PLEK, *_SIGNAAL))})
= ROW({", ".join(f"excluded.{name}" for name in (*_PLEK, *_SIGNAAL))})
"""
_ADD = f"""
INSERT INTO feit ({_FEIT})
SELECT {_FEIT} FROM jsonb_populate_recordset(NULL::feit, $1::jsonb) WITH ORDINALITY ORDER BY ordinality
"""
_MOVE = """
UPDATE feit SET zaak_id = new.zaak_id, tenant = new.tenant
FROM jsonb_populate_recordset(NULL::feit, $1::jsonb) AS new WHERE feit.id = new.id
"""
_SEALED = {"toelichting", "dossierkenmerk", "client"}
"""Never kept here: escalation could not read them, and needs them for nothing."""


@dataclass(frozen=True, slots=True)
class Overlegrij:
    """A case on the list of a corporation."""

    zaak_id: UUID
    partner: str
    tenant: str


async def signal(conn: Connection, signaal_id: UUID) -> Plek | None:
    """Where a signal is, if the caller may see it; not before it is known what it says, for whose arrears they are
    decides which file a report is about."""
    row = await conn.fetchrow(
        f"SELECT {', '.join(_PLEK)} FROM signaal WHERE signaal_id = $1 AND signaaldatum IS NOT NULL", signaal_id
    )
    return Plek(**row) if row else None


async def tenant_of(conn: Connection, zaak_id: UUID) -> str | None:
    """The municipality of a case, if the caller may see it."""
    found: str | None = await conn.fetchval("SELECT tenant FROM zaak WHERE zaak_id = $1", zaak_id)
    return found


async def fact(conn: Connection, id: UUID, kind: type[Event]) -> Feit | None:
    """One fact of this kind, if the caller may see it."""
    row = await conn.fetchrow(f"SELECT {_FEIT} FROM feit WHERE id = $1 AND type = $2", id, kind.name())
    return _feit(row) if row else None


async def eviction(conn: Connection, ontruiming_id: UUID) -> list[Feit]:
    """What was said of an announced eviction, as far as the caller may see it, the announcement first."""
    rows = await conn.fetch(f"SELECT {_FEIT} FROM feit WHERE ontruiming_id = $1 ORDER BY volgnummer", ontruiming_id)
    return [_feit(row) for row in rows]


async def lock(conn: Connection, ids: set[UUID]) -> None:
    """These signals and cases are another's when this transaction has ended; always before their rows, in one order."""
    await conn.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('escalation.' || id, 0)) FROM unnest($1::text[]) AS id",
        sorted(map(str, ids)),
    )


async def load(conn: Connection, signalen: set[UUID], zaken: set[UUID]) -> Boek:
    """These signals and cases, and all that belongs to them, locked until the end of the transaction.

    By their ids first: of a signal that nobody told of yet there is no row to lock, and two members that hear of it
    from two sources at once would each write theirs.
    """
    await lock(conn, signalen | zaken)
    while True:
        rows = await conn.fetch(
            f"""SELECT {_COLUMNS} FROM signaal WHERE signaal_id = ANY($1) OR zaak_id = ANY($2)
                ORDER BY signaal_id FOR UPDATE""",
            list(signalen), list(zaken),
        )  # fmt: skip
        linked = {row["zaak_id"] for row in rows if row["zaak_id"]}
        if linked <= zaken:
            break
        zaken = zaken | linked
    cases = await conn.fetch(
        "SELECT zaak_id, tenant FROM zaak WHERE zaak_id = ANY($1) ORDER BY zaak_id FOR UPDATE", list(zaken)
    )
    known = {row["signaal_id"] for row in rows}
    return _boek(rows, cases, await _facts(conn, zaken, known), await _decisions(conn, known | signalen))


async def look(conn: Connection, zaken: Sequence[UUID]) -> Boek:
    """As `load`, of what the caller may see, without locking."""
    rows = await conn.fetch(f"SELECT {_COLUMNS} FROM signaal WHERE zaak_id = ANY($1)", list(zaken))
    cases = await conn.fetch("SELECT zaak_id, tenant FROM zaak WHERE zaak_id = ANY($1)", list(zaken))
    decisions = await _decisions(conn, {row["signaal_id"] for row in rows})
    return _boek(rows, cases, await _facts(conn, zaken, ()), decisions)


async def _decisions(conn: Connection, signalen: Iterable[UUID]) -> list[Any]:
    rows: list[Any] = await conn.fetch(
        "SELECT signaal_id, opgepakt, volgnummer FROM besluit WHERE signaal_id = ANY($1)", list(signalen)
    )
    return rows


async def _facts(conn: Connection, zaken: Iterable[UUID], signalen: Iterable[UUID]) -> list[Any]:
    rows: list[Any] = await conn.fetch(
        f"SELECT {_FEIT} FROM feit WHERE zaak_id = ANY($1) OR signaal_id = ANY($2) ORDER BY volgnummer",
        list(zaken), list(signalen),
    )  # fmt: skip
    return rows


def _boek(signalen: Iterable[Any], zaken: Iterable[Any], feiten: Iterable[Any], besluiten: Iterable[Any]) -> Boek:
    boek = Boek(zaken={row["zaak_id"]: row["tenant"] for row in zaken})
    for row in signalen:
        boek.know(row["signaal_id"], Plek(*(row[name] for name in _PLEK)), _signaal(row))
    for row in feiten:
        boek.keep(_feit(row))
    boek.besluiten = {signaal_id: Besluit(opgepakt, nummer) for signaal_id, opgepakt, nummer in besluiten}
    return boek


def _signaal(row: Any) -> Signaal | None:
    """What is known of a signal; None while only its place is."""
    if row["signaaldatum"] is None:
        return None
    found = {name: row[name] for name in _SIGNAAL} | {"signaal_id": row["signaal_id"], "partner": row["partner"]}
    found |= {"soort": Signaalsoort(row["soort"]), "signaalpartner": Signaalpartner(row["signaalpartner"])}
    return Signaal(**found)


def _feit(row: Any) -> Feit:
    event = upcasting.read(row["type"], row["versie"], json.loads(row["gegevens"]))
    return Feit(row["id"], event, row["tenant"], row["zaak_id"], row["signaal_id"], row["partner"])


async def write(conn: Connection, boek: Boek) -> None:
    """What changed."""
    if boek.opened:
        await conn.executemany(
            "INSERT INTO zaak (zaak_id, tenant) VALUES ($1, $2)", [(z, boek.zaken[z]) for z in sorted(boek.opened)]
        )
    if boek.changed:
        await conn.execute(_PUT, _json([_signal_row(boek, signaal_id) for signaal_id in sorted(boek.changed)]))
    if boek.added:
        await conn.execute(_ADD, _json([_fact_row(boek.feiten[i]) for i in boek.feiten if i in boek.added]))
    if boek.besloten:
        decided = [(i, boek.besluiten[i].opgepakt, boek.besluiten[i].volgnummer) for i in sorted(boek.besloten)]
        await conn.executemany(_DECIDE, decided)
    if moved := boek.moved - boek.added:
        await conn.execute(_MOVE, _json([_fact_row(boek.feiten[i]) for i in sorted(moved)]))


def _signal_row(boek: Boek, signaal_id: UUID) -> dict[str, Any]:
    signaal, plek = boek.signalen.get(signaal_id), boek.plekken[signaal_id]
    known = {name: getattr(signaal, name) for name in _SIGNAAL} if signaal else {"correctie": ONBEKEND}
    return {"signaal_id": signaal_id, **known, **{name: getattr(plek, name) for name in _PLEK}}


def _fact_row(feit: Feit) -> dict[str, Any]:
    event: Any = feit.event
    data = event.model_dump(mode="json", by_alias=True, exclude_none=True, exclude=_SEALED)
    return {
        "id": feit.id, "tenant": feit.tenant, "partner": feit.partner, "zaak_id": feit.zaak_id,
        "signaal_id": feit.signaal_id, "ontruiming_id": getattr(event, "ontruiming_id", None), "type": event.name(),
        "versie": event.version, "datum": event.datum, "gegevens": data,
    }  # fmt: skip


def _json(rows: list[dict[str, Any]]) -> str:
    return json.dumps(rows, default=str)


async def waiting(conn: Connection, limit: int, offset: int) -> list[Any]:
    """Signals of which something was reported while they have no case, the longest waiting first."""
    rows: list[Any] = await conn.fetch(
        """SELECT f.signaal_id, s.partner, array_agg(f.type ORDER BY f.volgnummer) AS gemeld, min(f.datum) AS sinds
           FROM feit f JOIN signaal s USING (signaal_id) WHERE f.zaak_id IS NULL
           GROUP BY f.signaal_id, s.partner ORDER BY min(f.volgnummer) LIMIT $1 OFFSET $2""",
        limit, offset,
    )  # fmt: skip
    return rows


async def meeting(
    conn: Connection, partner: str | None, first: date, last: date, limit: int, offset: int
) -> list[Overlegrij]:
    """Cases and corporations with rent arrears reported by the end of a month, running in that month."""
    rows = await conn.fetch(
        """SELECT zaak_id, partner, tenant FROM signaal
           WHERE signaalpartner = 'Huur' AND zaak_id IS NOT NULL AND signaaldatum <= $3
             AND ($1::text IS NULL OR partner = $1) AND (zaak_einde IS NULL OR zaak_einde >= $2)
           GROUP BY zaak_id, partner, tenant HAVING bool_or(ingetrokken_op IS NULL OR ingetrokken_op >= $2)
           ORDER BY partner, zaak_id LIMIT $4 OFFSET $5""",
        partner, first, last, limit, offset,
    )  # fmt: skip
    return [Overlegrij(**row) for row in rows]
