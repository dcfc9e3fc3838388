"""One signal travels through six services to a timeline: sealed, under row-level security, in one trace."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from libs.chassis import telemetry
from libs.chassis.settings import SERVICES
from tests.system import Running, running

pytestmark = pytest.mark.postgres

PERSON: dict[str, Any] = {
    "burgerservicenummer": "999990019",
    "naam": {"voornamen": "Aaltje Berendina", "voorletters": "A.B.", "voorvoegsel": "van",
             "geslachtsnaam": "Dijkgraaff", "volledigeNaam": "Aaltje Berendina van Dijkgraaff",
             "aanduidingNaamgebruik": {"code": "E"}},
    "geslacht": {"code": "V", "omschrijving": "vrouw"},
    "geboorte": {"datum": {"type": "Datum", "datum": "1985-06-15", "langFormaat": "15 juni 1985"}},
    "gemeenteVanInschrijving": {"code": "0505", "omschrijving": "Dordrecht"},
    "verblijfplaats": {
        "type": "Adres",
        "verblijfadres": {"officieleStraatnaam": "Zeilmakerhof", "korteStraatnaam": "Zeilmakerhof", "huisnummer": 10,
                          "huisletter": "A", "postcode": "3311AB", "woonplaats": "Dordrecht"},
        "functieAdres": {"code": "W", "omschrijving": "woonadres"},
        "datumVan": {"type": "Datum", "datum": "2015-01-07", "langFormaat": "7 januari 2015"},
        "adresseerbaarObjectIdentificatie": "0505010000000101",
        "nummeraanduidingIdentificatie": "0505200000000101",
    },
    "adressering": {"adresregel1": "Zeilmakerhof 10 A", "adresregel2": "3311 AB  DORDRECHT"},
}  # fmt: skip

SIGNAL: dict[str, Any] = {
    "kenmerk": "KANARIE-2025-0001", "soort": "Vroegsignaal", "bedrag": 812.40, "ontstaansdatum": "2025-01-01",
    "signaaldatum": "2025-03-03", "crisissignaal": False, "warmeOverdracht": False,
    "client": {"voorletters": "A.B.", "voorvoegsel": "van", "achternaam": "Dijkgraaff", "geboortedatum": "1985-06-15",
               "postcode": "3311AB", "huisnummer": 10, "huisletter": "A", "huisnummertoevoeging": None,
               "telefoonnummer": "0612349876", "email": "kanarie@example.org"},
    "socialeIncasso": {"persoonlijkContact": "2025-01-20", "gewezenOpHulp": "2025-01-20",
                       "schriftelijkeHerinnering": "2025-02-03", "aanbodGegevensdeling": "2025-02-03",
                       "huurderWeigerde": False},
}  # fmt: skip

CANARIES = ("Dijkgraaff", "999990019", "KANARIE-2025-0001", "0612349876", "kanarie@example.org", "Zeilmakerhof",
            "1985-06-15", "3311AB", "Aaltje")  # fmt: skip


@pytest.fixture
def personen(tmp_path: Path) -> Path:
    """A BRP with one person."""
    path = tmp_path / "personen.json"
    path.write_text(json.dumps([PERSON]))
    return path


async def post(drempel: Running) -> str:
    """The signal, as Woonbron sends it; gives its id."""
    answer = await drempel.http.post(
        "/intake/v1/signalen", json=SIGNAL, headers=drempel.als("partner", partner="woonbron")
    )
    assert answer.status_code == 201, answer.text
    await drempel.rest()
    signaal_id: str = answer.json()["signaalId"]
    return signaal_id


async def case_of(drempel: Running, signaal_id: str) -> dict[str, Any]:
    """What matching knows of it."""
    headers = drempel.als("consulent", "0505")
    found: dict[str, Any] = (await drempel.http.get(f"/matching/v1/signalen/{signaal_id}", headers=headers)).json()
    return found


async def test_it_becomes_a_case_with_a_route_and_a_timeline(postgres: Path, personen: Path) -> None:
    async with running(postgres, brp_personen=personen) as drempel:
        signaal_id = await post(drempel)
        matching = await case_of(drempel, signaal_id)
        assert matching["status"] == "Gekoppeld"
        assert matching["gemeentecode"] == "0505"
        zaak = matching["zaakId"]
        headers = drempel.als("consulent", "0505")
        work = (await drempel.http.get("/outreach/v1/werkvoorraad?gemeentecode=0505", headers=headers)).json()
        assert zaak in json.dumps(work)
        case = (await drempel.http.get(f"/outreach/v1/zaken/{zaak}", headers=headers)).json()
        assert case["clienten"][0]["burgerservicenummer"] == "999990019"
        ladder = await drempel.http.get(f"/escalation/v1/zaken/{zaak}", headers=headers)
        assert ladder.status_code == 200
        timeline = (await drempel.http.get(f"/monitoring/v1/zaken/{zaak}/tijdlijn", headers=headers)).json()
        kinds = [event["type"] for event in timeline["gebeurtenissen"]]
        assert kinds[:1] == ["SignalReceived"]
        assert {"CaseOpened", "BRPMatched", "RouteAssigned"} <= set(kinds)
        feedback = await drempel.http.get(
            f"/intake/v1/signalen/{signaal_id}/terugkoppeling", headers=drempel.als("partner", partner="woonbron")
        )
        assert feedback.json()["status"] == "Opgepakt"


async def test_who_has_nothing_to_do_with_it_sees_nothing(postgres: Path, personen: Path) -> None:
    async with running(postgres, brp_personen=personen) as drempel:
        signaal_id = await post(drempel)
        zaak = (await case_of(drempel, signaal_id))["zaakId"]
        paths = [f"/matching/v1/signalen/{signaal_id}", f"/outreach/v1/zaken/{zaak}", f"/escalation/v1/zaken/{zaak}",
                 f"/monitoring/v1/zaken/{zaak}/tijdlijn"]  # fmt: skip
        for path in paths:
            assert (await drempel.http.get(path)).status_code == 401, path
            assert (await drempel.http.get(path, headers={"Authorization": "Bearer x"})).status_code == 401, path
            neighbour = await drempel.http.get(path, headers=drempel.als("consulent", "0590"))
            assert neighbour.status_code == 404, (path, neighbour.text)
            partner = await drempel.http.get(path, headers=drempel.als("partner", partner="woonbron"))
            assert partner.status_code == 403, path
        other = drempel.als("partner", partner="trivire")
        mine = f"/intake/v1/signalen/{signaal_id}"
        assert (await drempel.http.get(f"{mine}/terugkoppeling", headers=other)).status_code == 404
        withdrawn = {"reden": "Betaald", "datum": "2025-03-10"}
        assert (await drempel.http.post(f"{mine}/intrekkingen", json=withdrawn, headers=other)).status_code == 404


async def test_nothing_personal_is_in_clear_in_the_database_or_the_log(
    postgres: Path, personen: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    async with running(postgres, brp_personen=personen) as drempel:
        zaak = (await case_of(drempel, await post(drempel)))["zaakId"]
        attempt = {"soort": "Telefoon", "datum": "2025-03-10", "dagdeel": "Middag", "bereikt": False,
                   "toelichting": "Sprak met mevrouw Dijkgraaff"}  # fmt: skip
        path = f"/outreach/v1/zaken/{zaak}/contactpogingen"
        answer = await drempel.http.post(path, json=attempt, headers=drempel.als("consulent", "0505"))
        assert answer.status_code == 201, answer.text
        await drempel.rest()
        for table, content in (await dumped(drempel)).items():
            assert [canary for canary in CANARIES if canary.encode() in content] == [], table
    captured = capfd.readouterr()
    assert [canary for canary in CANARIES if canary in captured.out + captured.err] == []


async def dumped(drempel: Running) -> dict[str, bytes]:
    """Every table of every schema, bytes as they are."""
    found: dict[str, bytes] = {}
    async with drempel.admin() as conn:
        tables = await conn.fetch("SELECT schemaname, tablename FROM pg_tables WHERE schemaname = ANY($1)",
                                  [*SERVICES, "keyring"])  # fmt: skip
        for schema, table in tables:
            rows = await conn.fetch(f"SELECT * FROM {schema}.{table}")
            found[f"{schema}.{table}"] = b"\n".join(
                value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row.values()
            )
    return found


async def test_an_erased_person_is_unreadable_everywhere_and_all_still_replays(postgres: Path, personen: Path) -> None:
    from libs.events.postgres.keyring import PostgresKeyring
    from services.monitoring import upkeep

    async with running(postgres, brp_personen=personen) as drempel:
        signaal_id = await post(drempel)
        zaak = (await case_of(drempel, signaal_id))["zaakId"]
        intake = next(runtime for service, runtime in drempel.system.runtimes if service.name == "intake")
        import asyncpg

        pool = await asyncpg.create_pool(drempel.admin_url, min_size=1, max_size=1)
        erased = await PostgresKeyring(pool, intake.kek).erase((await drempel.log("intake"))[0].data.signaal_id)
        pool.terminate()
        assert len(erased) >= 2
        case = await drempel.http.get(f"/outreach/v1/zaken/{zaak}", headers=drempel.als("consulent", "0505"))
        assert [canary for canary in CANARIES if canary in case.text] == []
        verified = await upkeep.verify(drempel.admin_url, intake.kek)
        assert verified["ok"], verified


async def test_one_trace_follows_it(postgres: Path, personen: Path, tmp_path: Path) -> None:
    file = tmp_path / "spans.jsonl"
    provider = telemetry.set_up("test", file)
    assert provider is not None
    async with running(postgres, brp_personen=personen) as drempel:
        await post(drempel)
    provider.force_flush()
    spans = [json.loads(line) for line in file.read_text().splitlines()]
    first = next(span for span in spans if span["name"] == "POST /intake/v1/signalen")
    names = {span["name"] for span in spans if span["trace"] == first["trace"]}
    for service in ("matching", "routing", "outreach", "escalation", "monitoring"):
        assert any(name.startswith(service) for name in names), (service, names)
    assert date(2025, 3, 3).isoformat() not in json.dumps(spans)
