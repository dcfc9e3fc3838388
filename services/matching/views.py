"""What callers read of the tables: one signal with its flags as things stand, and the review queue."""

import json
from typing import Any
from uuid import UUID

from libs.events.postgres.log import Connection
from services.matching.vlaggen import RECIDIVE_MAANDEN, terug

_SIGNAAL = """
SELECT s.*,
       EXISTS (SELECT FROM signaal a WHERE a.adres_id = s.adres_id AND a.periode = s.periode
                  AND a.signaal_id <> s.signaal_id AND NOT a.ingetrokken) AS match,
       EXISTS (SELECT FROM signaal a WHERE a.adres_id = s.adres_id AND a.periode >= $2 AND a.periode < s.periode
                  AND a.signaal_id <> s.signaal_id) AS recidive
FROM signaal s WHERE s.signaal_id = $1
"""


async def signaal(conn: Connection, signaal_id: UUID) -> dict[str, Any] | None:
    """The answer of the contract; None for what the caller may not see."""
    periode = await conn.fetchval("SELECT periode FROM signaal WHERE signaal_id = $1", signaal_id)
    if periode is None:
        return None
    rij = await conn.fetchrow(_SIGNAAL, signaal_id, terug(periode, RECIDIVE_MAANDEN))
    if rij is None:
        return None
    vorig, bedrag = rij["vorig_bedrag"], rij["bedrag"]
    uit: dict[str, Any] = {"signaalId": str(signaal_id), "status": rij["status"]}
    if rij["zaak_id"] is not None:
        uit |= {"zaakId": str(rij["zaak_id"]), "meldingId": str(rij["melding_id"]), "gemeentecode": rij["tenant"]}
    elif rij["reden"]:
        uit |= {"reden": rij["reden"], "gemeentecode": rij["tenant"], "afgedaan": rij["afgedaan"]}
    herhaald = rij["zaak_id"] is not None and vorig is not None and bedrag is not None and bedrag <= vorig
    return uit | {
        "match": rij["match"], "recidive": rij["recidive"], "herhaald": herhaald, "ingetrokken": rij["ingetrokken"],
        "bewijs": json.loads(rij["bewijs"]),
    }  # fmt: skip


_UITVAL = """
SELECT * FROM signaal WHERE status = 'Uitval' AND NOT besluit AND afgedaan = $3
   AND tenant = ANY (string_to_array(current_setting('drempel.tenants', true), ','))
ORDER BY escalatie DESC, ingetrokken, volgorde LIMIT $1 OFFSET $2
"""


async def uitval(conn: Connection, afgedaan: bool, *, limit: int, offset: int) -> list[dict[str, Any]]:
    """Signals nobody could link, those with an escalation first; counts and evidence, no personal data."""
    rijen = []
    for rij in await conn.fetch(_UITVAL, limit, offset, afgedaan):
        feiten = json.loads(rij["feiten"])
        bekend = ("partner", "signaalpartner", "soort", "signaaldatum", "periode", "crisissignaal")
        rijen.append(
            {"signaalId": str(rij["signaal_id"]), "gemeentecode": rij["tenant"], "reden": rij["reden"],
             "kandidaten": rij["kandidaten"], "escalatie": rij["escalatie"], "ingetrokken": rij["ingetrokken"],
             **{veld: feiten.get(veld) for veld in bekend},
             "bedrag": None if rij["bedrag"] is None else float(rij["bedrag"]), "bewijs": json.loads(rij["bewijs"])}
        )  # fmt: skip
    return rijen
