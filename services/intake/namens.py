"""Signals that a caseworker types in for a partner that is not connected.

Who is connected sends its own; only the regional desk may help out there. A caseworker reads, corrects and takes back
what its own municipality typed in, and nothing that a partner sent itself.
"""

from collections.abc import Sequence
from uuid import UUID

from libs.chassis.auth import Caller
from libs.chassis.region import Region
from libs.chassis.service import Runtime
from libs.events.errors import Forbidden, NotFound, Refusal
from libs.events.postgres.log import Connection
from libs.events.values import REGIOBALIE
from services.intake.opname import Afzender


class DoorPartnerAangeleverd(Refusal):
    """Dit signaal is niet door uw gemeente ingevoerd."""

    code = "doorPartnerAangeleverd"


def bevoegd(caller: Caller, afzender: Afzender, region: Region) -> Afzender:
    """The partner, when this caller may speak for it."""
    partner = region.partner(afzender.partner)
    if partner is not None and partner.aangesloten and REGIOBALIE not in caller.gemeenten:
        raise Forbidden("Deze partner is aangesloten en levert zelf aan.", field="namens")
    return afzender


def invoerders(caller: Caller) -> Sequence[str]:
    """The municipalities for which a caseworker types in; the regional desk only where there is no other."""
    return [code for code in caller.gemeenten if code != REGIOBALIE] or list(caller.gemeenten)


async def bewaar(conn: Connection, signaal_id: UUID, caller: Caller, afzender: Afzender) -> None:
    """Keep that this caller typed in a new signal."""
    await conn.executemany(
        "INSERT INTO getypt VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        [(signaal_id, gemeentecode, afzender.partner) for gemeentecode in invoerders(caller)],
    )


async def eigen(conn: Connection, signaal_id: UUID) -> None:
    """Raises DoorPartnerAangeleverd for a signal that none of the caller's municipalities typed in."""
    if not await conn.fetchval("SELECT EXISTS (SELECT 1 FROM getypt WHERE signaal_id = $1)", signaal_id):
        raise DoorPartnerAangeleverd


async def afzender_van(runtime: Runtime, caller: Caller, signaal_id: UUID) -> str:
    """The partner a signal was typed in for; raises NotFound for what the caller's municipalities did not type in."""
    async with runtime.reading(caller, invoerders(caller)) as conn:
        found = await conn.fetchval("SELECT afzender FROM getypt WHERE signaal_id = $1 LIMIT 1", signaal_id)
    if found is None:
        raise NotFound
    return str(found)
