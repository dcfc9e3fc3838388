"""View `partners`: what is counted, per signal partner, per team and per municipality.

Nothing is counted while folding: facts are kept under their ids and the last word of a source wins, so the
figures are the same for every interleaving. They are added up when asked for (services/monitoring/cijfers.py).
"""

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any
from uuid import UUID

from libs.events import catalogue as c
from libs.events.consumer import View
from libs.events.envelope import Envelope
from libs.events.values import REGIOBALIE
from services.monitoring.views.folding import begin

FACTS = (
    c.ContactAttempted, c.HelpAccepted, c.EscalatedToSignaleringPlus, c.DeurwaarderTransferred, c.EvictionScheduled,
    c.EvictionAverted, c.EvictionCarriedOut, c.ReportedToMPZO,
)  # fmt: skip
SIGNALS = (c.SignalReceived, c.SignalCorrected, c.SignalWithdrawn)
LINKS = (c.BRPMatched, c.BRPMismatched)
DECISIONS = (c.RouteAssigned, c.SignalSetAside)

_SIGNALS = f"""
INSERT INTO signaal AS s (signaal_id, partner_key, signaalpartner, periode, ingetrokken, intake_nummer,
                          tenant, status, recidive, matching_nummer)
SELECT *, '{REGIOBALIE}', 'In behandeling', false, 0
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::boolean[], $6::bigint[])
ON CONFLICT (signaal_id) DO UPDATE SET ingetrokken = excluded.ingetrokken, intake_nummer = excluded.intake_nummer
WHERE s.intake_nummer < excluded.intake_nummer
"""

_LINKS = """
WITH put AS (
    INSERT INTO signaal AS s (signaal_id, partner_key, signaalpartner, periode, ingetrokken, intake_nummer,
                              tenant, zaak_id, melding_id, status, recidive, matching_nummer)
    SELECT n.signaal_id, n.partner_key, n.signaalpartner, n.periode, false, 0,
           n.tenant, n.zaak_id, n.melding_id, n.status, n.recidive, n.nummer
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::uuid[], $7::uuid[], $8::text[],
                $9::boolean[], $10::bigint[])
         AS n(signaal_id, partner_key, signaalpartner, periode, tenant, zaak_id, melding_id, status, recidive, nummer)
    ON CONFLICT (signaal_id) DO UPDATE SET tenant = excluded.tenant, zaak_id = excluded.zaak_id,
        melding_id = excluded.melding_id, status = excluded.status, recidive = excluded.recidive,
        matching_nummer = excluded.matching_nummer
    WHERE s.matching_nummer < excluded.matching_nummer
    RETURNING signaal_id, tenant),
moved AS (UPDATE feit f SET tenant = put.tenant FROM put WHERE f.signaal_id = put.signaal_id AND f.tenant <> put.tenant)
UPDATE besluit b SET tenant = put.tenant FROM put WHERE b.signaal_id = put.signaal_id AND b.tenant <> put.tenant
"""

# The link that matching made wins over the municipality an event named; before there is one, the event's own.
_TENANT = """coalesce((SELECT s.tenant FROM signaal s WHERE s.signaal_id = n.signaal_id AND s.matching_nummer > 0),
                     n.tenant)"""

_DECISIONS = f"""
INSERT INTO besluit AS b (signaal_id, tenant, opgepakt, regel, organisatie, team, volgnummer)
SELECT n.signaal_id, {_TENANT}, n.opgepakt, n.regel, n.organisatie, n.team, n.volgnummer
FROM unnest($1::uuid[], $2::text[], $3::boolean[], $4::text[], $5::text[], $6::text[], $7::bigint[])
     AS n(signaal_id, tenant, opgepakt, regel, organisatie, team, volgnummer)
ON CONFLICT (signaal_id) DO UPDATE SET tenant = excluded.tenant, opgepakt = excluded.opgepakt, regel = excluded.regel,
    organisatie = excluded.organisatie, team = excluded.team, volgnummer = excluded.volgnummer
WHERE b.volgnummer < excluded.volgnummer
"""

