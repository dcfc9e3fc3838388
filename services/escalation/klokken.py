"""The clocks of the cases in hand: what was said of them, what has to be said now, and back to their table.

The cases are locked by `store.load` before their clocks are read, so two writers never say the same.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, field, fields
from datetime import date
from uuid import UUID

from libs.events.afspraken import Gepubliceerd
from libs.events.catalogue import Event
from libs.events.postgres.log import Connection
from services.escalation.domain.boek import Boek
from services.escalation.domain.klok import Klok, afgelopen, bijgewerkt, evolve
from services.escalation.domain.ladder import Ladder
from services.escalation.domain.termijnen import Zaakbeeld, termijnen

_NAMES = tuple(one.name for one in fields(Klok))
_KLOK = ", ".join(_NAMES)

_PUT = f"""
INSERT INTO termijn ({_KLOK}, tenant) SELECT {_KLOK}, tenant FROM jsonb_populate_recordset(NULL::termijn, $1::jsonb)
ON CONFLICT (termijn_id) DO UPDATE
SET gestopt = excluded.gestopt, vervallen = excluded.vervallen, verlopen = excluded.verlopen
"""

# Cases with a clock whose last day has passed; the partial index gives them, however many clocks there are.
_DUE = """
SELECT DISTINCT zaak_id FROM (SELECT zaak_id FROM termijn WHERE gestopt IS NULL AND NOT verlopen AND uiterlijk < $1
                                AND zaak_id <> ALL($3) ORDER BY uiterlijk, zaak_id LIMIT $2) AS due
"""

_COMING = f"""
SELECT {_KLOK}, tenant FROM termijn
WHERE gestopt IS NULL AND NOT verlopen AND NOT loopt_af AND uiterlijk < $1
ORDER BY uiterlijk, zaak_id, termijn_id LIMIT $2 OFFSET $3
"""


@dataclass
class Klokken:
    """The clocks of the cases of a `Boek`; `changed` says which have to be written."""

    boek: Boek
    afspraken: Gepubliceerd
    per_zaak: dict[UUID, list[Klok]]
    changed: set[UUID] = field(default_factory=set)

    def na(self, zaak_id: UUID, dag: date, oorzaken: tuple[UUID, ...], ladder: Ladder | None = None) -> list[Event]:
        """What has to be said after a fact of that day; `ladder` where it was folded already."""
        agreed = self.afspraken.op(self.boek.zaken[zaak_id], dag).termijnen
        beeld = Zaakbeeld(ladder or self.boek.ladder(zaak_id), self.boek.feiten_van(zaak_id), agreed)
        known = self.per_zaak.get(zaak_id, [])
        klokken, said = bijgewerkt(zaak_id, termijnen(beeld), known, dag, oorzaken)
        self.changed |= {new.termijn_id for new in klokken} - {old.termijn_id for old in known}
        self.changed |= {new.termijn_id for new, old in zip(klokken, known, strict=False) if new != old}
        self.per_zaak[zaak_id] = klokken
        return said

    def op(self, zaak_id: UUID, vandaag: date) -> list[Event]:
        """What the time says of a case on this day, and what had to wait for that."""
        said: list[Event] = []
        klokken = self.per_zaak.get(zaak_id, [])
        for place, klok in enumerate(klokken):
            if event := afgelopen(klok, vandaag):
                klokken[place] = evolve(klok, event)
                self.changed.add(klok.termijn_id)
                said.append(event)
        return said + self.na(zaak_id, vandaag, ())

    async def write(self, conn: Connection) -> None:
        """What changed."""
        rows = [
            dict(zip(_NAMES, astuple(klok), strict=True)) | {"tenant": self.boek.zaken[klok.zaak_id]}
            for klokken in self.per_zaak.values() for klok in klokken if klok.termijn_id in self.changed
        ]  # fmt: skip
        if rows:
            await conn.execute(_PUT, json.dumps(rows, default=str))


async def of(conn: Connection, boek: Boek, afspraken: Gepubliceerd) -> Klokken:
    """The clocks of all cases of the book."""
    return Klokken(boek, afspraken, await said(conn, boek.zaken))


async def said(conn: Connection, zaken: Iterable[UUID]) -> dict[UUID, list[Klok]]:
    """What was said of the clocks of these cases, the oldest first; as far as the connection may see it."""
    rows = await conn.fetch(f"SELECT {_KLOK} FROM termijn WHERE zaak_id = ANY($1) ORDER BY begin, soort, termijn_id",
                            list(zaken))  # fmt: skip
    found: defaultdict[UUID, list[Klok]] = defaultdict(list)
    for row in rows:
        found[row["zaak_id"]].append(Klok(**row))
    return dict(found)


async def due(conn: Connection, vandaag: date, most: int, behalve: Iterable[UUID] = ()) -> list[UUID]:
    """Some cases of which the time has something to say, but for these; the longest overdue first."""
    return [row[0] for row in await conn.fetch(_DUE, vandaag, most, list(behalve))]


async def coming(conn: Connection, before: date, limit: int, offset: int) -> Sequence[tuple[Klok, str]]:
    """Clocks that will be breached before a day if nothing happens, with their municipality; the first to end first."""
    rows = await conn.fetch(_COMING, before, limit, offset)
    return [(Klok(**{name: row[name] for name in _NAMES}), row["tenant"]) for row in rows]
