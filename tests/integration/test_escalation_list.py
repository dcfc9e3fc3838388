"""What is reported on a case, the monthly list, the steps of the sample region, and hostile values."""

import json
from datetime import date
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, uuid4, uuid5

import pytest

from libs.events import catalogue as c
from tests.examples import example
from tests.ladders import (
    DORDRECHT,
    EVICTION,
    SLIEDRECHT,
    TRANSFER,
    about,
    alone,
    matched,
    post,
    received,
    report_signal,
)


async def test_what_is_agreed_and_reported_on_a_case(postgres: Path) -> None:
    async with alone(postgres) as drempel:
        zaak = uuid4()
        await report_signal(drempel, uuid4(), zaak)
        helper = drempel.als("socialedienst", DORDRECHT)
        for path, body, kind in [
            ("acties", {"soort": "uitnodiging driegesprek", "resultaat": "Afgesproken"}, c.ActionTaken),
            ("mpzo-meldingen", {"soort": "Dagvaarding"}, c.ReportedToMPZO),
            ("moratoria", {"soort": "Moratorium"}, c.MoratoriumRequested),
            ("moratoria", {"soort": "Fw 287b", "resultaat": "Toegewezen"}, c.MoratoriumDecided),
            ("incassostanden", {"soort": "Gepauzeerd"}, c.CollectionPaused),
            ("incassostanden", {"soort": "Hervat"}, c.CollectionResumed),
        ]:
            answer = await post(drempel, f"zaken/{zaak}/{path}", body | {"datum": "2026-05-11"}, helper)
            assert answer.status_code == 201, answer.text
            (event,) = await drempel.said("escalation", kind)
            assert (event.zaak_id, event.signaal_id, event.datum) == (zaak, None, date(2026, 5, 11))
        (action,) = await drempel.said("escalation", c.ActionTaken)
        assert (action.soort, action.resultaat) == ("Driegesprek", "Afgesproken")
        again = await post(drempel, f"zaken/{zaak}/incassostanden", {"soort": "Hervat", "datum": "2026-05-12"}, helper)
        assert again.status_code == 409


async def test_nuisance_gets_no_moratorium(postgres: Path) -> None:
    async with alone(postgres) as drempel:
        signaal, zaak = uuid4(), uuid4()
        await report_signal(drempel, signaal, zaak)
        partner, helper = drempel.als("partner", partner="woonbron"), drempel.als("socialedienst", DORDRECHT)
        assert (await post(drempel, "ontruimingen", about(signaal, EVICTION, grond="Overlast"), partner)).is_success
        answer = await post(drempel, f"zaken/{zaak}/moratoria", {"soort": "Fw 287b", "datum": "2026-05-11"}, helper)
        assert (answer.status_code, answer.json()["code"]) == (409, "nietBijOverlast")
        assert "287b" in answer.json()["detail"]


async def test_the_monthly_list(postgres: Path) -> None:
    """A partner finds its own rows and its own steps; whether the household is in sight is told to it as well."""
    async with alone(postgres) as drempel:
        seen, gone, other, closed = (uuid4() for _ in range(4))
        first, second = uuid4(), uuid4()
        for signaal, zaak, partner in [
            (first, seen, "woonbron"), (second, gone, "woonbron"), (uuid4(), closed, "woonbron"),
            (uuid4(), seen, "trivire"), (uuid4(), other, "trivire"),
        ]:  # fmt: skip
            await report_signal(drempel, signaal, zaak, partner=partner)
        attempt = example(c.ContactAttempted, zaak_id=seen, datum=date(2026, 4, 20))
        ended = example(c.CaseClosed, zaak_id=closed, datum=date(2026, 4, 2))
        await drempel.emit_as("outreach", [(attempt, seen, DORDRECHT), (ended, closed, DORDRECHT)])
        await drempel.rest()
        partner = drempel.als("partner", partner="woonbron")
        summons = about(first, TRANSFER, fase="Dagvaarding", datum="2026-03-20")
        assert (await post(drempel, "deurwaarderoverdrachten", summons, partner)).status_code == 201

        async def rows(headers: dict[str, str], query: str = "") -> dict[tuple[str, str], Any]:
            answer = await drempel.http.get(f"/escalation/v1/overleglijst?maand=2026-05{query}", headers=headers)
            assert answer.status_code == 200, answer.text
            return {(row["zaakId"], row["partner"]): row for row in answer.json()["rijen"]}

        mine = await rows(partner)
        assert set(mine) == {(str(seen), "woonbron"), (str(gone), "woonbron")}
        row = mine[str(seen), "woonbron"]
        assert row["signaalIds"] == [str(first)]
        assert row["bedragverloop"][0]["bedrag"] == 600.0
        assert [one["type"] for one in row["gedaan"]] == ["DeurwaarderTransferred"]
        assert row["open"] == ["Melding bij het Meldpunt Zorg en Overlast: er is gedagvaard"]
        assert (row["uitBeeld"], mine[str(gone), "woonbron"]["uitBeeld"]) == (False, True)
        everyone = await rows(drempel.als("coordinator", DORDRECHT))
        assert set(everyone) == {*mine, (str(seen), "trivire"), (str(other), "trivire")}
        types = [one["type"] for one in everyone[str(seen), "woonbron"]["gedaan"]]
        assert types == ["DeurwaarderTransferred", "ContactAttempted"]
        assert set(await rows(drempel.als("coordinator", DORDRECHT), "&partner=trivire")) == {
            (str(seen), "trivire"), (str(other), "trivire"),
        }  # fmt: skip
        assert await rows(drempel.als("coordinator", SLIEDRECHT)) == {}
        strange = await drempel.http.get("/escalation/v1/overleglijst?partner=trivire", headers=partner)
        assert strange.status_code == 403
        bailiff = drempel.als("deurwaarder", DORDRECHT)
        assert (await drempel.http.get("/escalation/v1/overleglijst", headers=bailiff)).status_code == 403


