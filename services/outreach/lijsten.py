"""Rounds of letters and call lists: which cases are asked for, a verdict on each, and how they are kept."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from libs.events.afspraken import Briefnaam
from libs.events.postgres.log import Connection
from libs.events.values import Contactsoort, Datum, Gemeentecode, Value
from services.outreach import store, takenlijst, woorden
from services.outreach.bodies import Naam
from services.outreach.dossier import Dossier
from services.outreach.handelingen import InRustperiode, NeeGerespecteerd
from services.outreach.rust import NEE, Rust, rust

MOST = 500
"""Cases in one round or list."""


def _geschreven(soort: Contactsoort) -> Contactsoort:
    if soort not in (Contactsoort.BRIEF, Contactsoort.KAARTJE, Contactsoort.MAIL, Contactsoort.SMS_WHATSAPP):
        raise ValueError("a letter, a card or a message")
    return soort


def _reden(tekst: str) -> str:
    found = woorden.op_lijst(tekst, woorden.REDENEN_VOOR_CONTACT)
    if found is None:
        raise ValueError("a reason of the list")
    return found


class Filter(Value):
    """Cases with a task of this kind: of a team, of whom a step names to carry it out, due on or before a day."""

    team: Naam | None = None
    uitvoerder: Naam | None = None
    uiterlijk_voor: Datum | None = None


class Keuze(Value):
    """Cases of one municipality: named, or by what is to be done."""

    gemeentecode: Gemeentecode
    zaak_ids: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=MOST)] | None = None
    filter: Filter | None = None
    reden: Annotated[str, Field(max_length=200), AfterValidator(_reden)] | None = Field(
        default=None, description="why, also for who has rest or said no: one of the list"
    )

    @model_validator(mode="after")
    def _een_van_beide(self) -> Self:
        if (self.zaak_ids is None) is (self.filter is None):
            raise ValueError("zaakIds or filter")
        return self


class Brievenronde(Keuze):
    """A letter (card, message) that goes, or went, to many households on one day."""

    soort: Annotated[Contactsoort, AfterValidator(_geschreven)] = Contactsoort.BRIEF
    brief: Briefnaam | None = None
    datum: Datum


class Bellijst(Keuze):
    """Households that a call centre may call, until a day."""

    team: Naam
    geldig_tot: Datum


class Oordeel(StrEnum):
    """What became of a case in a round or list."""

    VASTGELEGD = "vastgelegd"
    OPGENOMEN = "opgenomen"
    DUBBEL = "dubbel"
    OVERGESLAGEN = "overgeslagen"
    GEWEIGERD = "geweigerd"


@dataclass(frozen=True, slots=True)
class Regel:
    """The verdict on one case."""

    zaak_id: UUID
    oordeel: Oordeel
    code: str | None = None
    contactpoging_id: UUID | None = None

    def als_json(self) -> dict[str, Any]:
        """As shown."""
        found = {"zaakId": str(self.zaak_id), "oordeel": self.oordeel.value}
        found |= {"code": self.code} if self.code else {}
        return found | ({"contactpogingId": str(self.contactpoging_id)} if self.contactpoging_id else {})


@dataclass(frozen=True, slots=True)
class Gekozen:
    """The cases, locked and read, and what keeps from contact in each; `meer` when more than fit were asked for."""

    zaken: Mapping[UUID, UUID | None]
    dossiers: Mapping[UUID, Dossier]
    rust: Mapping[UUID, Rust | None]
    meer: bool


async def kies(conn: Connection, keuze: Keuze, soort: Contactsoort, vandaag: date, brief: str | None = None) -> Gekozen:
    """Choose, lock and read them; a case of another municipality is not among the dossiers."""
    zaken: dict[UUID, UUID | None] = dict.fromkeys(keuze.zaak_ids or ())
    if keuze.filter is not None:
        wie = keuze.filter
        vraag = takenlijst.Gevraagd([keuze.gemeentecode], wie.uiterlijk_voor, wie.team, uitvoerder=wie.uitvoerder)
        zaken |= await takenlijst.te_doen(conn, vraag, soort, vandaag, brief)
    gekozen = dict(list(zaken.items())[:MOST])
    await store.lock_all(conn, list(gekozen))
    dossiers = await store.dossiers(conn, list(gekozen))
    hier = {zaak_id: d for zaak_id, d in dossiers.items() if d.gemeentecode == keuze.gemeentecode}
    regels = await takenlijst.regels_van(conn, keuze.gemeentecode, vandaag)
    contacten = await takenlijst.contacten_van(conn, list(hier.values()))
    stilte = {
        zaak_id: rust(
            contacten[zaak_id], str(gekozen[zaak_id] or d.zaak().bedoeld(None)), regels, dringend=d.dringend()
        )
        for zaak_id, d in hier.items()
    }
    return Gekozen(gekozen, hier, stilte, meer=len(zaken) > len(gekozen))


def rustcode(stilte: Rust | None, vandaag: date) -> str | None:
    """The code of the rule that keeps from contact today."""
    if stilte is None or stilte.tot <= vandaag:
        return None
    return NeeGerespecteerd.code if stilte.regel == NEE else InRustperiode.code


async def bewaar(
    conn: Connection, lijst_id: UUID, gemeentecode: str, soort: str, datum: date, gegevens: Mapping[str, Any],
    regels: Sequence[Regel], *, team: str | None = None, geldig_tot: date | None = None,
) -> None:  # fmt: skip
    """Keep a round or list and its verdicts."""
    await conn.execute(
        "INSERT INTO lijst VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7)",
        lijst_id, gemeentecode, soort, datum, json.dumps(gegevens), team, geldig_tot,
    )  # fmt: skip
    await conn.execute(
        """INSERT INTO lijstregel
           SELECT $1, $2, n.* FROM unnest($3::uuid[], $4::text[], $5::text[], $6::uuid[]) AS n""",
        lijst_id, gemeentecode, [r.zaak_id for r in regels], [r.oordeel.value for r in regels],
        [r.code for r in regels], [r.contactpoging_id for r in regels],
    )  # fmt: skip


async def lees(conn: Connection, lijst_id: UUID, soort: str) -> tuple[dict[str, Any], list[Regel]] | None:
    """A round or list and its verdicts; None where the caller may not see it."""
    row = await conn.fetchrow("SELECT * FROM lijst WHERE lijst_id = $1 AND soort = $2", lijst_id, soort)
    if row is None:
        return None
    query = "SELECT zaak_id, oordeel, code, contactpoging_id FROM lijstregel WHERE lijst_id = $1 ORDER BY zaak_id"
    regels = [Regel(r[0], Oordeel(r[1]), r[2], r[3]) for r in await conn.fetch(query, lijst_id)]
    return dict(row) | {"gegevens": json.loads(row["gegevens"])}, regels


def antwoord(naam: str, lijst_id: UUID, gegevens: Mapping[str, Any], regels: Sequence[Regel]) -> dict[str, Any]:
    """As shown: what it is, how many got which verdict, and each of them."""
    aantallen = Counter(regel.oordeel.value for regel in regels)
    return {naam: str(lijst_id), **gegevens, "totaal": len(regels), "aantallen": dict(sorted(aantallen.items())),
            "regels": [regel.als_json() for regel in sorted(regels, key=lambda r: r.zaak_id)]}  # fmt: skip
