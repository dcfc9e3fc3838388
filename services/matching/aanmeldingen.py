"""Households that come by themselves (SelfReported): found in the BRP as a signal is, and put into the same case.

An aanmelding makes no match and no recidive; it opens a case where the household has none, and any later signal of the
household joins it. Whichever of the two is heard first, they end in one case.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from libs.events.catalogue import SelfReported, SelfReportMatched, SelfReportMismatched
from libs.events.postgres.log import Connection
from libs.events.sealed import Keys
from libs.events.unit import Unit
from libs.events.values import Bewijs, Koppelstatus
from services.matching.gevolgen import Gekoppeld, NietGekoppeld
from services.matching.stand import Signaal
from services.matching.zoeken import Bevinding


@dataclass(frozen=True, slots=True)
class Aanmelding:
    """What is known of one beside its client; to the decider it is a signal without an amount."""

    aanmelding_id: UUID
    gemeentecode: str
    datum: date

    @classmethod
    def van(cls, event: SelfReported) -> "Aanmelding":
        """As outreach said it."""
        return cls(event.aanmelding_id, event.gemeentecode, event.datum)

    def signaal(self, *, besluit: bool = False, client: bytes | None = None) -> Signaal:
        """As the decider sees it."""
        periode = self.datum.isoformat()[:7]
        return Signaal(
            self.aanmelding_id, self.aanmelding_id, periode, Decimal(0), besluit=besluit, client=client, aanmelding=True
        )


@dataclass(frozen=True, slots=True)
class Rij:
    """One as it is stored."""

    signaal: Signaal
    aanmelding: Aanmelding
    tenant: str
    reden: str = ""
    kandidaten: int = 0
    bewijs: tuple[Bewijs, ...] = ()


def zeg_gekoppeld(
    unit: Unit, keys: Keys, aanmelding: Aanmelding, bevinding: Bevinding, outcome: Gekoppeld, oorzaak: Any,
    bekend_shv: bool | None,
) -> Rij:  # fmt: skip
    """It belongs to this person, household and case; gives the row to keep."""
    signaal, wie = outcome.signaal, bevinding.wie
    assert wie and signaal.zaak_id and signaal.persoon_id and signaal.adres_id  # noqa: S101
    event_id = unit.next_id(oorzaak)
    unit.emit(
        SelfReportMatched(
            aanmelding_id=signaal.signaal_id, zaak_id=signaal.zaak_id, melding_id=outcome.melding_id,
            persoon_id=signaal.persoon_id, adres_id=signaal.adres_id, gemeentecode=outcome.gemeentecode,
            periode=signaal.periode, datum=aanmelding.datum, leeftijd=bevinding.leeftijd,
            minderjarige_kinderen=bevinding.minderjarigen, bekend_bij_schuldhulpverlening=bekend_shv,
            bewijs=bevinding.bewijs, persoon=keys.seal(signaal.persoon_id, event_id, wie.persoon()),
        ),
        subject=signaal.zaak_id, gemeentecode=outcome.gemeentecode, cause=oorzaak, id=event_id,
    )  # fmt: skip
    return Rij(signaal, aanmelding, outcome.gemeentecode, bewijs=bevinding.bewijs)


def zeg_niet_gekoppeld(
    unit: Unit, aanmelding: Aanmelding, bevinding: Bevinding, outcome: NietGekoppeld, oorzaak: Any
) -> Rij:
    """Nobody is certain, or no resident of the region: it waits at the municipality where the household came."""
    signaal, code = outcome.signaal, aanmelding.gemeentecode
    unit.emit(
        SelfReportMismatched(
            aanmelding_id=signaal.signaal_id, gemeentecode=code, datum=aanmelding.datum, status=signaal.status,
            reden=bevinding.reden, kandidaten=bevinding.kandidaten, bewijs=bevinding.bewijs,
        ),
        subject=signaal.signaal_id, gemeentecode=code, cause=oorzaak,
    )  # fmt: skip
    return Rij(signaal, aanmelding, code, bevinding.reden, bevinding.kandidaten, bevinding.bewijs)


# --- rows -------------------------------------------------------------------------------------------

_RONDOM = """
SELECT * FROM aanmelding WHERE aanmelding_id = ANY($1) OR adres_id = ANY($2) OR persoon_id = ANY($3)
    OR zaak_id = ANY($4) OR zaak_id IN (SELECT zaak_id FROM aanmelding WHERE persoon_id = ANY($3))
