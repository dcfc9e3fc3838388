"""Bounds that keep one sender from taking everything, and answers that are not kept for ever."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from libs.chassis import idempotency
from tests.installation import installed
from tests.intake import NDJSON, intake, ndjson, signaal
from tests.system import At, Running

pytestmark = pytest.mark.postgres


async def half(gate: asyncio.Event, rijen: bytes) -> AsyncIterator[bytes]:
    """A delivery whose second half waits."""
    yield rijen[: len(rijen) // 2]
    await gate.wait()
    yield rijen[len(rijen) // 2 :]


async def lever(drempel: Running, body: bytes | AsyncIterator[bytes], partner: str = "woonbron") -> httpx.Response:
    """A delivery of this partner."""
    headers = drempel.als("partner", partner=partner) | {"Content-Type": NDJSON}
    return await drempel.http.post("/intake/v1/leveringen", content=body, headers=headers)


async def test_who_has_enough_under_way_hears_429_and_others_go_on(postgres: Path) -> None:
    rijen = ndjson([signaal(kenmerk=f"K{n}") for n in range(4)])
    async with intake(postgres, intake_leveringen=1, intake_signalen=1) as drempel:
        gate = asyncio.Event()
        first = asyncio.create_task(lever(drempel, half(gate, rijen)))
        await asyncio.sleep(1)
        assert not first.done(), "it is under way"
        refused = await lever(drempel, rijen)
        assert refused.status_code == 429
        assert refused.headers["content-type"] == "application/problem+json"
        assert int(refused.headers["Retry-After"]) > 0
        assert refused.json()["code"] == "teDruk"
        assert (await lever(drempel, rijen, "trivire")).status_code == 202, "another sender"
        single = await drempel.http.post(
            "/intake/v1/signalen", json=signaal(kenmerk="ENKEL"), headers=drempel.als("partner", partner="woonbron")
        )
        assert single.status_code == 201, "a delivery takes no place of a single signal"
        gate.set()
        assert (await first).status_code == 202
        assert (await lever(drempel, rijen)).status_code == 202, "its place is free again"
        document = (await drempel.http.get("/intake/v1/openapi.json")).json()
        assert "429" in document["paths"]["/signalen"]["post"]["responses"]


async def test_load_waits_and_goes_on(tmp_path: Path) -> None:
    file = tmp_path / "woonbron.ndjson"
    file.write_bytes(ndjson([signaal(kenmerk=f"K{n}") for n in range(3)]))
    async with installed(tmp_path / "data", {"INTAKE_LEVERINGEN": "1"}) as drempel:
        gate, other = asyncio.Event(), drempel.als("partner", partner="woonbron") | {"Content-Type": NDJSON}
        held = half(gate, ndjson([signaal(kenmerk="ANDER"), signaal(kenmerk="ANDER-2")]))
        first = asyncio.create_task(drempel.http.post("/intake/v1/leveringen", content=held, headers=other))
        await asyncio.sleep(1)
        loading = asyncio.create_task(drempel.run("load", str(file), "--json"))
        async with asyncio.timeout(60):
            while not any("te druk" in one.read_text() for one in tmp_path.glob("data.*.err")):
                await asyncio.sleep(0.1)
        gate.set()
        status, out, err = await loading
        assert (await first).status_code == 202
    assert status == 0, err
    assert "te druk, over 2 s opnieuw" in err
    assert json.loads(out.splitlines()[-1])["aangenomen"] == 3


async def test_a_stored_answer_is_given_for_two_weeks_and_then_removed_a_few_at_a_time(
    postgres: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = At(datetime(2025, 3, 20, 10, tzinfo=UTC))
    async with intake(postgres, clock) as drempel:

        async def post(key: str, **changes: str) -> httpx.Response:
            headers = drempel.als("partner", partner="woonbron") | {"Idempotency-Key": key}
            return await drempel.http.post("/intake/v1/signalen", json=signaal(**changes), headers=headers)

        first = await post("een")
        for n in range(6):
            assert (await post(f"meer-{n}", kenmerk=f"K{n}")).status_code == 201
        clock.moment += idempotency.KEPT - timedelta(seconds=1)
        assert await drempel.system.sweeper.round() == 0
        again = await post("een")
        assert (again.status_code, again.json()) == (201, first.json())
        await post("jong", kenmerk="JONG")
        clock.moment += timedelta(seconds=2)
        monkeypatch.setattr(idempotency, "BATCH", 2)
        monkeypatch.setattr(idempotency, "BATCHES", 2)
        assert await drempel.system.sweeper.round() == 4, "a round is bounded"
        assert await drempel.system.sweeper.round() == 3
        assert await drempel.system.sweeper.round() == 0
        async with drempel.admin() as conn:
            assert [row[0] for row in await conn.fetch("SELECT sleutel FROM intake.idempotentie")] == ["jong"]
        afresh = await post("een")
        assert (afresh.status_code, afresh.json()["signaalId"]) == (200, first.json()["signaalId"]), (
            "known by its contents"
        )