_HANDLERS = """
INSERT INTO behandeling AS b (zaak_id, tenant, organisatie, team, volgnummer)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bigint[])
ON CONFLICT (zaak_id) DO UPDATE SET tenant = excluded.tenant, organisatie = excluded.organisatie, team = excluded.team,
    volgnummer = excluded.volgnummer
WHERE b.volgnummer < excluded.volgnummer
"""

_FACTS = f"""
INSERT INTO feit (id, tenant, type, zaak_id, signaal_id, melding_id, ontruiming_id, bereikt, stand, datum)
SELECT n.id, {_TENANT}, n.type, n.zaak_id, n.signaal_id, n.melding_id, n.ontruiming_id, n.bereikt, n.stand, n.datum
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::uuid[], $6::uuid[], $7::uuid[], $8::boolean[],
            $9::text[], $10::date[])
     AS n(id, tenant, type, zaak_id, signaal_id, melding_id, ontruiming_id, bereikt, stand, datum)
ON CONFLICT (id) DO NOTHING
"""


async def fold(conn: Any, events: Sequence[Envelope]) -> None:
    """Write the rows of a batch, in one statement per table."""
    await begin(conn, "partners")
    await _put(conn, _SIGNALS, [_signal(e) for e in _last(events, SIGNALS, "signaal_id")])
    await _put(conn, _LINKS, [_link(e) for e in _last(events, LINKS, "signaal_id")])
    await _put(conn, _DECISIONS, [_decision(e) for e in _last(events, DECISIONS, "signaal_id")])
    await _put(conn, _HANDLERS, [_handler(e) for e in _last(events, (c.HandlerAssigned,), "zaak_id")])
    await _put(conn, _FACTS, [_fact(e) for e in events if isinstance(e.data, FACTS)])


async def _put(conn: Any, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        await conn.execute(statement, *zip(*rows, strict=True))


def _last(events: Iterable[Envelope], kinds: tuple[type[c.Event], ...], key: str) -> Iterable[Envelope]:
    """Of each subject the event its source said last."""
    mine = sorted((e for e in events if isinstance(e.data, kinds)), key=attrgetter("sequence"))
    found: dict[UUID, Envelope] = {getattr(e.data, key): e for e in mine}
    return found.values()


def _signal(event: Envelope) -> tuple[Any, ...]:
    data: Any = event.data
    gone = isinstance(data, c.SignalWithdrawn)
    return data.signaal_id, data.partner, data.signaalpartner, data.periode, gone, event.sequence


def _link(event: Envelope) -> tuple[Any, ...]:
    data: Any = event.data
    known = data.signaal_id, data.partner, data.signaalpartner, data.periode, data.gemeentecode
    if isinstance(data, c.BRPMatched):
        return *known, data.zaak_id, data.melding_id, "Gekoppeld", data.recidive, event.sequence
    return *known, None, None, data.status, False, event.sequence


def _decision(event: Envelope) -> tuple[Any, ...]:
    data: Any = event.data
    taken = isinstance(data, c.RouteAssigned)
    who = (data.behandelaar.organisatie, data.behandelaar.team) if taken else (None, None)
    return data.signaal_id, event.gemeentecode or REGIOBALIE, taken, data.regel, *who, event.sequence


def _handler(event: Envelope) -> tuple[Any, ...]:
    data: Any = event.data
    who = data.behandelaar
    return data.zaak_id, event.gemeentecode or REGIOBALIE, who.organisatie, who.team, event.sequence


def _fact(event: Envelope) -> tuple[Any, ...]:
    data: Any = event.data
    ids = [getattr(data, name, None) for name in ("zaak_id", "signaal_id", "melding_id", "ontruiming_id")]
    return (
        event.id, event.gemeentecode or REGIOBALIE, event.type, *ids, getattr(data, "bereikt", False),
        getattr(data, "fase", None), data.datum,
    )  # fmt: skip


view = View(
    name="monitoring.partners",
    kinds=(*SIGNALS, *LINKS, *DECISIONS, c.HandlerAssigned, *FACTS),
    tables=("signaal", "besluit", "behandeling", "feit"),
    fold=fold,
)
