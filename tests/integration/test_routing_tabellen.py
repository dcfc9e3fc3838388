"""Leiden's and Oost Gelre's tables on every boundary, and a monthly maximum, through the front door."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from libs.events.catalogue import EvictionScheduled, RouteAssigned
from libs.events.ports import Batch
from libs.events.postgres.log import append, read
from libs.events.unit import Unit
from services.routing.beleid import meegeleverd
from services.routing.handlers import decide_batch
from tests.matched import gekoppeld, ingetrokken
from tests.system import At, Running, running

NOW = datetime(2025, 6, 2, 9, tzinfo=UTC)
BOUNDARIES = (19.99, 20, 49.99, 50, 200, 200.01, 500, 500.01, 1000, 1000.01)
ALLES = ["Brief", "Telefoon", "SMS/Whatsapp", "Huisbezoek"]


@pytest.fixture
async def drempel(postgres: Path) -> AsyncIterator[Running]:
    async with running(postgres, clock=At(NOW), alone="routing") as system:
        yield system


async def proef(drempel: Running, code: str, **feiten: Any) -> dict[str, Any]:
    answer = await drempel.http.post(
        "/routing/v1/proefbesluiten",
        json={"gemeentecode": code, "feiten": {"signaalpartner": "Water", **feiten}},
        headers=drempel.als("beleid", "0505"),
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert found["oppakken"] == bool(found["contactsoorten"])
    return found


def leiden(leeftijd: int, bedrag: float, match: bool) -> list[str]:
    """The table as the issue reads it."""
    if 18 <= leeftijd <= 26:
        if match or bedrag > 500:
            return ["Huisbezoek"]
        return ["Mail", "Brief"] if bedrag >= 20 else []
    if bedrag < 50 and not match:
        return []
    if match or bedrag > 1000:
        return ["Huisbezoek"]
    return ["Telefoon", "Mail", "Brief"] if bedrag >= 500 else ["Mail", "Brief"]


def oost_gelre(leeftijd: int, bedrag: float, persoonlijk: bool) -> tuple[list[str], str | None]:
    if 18 <= leeftijd <= 26 or persoonlijk:
        return ALLES, "alle"
    return (ALLES, "een van") if bedrag > 200 else (["Brief"], None)


async def test_leiden_and_oost_gelre_on_every_boundary(drempel: Running) -> None:
    for leeftijd in (17, 18, 26, 27):
        for bedrag in BOUNDARIES:
            for match in (False, True):
                found = await proef(drempel, "0546", leeftijd=leeftijd, bedrag=bedrag, matchZelfdePeriode=match)
                assert found["contactsoorten"] == leiden(leeftijd, bedrag, match), (leeftijd, bedrag, match)
            for flag in ({}, {"recidive": True}, {"minderjarigeKinderen": True}):
                found = await proef(drempel, "1586", leeftijd=leeftijd, bedrag=bedrag, **flag)
                soorten, keuze = oost_gelre(leeftijd, bedrag, bool(flag))
                assert found["contactsoorten"] == soorten, (leeftijd, bedrag, flag)
                assert found["stappen"][0]["brief"] == "aanbod-en-contact"
                assert [step["keuze"] for step in found["stappen"][1:]] == ([keuze] if keuze else [])


def met_maximum(**more: Any) -> dict[str, Any]:
    """Dordrecht, which pays at most two visits a month to who is on track one."""
    found = meegeleverd().voor("0505").model_dump(mode="json", by_alias=True, exclude_none=True)
    row = next(one for one in found["regels"] if one["naam"] == "match-of-hoog-bedrag")
    row["dan"]["uitwijk"] = {"stappen": [{"contactsoorten": ["Telefoon"], "minimum": 4}]}
    return found | {"versie": "maximum-1", "geldigVanaf": "2025-06-02", "maxima": {"bezoek": {"perMaand": 2}}} | more


def hoog(n: int, dag: int = 10) -> Any:
    return gekoppeld(n, 6, adres=n, zaak=n, bedrag=Decimal(1500), signaaldatum=date(2025, 6, dag))


async def publish(drempel: Running, document: dict[str, Any]) -> Any:
    return await drempel.http.post(
        "/routing/v1/beleid/0505/versies", json=document, headers=drempel.als("beleid", "0505")
    )


async def test_a_monthly_maximum_of_visits(drempel: Running) -> None:
    refused = await publish(drempel, met_maximum(maxima={}))
    assert "geen maximum begrenst deze regel" in refused.text
    assert (await publish(drempel, met_maximum())).status_code == 201
    await drempel.emit_as("matching", [(e, e.zaak_id, e.gemeentecode) for e in map(hoog, range(1, 5))])
    await drempel.rest()
    said = await drempel.said("routing", RouteAssigned)
    assert ["Huisbezoek" in one.contactsoorten for one in said] == [True, True, False, False]
    assert said[3].feiten is not None
    assert said[3].feiten["benut"] == {"bezoek": 2}
    assert any("het maximum van 2 keer Huisbezoek in de maand is bereikt" in one for one in said[3].uitleg)
    await drempel.emit_as("intake", [(ingetrokken(1), ingetrokken(1).signaal_id, None)], tenant="zorg")
    await drempel.rest()
    third = (await drempel.said("routing", RouteAssigned))[4:]
    assert [(one.signaal_id, one.vervangt, "Huisbezoek" in one.contactsoorten) for one in third] == [
        (said[2].signaal_id, said[2].besluit_id, True)
    ]
    await an_eviction_of_a_later_month_counts_in_the_month_of_the_signal(drempel, said[3])
    await the_same_whatever_the_batch(drempel)
    await replaying_it_reproduces_history(drempel)


async def an_eviction_of_a_later_month_counts_in_the_month_of_the_signal(drempel: Running, was: RouteAssigned) -> None:
    """The last signal before it is decided again, behind the visits that others have in its month."""
    later = date(2025, 7, 15)
    assert isinstance(drempel.clock, At)
    drempel.clock.moment = NOW.replace(month=7, day=15)
    eviction = EvictionScheduled(
        zaak_id=was.zaak_id, datum=later, ontruiming_id=UUID(int=5), aanzegdatum=later, ontruimingsdatum=later
    )
    await drempel.emit_as("escalation", [(eviction, was.zaak_id, "0505")])
    await drempel.rest()
    now = (await drempel.said("routing", RouteAssigned))[-1]
    assert (now.regel, now.vervangt, now.uiterlijke_datum) == ("crisis-ontruiming", was.besluit_id, date(2025, 7, 18))
    assert now.feiten is not None
    assert now.feiten["benut"] == {"bezoek": 2}


async def the_same_whatever_the_batch(drempel: Running) -> None:
    """What is said depends on the order of the log, never on the size of a batch."""
    every = []
    for size in (1, 3, 500):
        async with drempel.admin() as conn:
            transaction = conn.transaction()
            await transaction.start()
            unit = Unit("matching", "test", conn, NOW)
            for n in (*range(11, 20), 12, 15):
                event = hoog(n, dag=12) if n % 4 else gekoppeld(n, 6, adres=n, zaak=n, signaaldatum=date(2025, 6, 12))
                unit.emit(event, subject=event.zaak_id, gemeentecode="0505")
            await append(conn, "matching", unit.pending)
            batch: Batch = await read(conn, "matching", 4, 1000)
            events = [delivery.envelope() for delivery in batch.deliveries]
            await conn.execute("SET LOCAL search_path = routing")
            told = Unit("routing", "routing.besluiten", conn, NOW)
            for start in range(0, len(events), size):
                await decide_batch(told, events[start : start + size], None)
            every.append([(e.envelope.subject, getattr(e.envelope.data, "contactsoorten", ())) for e in told.pending])
            await transaction.rollback()
    assert every[0] == every[1] == every[2]
    assert len(every[0]) >= 9


async def replaying_it_reproduces_history(drempel: Running) -> None:
    own = drempel.als("beleid", "0505")
    for amount, differ in ((2, 0), (1, 1)):
        document = met_maximum(maxima={"bezoek": {"perMaand": amount}})
        asked = await drempel.http.post("/routing/v1/beleid/0505/simulaties", json={"beleid": document}, headers=own)
        assert asked.status_code == 202, asked.text
        for _ in range(100):
            found = (await drempel.http.get(asked.headers["location"], headers=own)).json()
            if found["status"] != "Loopt":
                break
        assert found["verslag"]["afwijkendVanHistorie"] == 0
        assert found["verslag"]["anders"]["aantal"] == differ