@pytest.mark.shared
async def test_the_steps_of_the_sample_region_are_all_taken(postgres: Path, shared: Path) -> None:
    """Partners post them in order of time: from the transfer to an eviction averted or carried out."""
    steps = [s for s in json.loads((shared / "samples" / "events.json").read_text()) if "/escalation/" in s["pad"]]
    signals = {(s["partner"], s["kenmerk"], s["periode"]): uuid4() for s in steps}
    evictions: dict[str, str] = {}
    async with alone(postgres, clock=None) as drempel:
        for (partner, kenmerk, periode), signaal in signals.items():
            arrears = uuid5(NAMESPACE_OID, f"{partner}/{kenmerk}")
            day = {"achterstand_id": arrears, "signaaldatum": date.fromisoformat(f"{periode}-01")}
            await drempel.emit_as("intake", [(received(signaal, partner, **day), signaal, None)], tenant=partner)
            linked = matched(signaal, arrears, partner=partner, **day)
            await drempel.emit_as("matching", [(linked, arrears, DORDRECHT)])
        for step in steps:
            signaal = signals[step["partner"], step["kenmerk"], step["periode"]]
            path = step["pad"].replace("{id}", evictions.get(step.get("ontruiming", ""), "{id}"))
            body = step["body"] | ({"signaalId": str(signaal)} if "signaalId" in step["body"] else {})
            answer = await drempel.http.post(path, json=body, headers=drempel.als("partner", partner=step["partner"]))
            assert answer.status_code == 201, (step["nr"], answer.text)
            evictions.setdefault(step.get("ontruiming", ""), answer.json()["id"])
        await drempel.rest()
        stages = set()
        for key in {(partner, kenmerk) for partner, kenmerk, _ in signals}:
            case = f"/escalation/v1/zaken/{uuid5(NAMESPACE_OID, '/'.join(key))}"
            stages.add((await drempel.http.get(case, headers=drempel.als("consulent", DORDRECHT))).json()["fase"])
        assert stages == {"Deurwaarder", "Ontruimd"}


async def test_the_reports_are_described(postgres: Path) -> None:
    async with alone(postgres) as drempel:
        document = (await drempel.http.get("/escalation/v1/openapi.json")).json()
        assert "Driegesprek" in document["components"]["schemas"]["Actiesoort"]["enum"]
        assert "wordt niet bewaard" in str(document["components"]["schemas"]["Overdrachtbericht"])


HOSTILE: list[Any] = [
    None, "", " ", 0, -1, 1.5, True, [], {}, "x" * 201, "0000-00-00", "2026-02-30", "2026-5-1", "20260501", 1777000000,
    "2026-05-01T00:00:00", "0001-01-01", "9999-12-31", "2099-01-01", "Vonnis'; DROP TABLE feit; --", "é" * 300, "NaN",
]  # fmt: skip


@pytest.mark.parametrize("field", ["signaalId", "deurwaarder", "fase", "datum", "aanzegdatum", "ontruimingsdatum"])
async def test_hostile_values_are_refused_by_name_and_never_repeated(postgres: Path, field: str) -> None:
    async with alone(postgres) as drempel:
        signaal = uuid4()
        await report_signal(drempel, signaal, uuid4())
        partner = drempel.als("partner", partner="woonbron")
        path = "ontruimingen" if field in EVICTION else "deurwaarderoverdrachten"
        body = about(signaal, EVICTION if field in EVICTION else TRANSFER)
        harmless = {"deurwaarder": {"0000-00-00", "2026-02-30", "2026-5-1", "20260501", "2026-05-01T00:00:00", "NaN",
                                    "0001-01-01", "9999-12-31", "2099-01-01", "Vonnis'; DROP TABLE feit; --"},
                    "ontruimingsdatum": {"2099-01-01"}}  # fmt: skip
        for value in HOSTILE:
            answer = await post(drempel, path, body | {field: value}, partner)
            if isinstance(value, str) and value in harmless.get(field, ()):
                assert answer.status_code in (201, 409)
                continue
            assert answer.status_code == 400, (field, value, answer.text)
            assert field in [wrong["name"] for wrong in answer.json()["invalidParams"]]
            assert not (isinstance(value, str) and len(value) > 9 and value in answer.text)
        for raw in (
            b"",
            b"[]",
            b"{",
            b'{"datum": NaN}',
            b'{"fase":"Vonnis","fase":"Vonnis"}',
            b"\xff",
            b'{"a":"\\u0000"}',
        ):
            headers = partner | {"Content-Type": "application/json"}
            assert (await drempel.http.post(f"/escalation/v1/{path}", content=raw, headers=headers)).status_code == 400
        assert (await post(drempel, path, body | {"bsn": "999990019"}, partner)).status_code == 400
