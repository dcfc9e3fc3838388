"""What ships is said too: of each municipality of the region, once per version, before routing decides anything.

So everybody hears from one place what holds in a municipality. Several processes may begin at once: a version is kept,
and said, by the first of them.
"""

from typing import Any
from uuid import UUID

from libs.chassis.clock import today
from libs.chassis.service import Runtime
from libs.events.catalogue import PolicyPublished
from libs.events.ids import derived
from libs.events.postgres.sessions import PostgresSessions
from services.routing import store
from services.routing.policy.document import Beleid
from services.routing.versies import Versie

ACTOR = "routing.meegeleverd"


async def zeg(runtime: Runtime) -> None:
    """Say what ships and was not said yet."""
    pool, codes = runtime.database.loop, sorted(runtime.region.gemeentecodes)
    async with pool.acquire() as conn:
        versies = await store.versies(conn, codes)
    new = {code: beleid for code in codes if (beleid := versies.te_zeggen(code, today(runtime.clock)))}
    if not new:
        return
    sessions = PostgresSessions(pool, runtime.service, ACTOR, runtime.clock, runtime.wakeup.touch)
    async with sessions.begin() as session:
        unit = session.unit
        for code, beleid in new.items():
            versie = Versie(code, beleid, unit.now, meegeleverd=True)
            if await store.publish(unit.conn, versie):
                unit.emit(gezegd(versie), subject=onderwerp(code), gemeentecode=code, id=_id(versie))


def gezegd(versie: Versie) -> PolicyPublished:
    """A version as an event."""
    beleid = versie.beleid
    return PolicyPublished(
        gemeentecode=versie.gemeentecode,
        beleid_versie=beleid.versie,
        geldig_vanaf=beleid.geldig_vanaf,
        beleid=als_document(beleid),
        meegeleverd=versie.meegeleverd or None,
    )


def als_document(beleid: Beleid) -> dict[str, Any]:
    """A policy document as it is shown."""
    return beleid.model_dump(mode="json", by_alias=True, exclude_none=True)


def onderwerp(gemeentecode: str) -> UUID:
    """The subject of all that is said of a municipality's policy, so that it is heard in order."""
    return derived(UUID(int=0), f"beleid:{gemeentecode}")


def _id(versie: Versie) -> UUID:
    return derived(onderwerp(versie.gemeentecode), f"{versie.beleid.naam}:{versie.beleid.versie}")