"""
_BEWAAR = """
INSERT INTO aanmelding SELECT * FROM jsonb_to_recordset($1::jsonb) AS n(
    aanmelding_id uuid, tenant text, gemeentecode text, datum date, status text, reden text, kandidaten int,
    bewijs jsonb, zaak_id uuid, persoon_id uuid, adres_id uuid, besluit boolean)
ON CONFLICT (aanmelding_id) DO UPDATE SET tenant = excluded.tenant, status = excluded.status, reden = excluded.reden,
    kandidaten = excluded.kandidaten, bewijs = excluded.bewijs, zaak_id = excluded.zaak_id,
    persoon_id = excluded.persoon_id, adres_id = excluded.adres_id, besluit = excluded.besluit
"""
_OPEN = """
SELECT * FROM aanmelding WHERE status = 'Uitval' AND NOT besluit
    AND tenant = ANY (string_to_array(current_setting('drempel.tenants', true), ','))
ORDER BY datum, aanmelding_id LIMIT $1 OFFSET $2
"""


async def rondom(
    conn: Connection, ids: Sequence[UUID], adressen: Sequence[UUID], personen: Sequence[UUID], zaken: Sequence[UUID]
) -> list[Signaal]:
    """Those of these ids, addresses, people and cases, as the decider sees them."""
    return [_rij(row).signaal for row in await conn.fetch(_RONDOM, ids, adressen, personen, zaken)]


async def een(conn: Connection, aanmelding_id: UUID) -> Rij | None:
    """One of them, None where the caller may not see it."""
    row = await conn.fetchrow("SELECT * FROM aanmelding WHERE aanmelding_id = $1", aanmelding_id)
    return _rij(row) if row else None


async def bewaar(conn: Connection, rijen: Sequence[Rij]) -> None:
    """Write them."""
    if rijen:
        await conn.execute(_BEWAAR, json.dumps([_velden(rij) for rij in rijen], default=str))


async def wachtend(conn: Connection, *, limit: int, offset: int) -> list[dict[str, Any]]:
    """Those nobody could find, the longest waiting first; no personal data."""
    return [getoond(_rij(row)) for row in await conn.fetch(_OPEN, limit, offset)]


def getoond(rij: Rij) -> dict[str, Any]:
    return {
        "aanmeldingId": str(rij.aanmelding.aanmelding_id), "gemeentecode": rij.tenant,
        "datum": str(rij.aanmelding.datum), "status": rij.signaal.status, "reden": rij.reden,
        "kandidaten": rij.kandidaten, "bewijs": [bewijs.model_dump(by_alias=True) for bewijs in rij.bewijs],
        **({"zaakId": str(rij.signaal.zaak_id)} if rij.signaal.zaak_id else {}),
    }  # fmt: skip


def _velden(rij: Rij) -> dict[str, Any]:
    s, a = rij.signaal, rij.aanmelding
    return {
        "aanmelding_id": a.aanmelding_id, "tenant": rij.tenant, "gemeentecode": a.gemeentecode, "datum": a.datum,
        "status": s.status.value, "reden": rij.reden, "kandidaten": rij.kandidaten,
        "bewijs": [bewijs.model_dump(by_alias=True) for bewijs in rij.bewijs], "zaak_id": s.zaak_id,
        "persoon_id": s.persoon_id, "adres_id": s.adres_id, "besluit": s.besluit,
    }  # fmt: skip


def _rij(row: Any) -> Rij:
    aanmelding = Aanmelding(row["aanmelding_id"], row["gemeentecode"], row["datum"])
    kaal = aanmelding.signaal(besluit=row["besluit"])
    signaal = Signaal(
        kaal.signaal_id, kaal.achterstand_id, kaal.periode, kaal.bedrag, Koppelstatus(row["status"]), row["zaak_id"],
        row["persoon_id"], row["adres_id"], besluit=row["besluit"], aanmelding=True,
    )  # fmt: skip
    bewijs = tuple(Bewijs.model_validate(een) for een in json.loads(row["bewijs"]))
    return Rij(signaal, aanmelding, row["tenant"], row["reden"], row["kandidaten"], bewijs)
