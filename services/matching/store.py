"""The tables of matching: signals, cases, and the maps from blind index to random id. One statement per batch."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from libs.events.catalogue import MeldingClosed
from libs.events.ids import uuid7
from libs.events.postgres.log import Connection
from libs.events.values import Bewijs, Huishouden, Koppelstatus
from services.matching import aanmeldingen
from services.matching.feiten import Feiten
from services.matching.stand import Signaal, Stand, Zaak

SLOT = "SELECT pg_advisory_xact_lock(hashtextextended('matching.zaken', 0))"
"""Linking is done by one at a time: the loop, a decision of an official, the end of a case."""


@dataclass(frozen=True, slots=True)
class Rij:
    """A signal as it is stored: its place among the others, and what was found."""

    signaal: Signaal
    feiten: Feiten
    tenant: str
    volgorde: int
    reden: str = ""
    kandidaten: int = 0
    bewijs: tuple[Bewijs, ...] = ()
    melding_id: UUID | None = None
    leeftijd: int | None = None
    minderjarigen: bool = False
    huishouden: Huishouden | None = None
    persoon: str | None = None
    bekend_shv: bool | None = None


async def ids(conn: Connection, tabel: str, sleutels: Iterable[bytes]) -> dict[bytes, UUID]:
    """The random id behind each blind index, made where there is none; `tabel` is persoon or adres."""
    gevraagd = list(dict.fromkeys(sleutels))
    rijen = await conn.fetch(
        f"""WITH nieuw AS (
                INSERT INTO {tabel} (sleutel, {tabel}_id) SELECT * FROM unnest($1::bytea[], $2::uuid[])
                ON CONFLICT (sleutel) DO NOTHING RETURNING sleutel, {tabel}_id)
            SELECT * FROM nieuw UNION SELECT sleutel, {tabel}_id FROM {tabel} WHERE sleutel = ANY($1)""",
        gevraagd, [uuid7() for _ in gevraagd],
    )  # fmt: skip
    return {rij[0]: rij[1] for rij in rijen}


async def bekende_personen(conn: Connection, sleutels: Sequence[bytes]) -> dict[bytes, UUID]:
    """The ids of those of these people of whom there was a signal; of nobody else one is made."""
    rijen = await conn.fetch("SELECT sleutel, persoon_id FROM persoon WHERE sleutel = ANY($1)", list(sleutels))
    return {rij[0]: rij[1] for rij in rijen}


async def vergeet_persoon(conn: Connection, persoon_ids: Sequence[UUID]) -> None:
    """The next time these people are somebody new: their keys were destroyed."""
    await conn.execute("DELETE FROM persoon WHERE persoon_id = ANY($1)", list(persoon_ids))


_RELEVANT = """
SELECT s.*, v.client, v.opgave FROM signaal s LEFT JOIN vingerafdruk v USING (signaal_id)
WHERE s.signaal_id IN (
    SELECT unnest($1::uuid[])
    UNION SELECT signaal_id FROM signaal WHERE adres_id = ANY($2)
    UNION SELECT signaal_id FROM signaal WHERE persoon_id = ANY($3)
    UNION SELECT signaal_id FROM signaal WHERE achterstand_id = ANY($4)
    UNION SELECT huis.signaal_id FROM signaal keten JOIN signaal huis USING (adres_id)
          WHERE keten.achterstand_id = ANY($4)
    UNION SELECT signaal_id FROM vingerafdruk WHERE opgave = ANY($5)
    UNION SELECT huis.signaal_id FROM signaal eigen JOIN signaal huis USING (zaak_id) WHERE eigen.persoon_id = ANY($3)
    UNION SELECT huis.signaal_id FROM aanmelding eigen JOIN signaal huis USING (zaak_id)
          WHERE eigen.persoon_id = ANY($3))
