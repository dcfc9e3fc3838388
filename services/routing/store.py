"""Own tables of routing: what is known (the loop's alone), the decisions and the published policies.

A batch reads all that is connected with it in a few statements and writes each table once.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from libs.events.postgres.log import Connection
from services.routing.besluiten import Uitspraak
from services.routing.domain import Beeld, Genomen, Handeling, Koppeling, Signaal
from services.routing.policy.document import Beleid
from services.routing.versies import Versie, Versies

_SIGNALEN = """
SELECT signaal_id, sequence, ingetrokken, koppeling, genomen, volgorde, betaald FROM signaal WHERE signaal_id IN (
    SELECT signaal_id FROM signaal WHERE signaal_id = ANY($1) UNION
    SELECT signaal_id FROM signaal WHERE zaak_id = ANY($2) UNION
    SELECT signaal_id FROM signaal WHERE adres_id = ANY($3) UNION
    SELECT signaal_id FROM signaal WHERE achterstand_id = ANY($4)
)
"""
_ZAKEN = """
SELECT zaak_id, huishouden_id FROM zaak WHERE huishouden_id = ANY($1)
UNION
SELECT zaak_id, huishouden_id FROM zaak WHERE huishouden_id IN (SELECT huishouden_id FROM zaak WHERE zaak_id = ANY($1))
"""
GEDAAN = "SELECT gegevens FROM handeling WHERE zaak_id = ANY($1) OR signaal_id = ANY($2)"
KOPPELING, GENOMEN, HANDELING = TypeAdapter(Koppeling), TypeAdapter(Genomen), TypeAdapter(Handeling)
_GELEZEN: dict[str, Beleid] = {}
MOST_DOCUMENTS = 512
"""Kept read, by their fingerprint: what a decision under it needs is made once."""


@dataclass
class Rondom:
    """What to look around: ids of signals, cases, addresses and arrears."""

    signalen: set[UUID] = field(default_factory=set)
    zaken: set[UUID] = field(default_factory=set)
    adressen: set[UUID] = field(default_factory=set)
    achterstanden: set[UUID] = field(default_factory=set)

    def size(self) -> int:
        """How many ids."""
        return len(self.signalen) + len(self.zaken) + len(self.adressen) + len(self.achterstanden)

    def with_link(self, signaal_id: UUID, link: Koppeling | None) -> None:
        """Look around this signal too."""
        self.signalen.add(signaal_id)
        if link is not None:
            self.zaken.add(link.zaak_id)
            self.adressen.add(link.adres_id)
            self.achterstanden.add(link.achterstand_id)


async def serialise(conn: Connection) -> None:
    """One batch at a time, also where several members of the consumer read several partitions: a decision reads what
    events of another log wrote, and the last to commit must have seen it all."""
    await conn.execute("SELECT pg_advisory_xact_lock(hashtextextended('routing.besluiten', 0))")


async def load(conn: Connection, around: Rondom) -> Beeld:
    """All that is connected with these ids, by address, arrears or household, however far."""
    beeld, size = Beeld(), -1
    while size != around.size():
        size = around.size()
        for row in await conn.fetch(_ZAKEN, list(around.zaken)):
            beeld.hoort(row["zaak_id"], row["huishouden_id"])
            around.zaken |= {row["zaak_id"], row["huishouden_id"]}
        rows = await conn.fetch(
            _SIGNALEN, *map(list, (around.signalen, around.zaken, around.adressen, around.achterstanden))
        )
        for row in rows:
            signaal = _signaal(row)
            beeld.zet(signaal)
            around.with_link(signaal.signaal_id, signaal.koppeling)
    for row in await conn.fetch(GEDAAN, list(around.zaken), list(around.signalen)):
        beeld.doe(HANDELING.validate_json(row["gegevens"]))
    return beeld


async def van_maanden(conn: Connection, maanden: Iterable[tuple[str, str]]) -> set[UUID]:
    """The signals of these months, each with its municipality."""
    codes, periods = zip(*maanden, strict=True)
    rows = await conn.fetch(
        """SELECT signaal_id FROM signaal JOIN unnest($1::text[], $2::text[]) AS m (gemeentecode, periode)
           ON koppeling->>'gemeentecode' = m.gemeentecode AND koppeling->>'periode' = m.periode""",
        codes, periods,
    )  # fmt: skip
    return {row["signaal_id"] for row in rows}


async def save(conn: Connection, before: Beeld, beeld: Beeld) -> None:
    """What changed since `before`."""
    await conn.executemany(
        """INSERT INTO signaal
           (signaal_id, sequence, ingetrokken, zaak_id, adres_id, achterstand_id, koppeling, genomen, volgorde, betaald)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (signaal_id) DO UPDATE SET
           sequence = excluded.sequence, ingetrokken = excluded.ingetrokken, zaak_id = excluded.zaak_id,
           adres_id = excluded.adres_id, achterstand_id = excluded.achterstand_id, koppeling = excluded.koppeling,
           genomen = excluded.genomen, volgorde = excluded.volgorde, betaald = excluded.betaald""",
        [_row(one) for one in beeld.signalen.values() if before.signalen.get(one.signaal_id) is not one],
    )
    await conn.executemany(
        "INSERT INTO zaak VALUES ($1, $2) ON CONFLICT (zaak_id) DO UPDATE SET huishouden_id = excluded.huishouden_id",
        [one for one in beeld.huishoudens.items() if before.huishoudens.get(one[0]) != one[1]],
    )
    await conn.executemany(
        "INSERT INTO handeling VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        [
            (one.id, one.zaak_id, one.signaal_id, _text(HANDELING, one))
            for one in beeld.handelingen.values()
            if one.id not in before.handelingen
        ],
    )


async def tell(conn: Connection, told: Sequence[Uitspraak], now: datetime) -> None:
    """Keep the decisions that were said."""
    await conn.executemany(
        """INSERT INTO besluit
           (besluit_id, tenant, signaal_id, zaak_id, melding_id, genomen_op, vervangt, feiten, besluit)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)""",
        [_besluit(one, now) for one in told],
    )


async def versies(conn: Connection, gemeentecodes: Iterable[str]) -> Versies:
    """The versions of these municipalities."""
    rows = await conn.fetch(
        """SELECT tenant, vingerafdruk, gepubliceerd_op, meegeleverd FROM beleid
           WHERE tenant = ANY($1) ORDER BY volgnummer""",
        sorted(set(gemeentecodes)),
    )
    found = await _documenten(conn, {row["vingerafdruk"] for row in rows})
    return Versies(
        Versie(row["tenant"], found[row["vingerafdruk"]], row["gepubliceerd_op"], row["meegeleverd"]) for row in rows
    )


async def _documenten(conn: Connection, wanted: set[str]) -> dict[str, Beleid]:
    """Documents by their fingerprint; each is read once."""
    found = {one: _GELEZEN[one] for one in wanted if one in _GELEZEN}
    if unread := sorted(wanted - found.keys()):
        rows = await conn.fetch(
            "SELECT DISTINCT vingerafdruk, document FROM beleid WHERE vingerafdruk = ANY($1)", unread
        )
        read = {row["vingerafdruk"]: Beleid.model_validate_json(row["document"]) for row in rows}
        if len(_GELEZEN) > MOST_DOCUMENTS:
            _GELEZEN.clear()
        _GELEZEN.update(read)
        found |= read
    return found


async def publish(conn: Connection, versie: Versie) -> bool:
    """Keep a version; false where the municipality has one of that name."""
    beleid = versie.beleid
    document = beleid.model_dump_json(by_alias=True, exclude_none=True)
    return await conn.fetchval(
        """INSERT INTO beleid (tenant, versie, geldig_vanaf, gepubliceerd_op, document, vingerafdruk, meegeleverd)
           VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (tenant, versie) DO NOTHING RETURNING true""",
        versie.gemeentecode, beleid.versie, beleid.geldig_vanaf, versie.gepubliceerd_op, document,
        sha256(document.encode()).hexdigest(), versie.meegeleverd,
    ) is True  # fmt: skip


async def laatst_beslist(conn: Connection, gemeentecode: str) -> date | None:
    """The latest day of a signal on which a decision was taken in a municipality."""
    found: date | None = await conn.fetchval(
        "SELECT max((feiten->>'signaaldatum')::date) FROM besluit WHERE tenant = $1", gemeentecode
    )
    return found


async def lock_policy(conn: Connection, gemeentecode: str) -> None:
    """One publication at a time."""
    await conn.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 1))", f"routing.beleid.{gemeentecode}")


async def besluiten(conn: Connection, zaak_id: UUID, limit: int, offset: int) -> list[dict[str, Any]]:
    """The decisions in a case, oldest first, each with the facts it was taken on."""
    rows = await conn.fetch(
        "SELECT * FROM besluit WHERE zaak_id = $1 ORDER BY volgnummer LIMIT $2 OFFSET $3", zaak_id, limit, offset
    )
    return [_shown(row) for row in rows]


def _shown(row: Any) -> dict[str, Any]:
    ids = {"besluitId": "besluit_id", "signaalId": "signaal_id", "zaakId": "zaak_id", "meldingId": "melding_id"}
    return {
        **{name: str(row[column]) for name, column in ids.items()},
        "gemeentecode": row["tenant"],
        "genomenOp": row["genomen_op"].isoformat(),
        "vervangt": str(row["vervangt"]) if row["vervangt"] else None,
        "feiten": json.loads(row["feiten"]),
        **json.loads(row["besluit"]),
    }


def _signaal(row: Any) -> Signaal:
    link = KOPPELING.validate_json(row["koppeling"]) if row["koppeling"] else None
    taken = GENOMEN.validate_json(row["genomen"]) if row["genomen"] else None
    return Signaal(row["signaal_id"], row["sequence"], row["ingetrokken"], link, taken, row["volgorde"], row["betaald"])


def _row(one: Signaal) -> tuple[Any, ...]:
    link = one.koppeling
    places = (link.zaak_id, link.adres_id, link.achterstand_id) if link else (None, None, None)
    return (
        one.signaal_id, one.sequence, one.ingetrokken, *places,
        _text(KOPPELING, link), _text(GENOMEN, one.genomen), one.volgorde, one.betaald,
    )  # fmt: skip


def _text(kind: TypeAdapter[Any], value: Any) -> str | None:
    """As a column of JSON keeps it."""
    return None if value is None else kind.dump_json(value).decode()


def _besluit(one: Uitspraak, now: datetime) -> tuple[Any, ...]:
    link = one.koppeling
    return (
        one.besluit_id, link.gemeentecode, one.signaal.signaal_id, link.zaak_id, link.melding_id, now, one.vervangt,
        one.feiten.model_dump_json(by_alias=True, exclude_none=True),
        one.besluit.model_dump_json(by_alias=True, exclude_none=True),
    )  # fmt: skip
