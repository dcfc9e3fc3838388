"""A year of clocks in seconds: a simulated clock, restarts with nobody there between them, and two members."""

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from libs.chassis.clock import AMSTERDAM, SimulatedClock
from libs.chassis.run import open_system
from libs.chassis.settings import Settings
from libs.events import catalogue as c
from libs.events.envelope import Envelope, decode
from services.escalation.controle import controleer
from tests.bureau import Bureau
from tests.system import fresh_database
from tests.year import BEGIN, DAYS, Jaar

MORNING = time(8, tzinfo=UTC)


async def test_a_year_in_seconds(postgres: Path) -> None:
    """Four runs of the service with a week of nobody between them; every term ends as it should."""
    clock = SimulatedClock(datetime.combine(BEGIN, MORNING))
    days = list(Jaar(households=300))
    legs = [days[:90], days[90:180], days[180:270], days[270:]]
    async with fresh_database(postgres) as url:
        admin = await asyncpg.connect(url)
        for leg in legs:
            async with open_system(("escalation",), Settings(port=0), url, postgres, clock) as system:
                bureau = Bureau(system.runtimes[0][1], admin)
                for n, (day, told) in enumerate(leg):
                    if n < 7 and leg is not legs[0]:  # nobody looks at the clocks, and what is said waits
                        leg[7][1].said[:0] = told.said
                        leg[7][1].reported[:0] = told.reported
                        continue
                    clock.move_to(datetime.combine(day, MORNING))
                    await bureau.live(told)
        rows = await admin.fetch("SELECT position, envelope FROM escalation.log ORDER BY position")
        await admin.close()
        last = BEGIN + timedelta(days=DAYS - 1)
        assert_each_term_ends_as_it_should([decode(row[1], row[0]) for row in rows], last)
        found = await controleer(lambda _: url, last)
        assert found["ok"], found["ongezien"][:5]
        assert set(found["termijnen"]) == {
            "Eerste gesprek", "Eerste gesprek bij bedreigende situatie", "Besluit op hulp", "Incassopauze",
            "Eindelevering", "Aanzegtermijn ontruiming", "Moratorium",
        }  # fmt: skip
        assert set(found["termijnen"]["Eerste gesprek"]) == {"gehaald", "vervallen", "verlopen", "lopend"}


def assert_each_term_ends_as_it_should(log: list[Envelope], last: date) -> None:
    """Begun once and first; met at most once, breached at most once and not before its day; nothing left behind."""
    said: dict[UUID, list[tuple[Any, date]]] = defaultdict(list)
    for envelope in log:
        if isinstance(envelope.data, c.TermEvent):
            said[envelope.data.termijn_id].append((envelope.data, envelope.time.astimezone(AMSTERDAM).date()))
    assert len(said) > 500
    for events in said.values():
        kinds = [type(event) for event, _ in events]
        assert kinds[0] is c.TermStarted
        assert len(kinds) == len(set(kinds)), kinds
        due = events[0][0].uiterlijke_datum
        for event, recorded in events:
            if isinstance(event, c.TermBreached):
                assert event.datum == due < recorded
            if isinstance(event, c.TermMet) and event.datum > due:
                assert kinds == [c.TermStarted, c.TermBreached, c.TermMet]
        assert len(kinds) > 1 or due >= last, "a term was left behind"
