"""What intake keeps of a person: nothing in clear, nothing after erasure, and a line for every reading."""

import io
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from libs.chassis import logging
from libs.events.keyring import Soort
from tests.intake import NDJSON, intake, lever, ndjson, post, regels, signaal
from tests.system import Running

pytestmark = pytest.mark.postgres


@pytest.fixture
async def drempel(postgres: Path) -> AsyncIterator[Running]:
    """A day in March."""
    async with intake(postgres) as found:
        yield found


async def test_who_was_erased_is_not_made_again(drempel: Running) -> None:
    signaal_id = (await post(drempel, signaal())).json()["signaalId"]
    eerder = await lever(drempel, "woonbron", NDJSON, ndjson([signaal()]))
    async with drempel.admin() as conn:
        await conn.execute("UPDATE keyring.sleutel SET sleutel = NULL WHERE subject = $1", UUID(signaal_id))
    for body in (signaal(), signaal(bedrag=3)):
        answer = await post(drempel, body)
        assert (answer.status_code, answer.json()["code"]) == (410, "gewist")
    levering = await lever(drempel, "woonbron", NDJSON, ndjson([signaal(), signaal(kenmerk="K2")]))
    assert (levering["geweigerd"], levering["aangenomen"]) == (1, 1)
    [rij] = await regels(drempel, "woonbron", levering["leveringId"], "geweigerd")
    assert (rij["code"], rij["kenmerk"]) == ("gewist", None)
    [oud] = await regels(drempel, "woonbron", eerder["leveringId"])
    assert oud["kenmerk"] is None
    headers = drempel.als("partner", partner="woonbron")
    assert (
        await drempel.http.get(f"/intake/v1/signalen/{signaal_id}/terugkoppeling", headers=headers)
    ).status_code == 410
    await drempel.rest()
    rows = (await drempel.http.get("/intake/v1/terugkoppelingen", headers=headers)).json()["terugkoppelingen"]
    assert {row["kenmerk"] for row in rows} == {None, "K2"}


CANARIES = (
    "Kanarievogel",
    "KENMERK-KANARIE",
    "2971ZZ",
    "kanarie@voorbeeld.nl",
    "0612344321",
    "1931-07-04",
    "999993653",
)


async def test_nothing_personal_is_in_clear_in_tables_or_logs(
    drempel: Running, capfd: pytest.CaptureFixture[str]
) -> None:
    lines = io.StringIO()
    logging.set_up(stream=lines)
    client = {"achternaam": "Kanarievogel", "postcode": "2971ZZ", "email": "kanarie@voorbeeld.nl",
              "telefoonnummer": "0612344321", "geboortedatum": "1931-07-04",
              "huisnummertoevoeging": "999993653"}  # fmt: skip
    goed = signaal(kenmerk="KENMERK-KANARIE", client=client)
    fout = signaal(kenmerk="KENMERK-KANARIE-2", bedrag=-1, client=client)
    await post(drempel, goed, **{"Idempotency-Key": "sleutel"})
    await post(drempel, fout)
    await post(drempel, goed | {"bedrag": 5})
    levering = await lever(drempel, "woonbron", NDJSON, ndjson([goed, fout]) + b'{"kenmerk": "KENMERK-KANARIE\n')
    rijen = await regels(drempel, "woonbron", levering["leveringId"])
    assert [r["kenmerk"] for r in rijen] == ["KENMERK-KANARIE", "KENMERK-KANARIE-2", None]
    await drempel.rest()
    dump = await _dump(drempel)
    written = lines.getvalue() + "".join(capfd.readouterr())
    assert "http_request" in written
    assert "woonbron" in dump
    for canary in CANARIES:
        assert canary not in dump
        assert canary not in written


async def _dump(drempel: Running) -> str:
    found = []
    async with drempel.admin() as conn:
        for schema in ("intake", "keyring"):
            tables = await conn.fetch("SELECT tablename FROM pg_tables WHERE schemaname = $1", schema)
            for table in tables:
                for row in await conn.fetch(f"SELECT * FROM {schema}.{table[0]}"):
                    found += [v.decode("latin-1") if isinstance(v, bytes) else str(v) for v in row.values()]
    return "\n".join(found)


async def test_reading_a_kenmerk_leaves_a_line_in_the_logboek(drempel: Running) -> None:
    signaal_id = (await post(drempel, signaal())).json()["signaalId"]
    headers = drempel.als("partner", partner="woonbron")
    await drempel.rest()
    levering = await lever(drempel, "woonbron", NDJSON, ndjson([signaal(kenmerk="fout", bedrag=0)]))
    await drempel.http.get(f"/intake/v1/signalen/{signaal_id}/terugkoppeling", headers=headers)
    await drempel.http.get("/intake/v1/terugkoppelingen", headers=headers)
    await regels(drempel, "woonbron", levering["leveringId"])
    async with drempel.admin() as conn:
        rows = await conn.fetch("SELECT verwerking, betrokkene::text, door FROM intake.logboek ORDER BY eind_op")
    assert [tuple(row) for row in rows] == [
        ("terugkoppeling", signaal_id, "partner"),
        ("terugkoppeling", signaal_id, "partner"),
        ("leveringsverslag", levering["leveringId"], "partner"),
    ]
    assert Soort.LEVERING == "levering"
