"""Tasks read: made from the plan of each open melding and from households that came by themselves, first due first.

They are computed when they are asked for, so that a change of settings or of the day changes them at once. Meldingen
come in the order of their last day, and reading stops where the page is full.
"""

import heapq
import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from libs.chassis import werkdagen
from libs.chassis.afspraken import published
from libs.events.afspraken import Gepubliceerd, Uitvoering
from libs.events.postgres.log import Connection
from libs.events.values import Contactsoort
from services.outreach import planning
from services.outreach.dossier import Dossier, werk
from services.outreach.rust import Contacten, Rust, rust
from services.outreach.termijnen import BEDREIGEND, CONTACT, Dag, laatste_dag, zonder_klok

AT_ONCE = 200
"""Meldingen planned at a time."""

_MELDINGEN = """
SELECT zaak_id, tenant, rij, plan FROM werkvoorraad
WHERE plan IS NOT NULL AND tenant = ANY($1) AND ($2::date IS NULL OR gepland_voor <= $2)
  AND ($3::text IS NULL OR rij->'behandelaar'->>'team' = $3) AND ($4::text IS NULL OR plan->>'medewerkerId' = $4)
  AND (NOT $5::boolean OR rij->'stappen' @? '$[*] ? (@.uitvoerder != null)')
ORDER BY gepland_voor, zaak_id, melding_id
"""

_KETEN = """
WITH RECURSIVE keten(zaak_id, hier, diepte) AS (
    SELECT z, z, 0 FROM unnest($1::uuid[]) AS z
    UNION ALL
    SELECT k.zaak_id, (z.stand->>'vorigeZaakId')::uuid, k.diepte + 1 FROM keten k JOIN zaak z ON z.zaak_id = k.hier
    WHERE z.stand->>'vorigeZaakId' IS NOT NULL AND k.diepte < 24)
SELECT k.zaak_id, z.contact FROM keten k JOIN zaak z ON z.zaak_id = k.hier
"""
"""The case and those of the household before it: a rest does not end because a case was closed."""

_AANMELDINGEN = """
SELECT a.aanmelding_id, a.tenant, a.zaak_id, a.datum, t.uiterlijk, t.bron
FROM aanmelding a LEFT JOIN zaak z USING (zaak_id)
LEFT JOIN LATERAL (SELECT uiterlijk, bron FROM termijn t WHERE t.zaak_id = a.zaak_id AND NOT t.gestopt
    AND (t.oorzaak = a.aanmelding_id AND t.soort = ANY($2) OR t.soort = $3) ORDER BY uiterlijk LIMIT 1) t ON true
WHERE a.tenant = ANY($1) AND (z.zaak_id IS NULL OR
    (z.contact->>'loopt')::boolean AND coalesce((z.contact->>'gesprek')::date < a.datum, true)
    AND coalesce((z.contact->>'afwijzing')::date <= a.datum, true))
ORDER BY a.datum, a.aanmelding_id LIMIT 1000
"""


@dataclass(frozen=True, slots=True)
class Gevraagd:
    """Whose tasks: of these municipalities, due on or before a day, of a team, an employee (a pseudonym) or who carries
    a step out."""

    gemeenten: Sequence[str]
    uiterlijk_voor: date | None = None
    team: str | None = None
    medewerker: UUID | None = None
    uitvoerder: str | None = None


async def taken(conn: Connection, vraag: Gevraagd, vandaag: date, limit: int, offset: int) -> list[dict[str, Any]]:
    """Tasks first due first; of one day in the order of case, melding and step."""
    gesprekken = [] if vraag.team or vraag.medewerker or vraag.uitvoerder else await _gesprekken(conn, vraag, vandaag)
    found: list[dict[str, Any]] = []
    async for rijen in van_meldingen(conn, vraag, vandaag):
        found += rijen
        if len(found) >= limit + offset:
            break
    return list(heapq.merge(found, gesprekken, key=lambda taak: taak["uiterlijk"]))[offset : offset + limit]


async def van_zaak(
    conn: Connection, dossier: Dossier, vandaag: date, uitvoerder: str | None = None
) -> list[dict[str, Any]]:
    """The tasks in one case as it is now, also by what was recorded a moment ago; all, or those of an `uitvoerder`."""
    afspraken, code = await published(conn, [dossier.gemeentecode]), dossier.gemeentecode
    regels = afspraken.op(code, vandaag).uitvoering
    contacten, eigen = (await contacten_van(conn, [dossier]))[dossier.zaak_id], dossier.contacten()
    found: list[dict[str, Any]] = []
    for rij in dossier.rijen():
        if plan := dossier.plan(rij):
            found += _taken(rij, plan, contacten, regels, vandaag, uitvoerder)
    if dossier.contact()["loopt"] and uitvoerder is None:
        found += [
            _gesprek(een, code, dossier.zaak_id, kwam, vandaag,
                     laatste_dag(dossier.termijnen, {een}) or _zonder_klok(afspraken, code, kwam, vandaag))
            for een, kwam in dossier.aanmeldingen().items() if eigen.vraagt_nog(kwam)
        ]  # fmt: skip
    return sorted(found, key=lambda taak: taak["uiterlijk"])


async def regels_van(conn: Connection, gemeentecode: str, vandaag: date) -> Uitvoering:
    """How this municipality carries out a route now."""
    return (await published(conn, [gemeentecode])).op(gemeentecode, vandaag).uitvoering


