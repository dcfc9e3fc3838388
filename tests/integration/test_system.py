"""The chassis with all six services, on a real PostgreSQL."""

from pathlib import Path

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
