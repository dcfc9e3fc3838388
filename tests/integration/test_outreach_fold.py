"""The work list is the same whatever the order in which the six logs are read, and in whatever batches."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.chassis.migrate import migrate
from libs.events.catalogue import (
    BRPMatched,
    BRPMismatched,
    CaseClosed,
    CaseOpened,
    CaseTransferred,
    ContactAttempted,
    DeurwaarderTransferred,
    EscalatedToSignaleringPlus,
    Event,
    EvictionAverted,
    EvictionCarriedOut,
    EvictionPostponed,
    EvictionScheduled,
    FirstConversationHeld,
    HandlerAssigned,
    HelpAccepted,
    HelpDeclined,
    HelpEnded,
    MeldingClosed,
    RouteAssigned,
    SelfReported,
    SelfReportMatched,
    SelfReportMismatched,
    SignalCorrected,
    SignalReceived,
    SignalSetAside,
    SignalWithdrawn,
    TermBreached,
    TermMet,
    TermStarted,
)
from libs.events.envelope import Envelope, source_of
from libs.events.values import Deurwaardersfase
from services.outreach import store
from services.outreach.views import WERKVOORRAAD
from tests.examples import example
from tests.system import fresh_database

pytestmark = pytest.mark.postgres

ZAAK, ANDERS, DERDE, VIERDE = (UUID(int=n) for n in range(101, 105))
S1, S2, S3, S4, S5 = (UUID(int=n) for n in range(1, 6))
MAART, APRIL, ELDERS, LAATST = (UUID(int=n) for n in range(201, 205))
ONTRUIMING, TWEEDE = UUID(int=301), UUID(int=302)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def says(subject: UUID, kind: type[Event], **fields: Any) -> tuple[UUID, Event]:
    return subject, example(kind, **fields)


def linked(signaal: UUID, zaak: UUID, melding: UUID, **fields: Any) -> tuple[UUID, Event]:
    own = {"signaal_id": signaal, "zaak_id": zaak, "melding_id": melding, "gemeentecode": "0505"}
    return says(zaak, BRPMatched, **own | fields)


def routed(kind: type[Event], signaal: UUID, zaak: UUID, melding: UUID, **fields: Any) -> tuple[UUID, Event]:
    taken = {"oppakken": True} if kind is RouteAssigned else {}
    return says(zaak, kind, signaal_id=signaal, zaak_id=zaak, melding_id=melding, **taken | fields)


HISTORY: list[tuple[UUID, Event]] = [
    *(says(s, SignalReceived, signaal_id=s, bedrag=100 * n) for n, s in enumerate((S1, S2, S3, S4, S5), 1)),
    says(S1, SignalCorrected, signaal_id=S1, bedrag=150, correctie=1),
    says(S1, SignalCorrected, signaal_id=S1, bedrag=175, correctie=2),
    says(S2, SignalWithdrawn, signaal_id=S2, reden="Betaald"),
    *(says(z, CaseOpened, zaak_id=z) for z in (ZAAK, ANDERS, DERDE, VIERDE)),
    linked(S1, ZAAK, MAART), linked(S2, ZAAK, MAART), linked(S3, ZAAK, APRIL, periode="2026-04"),
    linked(S4, ANDERS, ELDERS), linked(S5, DERDE, LAATST),
    linked(S1, ZAAK, MAART, bedrag=175), linked(S2, ANDERS, ELDERS), linked(S2, ZAAK, MAART),
    says(S4, BRPMismatched, signaal_id=S4), linked(S4, VIERDE, ELDERS),
    says(DERDE, CaseTransferred, zaak_id=DERDE),
    routed(RouteAssigned, S1, ZAAK, MAART, prioriteit=4),
    routed(SignalSetAside, S2, ZAAK, MAART),
    routed(RouteAssigned, S1, ZAAK, MAART, prioriteit=2, uiterlijke_datum=date(2026, 3, 20)),
    routed(RouteAssigned, S2, ANDERS, ELDERS, prioriteit=1), routed(RouteAssigned, S2, ZAAK, MAART, prioriteit=3),
    routed(SignalSetAside, S3, ZAAK, APRIL), routed(RouteAssigned, S4, VIERDE, ELDERS),
    says(S1, DeurwaarderTransferred, zaak_id=None, signaal_id=S1, fase=Deurwaardersfase.OVERGEDRAGEN),
    says(ZAAK, DeurwaarderTransferred, zaak_id=ZAAK, signaal_id=S1, fase=Deurwaardersfase.DAGVAARDING),
    says(S4, EvictionScheduled, zaak_id=None, signaal_id=S4, ontruiming_id=ONTRUIMING),
    says(VIERDE, EvictionPostponed, zaak_id=VIERDE, ontruiming_id=ONTRUIMING, nieuwe_datum=date(2026, 5, 1)),
    says(ZAAK, EvictionScheduled, zaak_id=ZAAK, ontruiming_id=TWEEDE),
    says(ZAAK, EvictionAverted, zaak_id=ZAAK, ontruiming_id=TWEEDE),
    says(ANDERS, EvictionCarriedOut, zaak_id=ANDERS, ontruiming_id=UUID(int=303)),
    says(ZAAK, EscalatedToSignaleringPlus, zaak_id=ZAAK),
    *(says(ZAAK, ContactAttempted, zaak_id=ZAAK, melding_id=MAART, contactpoging_id=UUID(int=400 + n), bereikt=n == 1)
      for n in range(3)),
    says(ZAAK, HelpDeclined, zaak_id=ZAAK), says(ZAAK, SelfReported, aanmelding_id=UUID(int=501), zaak_id=ZAAK),
    says(ZAAK, FirstConversationHeld, zaak_id=ZAAK, melding_id=MAART),
    says(ZAAK, HelpAccepted, zaak_id=ZAAK), says(ZAAK, HelpEnded, zaak_id=ZAAK),
    says(ZAAK, MeldingClosed, zaak_id=ZAAK, melding_id=APRIL, signaal_ids=(S3,)),
    says(ZAAK, MeldingClosed, zaak_id=ZAAK, melding_id=MAART, signaal_ids=(S1,)),
    says(VIERDE, HandlerAssigned, zaak_id=VIERDE),
    says(VIERDE, MeldingClosed, zaak_id=VIERDE, melding_id=ELDERS, signaal_ids=(S4, UUID(int=510))),
    says(UUID(int=500), SelfReported, aanmelding_id=UUID(int=500), zaak_id=None),
    says(DERDE, CaseClosed, zaak_id=DERDE),
    says(ZAAK, TermStarted, zaak_id=ZAAK, termijn_id=UUID(int=601), soort="Eerste gesprek", oorzaak=MAART,
         uiterlijke_datum=date(2026, 3, 18)),
    says(ZAAK, TermBreached, zaak_id=ZAAK, termijn_id=UUID(int=601), soort="Eerste gesprek"),
    says(ZAAK, TermStarted, zaak_id=ZAAK, termijn_id=UUID(int=602), soort="Eindelevering", oorzaak=S1,
         uiterlijke_datum=date(2026, 3, 5)),
    says(ZAAK, TermMet, zaak_id=ZAAK, termijn_id=UUID(int=602), soort="Eindelevering"),
    *(says(UUID(int=n), SelfReported, aanmelding_id=UUID(int=n), zaak_id=None) for n in (510, 511)),
    says(VIERDE, SelfReportMatched, aanmelding_id=UUID(int=510), zaak_id=VIERDE, melding_id=ELDERS,
         datum=date(2026, 3, 9)),
    says(ZAAK, SelfReportMatched, aanmelding_id=UUID(int=511), zaak_id=ZAAK, melding_id=MAART),
    says(UUID(int=511), SelfReportMismatched, aanmelding_id=UUID(int=511)),
]  # fmt: skip
"""What five services said of five signals in four cases: corrected, moved, undone, decided again, closed, ended."""


def recorded() -> list[Envelope]:
    """Each at its place in the log of its source."""
    found, heads = [], dict.fromkeys(("intake", "matching", "routing", "escalation", "outreach"), 0)
    for n, (subject, event) in enumerate(HISTORY):
        heads[event.owner] += 1
        place = heads[event.owner]
        found.append(
            Envelope(UUID(int=1000 + n), event, source_of(event.owner), str(subject), NOON, UUID(int=1), None, "0505",
                     None, place)
        )  # fmt: skip
    return found


def interleaved(events: Sequence[Envelope], random: Random) -> list[Envelope]:
    """Any order that keeps what is promised: the order per source and subject."""
    waiting: dict[tuple[str, str], list[Envelope]] = {}
    for event in events:
        waiting.setdefault((event.source, event.subject), []).append(event)
    found = []
    while waiting:
        key = random.choice(sorted(waiting))
        found.append(waiting[key].pop(0))
        if not waiting[key]:
            del waiting[key]
    return found


def batches(events: Sequence[Envelope], random: Random) -> Iterator[Sequence[Envelope]]:
    """Consecutive runs of any size; some come twice."""
    at = 0
    while at < len(events):
        size = random.choice((1, 1, 2, 5, 50))
        yield events[at : at + size]
        at += size if random.random() < 0.9 else 0


async def rows(conn: asyncpg.Connection, folded: Iterator[Sequence[Envelope]]) -> dict[str, list[str]]:
    """Every row of every table after these folds, which are undone."""
    transaction = conn.transaction()
    await transaction.start()
    try:
        for batch in folded:
            await WERKVOORRAAD.fold(conn, batch)
        return {t: sorted(r[0] for r in await conn.fetch(f"SELECT t::text FROM {t} t")) for t in WERKVOORRAAD.tables}
    finally:
        await transaction.rollback()


def test_every_interleaving_and_batch_size_gives_the_same_rows(postgres: Path) -> None:
    events = recorded()
    with asyncio.Runner() as runner:
        database = fresh_database(postgres)
        url = runner.run(database.__aenter__())
        runner.run(migrate(url, ["keyring", "outreach"]))
        conn = runner.run(asyncpg.connect(url, server_settings={"search_path": "outreach"}))
        try:
            expected = runner.run(rows(conn, iter([[e] for e in events])))

            @settings(max_examples=60, deadline=None)
            @given(st.integers(0, 2**32))
            def prove(seed: int) -> None:
                random = Random(seed)
                assert runner.run(rows(conn, batches(interleaved(events, random), random))) == expected

            prove()
            assert runner.run(rows(conn, iter([events, events]))) == expected
            found = runner.run(what_it_says(conn, events))
        finally:
            runner.run(conn.close())
            runner.run(database.__aexit__(None, None, None))
    assert_it_is_right(found)


async def what_it_says(conn: asyncpg.Connection, events: Sequence[Envelope]) -> list[dict[str, Any]]:
    await WERKVOORRAAD.fold(conn, events)
    return await store.werkvoorraad(conn, ["0505"], None, 10, 0)


def assert_it_is_right(found: list[dict[str, Any]]) -> None:
    """Eviction first, closed or not; the closed April is gone, March came back with the signal its closing did not
    know."""
    assert [(row["zaakId"], row["meldingId"]) for row in found] == [(str(VIERDE), str(ELDERS)), (str(ZAAK), str(MAART))]
    eviction, march = found
    assert (eviction["gesloten"], march["gesloten"]) == (True, False)
    assert eviction["ontruiming"] == {
        "dreigt": True, "stand": "Uitgesteld", "aanzegdatum": "2026-03-03", "ontruimingsdatum": "2026-05-01",
        "grond": "Huurachterstand",
    }  # fmt: skip
    assert march["deurwaarder"]["fase"] == "Dagvaarding"
    assert march["ontruiming"]["dreigt"] is False
    assert (march["prioriteit"], march["uiterlijkeDatum"], march["pogingen"]) == (2, "2026-03-18", 3)
    assert march["termijnbron"] != "beleid"
    assert (march["bereikt"], march["hulp"], march["ingetrokken"]) == (True, "Beëindigd", False)
    assert [s["bedrag"] for s in march["signalen"]] == [175.0, 200.0]
    assert [s["ingetrokken"] for s in march["signalen"]] == [None, "Betaald"]
