"""What partners hear of their signals: a closed list, their own only, the same for every interleaving."""

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from libs.events.catalogue import (
    BRPMatched,
    BRPMismatched,
    CaseClosed,
    Event,
    HelpAccepted,
    MeldingClosed,
    RouteAssigned,
    SignalReceived,
    SignalSetAside,
)
from libs.events.postgres.sessions import PostgresSessions
from libs.events.unit import Unit
from libs.events.values import Eindresultaat, Koppelstatus
from services.intake.handlers import koppel_terug
from tests.examples import example
from tests.intake import intake, post, signaal
from tests.system import Running

pytestmark = pytest.mark.postgres


@pytest.fixture
async def drempel(postgres: Path) -> AsyncIterator[Running]:
    """A day in March."""
    async with intake(postgres) as found:
        yield found


async def _status(drempel: Running, signaal_id: UUID, partner: str = "woonbron") -> str:
    await drempel.rest()
    pad = f"/intake/v1/signalen/{signaal_id}/terugkoppeling"
    answer = await drempel.http.get(pad, headers=drempel.als("partner", partner=partner))
    assert answer.status_code == 200
    assert set(answer.json()) == {"signaalId", "kenmerk", "status", "bijgewerktOp"}
    return str(answer.json()["status"])


class Verhaal:
    """What the other services say about one signal."""

    def __init__(self, drempel: Running, signaal_id: UUID) -> None:
        self.drempel, self.id, self.zaak, self.melding = drempel, signaal_id, uuid4(), uuid4()

    async def zegt(self, kind: type[Event], **changes: Any) -> None:
        """One event of another service, as far as it fits on this signal."""
        ids = {"signaal_id": self.id, "zaak_id": self.zaak, "melding_id": self.melding}
        event = example(kind, **({n: v for n, v in ids.items() if n in kind.model_fields} | changes))
        subject = self.id if kind is BRPMismatched else self.zaak
        await self.drempel.emit_as(kind.owner, [(event, subject, "0505")])


async def test_the_status_follows_what_was_said(drempel: Running) -> None:
    answer = await post(drempel, signaal())
    verhaal = Verhaal(drempel, UUID(answer.json()["signaalId"]))
    assert await _status(drempel, verhaal.id) == "Ontvangen"
    steps: list[tuple[type[Event], dict[str, Any], str]] = [
        (BRPMismatched, {"status": Koppelstatus.UITVAL}, "Ontvangen"),
        (BRPMismatched, {"status": Koppelstatus.UITVAL, "reden": "onterecht"}, "Niet opgepakt: onterecht signaal"),
        (BRPMismatched, {"status": Koppelstatus.GEEN_INWONER}, "Geen inwoner"),
        (BRPMismatched, {"status": Koppelstatus.OVERLEDEN}, "Niet opgepakt"),
        (BRPMatched, {}, "Ontvangen"),
        (SignalSetAside, {"reden": Eindresultaat.NIET_OPGEPAKT_HERHAALD}, "Niet opgepakt: herhaalde melding"),
        (SignalSetAside, {"reden": Eindresultaat.NIET_OPGEPAKT_ONTERECHT}, "Niet opgepakt: onterecht signaal"),
        (SignalSetAside, {"reden": Eindresultaat.BEKEND_BIJ_SHV}, "Niet opgepakt"),
        (RouteAssigned, {"oppakken": True}, "Opgepakt"),
        (MeldingClosed, {"resultaat": Eindresultaat.OVERLEDEN}, "Opgepakt"),
        (MeldingClosed, {"resultaat": Eindresultaat.GEEN_CONTACT}, "Geen contact"),
        (HelpAccepted, {"melding_id": None}, "Hulp aanvaard"),
        (CaseClosed, {"resultaat": Eindresultaat.REGELT_ZELF}, "Hulp aanvaard"),
        (BRPMismatched, {"status": Koppelstatus.GEEN_INWONER}, "Geen inwoner"),
    ]
    for kind, changes, expected in steps:
        await verhaal.zegt(kind, **changes)
        assert await _status(drempel, verhaal.id) == expected, (kind, changes)


async def test_no_contact_is_told_to_landlords_only(drempel: Running) -> None:
    answer = await post(drempel, signaal(), partner="killewater")
    verhaal = Verhaal(drempel, UUID(answer.json()["signaalId"]))
    await verhaal.zegt(BRPMatched)
    await verhaal.zegt(RouteAssigned, oppakken=True)
    await verhaal.zegt(CaseClosed, resultaat=Eindresultaat.GEEN_CONTACT)
    assert await _status(drempel, verhaal.id, "killewater") == "Opgepakt"


