"""The pages over HTTP: who may open them, what they show, and how they say no."""

from pathlib import Path

import pytest

from tests.monitoring_story import Story, ladder, muddle, tell
from tests.system import Running, running

pytestmark = pytest.mark.postgres
HTML = "text/html; charset=utf-8"


async def sign_in(drempel: Running) -> None:
    """Open a session with a one-time link; the client keeps the cookie."""
    assert drempel.system.links is not None
    answer = await drempel.http.get("/aanmelden", params={"code": drempel.system.links.new()})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(answer.headers["set-cookie"].split("; "))


async def test_the_overview_shows_partners_funnel_and_a_case(postgres: Path) -> None:
    story = Story()
    zaak = ladder(story)
    muddle(story)
    async with running(postgres, alone="monitoring") as drempel:
        await tell(drempel, story)
        await sign_in(drempel)
        page = await drempel.http.get("/")
        assert (page.status_code, page.headers["content-type"]) == (200, HTML)
        for shown in ("Woonbron", "Sociale Wijkteams Dordrecht", "Signalering+", "<svg", f"/zaken/{zaak}", 'lang="nl"'):
            assert shown in page.text, shown
        assert "<script" not in page.text
        assert "style=" not in page.text
        case = (await drempel.http.get(f"/zaken/{zaak}")).text
        assert "Ontruiming aangezegd tegen 5 mei 2026, grond: huurachterstand" in case
        assert case.count('<li class="vervallen">') == 1
        listed = (await drempel.http.get("/zaken?gemeentecode=&fase=Deurwaarder&partner=trivire")).text
        assert str(zaak) not in listed
        assert listed.count('data-kop="Fase"') == 1
        style = await drempel.http.get("/static/drempel.css")
        assert style.headers["content-type"].startswith("text/css")


async def test_an_empty_region_has_pages_too(postgres: Path) -> None:
    async with running(postgres, alone="monitoring") as drempel:
        await sign_in(drempel)
        assert "nog geen signalen" in (await drempel.http.get("/")).text
        assert "geen zaken" in (await drempel.http.get("/zaken?fase=Ontruimd")).text


async def test_without_a_session_a_page_explains_itself(postgres: Path) -> None:
    async with running(postgres, alone="monitoring") as drempel:
        assert drempel.system.links is not None
        used = drempel.system.links.new()
        await drempel.http.get("/aanmelden", params={"code": used})
        drempel.http.cookies.clear()
        token = drempel.als("coordinator", "0505")
        for path, headers in (("/", {}), ("/zaken", {}), ("/aanmelden", {}), ("/", token),
                              (f"/aanmelden?code={used}", {}), ("/", {"Cookie": "drempel_sessie=x"})):  # fmt: skip
            answer = await drempel.http.get(path, headers=headers)
            assert (answer.status_code, answer.headers["content-type"]) == (401, HTML), path
            assert "U bent niet aangemeld" in answer.text
        await sign_in(drempel)
        refused = await drempel.http.get("/monitoring/v1/zaken", headers={"Accept": "text/html"})
        assert (refused.status_code, refused.headers["content-type"]) == (401, "application/problem+json")


async def test_errors_are_pages_to_a_browser_and_problems_to_others(postgres: Path) -> None:
    async with running(postgres, alone="monitoring") as drempel:
        await sign_in(drempel)
        browser = {"Accept": "text/html,application/xhtml+xml"}
        for path, status in (("/zaken/3d2c6a0e-1f0b-4c57-9c55-0d7e5e1a7b42", 404), ("/zaken/x", 400),
                             ("/zaken?fase=Onzin", 400), ("/?periode=%3Cb%3E", 400), ("/?gemeentecode=9999", 403),
                             ("/nergens", 404)):  # fmt: skip
            answer = await drempel.http.get(path, headers=browser)
            assert (answer.status_code, answer.headers["content-type"]) == (status, HTML), path
            assert "<b>" not in answer.text
            assert "default-src 'self'" in answer.headers["content-security-policy"]
        other = await drempel.http.get("/nergens")
        assert other.headers["content-type"] == "application/problem+json"
