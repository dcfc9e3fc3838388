"""The demo's driver against a Drempel that answers what a test tells it: it fails loudly, and says nothing personal."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import httpx
import pytest
from joserfc.jwk import RSAKey

from drempel.demo.desks import DREIGT
from drempel.demo.doors import Doors, PlayFailed
from drempel.demo.play import OCHTEND, Play
from drempel.region.acts import Act
from drempel.region.leveringen import Levering
from drempel.region.personen import PEILDATUM, Bevolking
from drempel.region.signalen import Signaalstroom
from libs.chassis.auth import LOCAL_ISSUER, LocalIssuer, TokenVerifier
from libs.chassis.clock import SimulatedClock
from libs.chassis.region import Region

REGION = Region.load()
ISSUER = LocalIssuer(RSAKey.generate_key(2048))
Handler = Callable[[httpx.Request], httpx.Response | None]


class Drempel:
    """Takes every delivery and every act, unless `other` answers something else; remembers who asked for what."""

    def __init__(self, clock: SimulatedClock, other: Handler) -> None:
        self.verifier = TokenVerifier(LOCAL_ISSUER, lambda: ISSUER.key, clock)
        self.other, self.asked = other, list[tuple[str, str, str]]()
        self.deliveries: list[list[dict[str, Any]]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path != "/health/ready":
            caller = self.verifier.caller(request.headers["authorization"].removeprefix("Bearer "))
            self.asked.append((caller.rol, caller.partner or ",".join(caller.gemeenten), f"{request.method} {path}"))
        return self.other(request) or self.answer(request, path)

    def answer(self, request: httpx.Request, path: str) -> httpx.Response:
        if path == "/health/ready":
            return httpx.Response(200, json={"consumers": {"x.y": {"lag": 0, "geparkeerd": 0}}})
        if path.endswith("/leveringen"):
            self.deliveries.append(request.headers["content-type"] and [])
            return httpx.Response(202, headers={"Location": f"/intake/v1/leveringen/{len(self.deliveries)}"})
        if path.endswith("/regels"):
            return httpx.Response(200, json={"regels": self.verdicts, "_links": {}})
        if request.method == "GET":
            return httpx.Response(200, json={path.rpartition("/")[2]: [], "_links": {}})
        return httpx.Response(201, json={}, headers={"Location": f"{path}/een-id"})

    verdicts: list[dict[str, Any]] = []  # noqa: RUF012


def nothing_else(_: httpx.Request) -> None:
    return None


def playing(other: Handler = nothing_else) -> tuple[Play, Drempel, Signaalstroom, SimulatedClock]:
    clock = SimulatedClock(datetime.combine(PEILDATUM, OCHTEND))
    people = Bevolking(REGION.regio, seed=1, schaal=0.002, peildatum=PEILDATUM)
    stream = Signaalstroom(people, REGION.partners, seed=1, maanden=3)
    drempel = Drempel(clock, other)
    http = httpx.AsyncClient(transport=httpx.MockTransport(drempel), base_url="http://drempel")
    codes = sorted(REGION.gemeentecodes)
    return Play(Doors(http, ISSUER, clock), clock, stream, codes, 1), drempel, stream, clock


def levering(stream: Signaalstroom) -> Levering:
    return stream.maand("2025-01").leveringen[0]


def verdicts(van: Levering, oordeel: str = "aangenomen") -> list[dict[str, Any]]:
    return [
        {"regel": nr + 1, "oordeel": "geweigerd" if nr in van.geweigerd else oordeel, "signaalId": f"s-{nr}"}
        for nr in range(len(van.records))
    ]


async def test_a_delivery_goes_in_as_its_partner_and_its_signals_are_known_afterwards() -> None:
    play, drempel, stream, _ = playing()
    een = levering(stream)
    drempel.verdicts = verdicts(een)
    await play._lever(een)
    assert drempel.asked[0] == ("partner", een.partner.key, "POST /intake/v1/leveringen")
    assert play.register.signaal(een.partner.key, een.records[0]["kenmerk"], "2025-01") == "s-0"


@pytest.mark.parametrize(("oordeel", "gezegd"), [("geweigerd", "geweigerd"), ("dubbel", "expected aangenomen")])
async def test_a_verdict_that_should_have_been_another_ends_the_play(oordeel: str, gezegd: str) -> None:
    play, drempel, stream, _ = playing()
    een = levering(stream)
    drempel.verdicts = verdicts(een, oordeel)
    with pytest.raises(PlayFailed, match=gezegd) as failed:
        await play._lever(een)
    namen = [record["client"].get("achternaam", "-") for record in een.records]
    assert not any(naam in str(failed.value) for naam in namen)


async def test_a_verdict_too_few_ends_the_play() -> None:
    play, drempel, stream, _ = playing()
    een = levering(stream)
    drempel.verdicts = verdicts(een)[:-1]
    with pytest.raises(PlayFailed, match="verdicts"):
        await play._lever(een)


async def test_no_token_is_used_after_its_time_when_the_clock_moves_on() -> None:
    play, drempel, _, clock = playing()
    for uren in range(1, 48, 5):
        clock.move_to(datetime.combine(PEILDATUM, OCHTEND) + timedelta(hours=uren))
        await play._desks.werkvoorraad(PEILDATUM)
    assert len({wie for rol, wie, _ in drempel.asked if rol == "consulent"}) == len(REGION.gemeentecodes)


async def test_parked_events_end_the_play_and_say_where() -> None:
    state = {"consumers": {"matching.linking": {"lag": 3, "geparkeerd": 2}}}
    play, *_ = playing(lambda request: httpx.Response(200, json=state) if request.url.path == "/health/ready" else None)
    with pytest.raises(PlayFailed, match=r"matching\.linking \(2\)"):
        await play.rest()


def refusing(status: int, code: str) -> Handler:
    def answer(request: httpx.Request) -> httpx.Response | None:
        problem = {"code": code, "detail": "x", "invalidParams": [{"name": "datum", "code": code, "reason": "x"}]}
        return httpx.Response(status, json=problem) if request.method == "POST" else None

    return answer


def attempt(dag: date) -> Act:
    body = {"soort": "Telefoon", "bereikt": False, "datum": dag.isoformat(), "meldingId": "m"}
    return Act(dag, "consulent", "/outreach/v1/zaken/{zaakId}/contactpogingen", body, zaak_id="z", gemeentecode="0505")


async def test_an_act_that_is_refused_ends_the_play_and_names_field_and_rule() -> None:
    play, drempel, *_ = playing(refusing(400, "inDeToekomst"))
    with pytest.raises(PlayFailed, match=r"contactpogingen Telefoon was refused: 400 inDeToekomst datum"):
        await play._doe(attempt(PEILDATUM))
    assert drempel.asked == [("consulent", "0505,regio", "POST /outreach/v1/zaken/z/contactpogingen")]


@pytest.mark.parametrize("code", ["zaakBeeindigd", "ontruimingDreigt"])
async def test_a_case_that_ended_meanwhile_takes_its_acts_off_the_agenda(code: str) -> None:
    play, *_ = playing(refusing(409, code))
    play._agenda.plan(acts=[attempt(PEILDATUM + timedelta(days=3))])
    await play._doe(attempt(PEILDATUM))
    assert play.gedaan["te laat"] == 1
    assert not play._agenda.wacht("z", "m")


async def test_an_eviction_and_its_outcome_are_about_the_same_one() -> None:
    bodies: list[dict[str, Any]] = []

    def keep(request: httpx.Request) -> None:
        bodies.append(json.loads(request.content))

    play, drempel, stream, _ = playing(keep)
    een = levering(stream)
    sleutel = (een.partner.key, een.records[0]["kenmerk"], "2025-01")
    play.register.bekend("s-1", *sleutel)
    pad, body = "/escalation/v1/ontruimingen", {"signaalId": "{signaalId}", "aanzegdatum": "2025-01-03"}
    await play._doe(Act(PEILDATUM, "partner", pad, body, *sleutel, ontruiming="o"))
    await play._doe(Act(PEILDATUM, "partner", pad + "/{id}/afloop", {"afloop": "Voorkomen"}, *sleutel, ontruiming="o"))
    assert bodies[0]["signaalId"] == "s-1"
    assert drempel.asked[-1][2] == "POST /escalation/v1/ontruimingen/een-id/afloop"


def threatened(zaak_id: str, signaal_id: str) -> Handler:
    """One case of which a threatening term runs, and one of which only the ordinary term does."""
    term = {"zaakId": zaak_id, "gemeentecode": "0505", "termijnId": "t-1", "termijn": DREIGT}
    row = {"zaakId": zaak_id, "meldingId": "m", "gemeentecode": "0505", "periode": "2025-01", "status": "Opgepakt",
           "gesloten": False, "ingetrokken": None, "hulp": None, "signaleringPlus": None,
           "signalen": [{"signaalId": signaal_id, "crisissignaal": True, "ingetrokken": None}],
           "stappen": [{"contactsoorten": ["Telefoon"], "keuze": "alle", "minimum": 2}]}  # fmt: skip

    def answer(request: httpx.Request) -> httpx.Response | None:
        found = {
            "/escalation/v1/termijnen": {"termijnen": [term, term | {"termijn": "Eerste gesprek", "termijnId": "t-2"}]},
            "/outreach/v1/werkvoorraad": {"werkvoorraad": [row, row | {"zaakId": "ander"}]},
        }.get(request.url.path)
        return httpx.Response(200, json=found) if found else None

    return answer


async def test_what_threatens_is_taken_up_on_the_day_itself_and_once() -> None:
    play, drempel, stream, _ = playing(threatened("z", "s-1"))
    een = levering(stream)
    play.register.bekend("s-1", een.partner.key, een.records[0]["kenmerk"], "2025-01")
    dag = date(2025, 1, 6)
    await play._desks.dreigend(dag)
    assert play._agenda.wacht("z", "m")
    assert not play._agenda.wacht("ander", "m"), "its term does not threaten"
    asked = ("consulent", "0505,regio", "GET /outreach/v1/werkvoorraad")
    assert drempel.asked.count(asked) == 1
    days = [(day, acts) for day, _, acts in play._agenda.neem(tot=date(2026, 1, 1))]
    assert days[0][0] == dag
    assert [act.body["soort"] for act in days[0][1]][:1] == ["Telefoon"]
    await play._desks.dreigend(dag + timedelta(days=1))
    assert not play._agenda.wacht("z", "m")
    assert drempel.asked.count(asked) == 1