async def test_a_taken_back_signal_keeps_its_last_status(drempel: Running) -> None:
    verhaal = Verhaal(drempel, UUID((await post(drempel, signaal())).json()["signaalId"]))
    await verhaal.zegt(BRPMatched)
    await verhaal.zegt(RouteAssigned, oppakken=True)
    headers = drempel.als("partner", partner="woonbron")
    pad = f"/intake/v1/signalen/{verhaal.id}"
    await drempel.http.post(f"{pad}/intrekkingen", json={"reden": "Betaald", "datum": "2025-03-19"}, headers=headers)
    assert await _status(drempel, verhaal.id) == "Opgepakt"
    again = await post(drempel, signaal())
    assert again.json()["status"] == "Opgepakt"


async def test_a_partner_polls_what_changed_since_a_position(drempel: Running) -> None:
    ids = [UUID((await post(drempel, signaal(kenmerk=f"K{n}"))).json()["signaalId"]) for n in range(5)]
    await post(drempel, signaal(), partner="trivire")
    await drempel.rest()
    headers = drempel.als("partner", partner="woonbron")

    async def poll(query: str) -> Any:
        return (await drempel.http.get(f"/intake/v1/terugkoppelingen{query}", headers=headers)).json()

    page = await poll("?paginaGrootte=3")
    rest = (await drempel.http.get(page["_links"]["next"]["href"], headers=headers)).json()
    rows = page["terugkoppelingen"] + rest["terugkoppelingen"]
    assert [r["positie"] for r in rows] == sorted(r["positie"] for r in rows)
    assert sorted(r["kenmerk"] for r in rows) == [f"K{n}" for n in range(5)]
    assert "next" not in rest["_links"]
    assert (await poll(f"?na={rest['na']}"))["terugkoppelingen"] == []
    verhaal = Verhaal(drempel, ids[2])
    await verhaal.zegt(BRPMatched)
    await verhaal.zegt(RouteAssigned, oppakken=True)
    await drempel.rest()
    changed = await poll(f"?na={rest['na']}")
    assert [(r["kenmerk"], r["status"]) for r in changed["terugkoppelingen"]] == [("K2", "Opgepakt")]
    assert len((await poll(""))["terugkoppelingen"]) == 5
    assert [(await drempel.http.get(f"/intake/v1/terugkoppelingen?na={na}", headers=headers)).status_code
            for na in ("-1", "x", 2**63)] == [400, 400, 400]  # fmt: skip


async def test_another_partner_hears_nothing(drempel: Running) -> None:
    signaal_id = (await post(drempel, signaal())).json()["signaalId"]
    await drempel.rest()
    trivire = drempel.als("partner", partner="trivire")
    for pad in (f"signalen/{signaal_id}", f"signalen/{signaal_id}/terugkoppeling"):
        assert (await drempel.http.get(f"/intake/v1/{pad}", headers=trivire)).status_code == 404
        assert (await drempel.http.get(f"/intake/v1/{pad}")).status_code == 401
        assert (await drempel.http.get(f"/intake/v1/{pad}", headers=drempel.als("beheer"))).status_code == 403
    assert (await drempel.http.get("/intake/v1/terugkoppelingen", headers=trivire)).json()["terugkoppelingen"] == []


