"""A household that returns goes to the caseworker who had it before, where its route asks for that."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from libs.chassis.clock import today
from libs.events.catalogue import CaseOpened, HandlerAssigned, RouteAssigned
from tests.household import Household
from tests.outreach import act, listed, opened, said
from tests.system import Running

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio(loop_scope="module")]

NAME = "J. Roodborst"
BODY = {"organisatie": "Sociaal team", "team": "Oost", "medewerker": NAME}


async def assign(huis: Household, body: dict[str, Any] = BODY) -> str | None:
    answer = await huis.drempel.http.put(f"{huis.pad}/behandelaar", json=body, headers=huis.als())
    assert answer.status_code == 200, answer.text
    found: str | None = answer.json().get("medewerkerId")
    return found


async def close(huis: Household) -> None:
    ended = {"resultaat": "Geen reactie na eerder contact", "datum": str(today(huis.drempel.clock)), "zaak": True}
    assert (await act(huis, "afsluitingen", ended)).status_code == 201


def after(huis: Household, gemeente: str | None = None) -> Household:
    """The next case of the same household; its opening is still to be said."""
    code = gemeente or huis.gemeentecode
    return Household(huis.drempel, code, persoon_id=huis.persoon_id, adres_id=huis.adres_id, opened=True)


def opening(huis: Household, vorige: UUID | None) -> CaseOpened:
    return CaseOpened(zaak_id=huis.zaak_id, adres_id=huis.adres_id, gemeentecode=huis.gemeentecode,
                      vorige_zaak_id=vorige, datum=today(huis.drempel.clock))  # fmt: skip


async def returned(huis: Household, *, zelfde: bool | None = True, gemeente: str | None = None) -> Household:
    """The next case, opened, linked and routed."""
    later = after(huis, gemeente)
    await later.say("matching", opening(later, huis.zaak_id))
    await later.route(await later.signal(), zelfde_consulent=zelfde)
    return later


async def first(outreach: Running, gemeente: str, body: dict[str, Any] | None = BODY) -> Household:
    """A case that was given to somebody and has ended."""
    huis = Household(outreach, gemeente)
    await huis.route(await huis.signal())
    if body:
        await assign(huis, body)
    await close(huis)
    return huis


async def test_who_returns_goes_to_the_same_caseworker(outreach: Running, gemeente: str) -> None:
    huis = await first(outreach, gemeente)
    wie = (await said(huis, HandlerAssigned))[0].medewerker_id
    later = await returned(huis)
    (given,) = await said(later, HandlerAssigned)
    assert (given.behandelaar.team, given.medewerker_id, given.grond) == ("Oost", wie, "Zelfde consulent")
    assert (await opened(later))["behandelaar"] == BODY | {"grond": "Zelfde consulent"}
    rows = await listed(later, "taken", medewerker=str(wie))
    assert [(row["zaakId"], row["behandelaar"]["team"]) for row in rows] == [(str(later.zaak_id), "Oost")]
    assert NAME not in str(rows)
    await later.route(await later.signal(), zelfde_consulent=True)
    assert len(await said(later, HandlerAssigned)) == 1, "once for a case"
    await later.erase(huis.zaak_id)
    assert (await opened(later))["behandelaar"]["medewerker"] == NAME, "sealed anew for this case"


async def test_only_where_the_route_asks_and_nobody_decided_otherwise(outreach: Running, gemeente: str) -> None:
    plain = await returned(await first(outreach, gemeente), zelfde=None)
    assert await said(plain, HandlerAssigned) == []
    huis = await first(outreach, gemeente)
    later = after(huis)
    await later.say("matching", opening(later, huis.zaak_id))
    signaal = await later.signal()
    await assign(later, BODY | {"medewerker": "K. Merel"})
    await later.route(signaal, zelfde_consulent=True)
    assert (await opened(later))["behandelaar"]["medewerker"] == "K. Merel"
    given = await returned(await first(outreach, gemeente))
    await assign(given, BODY | {"medewerker": "K. Merel"})
    assert (await opened(given))["behandelaar"] == BODY | {"medewerker": "K. Merel"}, (
        "by hand it is changed at any time"
    )
    nobody = await returned(await first(outreach, gemeente, None))
    assert await said(nobody, HandlerAssigned) == []


async def test_a_case_left_to_a_team_or_in_another_municipality_brings_nobody_back(
    outreach: Running, gemeente: str
) -> None:
    huis = Household(outreach, gemeente)
    await huis.route(await huis.signal())
    await assign(huis)
    await assign(huis, BODY | {"team": "West", "medewerker": None})
    await close(huis)
    assert await said(await returned(huis), HandlerAssigned) == []
    moved = await returned(await first(outreach, gemeente), gemeente="0523")
    assert await said(moved, HandlerAssigned) == []
    await close(moved)
    back = await returned(moved, gemeente=gemeente)
    assert [event.behandelaar.team for event in await said(back, HandlerAssigned)] == ["Oost"], "the chain goes on"


async def test_not_after_the_time_that_was_agreed(outreach: Running, gemeente: str) -> None:
    huis = await first(outreach, gemeente)
    long_ago = after(huis)
    clock = outreach.clock.now()

    class Later:
        def now(self) -> Any:
            return clock + timedelta(days=500)

    before, outreach.clock = outreach.clock, Later()
    try:
        await long_ago.say("matching", opening(long_ago, huis.zaak_id))
        await long_ago.route(await long_ago.signal(), zelfde_consulent=True)
    finally:
        outreach.clock = before
    assert await said(long_ago, HandlerAssigned) == []


@pytest.mark.parametrize("order", ["between later route", "route between later", "later route between", "route all"])
async def test_whatever_is_heard_first_the_case_is_given_once(outreach: Running, gemeente: str, order: str) -> None:
    """Two cases later, of which the first was never given to anybody; the last word completes the picture."""
    huis = await first(outreach, gemeente)
    between, later = after(huis), after(huis)
    (route,) = [e.data for e in await outreach.log("routing") if e.subject == str(huis.zaak_id)]
    changes = {"besluit_id": uuid4(), "zaak_id": later.zaak_id, "zelfde_consulent": True}
    words: dict[str, list[Any]] = {
        "between": [opening(between, huis.zaak_id)], "later": [opening(later, between.zaak_id)],
        "route": [RouteAssigned(**route.model_dump() | changes)],
    }  # fmt: skip
    words["all"] = [*words["between"], *words["later"]]
    for word in order.split():
        events = [(event, event.zaak_id, gemeente) for event in words[word]]
        spoken = await outreach.emit_as("routing" if word == "route" else "matching", events)
        await outreach.rest()
    (given,) = [e for e in await outreach.log("outreach") if e.subject == str(later.zaak_id)]
    assert isinstance(given.data, HandlerAssigned)
    assert (given.data.grond, given.data.behandelaar.team) == ("Zelfde consulent", "Oost")
    assert given.causationid == spoken[-1].id


async def test_an_erased_household_brings_nobody_back(outreach: Running, gemeente: str) -> None:
    huis = await first(outreach, gemeente)
    await huis.erase(huis.zaak_id)
    assert await said(await returned(huis), HandlerAssigned) == []
