"""The last day that outreach shows is that of escalation's clock; and who comes by himself, as matching finds him."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from libs.chassis.clock import today
from libs.events.catalogue import (
    PolicyPublished,
    SelfReportMatched,
    SelfReportMismatched,
    TermBreached,
    TermMet,
    TermStarted,
)
from tests.examples import example
from tests.household import NAAM, Household
from tests.outreach import act, listed, opened, worklist

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio(loop_scope="module")]

GESPREK, BEDREIGEND = "Eerste gesprek", "Eerste gesprek bij bedreigende situatie"


async def started(huis: Household, soort: str, uiterlijk: date, oorzaak: UUID | None, bron: str = "Wgs art. 4") -> UUID:
    termijn_id = uuid4()
    event = TermStarted(
        zaak_id=huis.zaak_id, datum=date(2025, 3, 3), termijn_id=termijn_id, soort=soort, bron=bron,
        begin_datum=date(2025, 3, 3), uiterlijke_datum=uiterlijk, oorzaak=oorzaak, oorzaken=(uuid4(),),
    )  # fmt: skip
    await huis.say("escalation", event)
    return termijn_id


async def last_days(huis: Household) -> dict[str, set[tuple[str, str]]]:
    """The last day and whose it is, wherever it is shown."""
    case = await opened(huis)
    return {
        "werkvoorraad": {(row["uiterlijkeDatum"], row["termijnbron"]) for row in await worklist(huis)},
        "taken": {(row["uiterlijk"], row["bron"]) for row in await listed(huis, "taken")},
        "zaak": {(row["uiterlijk"], row["bron"]) for row in case["taken"]},
        "meldingen": {(row["uiterlijkeDatum"], row["termijnbron"]) for row in case["meldingen"]},
        "termijnen": {(row["uiterlijk"], row["bron"]) for row in case["termijnen"]},
    }


def everywhere(dag: str, bron: str) -> dict[str, set[tuple[str, str]]]:
    return {where: {(dag, bron)} for where in ("werkvoorraad", "taken", "zaak", "meldingen", "termijnen")}


async def test_the_last_day_is_escalations_as_soon_as_it_speaks(huis: Household) -> None:
    """Of the route until then; of a threat at once; of the route again where every clock has stopped."""
    assert await last_days(huis) == everywhere("2025-03-31", "beleid")
    first = await started(huis, GESPREK, date(2025, 3, 31), huis.melding_id)
    assert await last_days(huis) == everywhere("2025-03-31", "Wgs art. 4")
    threat = await started(huis, BEDREIGEND, date(2025, 3, 14), uuid4())
    found = await last_days(huis)
    assert found.pop("termijnen") == {("2025-03-14", "Wgs art. 4"), ("2025-03-31", "Wgs art. 4")}
    assert set(map(tuple, found.values())) == {(("2025-03-14", "Wgs art. 4"),)}
    common = {"zaak_id": huis.zaak_id, "datum": date(2025, 3, 14)}
    await huis.say("escalation", TermBreached(termijn_id=threat, soort=BEDREIGEND, **common))
    assert [t["verlopen"] for t in (await opened(huis))["termijnen"]] == [True, False]
    for termijn_id, soort in ((threat, BEDREIGEND), (first, GESPREK)):
        met = TermMet(termijn_id=termijn_id, soort=soort, uiterlijke_datum=date(2025, 3, 14), **common)
        await huis.say("escalation", met)
    assert await last_days(huis) == everywhere("2025-03-31", "beleid")


async def test_a_policy_that_asks_for_less_keeps_its_day_and_both_are_shown(huis: Household) -> None:
    await started(huis, GESPREK, date(2025, 4, 14), huis.melding_id)
    found = await last_days(huis)
    assert found.pop("termijnen") == {("2025-03-31", "beleid"), ("2025-04-14", "Wgs art. 4")}
    assert set(map(tuple, found.values())) == {(("2025-03-31", "beleid"),)}


async def test_a_clock_of_another_melding_is_not_of_this_one(huis: Household) -> None:
    march, huis.melding_id = huis.melding_id, uuid4()
    await huis.route(await huis.signal(periode="2025-04"), uiterlijke_datum=date(2025, 4, 28))
    await started(huis, GESPREK, date(2025, 3, 28), march)
    april = await started(huis, GESPREK, date(2025, 4, 25), huis.melding_id)
    assert [row["uiterlijkeDatum"] for row in await worklist(huis)] == ["2025-03-28", "2025-04-25"]
    assert {row["uiterlijk"] for row in await listed(huis, "taken", uiterlijkVoor="2025-03-28")} == {"2025-03-28"}
    void = TermMet(zaak_id=huis.zaak_id, datum=date(2025, 4, 1), termijn_id=april, soort=GESPREK, vervallen=True,
                   uiterlijke_datum=date(2025, 4, 25))  # fmt: skip
    await huis.say("escalation", void)
    assert [row["uiterlijkeDatum"] for row in await worklist(huis)] == ["2025-03-28", "2025-04-28"]


# --- who comes by himself ---------------------------------------------------------------------------


async def came(huis: Household, datum: date) -> str:
    client = {"achternaam": NAAM, "postcode": "3311AB", "huisnummer": 10}
    body = {"gemeentecode": huis.gemeentecode, "datum": str(datum), "client": client}
    answer = await huis.drempel.http.post("/outreach/v1/aanmeldingen", json=body, headers=huis.als())
    return str(answer.json()["aanmeldingId"])


async def placed(huis: Household, aanmelding: str, datum: date, *, found: bool = True) -> None:
    known: dict[str, Any] = {"aanmelding_id": UUID(aanmelding), "gemeentecode": huis.gemeentecode, "datum": datum}
    if not found:
        await huis.say("matching", example(SelfReportMismatched, **known), subject=UUID(aanmelding))
        return
    here = {"zaak_id": huis.zaak_id, "melding_id": huis.melding_id, "persoon_id": huis.persoon_id}
    await huis.say("matching", example(SelfReportMatched, **known, **here))


async def test_a_no_ends_where_matching_finds_who_came_and_stands_again_when_that_is_undone(huis: Household) -> None:
    now = today(huis.drempel.clock)
    await act(huis, "afwijzingen", {"reden": "Wil geen hulp", "datum": str(now - timedelta(days=2))})
    bare = {"soort": "Telefoon", "datum": str(now), "bereikt": False}
    assert (await act(huis, "contactpogingen", bare)).json()["code"] == "nee"
    aanmelding = await came(huis, now)
    await huis.drempel.rest()
    assert (await act(huis, "contactpogingen", bare)).json()["code"] == "nee", "nobody knows yet who that is"
    await placed(huis, aanmelding, now)
    assert all(row["rust"] is None for row in await listed(huis, "taken") if row["soort"] == "Contact")
    assert (await act(huis, "contactpogingen", bare)).status_code == 201
    await placed(huis, aanmelding, now, found=False)
    assert (await act(huis, "contactpogingen", bare)).json()["code"] == "nee"
    assert [row["aanmeldingId"] for row in await listed(huis, "aanmeldingen")] == [aanmelding]


async def test_who_came_is_spoken_with_before_the_day_of_his_clock(huis: Household) -> None:
    """In the list and in the case; as agreed in the municipality while there is no clock, sooner under a threat."""
    agreed = PolicyPublished(gemeentecode=huis.gemeentecode, beleid_versie="v", geldig_vanaf=date(2020, 1, 1),
                             beleid={"afspraken": {"termijnen": {"eersteGesprekDagen": 21}}})  # fmt: skip
    await huis.say("routing", agreed, subject=uuid4())
    aanmelding = await came(huis, date(2025, 3, 3))

    async def days() -> list[Any]:
        case = [row["uiterlijk"] for row in (await opened(huis))["taken"] if row["soort"] == GESPREK]
        rows = await listed(huis, "taken")
        return [case, [row["uiterlijk"] for row in rows if row["soort"] == GESPREK]]

    assert await days() == [[], ["2025-03-24"]]
    await placed(huis, aanmelding, date(2025, 3, 3))
    assert await days() == [["2025-03-24"], ["2025-03-24"]]
    await started(huis, GESPREK, date(2025, 3, 25), UUID(aanmelding))
    assert await days() == [["2025-03-25"], ["2025-03-25"]]
    await started(huis, BEDREIGEND, date(2025, 3, 6), uuid4())
    assert await days() == [["2025-03-06"], ["2025-03-06"]]
    await act(huis, "gesprekken", {"datum": "2025-03-05"})
    assert await days() == [[], []]
