"""The tables of intake that decide: signals with what was received of them, deliveries with their verdicts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from libs.events.postgres.log import Connection
from libs.events.values import Intrekkingsreden, Signaalpartner
from services.intake.domain import Ingetrokken, Leveringstatus, Oordeel, Stand

_NEW = """
INSERT INTO signaal (signaal_id, tenant, signaalpartner, periode, kenmerk, ontvangen_op)
SELECT n.id, $2, $3, n.periode, n.kenmerk, $4 FROM unnest($1::uuid[], $5::text[], $6::text[]) AS n(id, periode, kenmerk)
ORDER BY n.id ON CONFLICT DO NOTHING RETURNING signaal_id
"""

_LOCKED = """
SELECT signaal_id, signaalpartner, periode, correcties, reden, datum, ontvangen_op
FROM signaal WHERE signaal_id = ANY($1) ORDER BY signaal_id FOR UPDATE
"""


@dataclass(frozen=True, slots=True)
class Nieuw:
    """What a signal is kept with, should it be new; `kenmerk` is sealed."""

    signaal_id: UUID
    periode: str
    kenmerk: str


@dataclass(frozen=True, slots=True)
class Signaal:
    """A signal as it is kept, locked until the end of the transaction."""

    signaal_id: UUID
    signaalpartner: Signaalpartner
    periode: str
    ontvangen_op: datetime
    stand: Stand


@dataclass(frozen=True, slots=True)
class Uitkomst:
    """The verdict on one row; `kenmerk` sealed, and only where there is no signal that keeps it."""

    regel: int
    oordeel: Oordeel
    signaal_id: UUID | None = None
    veld: str | None = None
    code: str | None = None
    kenmerk: str | None = None
    onbruikbaar: str | None = None


async def signalen(
    conn: Connection, tenant: str, signaalpartner: Signaalpartner, nieuw: Sequence[Nieuw], now: datetime
) -> dict[UUID, Signaal]:
    """Make those that are new and lock those that are not, always in the order of their ids.

    Two that send the same at once wait for each other in the insert: one makes the signal, the other finds it.
    """
    ids = [n.signaal_id for n in nieuw]
    columns = ([n.periode for n in nieuw], [n.kenmerk for n in nieuw])
    made = {row[0] for row in await conn.fetch(_NEW, ids, tenant, signaalpartner, now, *columns)}
    found = await bestaand(conn, [n for n in ids if n not in made])
    found |= {
        n.signaal_id: Signaal(n.signaal_id, signaalpartner, n.periode, now, Stand())
        for n in nieuw
        if n.signaal_id in made
    }
    return found


async def bestaand(conn: Connection, ids: Sequence[UUID]) -> dict[UUID, Signaal]:
    """Those of the signals that exist and that the caller may see, locked."""
    if not ids:
        return {}
    rows = await conn.fetch(_LOCKED, ids)
    # A second statement, for its snapshot has to be taken after the locks were waited for.
    afdrukken: dict[UUID, set[bytes]] = {row[0]: set() for row in rows}
    for row in await conn.fetch("SELECT signaal_id, vingerafdruk FROM vingerafdruk WHERE signaal_id = ANY($1)", ids):
        afdrukken[row[0]].add(row[1])
    return {row["signaal_id"]: _signaal(row, frozenset(afdrukken[row["signaal_id"]])) for row in rows}


def _signaal(row: Any, afdrukken: frozenset[bytes]) -> Signaal:
    intrekking = Ingetrokken(Intrekkingsreden(row["reden"]), row["datum"]) if row["reden"] else None
    stand = Stand(afdrukken, row["correcties"], intrekking)
    return Signaal(row["signaal_id"], Signaalpartner(row["signaalpartner"]), row["periode"], row["ontvangen_op"], stand)


async def bewaar(
    conn: Connection, tenant: str, afdrukken: Sequence[tuple[UUID, bytes]], correcties: Mapping[UUID, int]
) -> None:
    """Keep the contents that were received for the first time, and how often signals were corrected."""
    if afdrukken:
        await conn.execute(
            """INSERT INTO vingerafdruk (signaal_id, tenant, vingerafdruk)
               SELECT n.id, $1, n.afdruk FROM unnest($2::uuid[], $3::bytea[]) AS n(id, afdruk)""",
            tenant, [a[0] for a in afdrukken], [a[1] for a in afdrukken],
        )  # fmt: skip
    if correcties:
        await conn.execute(
            """UPDATE signaal SET correcties = n.correcties
               FROM unnest($1::uuid[], $2::int[]) AS n(id, correcties) WHERE signaal_id = n.id""",
            list(correcties), list(correcties.values()),
        )  # fmt: skip


async def trek_in(conn: Connection, signaal_id: UUID, ingetrokken: Ingetrokken) -> None:
    """Keep why and when a signal was taken back."""
    await conn.execute(
        "UPDATE signaal SET reden = $2, datum = $3 WHERE signaal_id = $1",
        signaal_id, ingetrokken.reden, ingetrokken.datum,
    )  # fmt: skip


async def bewaar_regels(conn: Connection, tenant: str, levering_id: UUID, uitkomsten: Sequence[Uitkomst]) -> None:
    """Keep the verdicts on some rows of a delivery."""
    columns: Iterable[list[Any]] = (
        [getattr(u, naam) for u in uitkomsten]
        for naam in ("regel", "oordeel", "signaal_id", "veld", "code", "kenmerk", "onbruikbaar")
    )
    await conn.execute(
        """INSERT INTO regel (levering_id, tenant, regel, oordeel, signaal_id, veld, code, kenmerk, onbruikbaar)
           SELECT $1, $2, n.* FROM unnest($3::int[], $4::text[], $5::uuid[], $6::text[], $7::text[], $8::text[],
                                          $9::text[]) AS n""",
        levering_id, tenant, *columns,
    )  # fmt: skip


async def tel(
    conn: Connection,
    tenant: str,
    levering_id: UUID,
    status: Leveringstatus,
    uitkomsten: Sequence[Uitkomst],
    now: datetime,
) -> None:
    """Add verdicts to the counts of a delivery, which is made by the first of them, and set its status."""
    counts = [sum(u.oordeel is oordeel for u in uitkomsten) for oordeel in Oordeel]
    await conn.execute(
        """INSERT INTO levering AS l (levering_id, tenant, status, begonnen_op, bijgewerkt_op,
                                      aangenomen, dubbel, gecorrigeerd, geweigerd)
           VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8)
           ON CONFLICT (levering_id) DO UPDATE SET status = excluded.status, bijgewerkt_op = excluded.bijgewerkt_op,
               aangenomen = l.aangenomen + excluded.aangenomen, dubbel = l.dubbel + excluded.dubbel,
               gecorrigeerd = l.gecorrigeerd + excluded.gecorrigeerd, geweigerd = l.geweigerd + excluded.geweigerd""",
        levering_id, tenant, status, now, *counts,
    )  # fmt: skip