"""


@dataclass(frozen=True, slots=True)
class Geladen:
    """What has to do with a batch: for the decider, and the rows of what it may say something of."""

    stand: Stand
    rijen: dict[UUID, Rij]


async def laad(
    conn: Connection, signalen: Sequence[UUID], adressen: Sequence[UUID], personen: Sequence[UUID],
    achterstanden: Sequence[UUID], opgaven: Sequence[UUID] = (),
) -> Geladen:  # fmt: skip
    """Signals at these addresses, of these people and arrears, or written down at these; with their cases, and who else
    is where the arrears are."""
    gevonden = await conn.fetch(_RELEVANT, signalen, adressen, personen, achterstanden, opgaven)
    eigen = {*signalen, *achterstanden}
    rijen = {
        rij["signaal_id"]: _rij(rij) for rij in gevonden
        if rij["signaal_id"] in eigen or rij["achterstand_id"] in eigen or rij["afgedaan"]
    }  # fmt: skip
    zaak_ids = [rij["zaak_id"] for rij in gevonden if rij["zaak_id"]]
    gemeld = await aanmeldingen.rondom(conn, signalen, adressen, personen, zaak_ids)
    zaak_ids += [een.zaak_id for een in gemeld if een.zaak_id]
    zaken = await conn.fetch(
        "SELECT * FROM zaak WHERE adres_id = ANY($1) OR zaak_id = ANY($2) ORDER BY volgorde", adressen, zaak_ids
    )
    wachtend = await conn.fetch("SELECT signaal_id, uitgevoerd FROM wachtend WHERE signaal_id = ANY($1)", signalen)
    stand = Stand.van(
        [*(_signaal(rij) for rij in gevonden), *gemeld],
        (Zaak(z["zaak_id"], z["adres_id"], z["tenant"], z["loopt"], z["ontruimd"]) for z in zaken),
        {rij[0]: rij[1] for rij in wachtend},
    )
    return Geladen(stand, rijen)


def _signaal(rij: Any) -> Signaal:
    return Signaal(
        rij["signaal_id"], rij["achterstand_id"], rij["periode"], rij["bedrag"], Koppelstatus(rij["status"]),
        rij["zaak_id"], rij["persoon_id"], rij["adres_id"], rij["ingetrokken"], rij["besluit"], rij["client"],
        rij["opgave"], rij["afgedaan"], rij["bij_match"],
        gesloten=rij["gesloten_in"] is not None and rij["gesloten_in"] == rij["melding_id"],
    )  # fmt: skip


def _rij(rij: Any) -> Rij:
    return Rij(
        _signaal(rij), Feiten.model_validate_json(rij["feiten"]), rij["tenant"], rij["volgorde"], rij["reden"],
        rij["kandidaten"], tuple(Bewijs.model_validate(b) for b in json.loads(rij["bewijs"])), rij["melding_id"],
        rij["leeftijd"], rij["minderjarigen"], Huishouden(rij["huishouden"]) if rij["huishouden"] else None,
        rij["persoon"], rij["bekend_shv"],
    )  # fmt: skip


_BEWAAR = """
INSERT INTO signaal (signaal_id, tenant, volgorde, achterstand_id, periode, bedrag, feiten, status, reden, kandidaten,
                     bewijs, zaak_id, melding_id, persoon_id, adres_id, leeftijd, minderjarigen, huishouden, persoon,
                     ingetrokken, besluit, afgedaan, bij_match, bekend_shv, escalatie)
SELECT n.*, EXISTS (SELECT FROM wachtend w WHERE w.signaal_id = n.signaal_id)
FROM jsonb_to_recordset($1::jsonb) AS n(
    signaal_id uuid, tenant text, volgorde bigint, achterstand_id uuid, periode text, bedrag numeric, feiten jsonb,
    status text, reden text, kandidaten int, bewijs jsonb, zaak_id uuid, melding_id uuid, persoon_id uuid,
    adres_id uuid, leeftijd int, minderjarigen boolean, huishouden text, persoon text, ingetrokken boolean,
    besluit boolean, afgedaan boolean, bij_match boolean, bekend_shv boolean)
