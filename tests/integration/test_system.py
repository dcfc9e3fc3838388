"""The chassis with all six services, on a real PostgreSQL."""

import asyncio
from pathlib import Path
from uuid import uuid4

import pytest

from tests.system import running


async def test_it_opens_serves_and_is_ready(postgres: Path) -> None:
    async with running(postgres) as drempel:
        await drempel.rest()
        answer = await drempel.http.get("/health/live")
        assert answer.status_code == 200
        assert answer.headers["API-Version"] == "1.0.0"


async def test_what_nobody_serves_is_a_problem(postgres: Path) -> None:
    async with running(postgres) as drempel:
        answer = await drempel.http.get("/nergens")
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_request_that_a_stop_cuts_off_hears_so(postgres: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("libs.chassis.run.DRAIN_SECONDS", 1)
    async with running(postgres) as drempel:
        waits = f"/monitoring/v1/zaken/{uuid4()}/tijdlijn"  # looks again for two seconds
        asked = asyncio.create_task(drempel.http.get(waits, headers=drempel.als("consulent", "0505")))
        await asyncio.sleep(0.3)
        drempel.stop.set()
        answer = await asked
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
    assert answer.headers["Retry-After"]
    assert answer.headers["API-Version"] == "1.0.0"