async def contacten_van(conn: Connection, dossiers: Sequence[Dossier]) -> dict[UUID, Contacten]:
    """Contact with each household, in this case as outreach's log has it, and in those before it."""
    vorige = {d.zaak_id: UUID(d.stand["vorigeZaakId"]) for d in dossiers if d.stand["vorigeZaakId"]}
    eerder = await _contacten(conn, sorted(set(vorige.values())))
    return {
        d.zaak_id: Contacten.uit([*eerder.get(vorige.get(d.zaak_id, d.zaak_id), []), d.contacten().bewaard()])
        for d in dossiers
    }


async def rust_van(conn: Connection, dossier: Dossier, melding_id: UUID | None, vandaag: date) -> Rust | None:
    """What keeps from new contact for this melding."""
    regels = await regels_van(conn, dossier.gemeentecode, vandaag)
    contacten = (await contacten_van(conn, [dossier]))[dossier.zaak_id]
    return rust(contacten, str(melding_id), regels, dringend=dossier.dringend())


async def te_doen(
    conn: Connection, vraag: Gevraagd, soort: Contactsoort, vandaag: date, brief: str | None = None
) -> dict[UUID, UUID]:
    """Cases with a task of this kind (and letter), each with its melding: who has no rest first, then first due."""
    gevonden: list[dict[str, Any]] = []
    async for rijen in van_meldingen(conn, vraag, vandaag):
        gevonden += [t for t in rijen if soort in t["contactsoorten"] and brief in (None, t["brief"])]
    gevonden.sort(key=lambda taak: taak["rust"] is not None)
    found: dict[UUID, UUID] = {}
    for taak in gevonden:
        found.setdefault(UUID(taak["zaakId"]), UUID(taak["meldingId"]))
    return found


async def van_meldingen(conn: Connection, vraag: Gevraagd, vandaag: date) -> AsyncIterator[list[dict[str, Any]]]:
    """The tasks of some meldingen at a time, in the order of their last day."""
    afspraken = await published(conn, vraag.gemeenten)
    medewerker = str(vraag.medewerker) if vraag.medewerker else None
    vragen = vraag.gemeenten, vraag.uiterlijk_voor, vraag.team, medewerker, vraag.uitvoerder is not None
    cursor = await conn.cursor(_MELDINGEN, *vragen)
    while rows := await cursor.fetch(AT_ONCE):
        contacten = await _contacten(conn, [row["zaak_id"] for row in rows])
        yield [
            taak
            for row in rows
            for taak in _taken(
                json.loads(row["rij"]),
                json.loads(row["plan"]),
                Contacten.uit(contacten[row["zaak_id"]]),
                afspraken.op(row["tenant"], vandaag).uitvoering,
                vandaag,
                vraag.uitvoerder,
            )
        ]


async def _contacten(conn: Connection, zaken: Sequence[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    found: dict[UUID, list[dict[str, Any]]] = {zaak_id: [] for zaak_id in zaken}
    for row in await conn.fetch(_KETEN, list(found)):
        found[row["zaak_id"]].append(json.loads(row["contact"]))
    return found


def _taken(
    rij: Mapping[str, Any],
    plan: Mapping[str, Any],
    contacten: Contacten,
    regels: Uitvoering,
    vandaag: date,
    uitvoerder: str | None = None,
) -> Iterator[dict[str, Any]]:
    doen = werk(rij, plan)
    stilte = rust(contacten, rij["meldingId"], regels, dringend=doen.dringend)
    for taak in planning.taken(doen, stilte, regels, vandaag, werkdagen, uitvoerder):
        yield {
            **{naam: rij[naam] for naam in ("zaakId", "meldingId", "gemeentecode")},
            **taak.als_json(doen, stilte, vandaag),
            "behandelaar": rij["behandelaar"],
            "medewerkerId": plan["medewerkerId"],
        }


async def _gesprekken(conn: Connection, vraag: Gevraagd, vandaag: date) -> list[dict[str, Any]]:
    afspraken = await published(conn, vraag.gemeenten)
    found = []
    for een, code, zaak_id, kwam, *klok in await conn.fetch(_AANMELDINGEN, vraag.gemeenten, CONTACT, BEDREIGEND):
        dag = (klok[0], klok[1]) if klok[0] else _zonder_klok(afspraken, code, kwam, vandaag)
        found.append(_gesprek(een, code, zaak_id, kwam, vandaag, dag))
    tot = str(vraag.uiterlijk_voor or date.max)
    return sorted((taak for taak in found if taak["uiterlijk"] <= tot), key=lambda taak: taak["uiterlijk"])


def _zonder_klok(afspraken: Gepubliceerd, gemeentecode: str, kwam: date, vandaag: date) -> Dag:
    return zonder_klok(kwam, afspraken.op(gemeentecode, vandaag).termijnen.eerste_gesprek_dagen)


def _gesprek(
    aanmelding_id: UUID, gemeentecode: str, zaak_id: UUID | None, datum: date, vandaag: date, dag: Dag
) -> dict[str, Any]:
    """A household that came by itself is spoken with."""
    uiterlijk, bron = dag
    return {
        "soort": "Eerste gesprek",
        "zaakId": str(zaak_id) if zaak_id else None,
        "aanmeldingId": str(aanmelding_id),
        "gemeentecode": gemeentecode,
        "contactsoorten": [],
        "verplicht": True,
        "gepland": str(werkdagen.op_werkdag(max(vandaag, datum + timedelta(days=1)))),
        "uiterlijk": str(uiterlijk),
        "teLaat": uiterlijk < vandaag,
        "bron": bron,
    }
