"""Deliveries: rows judged, sealed and committed while the body arrives."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from libs.events.catalogue import SignalCorrected, SignalReceived
from services.intake import leveringen
from tests.intake import CSV, JSON, NDJSON, csv_van, intake, lever, ndjson, regels, signaal
from tests.system import At, Running

pytestmark = pytest.mark.postgres


@pytest.fixture
async def drempel(postgres: Path) -> AsyncIterator[Running]:
    """A day in March."""
    async with intake(postgres) as found:
        yield found


@pytest.mark.slow
@pytest.mark.shared
async def test_every_sample_file_gets_the_verdicts_of_the_truth(postgres: Path, shared: Path) -> None:
    samples = shared / "samples"
    truth = json.loads((samples / "truth.json").read_bytes())
    clock = At(datetime(2026, 1, 15, tzinfo=UTC))
    soorten = {".csv": CSV, ".ndjson": NDJSON, ".json": JSON}
    waarheid = {(rij["bestand"], rij["regel"]): rij for rij in truth["rijen"]}
    anders: list[Any] = []
    async with intake(postgres, clock, partners=samples / "partners.json") as drempel:
        for bestand in truth["leveringen"]:
            pad = samples / "leveringen" / bestand["bestand"]
            levering = await lever(drempel, bestand["partner"], soorten[pad.suffix], pad.read_bytes())
            aantallen = ("totaal", "aangenomen", "dubbel", "gecorrigeerd", "geweigerd")
            assert {n: levering[n] for n in aantallen} == {n: bestand[n] for n in aantallen}, bestand["bestand"]
            for rij in await regels(drempel, bestand["partner"], levering["leveringId"]):
                waar = waarheid.pop((bestand["bestand"], rij["regel"]))
                found = (rij["oordeel"], rij.get("veld"), rij["kenmerk"])
                geldig = "onbruikbaar" not in rij or not waar.get("telefoonGeldig")
                if found != (waar["oordeel"], waar.get("veld"), waar["kenmerk"]) or not geldig:
                    anders.append((bestand["bestand"], rij, waar))
    assert not anders
    assert not waarheid


async def test_the_same_file_again_is_all_dubbel_in_whatever_kind(drempel: Running) -> None:
    rijen = [signaal(kenmerk=f"K{n}", bedrag=100.5 + n) for n in range(7)]
    bodies = {CSV: csv_van(rijen), NDJSON: ndjson(rijen), JSON: json.dumps({"signalen": rijen}).encode()}
    for partner, soort in (("woonbron", CSV), ("trivire", NDJSON), ("rhiant", JSON)):
        eerst = await lever(drempel, partner, soort, bodies[soort])
        assert (eerst["status"], eerst["totaal"], eerst["aangenomen"]) == ("Verwerkt", 7, 7)
        for body_soort, body in bodies.items():
            again = await lever(drempel, partner, body_soort, body)
            assert again["dubbel"] == 7, (soort, body_soort)
    assert len(await drempel.said("intake", SignalReceived)) == 21


async def test_rows_with_the_same_kenmerk_in_one_file_are_taken_one_by_one(drempel: Running) -> None:
    a, b = signaal(bedrag=100), signaal(bedrag=120)
    april = signaal(signaaldatum="2025-02-14")
    levering = await lever(drempel, "woonbron", NDJSON, ndjson([a, a, b, a, april, b, signaal(bedrag=130)]))
    verdicts = [(r["oordeel"], r["signaalId"]) for r in await regels(drempel, "woonbron", levering["leveringId"])]
    assert [v[0] for v in verdicts] == ["aangenomen", "dubbel", "gecorrigeerd", "dubbel", "aangenomen", "dubbel",
                                        "gecorrigeerd"]  # fmt: skip
    assert {v[1] for v in verdicts} == {verdicts[0][1], verdicts[4][1]}
    corrections = await drempel.said("intake", SignalCorrected)
    assert [(c.correctie, str(c.bedrag)) for c in corrections] == [(1, "120.00"), (2, "130.00")]


async def test_batches_do_not_change_the_outcome(drempel: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    rijen = [signaal(kenmerk=f"K{n % 4}", bedrag=100 + n % 3) for n in range(24)]
    heel = await lever(drempel, "woonbron", NDJSON, ndjson(rijen))
    monkeypatch.setattr(leveringen, "ROWS", 3)
    stuks = await lever(drempel, "trivire", NDJSON, ndjson(rijen))
    one, two = [
        [(r["regel"], r["oordeel"]) for r in await regels(drempel, partner, levering["leveringId"])]
        for partner, levering in (("woonbron", heel), ("trivire", stuks))
    ]
    assert one == two
    assert heel["aangenomen"] == 4
    assert heel["gecorrigeerd"] == 8


async def test_a_broken_row_never_stops_its_file(drempel: Running) -> None:
    goed = [json.dumps(signaal(kenmerk=f"K{n}")) for n in range(3)]
    kapot = [
        '{"kenmerk": "K9", "kenmerk": "K8"}', '{"kenmerk": NaN}', '{"kenmerk": "\\u0000"}', '{"kenmerk": "\\ud800"}',
        "null", "[1]", "{", '{"bedrag": 1e999999999999999999999}', "[" * 5000, '{"kenmerk": "' + "x" * 70_000 + '"}',
        '{"kenmerk": "K7", "bedrag": 12.345}',
    ]  # fmt: skip
    body = "\n".join([goed[0], *kapot, goed[1], "", goed[2]]).encode() + b'\n{"kenmerk": "caf\xe9"}\n'
    levering = await lever(drempel, "woonbron", NDJSON, body)
    assert levering["status"] == "Verwerkt"
    assert (levering["aangenomen"], levering["geweigerd"]) == (3, len(kapot) + 1)
    rijen = await regels(drempel, "woonbron", levering["leveringId"], "geweigerd")
    assert [r["code"] for r in rijen] == ["geenJson", "geenJson", "stuurteken", "stuurteken", "geenObject",
                                          "geenObject", "geenJson", "geenJson", "geenJson", "regelTeLang",
                                          "meerDanTweeDecimalen", "geenJson"]  # fmt: skip
    assert rijen[-2]["veld"] == "bedrag"
    assert rijen[-2]["kenmerk"] == "K7"


async def test_a_lost_connection_leaves_what_was_committed_and_sending_again_finishes(
    drempel: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leveringen, "ROWS", 10)
    body = ndjson([signaal(kenmerk=f"K{n}") for n in range(40)])
    half = body[: len(body) * 5 // 8]
    await _afgebroken(drempel, half, len(body))
    async with drempel.admin() as conn:
        for _ in range(200):
            row = await conn.fetchrow("SELECT * FROM intake.levering")
            if row and row["status"] != "Bezig":
                break
            await asyncio.sleep(0.02)
    assert row is not None
    assert (row["status"], row["aangenomen"]) == ("Afgebroken", 25)
    heel = await lever(drempel, "woonbron", NDJSON, body)
    assert (heel["dubbel"], heel["aangenomen"]) == (25, 15)
    assert len(await drempel.said("intake", SignalReceived)) == 40


async def _afgebroken(drempel: Running, half: bytes, length: int) -> None:
    """Send the beginning of a body on a bare connection and hang up."""
    url = drempel.http.base_url
    _, writer = await asyncio.open_connection(url.host, url.port)
    token = drempel.als("partner", partner="woonbron")["Authorization"]
    head = (f"POST /intake/v1/leveringen HTTP/1.1\r\nHost: {url.host}\r\nAuthorization: {token}\r\n"
            f"Content-Type: {NDJSON}\r\nContent-Length: {length}\r\n\r\n")  # fmt: skip
    writer.write(head.encode() + half)
    await writer.drain()
    await asyncio.sleep(0.5)
    writer.close()


async def test_a_file_that_was_cut_says_so(drempel: Running) -> None:
    rijen = [signaal(kenmerk="K1"), signaal(kenmerk="K2")]
    cut = {
        "woonbron": (JSON, json.dumps({"signalen": rijen}).encode()[:-30]),
        "trivire": (NDJSON, ndjson(rijen)[:-30]),
        "rhiant": (CSV, csv_van(rijen)[:-50]),
    }
    for partner, (soort, body) in cut.items():
        levering = await lever(drempel, partner, soort, body)
        assert (levering["status"], levering["aangenomen"], levering["geweigerd"]) == ("Afgebroken", 1, 1), soort
        [rij] = await regels(drempel, partner, levering["leveringId"], "geweigerd")
        assert rij["code"] == "afgebroken"


NO_DELIVERY: tuple[tuple[str, bytes, int], ...] = (
    ("application/xml", b"<a/>", 415),
    ("text/csv; charset=utf-16", b"a", 415),
    ("application/x-www-form-urlencoded", b"a=1", 415),
    (CSV, b"", 400),
    (CSV, b"naam;bedrag\nx;1\n", 400),
    (CSV, b"kenmerk;kenmerk\nx;1\n", 400),
    (CSV, "kenmerk;bedrag\nx;1\n".encode("utf-16"), 400),
    (JSON, b"[]", 400),
    (JSON, b'{"signalen": [{}], "signalen": []}', 400),
    (JSON, b'{"andere": [{}]}', 400),
    (JSON, b"\x00" * 5000, 400),
    (JSON, b'{"signalen": 1}', 400),
)


async def test_what_is_no_delivery_is_a_problem(drempel: Running) -> None:
    for soort, body, status in NO_DELIVERY:
        headers = drempel.als("partner", partner="woonbron") | {"Content-Type": soort}
        answer = await drempel.http.post("/intake/v1/leveringen", content=body, headers=headers)
        assert answer.status_code == status, (soort, body[:30])
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_delivery_without_an_end_is_refused(drempel: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leveringen, "BYTES", 300_000)

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield b"x" * 60_000

    headers = drempel.als("partner", partner="woonbron") | {"Content-Type": NDJSON}
    answer = await drempel.http.post("/intake/v1/leveringen", content=endless(), headers=headers)
    assert answer.status_code == 413


async def test_only_the_partner_sees_its_delivery(drempel: Running) -> None:
    levering = await lever(drempel, "woonbron", NDJSON, ndjson([signaal()]))
    pad = f"/intake/v1/leveringen/{levering['leveringId']}"
    for address in (pad, f"{pad}/regels"):
        mine = await drempel.http.get(address, headers=drempel.als("partner", partner="woonbron"))
        other = await drempel.http.get(address, headers=drempel.als("partner", partner="trivire"))
        nobody = await drempel.http.get(address)
        caseworker = await drempel.http.get(address, headers=drempel.als("consulent", "0505"))
        assert [a.status_code for a in (mine, other, nobody, caseworker)] == [200, 404, 401, 403]


async def test_a_page_of_verdicts_leads_to_the_next(drempel: Running) -> None:
    levering = await lever(drempel, "woonbron", NDJSON, ndjson([signaal(kenmerk=f"K{n}") for n in range(5)]))
    pad = f"/intake/v1/leveringen/{levering['leveringId']}/regels?paginaGrootte=2"
    headers = drempel.als("partner", partner="woonbron")
    found = []
    while pad:
        page = (await drempel.http.get(pad, headers=headers)).json()
        found += [rij["kenmerk"] for rij in page["regels"]]
        pad = page["_links"].get("next", {}).get("href")
    assert found == [f"K{n}" for n in range(5)]


async def test_a_delivery_whose_process_died_reads_as_cut_off(drempel: Running) -> None:
    levering = await lever(drempel, "woonbron", NDJSON, ndjson([signaal()]))
    async with drempel.admin() as conn:
        await conn.execute("UPDATE intake.levering SET status = 'Bezig'")
        headers = drempel.als("partner", partner="woonbron")
        pad = f"/intake/v1/leveringen/{levering['leveringId']}"
        assert (await drempel.http.get(pad, headers=headers)).json()["status"] == "Bezig"
        await conn.execute("UPDATE intake.levering SET bijgewerkt_op = bijgewerkt_op - interval '10 minutes'")
        assert (await drempel.http.get(pad, headers=headers)).json()["status"] == "Afgebroken"


async def test_an_unusable_number_is_reported_and_refuses_nothing(drempel: Running) -> None:
    rij = signaal(client={"telefoonnummer": "06-123", "email": "geen adres"})
    levering = await lever(drempel, "woonbron", NDJSON, ndjson([rij]))
    [regel] = await regels(drempel, "woonbron", levering["leveringId"])
    assert regel["oordeel"] == "aangenomen"
    assert regel["onbruikbaar"] == ["client.telefoonnummer", "client.email"]
    [received] = await drempel.said("intake", SignalReceived)
    assert not received.telefoon_bruikbaar
    assert not received.email_bruikbaar
