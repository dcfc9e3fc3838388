"""Policies over HTTP: trial decisions, publication, and the version in force."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml

from libs.events.catalogue import BRPMatched, PolicyPublished, RouteAssigned, SignalSetAside
from services.routing.beleid import meegeleverd
from tests.matched import gekoppeld
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


async def proef(drempel: Running, **body: Any) -> Any:
    return await drempel.http.post(PROEF, json=body, headers=drempel.als("beleid", "0505"))


async def own(drempel: Running) -> list[str]:
    """The versions that a municipality published itself, beside those that ship."""
    return [e.beleid_versie for e in await drempel.said("routing", PolicyPublished) if not e.meegeleverd]


async def a_trial_has_the_shape_of_the_contract(drempel: Running) -> None:
    facts = {"signaalpartner": "Huur", "soort": "Vroegsignaal", "bedrag": 812.40, "leeftijd": 24,
             "minderjarigeKinderen": False, "matchZelfdePeriode": False, "recidive": False, "herhaald": False,
             "eerderContact": None, "maandenAchterstand": 2}  # fmt: skip
    answer = await proef(drempel, gemeentecode="0546", feiten=facts)
    assert answer.status_code == 200
    found = answer.json()
    assert {"oppakken", "contactsoorten", "stappen", "behandelaar", "prioriteit", "uiterlijkeDatum", "regel", "uitleg",
            "beleidVersie"} <= set(found)  # fmt: skip
    assert found["oppakken"] is True
    assert found["contactsoorten"] == ["Huisbezoek"]
    assert found["stappen"] == [{"contactsoorten": ["Huisbezoek"], "keuze": "alle", "minimum": 1}]
    assert found["uiterlijkeDatum"] == "2025-06-30"
    low = (await proef(drempel, gemeentecode="0546", feiten=facts | {"bedrag": 19.99})).json()
    assert (low["oppakken"], low["contactsoorten"], low["uiterlijkeDatum"]) == (False, [], None)
    for contact_fact in (True, False, {"bereikt": True, "soort": "Telefoon", "resultaat": "Hulp aangeboden"}):
        told = await proef(drempel, gemeentecode="0758", feiten=facts | {"eerderContact": contact_fact})
        assert told.status_code == 200
    assert (await proef(drempel, gemeentecode="0344", feiten=facts)).json()["beleidVersie"] == "landelijk-2025.3"


WRONG: list[dict[str, Any]] = [
    {"feiten": {"signaalpartner": "Huur"}},
    {"gemeentecode": "0546"},
    {"gemeentecode": "546", "feiten": {"signaalpartner": "Huur"}},
    {"gemeentecode": "0546", "feiten": {}},
    {"gemeentecode": "0546", "feiten": {"signaalpartner": "Bakker"}},
    {"gemeentecode": "0546", "feiten": {"signaalpartner": "Huur", "bedrag": -1}},
    {"gemeentecode": "0546", "feiten": {"signaalpartner": "Huur", "bedrag": "veel"}},
    {"gemeentecode": "0546", "feiten": {"signaalpartner": "Huur", "bedrag": "1.000"}},
    {"gemeentecode": "0546", "feiten": 5},
    {"beleid": {"regels": {}}, "feiten": {"signaalpartner": "Huur"}},
    {
        "beleid": {"regels": [5], "termijnen": "x", "maxima": 1, "afspraken": [], "behandelaars": {"a": 5}},
        "feiten": {"signaalpartner": "Huur"},
    },
    {"gemeentecode": "0546", "feiten": {"signaalpartner": "Huur", "leeftijd": 900}},
    {"gemeentecode": "0546", "feiten": {"signaalpartner": "Huur", "naam": "Jansen"}},
    {"beleid": {}, "feiten": {"signaalpartner": "Huur"}},
    {"beleid": 5, "feiten": {"signaalpartner": "Huur"}},
]


async def test_trials(drempel: Running) -> None:
    """One system for all that leaves nothing behind."""
    await a_trial_has_the_shape_of_the_contract(drempel)
    await a_draft_can_be_tried_before_it_is_complete(drempel)
    for body in WRONG:
        answer = await proef(drempel, **body)
        assert answer.status_code == 400, body
        assert answer.json()["invalidParams"]
        assert "Jansen" not in answer.text
    async with drempel.admin() as conn:
        assert await conn.fetchval("SELECT count(*) FROM routing.log WHERE type <> 'PolicyPublished'") == 0
    assert await own(drempel) == []


async def a_draft_can_be_tried_before_it_is_complete(drempel: Running) -> None:
    draft = document("0505", versie="proef-1")
    draft["regels"] = [
        {"naam": "hoog", "als": {"bedrag": {"vanaf": 100}},
         "dan": {"oppakken": True, "behandelaar": "gemeente", "stappen": [{"contactsoorten": ["Huisbezoek"]}]}}
    ]  # fmt: skip
    facts = {"signaalpartner": "Huur", "bedrag": 100}
    answer = await proef(drempel, beleid=draft, gemeentecode="0505", feiten=facts)
    assert answer.json().get("contactsoorten") == ["Huisbezoek"], answer.text
    assert answer.json()["behandelaar"]["organisatie"] == "Gemeente Dordrecht"
    refused = await proef(drempel, beleid=draft, feiten=facts | {"bedrag": 99.99})
    assert refused.status_code == 400
    assert refused.json()["invalidParams"][0]["name"] == "beleid.regels"


def document(gemeente: str, **changes: Any) -> dict[str, Any]:
    shipped = meegeleverd().voor(gemeente).model_dump(mode="json", by_alias=True, exclude_none=True)
    return shipped | {"geldigVanaf": "2025-07-01"} | changes


async def publish(drempel: Running, body: dict[str, Any], rol: str = "beleid", code: str = "0505", **more: str) -> Any:
    headers = drempel.als(rol, code) | more
    return await drempel.http.post(f"{DORDRECHT}/versies", json=body, headers=headers)


def threshold(amount: int) -> dict[str, Any]:
    """Dordrecht's document with another threshold, its examples along."""
    found = document("0505", versie=f"dordrecht-{amount}", geldigVanaf="2025-06-03")
    row = next(one for one in found["regels"] if one["naam"] == "drempelbedrag")
    row["als"]["bedrag"] = {"minderDan": amount}
    found["voorbeelden"] = [{"naam": "laag", "feiten": {"signaalpartner": "Zorg", "bedrag": amount - 0.01},
                             "verwacht": {"oppakken": False}}]  # fmt: skip
    return found


