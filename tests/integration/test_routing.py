"""Routing on a real PostgreSQL: decisions that follow events, and the policies over HTTP."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from libs.chassis.database import password_of, url_for
from libs.events.catalogue import BRPMatched, RouteAssigned, SignalSetAside
from libs.events.ports import Batch
from libs.events.postgres.log import append, read
from libs.events.unit import Unit
from libs.events.values import Signaalpartner
from services.routing.handlers import decide_batch
from services.routing.policy.document import Beleid
from services.routing.policy.evaluate import decide
from services.routing.policy.facts import Feiten
from tests.matched import contact, gekoppeld, ingetrokken
from tests.system import At, Running, running

NOW = datetime(2025, 6, 2, 9, tzinfo=UTC)
DECISIONS = (RouteAssigned, SignalSetAside)
PROEF = "/routing/v1/proefbesluiten"
DORDRECHT = "/routing/v1/beleid/0505"


@pytest.fixture
async def drempel(postgres: Path) -> AsyncIterator[Running]:
    async with running(postgres, clock=At(NOW), alone="routing") as system:
        yield system


async def matched(drempel: Running, *events: BRPMatched) -> None:
    await drempel.emit_as("matching", [(e, e.zaak_id, e.gemeentecode) for e in events])


async def regels(drempel: Running) -> list[tuple[int, str]]:
    await drempel.rest()
    log = [e.data for e in await drempel.log("routing")]
    return [(e.signaal_id.int - 100, e.regel) for e in log if isinstance(e, DECISIONS)]


async def test_set_aside_then_picked_up_by_a_match_then_set_aside_after_a_withdrawal(drempel: Running) -> None:
    await matched(drempel, gekoppeld(1))
    assert await regels(drempel) == [(1, "drempelbedrag")]
    await matched(drempel, gekoppeld(2))
    await regels(drempel)
    await drempel.emit_as("intake", [(ingetrokken(2), UUID(int=102), None)], tenant="zorg")
    assert await regels(drempel) == [
        (1, "drempelbedrag"), (1, "match-of-hoog-bedrag"), (2, "match-of-hoog-bedrag"), (1, "drempelbedrag"),
    ]  # fmt: skip
    log = [e for e in await drempel.log("routing") if isinstance(e.data, DECISIONS)]
    assert [e.data.vervangt for e in log] == [None, log[0].data.besluit_id, None, log[1].data.besluit_id]
    assert {e.subject for e in log} == {str(UUID(int=201))}
    assert {e.gemeentecode for e in log} == {"0505"}
    assert isinstance(log[0].data, SignalSetAside)
    assert log[0].data.reden == "Niet opgepakt: onterecht signaal"


async def test_a_decision_can_be_derived_from_its_event_and_the_document_alone(drempel: Running) -> None:
    await matched(drempel, gekoppeld(1, bedrag=Decimal("612.40")), gekoppeld(2, 4), gekoppeld(3, gemeentecode="0546"))
    await regels(drempel)
    log = [e for e in await drempel.log("routing") if isinstance(e.data, DECISIONS)]
    assert {e.gemeentecode for e in log} == {"0505", "0546"}
    for envelope in log:
        told: Any = envelope.data
        path = f"/routing/v1/beleid/{envelope.gemeentecode}/versies/{told.beleid_versie}"
        document = (await drempel.http.get(path, headers=drempel.als("consulent", "0505"))).json()
        again = decide(
            Beleid.model_validate(document), Feiten.model_validate(told.feiten), vandaag=date(1999, 1, 1),
            gemeentecode=envelope.gemeentecode,
        )  # fmt: skip
        assert (again.regel, again.uitleg) == (told.regel, told.uitleg)
        if isinstance(told, RouteAssigned):
            assert (again.stappen, again.behandelaar, again.uiterlijke_datum, again.prioriteit) == (
                told.stappen, told.behandelaar, told.uiterlijke_datum, told.prioriteit,
            )  # fmt: skip
            assert (again.aanwijzingen or None, again.zelfde_consulent) == (told.aanwijzingen, told.zelfde_consulent)
        else:
            assert again.reden is not None
            assert again.reden.eindresultaat == told.reden


def history() -> list[Any]:
    """A year of signals in which nearly everything changes something else."""
    rent = {"signaalpartner": Signaalpartner.HUUR, "bedrag": Decimal(900), "recidive": True}
    chain = {"achterstand_id": UUID(int=600), "bedrag": Decimal(300), "vorig_bedrag": Decimal(300)}
    events: list[Any] = []
    for n in range(0, 15, 5):
        place = {"adres": n, "zaak": n}
        events += [
            gekoppeld(n, 1 + n % 5, **place), gekoppeld(n + 1, 1 + n % 5, **place),
            gekoppeld(n + 2, 3, herhaald=True, **place, **chain), gekoppeld(n + 3, 4, herhaald=True, **place, **chain),
            gekoppeld(n + 1, 2, **place), gekoppeld(n + 4, 5, **place, **rent),
            gekoppeld(n, 2, adres=n + 5, zaak=n + 5),
        ]  # fmt: skip
    return events


async def test_batches_of_one_and_of_five_hundred_say_the_same(drempel: Running) -> None:
    """The log of matching, interleaved the same way with that of outreach, in one batch and one by one."""
    said = []
    for size in (1, 3, 500):
        async with drempel.admin() as conn:
            transaction = conn.transaction()
            await transaction.start()
            unit = Unit("matching", "test", conn, NOW)
            for n, event in enumerate(history()):
                unit.emit(event, subject=event.zaak_id, gemeentecode="0505", id=UUID(int=90_000 + n))
                act = contact(date(2025, 1 + n % 6, 5), n % 7)
                unit.emit(act, subject=act.zaak_id, gemeentecode="0505", id=UUID(int=95_000 + n))
            await append(conn, "matching", unit.pending)
            batch: Batch = await read(conn, "matching", 0, 1000)
            events = [delivery.envelope() for delivery in batch.deliveries]
            await conn.execute("SET LOCAL search_path = routing")
            told = Unit("routing", "routing.besluiten", conn, NOW)
            for start in range(0, len(events), size):
                await decide_batch(told, events[start : start + size], None)
            said.append([(e.envelope.id, e.envelope.subject, e.envelope.data) for e in told.pending])
            await transaction.rollback()
    assert said[0] == said[1] == said[2]
    assert len(said[0]) > 21
    assert {e.regel for _, _, e in said[0] if isinstance(e, DECISIONS)} >= {"drempelbedrag", "herhaalde-melding"}


async def test_decisions_of_a_case_are_the_municipality_s_own(drempel: Running) -> None:
    await matched(drempel, gekoppeld(1), gekoppeld(2))
    await regels(drempel)
    path = f"/routing/v1/zaken/{UUID(int=201)}/besluiten"
    answer = await drempel.http.get(path, headers=drempel.als("consulent", "0505"))
    found = answer.json()["besluiten"]
    assert [one["regel"] for one in found] == ["drempelbedrag", "match-of-hoog-bedrag", "match-of-hoog-bedrag"]
    assert found[1]["vervangt"] == found[0]["besluitId"]
    assert found[0]["feiten"]["matchZelfdePeriode"] is False
    page = await drempel.http.get(path + "?paginaGrootte=2", headers=drempel.als("consulent", "0505"))
    assert len(page.json()["besluiten"]) == 2
    assert "pagina=2" in page.json()["_links"]["next"]["href"]
    assert (await drempel.http.get(path, headers=drempel.als("consulent", "0523"))).status_code == 404
    assert (await drempel.http.get(path, headers=drempel.als("partner", partner="zorg"))).status_code == 403
    assert (await drempel.http.get(path)).status_code == 401


async def test_the_api_role_sees_no_other_municipality_and_nothing_of_the_loop(drempel: Running) -> None:
    await matched(drempel, gekoppeld(1))
    await regels(drempel)
    runtime = next(r for s, r in drempel.system.runtimes if s.name == "routing")
    assert password_of(runtime.kek, "routing_api") in url_for(drempel.admin_url, "routing_api", runtime.kek)
    async with runtime.database.as_tenants(["0505"]) as conn:
        assert await conn.fetchval("SELECT count(*) FROM besluit") == 1
    async with runtime.database.as_tenants(["0523"]) as conn:
        assert await conn.fetchval("SELECT count(*) FROM besluit") == 0
        assert {row["tenant"] for row in await conn.fetch("SELECT tenant FROM log")} == {"0523"}, "its own policy"
    for table in ("signaal", "zaak", "handeling"):
        async with runtime.database.as_tenants(["0505"]) as conn:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await conn.fetch(f"SELECT * FROM {table}")
    async with runtime.database.as_tenants(["0523"]) as conn:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await conn.execute("INSERT INTO beleid VALUES ('0505', 'x', DEFAULT, '2025-01-01', now(), '{}', 'x')")
    for schema in ("keyring",):
        async with drempel.admin() as conn:
            for role in ("routing_api", "routing_loop"):
                assert not await conn.fetchval("SELECT has_schema_privilege($1, $2, 'USAGE')", role, schema)
