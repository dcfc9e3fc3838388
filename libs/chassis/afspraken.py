"""Keeps what municipalities agreed, as it ships or as they publish it, in a service that works by it.

A service that uses this has `reaction(name)` among its reactions and the table of `migrations.afspraken`.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from libs.events.afspraken import Afspraken, Gepubliceerd
from libs.events.catalogue import PolicyPublished
from libs.events.consumer import Reaction
from libs.events.envelope import Envelope
from libs.events.postgres.log import Connection
from libs.events.unit import Unit

_PUT = """
INSERT INTO afspraken AS a (gemeentecode, meegeleverd, geldig_vanaf, volgnummer, afspraken)
VALUES ($1, $2, $3, $4, $5::jsonb) ON CONFLICT (gemeentecode, meegeleverd, geldig_vanaf) DO UPDATE
SET volgnummer = excluded.volgnummer, afspraken = excluded.afspraken WHERE a.volgnummer < excluded.volgnummer
"""
_PUBLISHED = """
SELECT gemeentecode, geldig_vanaf, afspraken FROM afspraken
WHERE $1::text[] IS NULL OR gemeentecode = ANY($1) ORDER BY meegeleverd DESC, geldig_vanaf
"""


def reaction(service: str) -> Reaction:
    """The consumer that keeps them."""
    return Reaction(f"{service}.afspraken", (PolicyPublished,), keep)


async def keep(unit: Unit, events: Sequence[Envelope], prepared: Any) -> None:
    """Of two versions that begin on one day the last published holds."""
    for envelope in events:
        event: Any = envelope.data
        found = Afspraken.model_validate(event.beleid.get("afspraken") or {})
        place = event.gemeentecode, bool(event.meegeleverd), event.geldig_vanaf, envelope.sequence
        await unit.conn.execute(_PUT, *place, found.model_dump_json(by_alias=True))


async def published(conn: Connection, gemeentecodes: Iterable[str] | None = None) -> Gepubliceerd:
    """Everything that holds for these municipalities, or for all of them."""
    rows = await conn.fetch(_PUBLISHED, None if gemeentecodes is None else sorted(set(gemeentecodes)))
    return Gepubliceerd((code, begins, _read(text)) for code, begins, text in rows)


@lru_cache(maxsize=256)
def _read(text: str) -> Afspraken:
    return Afspraken.model_validate_json(text)