async def test_a_published_version_decides_from_its_day_and_the_older_one_stays(drempel: Running) -> None:
    answer = await publish(drempel, threshold(100))
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{DORDRECHT}/versies/dordrecht-100"
    assert await own(drempel) == ["dordrecht-100"]
    shown = (await drempel.http.get(DORDRECHT, headers=drempel.als("consulent", "0523"))).json()
    assert [(one["versie"], one["inWerking"]) for one in shown["versies"]] == [
        ("drechtsteden-2022.2", True), ("dordrecht-100", False),
    ]  # fmt: skip
    sixty = {"bedrag": Decimal(60), "adres": 8}
    await matched(
        drempel,
        gekoppeld(1, 6, signaaldatum=date(2025, 6, 2), **sixty),
        gekoppeld(2, 7, signaaldatum=date(2025, 7, 1), **sixty),
        gekoppeld(3, 6, signaaldatum=date(2025, 6, 3), gemeentecode="0523", bedrag=Decimal(60), adres=9),
    )
    await drempel.rest()
    log = [e.data for e in await drempel.log("routing") if isinstance(e.data, DECISIONS)]
    assert [(type(e).__name__, e.beleid_versie) for e in log] == [
        ("RouteAssigned", "drechtsteden-2022.2"),
        ("SignalSetAside", "dordrecht-100"),
        ("RouteAssigned", "drechtsteden-2022.2"),
    ]
    tried = await proef(
        drempel, gemeentecode="0505", feiten={"signaalpartner": "Zorg", "bedrag": 60, "signaaldatum": "2025-06-03"}
    )
    assert tried.json()["oppakken"] is False
    past = await publish(drempel, document("0505", versie="oud-1", geldigVanaf=str(NOW.date() - timedelta(days=1))))
    assert past.status_code == 400  # a signal of the day after was decided
    assert past.json()["invalidParams"][0]["name"] == "geldigVanaf"


async def test_a_neighbour_begins_with_its_own_table(drempel: Running) -> None:
    """As it has been since before Drempel: written as officials do, sent as JSON in which ja is text."""
    text = (Path(__file__).parents[1] / "beleid" / "per-partner.yaml").read_text()
    body = json.loads(json.dumps(yaml.safe_load(text) | {"geldigVanaf": "2020-01-01"}, default=str))
    buur, als = "/routing/v1/beleid/0307", drempel.als("beleid", "0307")
    answer = await drempel.http.post(f"{buur}/versies", json=body | {"gemeentecodes": [307]}, headers=als)
    assert answer.status_code == 201, answer.text
    assert (await drempel.http.get(buur, headers=als)).json()["eigen"] is True
    for bedrag, wijk, soorten in (("99,99", "nee", []), (100, "nee", ["Telefoon", "Huisbezoek"]),
                                  (99.99, "ja", ["Huisbezoek"])):  # fmt: skip
        facts = {"signaalpartner": "Huur", "bedrag": bedrag, "matchZelfdePeriode": wijk}
        found = (await proef(drempel, gemeentecode="0307", feiten=facts)).json()
        assert (found["contactsoorten"], found["beleidVersie"]) == (soorten, "Merenwijk_2026")
    rows = {"regels": [{"naam": "Alles", "dan": {"oppakken": "ja", "stappen": ["Brief"]}}]}
    draft = await proef(drempel, beleid=rows, feiten={"signaalpartner": "Huur"})
    assert draft.json()["contactsoorten"] == ["Brief"]


