"""One signal at a time: new, redelivered, corrected, taken back; and who may."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from libs.events.catalogue import SignalCorrected, SignalReceived, SignalWithdrawn
from libs.events.postgres.keyring import PostgresKeyring
from libs.events.values import Client
from tests.intake import JSON, NDJSON, intake, lever, ndjson, post, regels, signaal
from tests.system import Running

pytestmark = pytest.mark.postgres


@pytest.fixture
async def drempel(postgres: Path) -> AsyncIterator[Running]:
    """A day in March."""
    async with intake(postgres) as found:
        yield found


async def test_new_redelivered_corrected_and_a_later_period(drempel: Running) -> None:
    a, b = signaal(), signaal(bedrag=900)
    first = await post(drempel, a)
    assert first.status_code == 201
    assert first.headers["Location"] == f"/intake/v1/signalen/{first.json()['signaalId']}"
    assert first.json()["status"] == "Ontvangen"
    assert first.json()["ontvangenOp"].startswith("2025-03-20T10:00")
    others = [await post(drempel, body) for body in (a, b, a, b)]
    assert [o.status_code for o in others] == [200] * 4
    assert [o.json()["oordeel"] for o in others] == ["dubbel", "gecorrigeerd", "dubbel", "dubbel"]
    assert {o.json()["signaalId"] for o in others} == {first.json()["signaalId"]}
    earlier = await post(drempel, signaal(signaaldatum="2025-02-28"))
    assert earlier.status_code == 201
    other_partner = await post(drempel, a, partner="trivire")
    assert other_partner.status_code == 201
    log = [type(e.data) for e in await drempel.log("intake")]
    assert log == [SignalReceived, SignalCorrected, SignalReceived, SignalReceived]
    received = await drempel.said("intake", SignalReceived)
    assert received[0].achterstand_id == received[2].achterstand_id != received[3].achterstand_id


async def test_the_event_is_what_was_posted_and_opens_with_its_key(drempel: Running) -> None:
    await post(drempel, signaal(client={"huisnummer": "52B  2", "huisnummertoevoeging": None}))
    [envelope] = await drempel.log("intake")
    event = envelope.data
    assert isinstance(event, SignalReceived)
    assert (envelope.subject, envelope.gemeentecode) == (str(event.signaal_id), None)
    assert (event.partner, event.signaalpartner, str(event.bedrag), event.periode) == (
        "woonbron", "Huur", "812.40", "2025-03",
    )  # fmt: skip
    keys = await _keyring(drempel).keys([event.signaal_id])
    client = keys.open(event.client, Client)
    assert (client.achternaam, client.huisnummer, client.huisletter, client.huisnummertoevoeging) == (
        "Dijk", 52, "B", "2",
    )  # fmt: skip
    assert keys.open(event.kenmerk, str) == "HUUR-2025-0001"


def _keyring(drempel: Running) -> PostgresKeyring:
    keyring = drempel.system.runtimes[0][1].keyring
    assert isinstance(keyring, PostgresKeyring)
    return keyring


async def test_two_that_post_the_same_at_once_make_one_signal(drempel: Running) -> None:
    for n in range(5):
        answers = await asyncio.gather(*(post(drempel, signaal(kenmerk=f"K{n}")) for _ in range(4)))
        assert sorted(a.status_code for a in answers) == [200, 200, 200, 201]
        assert len({a.json()["signaalId"] for a in answers}) == 1
        corrected = await asyncio.gather(*(post(drempel, signaal(kenmerk=f"K{n}", bedrag=1)) for _ in range(3)))
        assert sorted(a.json()["oordeel"] for a in corrected) == ["dubbel", "dubbel", "gecorrigeerd"]
    assert len(await drempel.log("intake")) == 10


async def test_deliveries_and_posts_at_once_make_each_signal_once(drempel: Running) -> None:
    rijen = [signaal(kenmerk=f"K{n}") for n in range(60)]
    leveringen = [lever(drempel, "woonbron", NDJSON, ndjson(order)) for order in (rijen, rijen[::-1], rijen[30:])]
    answers = await asyncio.gather(*leveringen, *(post(drempel, rij) for rij in rijen[:20]))
    assert sum(a["aangenomen"] for a in answers[:3]) + sum(a.status_code == 201 for a in answers[3:]) == 60
    assert len(await drempel.said("intake", SignalReceived)) == 60


async def test_the_first_wrong_field_is_named_and_no_value(drempel: Running) -> None:
    cases: tuple[tuple[Any, str], ...] = (
        (signaal(kenmerk=None, bedrag="canary"), "kenmerk"),
        (signaal(bedrag="canary", client={"achternaam": None}), "bedrag"),
        (signaal(signaaldatum="2025-03-21"), "signaaldatum"),
        (signaal(client={"achternaam": "canary\u0007"}), "client.achternaam"),
        (signaal(client={"postcode": "canary"}), "client.postcode"),
        (signaal(incasso={"gewezenOpHulp": None}), "socialeIncasso.gewezenOpHulp"),
        (signaal(incasso={"huurderWeigerde": True}), "socialeIncasso.huurderWeigerde"),
        (signaal(canary="canary"), "canary"),
        (signaal(namens="canary"), "namens"),
        ([], "body"),
    )
    for body, field in cases:
        answer = await post(drempel, body)
        assert answer.status_code == 400, field
        assert answer.headers["content-type"] == "application/problem+json"
        [invalid] = answer.json()["invalidParams"]
        assert invalid["name"] == field
        assert "canary" not in answer.text.replace('"name":"canary"', "")
    assert await drempel.log("intake") == []


HOSTILE = (
    b"", b"\xff\xfe", b"null", b"{", b'{"kenmerk": NaN}', b'{"kenmerk": 1e400}', b'{"bedrag": 1e9999999999999999999}',
    b'{"kenmerk": "a", "kenmerk": "b"}', b"[" * 100_000, b'{"bedrag": ' + b"9" * 10_000 + b"}",
    json.dumps(signaal()).encode("utf-16"), b"\x00" * 100,
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    "\x00", "\ud800", "x" * 100_000, "' OR 1=1 --", "=cmd|' /C calc'!A0", "../../etc/passwd", "\u202eabc",
    "e\u0301" * 5000, "0001-01-01", "9999-12-31", "2025-02-30", "2025-W01-1", "24:00", 2**63,
    -1, 0, 1e300, True, [], {}, [[]], {"a": 1},
    "12345678", "١٢٣٤",
)  # fmt: skip


async def test_hostile_bodies_and_values_are_refused_or_taken_never_a_500(drempel: Running) -> None:
    for raw in HOSTILE:
        answer = await post(drempel, raw)
        assert answer.status_code == 400, raw[:30]
    assert (await post(drempel, b" " * (2 << 20))).status_code == 413
    assert (await post(drempel, signaal(), **{"Content-Type": "text/plain"})).status_code == 415
    rijen = []
    for field in signaal():
        rijen += [signaal() | {field: value} for value in VALUES]
    for part in ("client", "socialeIncasso"):
        for field in signaal()[part]:
            rijen += [signaal() | {part: signaal()[part] | {field: value}} for value in VALUES]
    levering = await lever(drempel, "woonbron", NDJSON, ndjson(rijen))
    assert levering["totaal"] == len(rijen)
    verdicts = await regels(drempel, "woonbron", levering["leveringId"])
    for rij, verdict in zip(rijen[::7], verdicts[::7], strict=True):
        answer = await post(drempel, rij)
        assert answer.status_code in (200, 400)
        if answer.status_code == 400:
            named = answer.json()["invalidParams"][0]["name"]
            assert verdict["code"] == "regelTeLang" or verdict["veld"] == named


async def test_an_idempotency_key_gives_the_first_answer_again(drempel: Running) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    first = await post(drempel, signaal(), **key)
    second = await post(drempel, signaal(), **key)
    assert (second.status_code, second.json()) == (201, first.json())
    assert (await post(drempel, signaal(bedrag=1), **key)).status_code == 409
    assert len(await drempel.log("intake")) == 1


async def test_who_may_post(drempel: Running) -> None:
    content = json.dumps(signaal()).encode()
    for headers, status in (({}, 401), ({"Authorization": "Bearer x"}, 401), (drempel.als("mpzo", "0505"), 403),
                            (drempel.als("partner", partner="onbekend"), 403),
                            (drempel.als("partner"), 403)):  # fmt: skip
        answer = await drempel.http.post(
            "/intake/v1/signalen", content=content, headers=headers | {"Content-Type": JSON}
        )
        assert answer.status_code == status


async def test_a_caseworker_posts_for_a_partner_that_is_not_connected(drempel: Running) -> None:
    async def namens(**changes: Any) -> Any:
        headers = drempel.als("consulent", "0505") | {"Content-Type": JSON}
        content = json.dumps(signaal(**changes)).encode()
        return await drempel.http.post("/intake/v1/signalen", content=content, headers=headers)

    by_key = await namens(namens="woonbron")
    by_name = await namens(namens=" stichting  WOONBRON ", kenmerk="HUUR-2025-0001")
    assert (by_key.status_code, by_name.status_code) == (201, 200)
    landlord = {"namens": "J. de Verhuurder", "signaalpartner": "Huur", "kenmerk": "X"}
    free = await namens(**landlord)
    assert free.status_code == 201
    assert (await namens(**landlord, socialeIncasso=None)).json()["invalidParams"][0]["name"].startswith("sociale")
    refused: list[dict[str, Any]] = [{}, {"namens": ""}, {"namens": "woonbron", "signaalpartner": "Water"},
                                     {"namens": "X", "signaalpartner": "Nee"}, {"namens": 5}]  # fmt: skip
    assert [(await namens(**body)).status_code for body in refused] == [400] * 5
    received = await drempel.said("intake", SignalReceived)
    assert [(r.partner, r.signaalpartner, r.namens) for r in received[:1]] == [("woonbron", "Huur", True)]
    assert received[1].partner.startswith("namens-")
    keys = await _keyring(drempel).keys([received[1].signaal_id])
    assert keys.open(received[1].partner_naam, str) == "J. de Verhuurder"
    back = await drempel.http.post(
        f"/intake/v1/signalen/{free.json()['signaalId']}/intrekkingen",
        json={"reden": "Betaald", "datum": "2025-03-19", "namens": "j. de verhuurder"},
        headers=drempel.als("consulent", "0505"),
    )
    assert back.status_code == 201


async def test_a_signal_is_taken_back_once(drempel: Running) -> None:
    signaal_id = (await post(drempel, signaal())).json()["signaalId"]

    async def trek_in(reden: str, datum: str, partner: str = "woonbron", which: str = signaal_id) -> int:
        answer = await drempel.http.post(
            f"/intake/v1/signalen/{which}/intrekkingen", json={"reden": reden, "datum": datum},
            headers=drempel.als("partner", partner=partner),
        )  # fmt: skip
        return int(answer.status_code)

    assert await trek_in("Betaald", "2025-03-21") == 400
    assert await trek_in("Anders", "2025-03-20") == 400
    assert await trek_in("Betaald", "2025-03-20", partner="trivire") == 404
    assert await trek_in("Betaald", "2025-03-20", which=str(uuid4())) == 404
    assert await asyncio.gather(*(trek_in("Betaald", "2025-03-20") for _ in range(3))) in (
        [201, 200, 200],
        [200, 201, 200],
        [200, 200, 201],
    )
    assert await trek_in("Onterecht", "2025-03-20") == 409
    [withdrawn] = await drempel.said("intake", SignalWithdrawn)
    assert (str(withdrawn.signaal_id), withdrawn.reden, withdrawn.periode) == (signaal_id, "Betaald", "2025-03")
    assert (await post(drempel, signaal())).json()["oordeel"] == "dubbel"