async def test_every_interleaving_ends_in_the_same_status(drempel: Running) -> None:
    """The events of each source in their order, the sources mixed at random and cut into random batches."""
    ids = [uuid4() for _ in range(6)]
    stories = [Verhaal(drempel, i) for i in ids]
    for other in stories[1:3]:
        other.zaak, other.melding = stories[0].zaak, stories[0].melding
    logs: dict[str, list[Any]] = {}
    said: list[tuple[int, type[Event], dict[str, Any]]] = [
        *((n, SignalReceived, {"partner": "woonbron"}) for n in range(6)), *((n, BRPMatched, {}) for n in range(5)),
        (5, BRPMismatched, {"status": Koppelstatus.GEEN_INWONER}), (4, BRPMismatched, {"status": Koppelstatus.UITVAL}),
        *((n, RouteAssigned, {"oppakken": True}) for n in range(5)),
        (1, SignalSetAside, {"reden": Eindresultaat.NIET_OPGEPAKT_HERHAALD}),
        (0, MeldingClosed, {"resultaat": Eindresultaat.GEEN_CONTACT}),
        (0, MeldingClosed, {"resultaat": Eindresultaat.REGELT_ZELF}), (3, HelpAccepted, {}),
        (3, CaseClosed, {"resultaat": Eindresultaat.ADVIES}),
    ]  # fmt: skip
    for n, kind, changes in said:
        who = stories[n]
        fits = {"signaal_id": who.id, "zaak_id": who.zaak, "melding_id": who.melding}
        event = example(kind, **({k: v for k, v in fits.items() if k in kind.model_fields} | changes))
        logs.setdefault(kind.owner, []).append((event, who.id, "0505"))
    runtime = drempel.system.runtimes[0][1]
    sessions = PostgresSessions(runtime.database.loop, "intake", "test", runtime.clock, lambda _: None)
    outcomes = set()
    for seed in range(12):
        rng = random.Random(seed)
        async with drempel.admin() as conn:
            await conn.execute("TRUNCATE intake.terugkoppeling, intake.feit")
        left = {owner: _recorded(drempel, owner, events) for owner, events in logs.items()}
        while left:
            owner = rng.choice(sorted(left))
            batch, left[owner] = (left[owner][: (size := rng.randint(1, 4))], left[owner][size:])
            async with sessions.begin() as session:
                await koppel_terug(session.unit, batch, None)
            left = {owner: events for owner, events in left.items() if events}
        async with drempel.admin() as conn:
            rows = await conn.fetch("SELECT signaal_id, status FROM intake.terugkoppeling ORDER BY signaal_id")
        outcomes.add(tuple((row[0], row[1]) for row in rows))
    assert len(outcomes) == 1
    ended = dict(outcomes.pop())
    assert [ended[i] for i in ids] == [
        "Opgepakt", "Niet opgepakt: herhaalde melding", "Opgepakt", "Hulp aanvaard", "Ontvangen", "Geen inwoner",
    ]  # fmt: skip


async def test_a_word_that_waited_is_not_the_last_one(drempel: Running) -> None:
    """That nobody was found was parked; tried again, it comes in one batch with the link made after it."""
    verhaal = Verhaal(drempel, UUID((await post(drempel, signaal())).json()["signaalId"]))
    await drempel.rest()
    nobody = example(BRPMismatched, signaal_id=verhaal.id, status=Koppelstatus.GEEN_INWONER)
    link = example(BRPMatched, signaal_id=verhaal.id, zaak_id=verhaal.zaak, melding_id=verhaal.melding)
    first, then = _recorded(drempel, "matching", [(nobody, verhaal.id, "0505"), (link, verhaal.zaak, "0505")])
    runtime = drempel.system.runtimes[0][1]
    sessions = PostgresSessions(runtime.database.loop, "intake", "test", runtime.clock, lambda _: None)
    async with sessions.begin() as session:
        await koppel_terug(session.unit, [then, first], None)
    assert await _status(drempel, verhaal.id) == "Ontvangen"


async def test_two_members_side_by_side_miss_nothing(drempel: Running) -> None:
    """Over Kafka one member may hear of a link while another hears what was done in its case."""
    verhaal = Verhaal(drempel, UUID((await post(drempel, signaal())).json()["signaalId"]))
    await drempel.rest()
    link = example(BRPMatched, signaal_id=verhaal.id, zaak_id=verhaal.zaak, melding_id=verhaal.melding)
    hulp = example(HelpAccepted, zaak_id=verhaal.zaak, melding_id=verhaal.melding)
    runtime = drempel.system.runtimes[0][1]
    sessions = PostgresSessions(runtime.database.loop, "intake", "test", runtime.clock, lambda _: None)

    async def second() -> None:
        async with sessions.begin() as session:
            await koppel_terug(session.unit, _recorded(drempel, "outreach", [(hulp, verhaal.zaak, "0505")]), None)

    async with sessions.begin() as session:
        await koppel_terug(session.unit, _recorded(drempel, "matching", [(link, verhaal.zaak, "0505")]), None)
        beside = asyncio.create_task(second())
        await asyncio.sleep(0.2)
        assert not beside.done(), "it waits for the first"
    await beside
    assert await _status(drempel, verhaal.id) == "Hulp aanvaard"


def _recorded(drempel: Running, owner: str, events: list[Any]) -> list[Any]:
    unit = Unit(owner, "test", None, drempel.clock.now())
    return [unit.emit(e, subject=s, gemeentecode=g).at(n) for n, (e, s, g) in enumerate(events, 1)]
