"""Escalation driven by hand over many days, as its loops would."""

import asyncio
from collections import defaultdict
from contextlib import suppress
from uuid import UUID

import asyncpg

from libs.chassis.database import see
from libs.chassis.service import Runtime
from libs.events import catalogue as c
from libs.events.envelope import Envelope
from libs.events.errors import Refusal
from libs.events.postgres.log import append, head
from libs.events.postgres.sessions import PostgresSessions
from libs.events.unit import Unit
from services.escalation.handlers import keep_ladders
from services.escalation.melden import Doelplek, take
from services.escalation.wekker import tick
from tests.ladders import DORDRECHT
from tests.year import Dag


class Bureau:
    """Escalation by hand: what others say goes into their logs, and is heard at once."""

    def __init__(self, runtime: Runtime, admin: asyncpg.Connection) -> None:
        self.runtime, self.admin = runtime, admin
        pool = runtime.database.loop
        self.sessions = PostgresSessions(pool, "escalation", "escalation.ladder", runtime.clock, lambda _: None)

    async def live(self, day: Dag) -> None:
        """One day: hear what was said, take what was reported, and let two members look at the clocks."""
        if day.said:
            heard = await self._spoken(day.said)
            async with self.sessions.begin() as session:
                await keep_ladders(session.unit, heard, None)
        for asked in day.reported:
            with suppress(Refusal):  # of a case that ended meanwhile
                async with self.sessions.begin() as session:
                    await see(session.conn, [DORDRECHT])
                    await take(session.unit, Doelplek(DORDRECHT, asked.zaak_id, None), asked)
        await asyncio.gather(tick(self.runtime), tick(self.runtime))

    async def _spoken(self, events: list[c.Event]) -> list[Envelope]:
        per_service: dict[str, list[c.Event]] = defaultdict(list)
        for event in events:
            per_service[event.owner].append(event)
        found: list[Envelope] = []
        async with self.admin.transaction():
            for service, said in per_service.items():
                unit = Unit(service, "test", self.admin, self.runtime.clock.now())
                at = await head(self.admin, service)
                for place, event in enumerate(said, at + 1):
                    subject: UUID = event.zaak_id  # type: ignore[attr-defined]
                    found.append(unit.emit(event, subject=subject, gemeentecode=DORDRECHT).at(place))
                await append(self.admin, service, unit.pending)
        return found
