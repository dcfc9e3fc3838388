"""What if over HTTP: asked, followed, drawn, cancelled, and nobody else's."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from libs.events.catalogue import BRPMatched, Event
from libs.events.values import Signaalpartner
from services.routing import opname
from services.routing.beleid import meegeleverd
from services.routing.simulatie import lopend
from services.routing.simulatie.verslag import Verslag
from tests.matched import contact, gekoppeld
from tests.system import At, Running, running

SIMULATIES = "/routing/v1/beleid/0505/simulaties"


@pytest.fixture
async def drempel(postgres: Path) -> AsyncIterator[Running]:
    async with running(postgres, clock=At(datetime(2025, 6, 2, 9, tzinfo=UTC)), alone="routing") as system:
        yield system


async def history(drempel: Running) -> None:
    rent: dict[str, Any] = {"signaalpartner": Signaalpartner.HUUR, "bedrag": Decimal(900), "recidive": True,
                            "ontstaansdatum": date(2025, 1, 1)}  # fmt: skip
    events: list[Event] = [
        gekoppeld(1, 3, **rent), gekoppeld(2, 4, **rent), gekoppeld(3, 4, adres=2, zaak=2, bedrag=Decimal(70)),
        gekoppeld(4, 4, adres=3, zaak=3), gekoppeld(5, 4, adres=3, zaak=4),
        gekoppeld(6, 4, adres=6, zaak=6, gemeentecode="0523", bedrag=Decimal(70)),
    ]  # fmt: skip
    await drempel.emit_as("matching", [(e, e.zaak_id, e.gemeentecode) for e in events if isinstance(e, BRPMatched)])
    attempt = contact(date(2025, 3, 20))
    await drempel.emit_as("outreach", [(attempt, attempt.zaak_id, "0505")])
    await drempel.rest()


def document(amount: int) -> dict[str, Any]:
    found = meegeleverd().voor("0505").model_dump(mode="json", by_alias=True, exclude_none=True)
    row = next(one for one in found["regels"] if one["naam"] == "drempelbedrag")
    row["als"]["bedrag"] = {"minderDan": amount}
    return found | {"versie": f"drempel-{amount}"}


async def ask(drempel: Running, rol: str = "beleid", code: str = "0505", **body: Any) -> Any:
    headers = drempel.als(rol, code) | {"Idempotency-Key": body.pop("sleutel", uuid4().hex)}
    return await drempel.http.post(SIMULATIES, json=body, headers=headers)


async def done(drempel: Running, where: str) -> dict[str, Any]:
    for _ in range(200):
        found: dict[str, Any] = (await drempel.http.get(where, headers=drempel.als("beleid", "0505"))).json()
        if found["status"] != "Loopt":
            return found
        await asyncio.sleep(0.05)
    raise AssertionError("the simulation does not end")


@pytest.mark.parametrize("size", [1, 1_000])
async def test_the_current_policy_gives_history_and_another_one_its_differences(
    drempel: Running, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """Whether it is read household by household or all at once."""
    monkeypatch.setattr(opname, "AT_ONCE", size)
    await history(drempel)
    asked = await ask(drempel, beleid=document(50))
    assert asked.status_code == 202
    same = await done(drempel, asked.headers["location"])
    assert (same["status"], same["voortgang"]) == ("Klaar", 1.0)
    assert same["verslag"]["signalen"] == 5
    assert same["verslag"]["afwijkendVanHistorie"] == 0
    assert same["verslag"]["anders"]["aantal"] == 0
    assert same["verslag"]["totaal"]["was"] == same["verslag"]["totaal"]["wordt"]

    sleutel = uuid4().hex
    asked = await ask(drempel, beleid=document(100), aannames={"fte": 0.01}, sleutel=sleutel)
    again = await ask(drempel, beleid=document(100), aannames={"fte": 0.01}, sleutel=sleutel)
    assert again.headers["location"] == asked.headers["location"]
    found = (await done(drempel, asked.headers["location"]))["verslag"]
    assert found["anders"]["overgangen"] == [{"was": "bericht", "wordt": "drempelbedrag", "aantal": 1}]
    assert found["aannames"]["fte"] == 0.01
    assert found["totaal"]["wordt"]["brieven"] == found["totaal"]["was"]["brieven"] - 1
    await the_picture(drempel, asked.headers["location"])
    await it_is_nobody_elses(drempel, asked.headers["location"])


async def the_picture(drempel: Running, where: str) -> None:
    answer = await drempel.http.get(where, headers=drempel.als("beleid", "0505") | {"Accept": "image/svg+xml"})
    assert answer.headers["content-type"] == "image/svg+xml"
    assert "Wat als: drempel-100 in 0505" in answer.text


async def it_is_nobody_elses(drempel: Running, where: str) -> None:
    other = drempel.als("beleid", "0523")
    assert (await drempel.http.get(where, headers=other)).status_code == 403
    elsewhere = where.replace("0505", "0523", 1)
    assert (await drempel.http.get(elsewhere, headers=other)).status_code == 404
    assert (await drempel.http.delete(where, headers=other)).status_code == 403
    assert (await ask(drempel, code="0523", beleid=document(100))).status_code == 403
    assert (await ask(drempel, rol="consulent", beleid=document(100))).status_code == 403
    own = drempel.als("beleid", "0505")
    assert (await drempel.http.delete(where, headers=own)).status_code == 204
    assert (await drempel.http.get(where, headers=own)).status_code == 404


WRONG: list[dict[str, Any]] = [
    {},
    {"beleid": {}},
    {"beleid": document(50) | {"regels": document(50)["regels"][:3]}},
    {"beleid": document(50), "aannames": {"terugkeer": 1.5}},
    {"beleid": document(50), "aannames": {"urenPerContact": {"Postduif": 1}}},
]


async def test_a_simulation_can_be_stopped_and_there_are_never_many(
    drempel: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    await history(drempel)
    for body in WRONG:
        assert (await ask(drempel, **body)).status_code == 400, body
    own, slow = drempel.als("beleid", "0505"), asyncio.Event()

    async def waits(*_: Any) -> None:
        await slow.wait()

    monkeypatch.setattr("services.routing.simulaties.speel", waits)
    running = [await ask(drempel, beleid=document(100)) for _ in range(lopend.MAX_RUNNING)]
    refused = await ask(drempel, beleid=document(100))
    assert (refused.status_code, refused.json()["code"]) == (429, "teDruk")
    where = running[0].headers["location"]
    assert (await drempel.http.get(where, headers=own | {"Accept": "image/svg+xml"})).status_code == 409
    assert (await drempel.http.delete(where, headers=own)).status_code == 204
    assert (await drempel.http.get(where, headers=own)).status_code == 404
    assert (await ask(drempel, beleid=document(100))).status_code == 202


async def test_a_failure_is_told(drempel: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    await history(drempel)

    def breaks(*_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(Verslag, "telt", breaks)
    asked = await ask(drempel, beleid=document(100))
    where = asked.headers["location"]
    assert (await done(drempel, where))["status"] == "Mislukt"
    drawn = await drempel.http.get(where, headers=drempel.als("beleid", "0505") | {"Accept": "image/svg+xml"})
    assert (drawn.status_code, drawn.json()["code"]) == (409, "mislukt")