async def a_publication_is_refused_with_the_example_that_shows_why(drempel: Running) -> None:
    broken = threshold(100)
    broken["voorbeelden"][0]["feiten"]["bedrag"] = 100
    answer = await publish(drempel, broken)
    assert answer.status_code == 400
    found = answer.json()["invalidParams"][0]
    assert found["name"] == "voorbeelden.0.verwacht.oppakken"
    assert "bedrag: 100" in found["reason"]
    gap = document("0505", versie="gat-1")
    gap["regels"].pop()
    assert "geen regel past" in (await publish(drempel, gap)).text
    for codes in (["0610", "0642"], "0610"):
        others = (await publish(drempel, document("0505", versie="buur-1") | {"gemeentecodes": codes})).json()
        assert [one["name"] for one in others["invalidParams"]] == ["gemeentecodes"]
    dead = document("0505", versie="dood-1")
    dead["regels"].append({**dead["regels"][-1], "naam": "nog-een"})
    assert "beslist nooit" in (await publish(drempel, dead)).text
    assert (await publish(drempel, {"x": 1})).status_code == 400
    assert (await publish(drempel, document("0505"))).status_code == 409
    assert await own(drempel) == []


@pytest.mark.parametrize("day", ["9999-12-31", "1999-12-31", "2101-01-01", 20250603, "2025-06-03T10:00:00"])
async def test_a_day_that_is_none_is_refused_by_its_field(drempel: Running, day: Any) -> None:
    """Terms are counted from it, in an example and in a candidate too."""
    own, fact = document("0505", versie="dag-1"), {"signaalpartner": "Zorg", "bedrag": 60}
    examples = [own | {"voorbeelden": [{"naam": "een", "feiten": fact | {name: day}, "verwacht": {}}]}
                for name in ("signaaldatum", "einddatumLevering")]  # fmt: skip
    expected = own | {"voorbeelden": [{"naam": "een", "feiten": fact, "verwacht": {"uiterlijkeDatum": day}}]}
    refused = {
        "geldigVanaf": await publish(drempel, own | {"geldigVanaf": day}),
        "voorbeelden.0.feiten.signaaldatum": await publish(drempel, examples[0]),
        "voorbeelden.0.feiten.einddatumLevering": await publish(drempel, examples[1]),
        "voorbeelden.0.verwacht.uiterlijkeDatum": await publish(drempel, expected),
        "beleid.geldigVanaf": await simulate(drempel, own | {"geldigVanaf": day}),
        "beleid.voorbeelden.0.feiten.signaaldatum": await simulate(drempel, examples[0]),
        "feiten.signaaldatum": await proef(drempel, gemeentecode="0505", feiten=fact | {"signaaldatum": day}),
        "feiten.einddatumLevering": await proef(drempel, gemeentecode="0505", feiten=fact | {"einddatumLevering": day}),
    }
    for field, answer in refused.items():
        assert answer.status_code == 400, (field, answer.text)
        assert [one["name"] for one in answer.json()["invalidParams"]] == [field]
        assert str(day) not in answer.text


async def simulate(drempel: Running, beleid: dict[str, Any]) -> Any:
    return await drempel.http.post(
        f"{DORDRECHT}/simulaties", json={"beleid": beleid}, headers=drempel.als("beleid", "0505")
    )


async def who_may_publish(drempel: Running) -> None:
    body = threshold(100)
    assert (await publish(drempel, body, rol="consulent")).status_code == 403
    assert (await publish(drempel, body, code="0523")).status_code == 403
    assert (await drempel.http.post(f"{DORDRECHT}/versies", json=body)).status_code == 401
    assert (await drempel.http.get(DORDRECHT)).status_code == 401
    assert (await drempel.http.get(DORDRECHT, headers=drempel.als("deurwaarder"))).status_code == 403
    assert (await drempel.http.get("/routing/v1/beleid/05", headers=drempel.als("beleid"))).status_code == 400
    missing = await drempel.http.get(f"{DORDRECHT}/versies/geen", headers=drempel.als("beleid"))
    assert missing.status_code == 404


async def test_publications(drempel: Running) -> None:
    await a_publication_is_refused_with_the_example_that_shows_why(drempel)
    await who_may_publish(drempel)
    key = {"Idempotency-Key": str(uuid4())}
    wrapped = {"beleid": threshold(75), "geldigVanaf": "2025-08-01"}
    first = await publish(drempel, wrapped, **key)
    again = await publish(drempel, wrapped, **key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert first.json()["geldigVanaf"] == "2025-08-01"
    assert (await publish(drempel, wrapped)).status_code == 409
    assert await own(drempel) == ["dordrecht-75"]