ON CONFLICT (signaal_id) DO {conflict}
"""
_VERVANG = """UPDATE SET tenant = excluded.tenant, achterstand_id = excluded.achterstand_id, periode = excluded.periode,
    bedrag = excluded.bedrag, feiten = excluded.feiten, status = excluded.status, reden = excluded.reden,
    kandidaten = excluded.kandidaten, bewijs = excluded.bewijs, zaak_id = excluded.zaak_id,
    melding_id = excluded.melding_id, persoon_id = excluded.persoon_id, adres_id = excluded.adres_id,
    leeftijd = excluded.leeftijd, minderjarigen = excluded.minderjarigen, huishouden = excluded.huishouden,
    persoon = excluded.persoon, ingetrokken = excluded.ingetrokken, besluit = excluded.besluit,
    afgedaan = excluded.afgedaan, bij_match = excluded.bij_match, bekend_shv = excluded.bekend_shv"""

_VORIGE = """
UPDATE signaal s SET vorig_bedrag = v.vorig FROM (
    SELECT signaal_id, lag(bedrag) OVER (PARTITION BY achterstand_id ORDER BY periode) AS vorig
    FROM signaal WHERE achterstand_id = ANY($1)) v
WHERE v.signaal_id = s.signaal_id AND v.vorig IS DISTINCT FROM s.vorig_bedrag
"""


async def bewaar(conn: Connection, rijen: Sequence[Rij], *, alleen_nieuw: bool = False) -> None:
    """Write signals; `alleen_nieuw` leaves those that are known alone."""
    if rijen:
        sql = _BEWAAR.format(conflict="NOTHING" if alleen_nieuw else _VERVANG)
        await conn.execute(sql, f"[{','.join(map(_json, rijen))}]")


async def herzie_vorige(conn: Connection, achterstanden: Iterable[UUID]) -> None:
    """Bring up to date what the previous report of each of these arrears said. The loop only: it sees all tenants."""
    await conn.execute(_VORIGE, list(set(achterstanden)))


def _json(rij: Rij) -> str:
    s = rij.signaal
    velden = {
        "signaal_id": s.signaal_id, "tenant": rij.tenant, "volgorde": rij.volgorde, "achterstand_id": s.achterstand_id,
        "periode": s.periode, "bedrag": s.bedrag, "status": s.status.value, "reden": rij.reden,
        "kandidaten": rij.kandidaten, "bewijs": [b.model_dump(by_alias=True) for b in rij.bewijs],
        "zaak_id": s.zaak_id, "melding_id": rij.melding_id, "persoon_id": s.persoon_id, "adres_id": s.adres_id,
        "leeftijd": rij.leeftijd, "minderjarigen": rij.minderjarigen, "huishouden": rij.huishouden,
        "persoon": rij.persoon,
        "ingetrokken": s.ingetrokken, "besluit": s.besluit, "afgedaan": s.afgedaan, "bij_match": s.bij_match,
        "bekend_shv": rij.bekend_shv,
    }  # fmt: skip
    return f'{json.dumps(velden, default=str)[:-1]},"feiten":{rij.feiten.model_dump_json(by_alias=True)}}}'


async def bewaar_vingerafdrukken(conn: Connection, clienten: Mapping[UUID, tuple[bytes, UUID]]) -> None:
    """Remember which client and which written address each signal was last about."""
    await conn.execute(
        """INSERT INTO vingerafdruk SELECT * FROM unnest($1::uuid[], $2::bytea[], $3::uuid[])
           ON CONFLICT (signaal_id) DO UPDATE SET client = excluded.client, opgave = excluded.opgave""",
        list(clienten), [een for een, _ in clienten.values()], [adres for _, adres in clienten.values()],
    )  # fmt: skip


async def heropen(conn: Connection, signalen: Sequence[UUID]) -> list[Rij]:
    """Fall-out of these that was closed without a look, open from now on."""
    rijen = await conn.fetch(
        """UPDATE signaal s SET afgedaan = false WHERE signaal_id = ANY($1) AND afgedaan
           RETURNING s.*, NULL::bytea AS client, NULL::uuid AS opgave""",
        list(signalen),
    )  # fmt: skip
    return sorted((_rij(rij) for rij in rijen), key=lambda rij: rij.volgorde)


async def bewaar_zaken(conn: Connection, zaken: Sequence[Zaak]) -> None:
    """Write cases in the order in which they were opened; those that ended first, so that one per address runs."""
    for loopt in (False, True):
        deel = [zaak for zaak in zaken if zaak.loopt is loopt]
        if deel:
            await conn.execute(
                """INSERT INTO zaak (zaak_id, tenant, adres_id, loopt, ontruimd)
                   SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::boolean[], $5::boolean[])
                   ON CONFLICT (zaak_id) DO UPDATE
                   SET adres_id = excluded.adres_id, loopt = excluded.loopt, ontruimd = excluded.ontruimd""",
                [z.zaak_id for z in deel], [z.gemeentecode for z in deel], [z.adres_id for z in deel],
                [z.loopt for z in deel], [z.ontruimd for z in deel],
            )  # fmt: skip


async def trek_in(conn: Connection, signalen: Sequence[UUID]) -> None:
    """Mark signals as taken back."""
    await conn.execute("UPDATE signaal SET ingetrokken = true WHERE signaal_id = ANY($1)", list(signalen))


async def sluit(conn: Connection, meldingen: Sequence[MeldingClosed]) -> None:
    """Remember which signals got their result in these."""
    await conn.executemany(
        """UPDATE signaal SET gesloten_in = $1
           WHERE melding_id = $1 AND ($2::uuid[] IS NULL OR signaal_id = ANY($2))""",
        [(een.melding_id, None if een.signaal_ids is None else list(een.signaal_ids)) for een in meldingen],
    )


async def beeindig(conn: Connection, zaken: Sequence[UUID], ontruimd: Sequence[UUID], signalen: Sequence[UUID]) -> None:
    """End cases: closed, or evicted, or the case of a signal (known only to us) whose household was evicted."""
    await conn.execute("UPDATE zaak SET loopt = false WHERE zaak_id = ANY($1)", list(zaken))
    await conn.execute(
        """UPDATE zaak SET loopt = false, ontruimd = true WHERE zaak_id = ANY($1)
           OR zaak_id IN (SELECT zaak_id FROM signaal WHERE signaal_id = ANY($2))""",
        list(ontruimd), list(signalen),
    )  # fmt: skip


async def laat_wachten(conn: Connection, signalen: Mapping[UUID, bool]) -> None:
    """An escalation of a signal without a case: it heads the review queue. True when the eviction was carried out."""
    await conn.execute(
        """INSERT INTO wachtend SELECT * FROM unnest($1::uuid[], $2::boolean[])
           ON CONFLICT (signaal_id) DO UPDATE SET uitgevoerd = wachtend.uitgevoerd OR excluded.uitgevoerd""",
        list(signalen), list(signalen.values()),
    )  # fmt: skip
    await conn.execute("UPDATE signaal SET escalatie = true WHERE signaal_id = ANY($1)", list(signalen))


async def forget(conn: Connection, subjects: Sequence[UUID]) -> None:
    """Remove what could lead back to erased subjects (signals, persons, cases); runs as the owner, names its schema.

    The address goes with the last person of it that the map knows: others of the household keep theirs.
    """
    weg = list(subjects)
    await conn.execute("DELETE FROM matching.persoon WHERE persoon_id = ANY($1)", weg)
    await conn.execute("DELETE FROM matching.vingerafdruk WHERE signaal_id = ANY($1)", weg)
    await conn.execute(
        """DELETE FROM matching.adres a
           WHERE a.adres_id IN (SELECT adres_id FROM matching.signaal WHERE persoon_id = ANY($1)
                                UNION SELECT adres_id FROM matching.aanmelding WHERE persoon_id = ANY($1))
             AND NOT EXISTS (SELECT FROM (SELECT persoon_id, adres_id FROM matching.signaal
                                          UNION SELECT persoon_id, adres_id FROM matching.aanmelding) s
                             JOIN matching.persoon p USING (persoon_id) WHERE s.adres_id = a.adres_id)""",
        weg,
    )
