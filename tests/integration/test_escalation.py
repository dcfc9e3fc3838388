"""Escalation on a real PostgreSQL, over HTTP; what the other services say is put into their logs."""

import asyncio
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from libs.events import catalogue as c
from libs.events.postgres.subscription import PostgresSubscription
from libs.events.values import Contactsoort, Koppelstatus, Signaalpartner, Signaalsoort
from tests.examples import example
from tests.system import At, Running, running

NU = At(datetime(2026, 6, 1, 10, tzinfo=UTC))
DORDRECHT, SLIEDRECHT = "0505", "0610"
TRANSFER = {"deurwaarder": "Kil", "dossierkenmerk": "DW-geheim-1", "fase": "Overgedragen", "datum": "2026-05-01"}
EVICTION = {"aanzegdatum": "2026-05-04", "ontruimingsdatum": "2026-05-15"}


def received(id: UUID, partner: str = "woonbron", **more: Any) -> c.Event:
    fields = {
        "signaal_id": id, "partner": partner, "signaalpartner": Signaalpartner.HUUR, "achterstand_id": id,
        "soort": Signaalsoort.VROEGSIGNAAL, "signaaldatum": date(2026, 3, 2), "bedrag": Decimal("600"),
    }  # fmt: skip
    return example(c.SignalReceived, **(fields | more))


def matched(id: UUID, zaak: UUID, gemeente: str = DORDRECHT, partner: str = "woonbron", **more: Any) -> c.Event:
    fields = {"signaal_id": id, "zaak_id": zaak, "gemeentecode": gemeente, "partner": partner, "achterstand_id": id,
              "signaalpartner": Signaalpartner.HUUR, "soort": Signaalsoort.VROEGSIGNAAL, "vorig_bedrag": None,
              "signaaldatum": date(2026, 3, 2), "bedrag": Decimal("600")}  # fmt: skip
    return example(c.BRPMatched, **(fields | more))


async def signal(drempel: Running, id: UUID, zaak: UUID | None = None, **more: Any) -> None:
    partner = more.get("partner", "woonbron")
    await drempel.emit_as("intake", [(received(id, partner), id, None)], tenant=partner)
    if zaak is not None:
        gemeente = more.get("gemeente", DORDRECHT)
        await drempel.emit_as("matching", [(matched(id, zaak, **more), zaak, gemeente)])
    await drempel.rest()


async def post(drempel: Running, path: str, body: dict[str, Any], headers: dict[str, str], **more: str) -> Any:
    return await drempel.http.post(f"/escalation/v1/{path}", json=body, headers=headers | more)


def about(signaal: UUID, body: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"signaalId": str(signaal), **body, **more}


async def test_from_transfer_to_eviction(postgres: Path) -> None:
    async with running(postgres, clock=NU) as drempel:
        signaal, zaak = uuid4(), uuid4()
        await signal(drempel, signaal, zaak)
        partner, official = drempel.als("partner", partner="woonbron"), drempel.als("consulent", DORDRECHT)
        answer = await post(drempel, "deurwaarderoverdrachten", about(signaal, TRANSFER), partner)
        assert answer.status_code == 201
        assert answer.json()["status"] == "Gekoppeld"
        seen = await drempel.http.get(answer.headers["Location"], headers=partner)
        assert seen.json()["fase"] == "Overgedragen"
        back = await post(drempel, "deurwaarderoverdrachten", about(signaal, TRANSFER, datum="2026-04-30"), partner)
        assert (back.status_code, back.json()["invalidParams"][0]["name"]) == (409, "datum")
        answer = await post(drempel, "ontruimingen", about(signaal, EVICTION), partner)
        assert answer.status_code == 201
        eviction = answer.json()["id"]
        assert answer.json()["ontruimingId"] == eviction
        assert answer.headers["Location"] == f"/escalation/v1/ontruimingen/{eviction}"
        late = {"afloop": "Uitgesteld", "datum": "2026-05-10", "nieuweDatum": "2026-05-20"}
        assert (await post(drempel, f"ontruimingen/{eviction}/afloop", late, partner)).status_code == 201
        early = {"afloop": "Uitgevoerd", "datum": "2026-05-19"}
        assert (await post(drempel, f"ontruimingen/{eviction}/afloop", early, official)).status_code == 409
        done = {"afloop": "Uitgevoerd", "datum": "2026-05-20"}
        assert (await post(drempel, f"ontruimingen/{eviction}/afloop", done, partner)).status_code == 201
        assert (await post(drempel, f"ontruimingen/{eviction}/afloop", done, partner)).status_code == 409
        over = await post(drempel, f"zaken/{zaak}/acties", {"soort": "Driegesprek", "datum": "2026-05-21"}, official)
        assert (over.status_code, over.json()["code"]) == (409, "zaakAfgesloten")
        case = (await drempel.http.get(f"/escalation/v1/zaken/{zaak}", headers=official)).json()
        assert case["fase"] == "Ontruimd"
        assert [one["type"] for one in case["geschiedenis"]] == [
            "DeurwaarderTransferred", "EvictionScheduled", "EvictionPostponed", "EvictionCarriedOut",
        ]  # fmt: skip
        assert {t["bron"] for t in case["termijnen"]} == {"Wgs art. 4", "Rv art. 555"}
        log = await drempel.log("escalation")
        assert {(e.subject, e.gemeentecode, e.data.zaak_id) for e in log} == {(str(zaak), DORDRECHT, zaak)}  # type: ignore[attr-defined]


async def test_nothing_keeps_the_reference_of_a_file(postgres: Path) -> None:
    async with running(postgres, clock=NU) as drempel:
        signaal = uuid4()
        await signal(drempel, signaal, uuid4())
        partner = drempel.als("partner", partner="woonbron")
        body = about(signaal, TRANSFER)
        answer = await post(drempel, "deurwaarderoverdrachten", body, partner, **{"Idempotency-Key": "a"})
        assert answer.status_code == 201
        async with drempel.admin() as conn:
            kept = [str(dict(row)) for table in ("log", "feit", "idempotentie")
                    for row in await conn.fetch(f"SELECT * FROM escalation.{table}")]  # fmt: skip
        assert len(kept) == 3
        assert not any("geheim" in row for row in kept)


async def test_a_report_on_a_signal_without_a_case_waits_visibly_and_joins(postgres: Path) -> None:
    async with running(postgres, clock=NU) as drempel:
        signaal, zaak = uuid4(), uuid4()
        await signal(drempel, signaal)
        partner, official = drempel.als("partner", partner="woonbron"), drempel.als("consulent", DORDRECHT)
        answer = await post(drempel, "deurwaarderoverdrachten", about(signaal, TRANSFER), partner)
        assert (answer.status_code, answer.json()["status"]) == (201, "Wacht op koppeling")
        (said,) = await drempel.log("escalation")
        assert (said.subject, said.gemeentecode) == (str(signaal), None)
        assert (said.data.zaak_id, said.data.signaal_id) == (None, signaal)  # type: ignore[attr-defined]
        waiting = await drempel.http.get("/escalation/v1/wachtende-signalen", headers=official)
        assert [row["signaalId"] for row in waiting.json()["signalen"]] == [str(signaal)]
        await drempel.emit_as("matching", [(matched(signaal, zaak), zaak, DORDRECHT)])
        await drempel.rest()
        case = (await drempel.http.get(f"/escalation/v1/zaken/{zaak}", headers=official)).json()
        assert case["fase"] == "Deurwaarder"
        assert len(await drempel.log("escalation")) == 1, "joining says nothing"
        waiting = await drempel.http.get("/escalation/v1/wachtende-signalen", headers=official)
        assert waiting.json()["signalen"] == []
        back = await post(
            drempel, "deurwaarderoverdrachten", about(signaal, TRANSFER, fase="Vonnis", datum="2026-04-01"), partner
        )
        assert back.status_code == 409, "the step reported before the link counts"


async def test_what_was_said_of_a_signal_follows_its_link(postgres: Path) -> None:
    async with running(postgres, clock=NU) as drempel:
        signaal, wrong, right, new = (uuid4() for _ in range(4))
        await signal(drempel, signaal, wrong)
        partner = drempel.als("partner", partner="woonbron")
        eviction = (await post(drempel, "ontruimingen", about(signaal, EVICTION), partner)).json()["id"]

        async def stages(**cases: tuple[UUID, str]) -> dict[str, str]:
            await drempel.rest()
            paths = {n: (f"/escalation/v1/zaken/{z}", drempel.als("consulent", g)) for n, (z, g) in cases.items()}
            return {n: (await drempel.http.get(p, headers=h)).json()["fase"] for n, (p, h) in paths.items()}

        await drempel.emit_as("matching", [(matched(signaal, right, SLIEDRECHT), right, SLIEDRECHT)])
        assert await stages(wrong=(wrong, DORDRECHT), right=(right, SLIEDRECHT)) == {
            "wrong": "Vroegsignalering", "right": "Ontruiming aangezegd",
        }  # fmt: skip
        left = c.CaseTransferred(zaak_id=right, naar_zaak_id=new, naar_gemeentecode=DORDRECHT, datum=date(2026, 5, 5))
        await drempel.emit_as("matching", [(left, right, SLIEDRECHT)])
        assert await stages(right=(right, SLIEDRECHT), new=(new, DORDRECHT)) == {
            "right": "Afgesloten", "new": "Ontruiming aangezegd",
        }  # fmt: skip
        averted = {"afloop": "Voorkomen", "datum": "2026-05-12"}
        assert (await post(drempel, f"ontruimingen/{eviction}/afloop", averted, partner)).status_code == 201
        assert (await drempel.said("escalation", c.EvictionAverted))[0].zaak_id == new
        mismatch = example(
            c.BRPMismatched, signaal_id=signaal, partner="woonbron", gemeentecode="regio", status=Koppelstatus.UITVAL
        )
        await drempel.emit_as("matching", [(mismatch, signaal, None)], tenant="regio")
        assert await stages(new=(new, DORDRECHT)) == {"new": "Vroegsignalering"}


async def test_who_may_not_see_finds_nothing(postgres: Path) -> None:
    async with running(postgres, clock=NU) as drempel:
        signaal, loose, zaak = uuid4(), uuid4(), uuid4()
        await signal(drempel, signaal, zaak)
        await signal(drempel, loose)
        woonbron, trivire = drempel.als("partner", partner="woonbron"), drempel.als("partner", partner="trivire")
        elsewhere, bailiff = drempel.als("consulent", SLIEDRECHT), drempel.als("deurwaarder", SLIEDRECHT)
        eviction = (await post(drempel, "ontruimingen", about(signaal, EVICTION), woonbron)).json()["id"]
        averted = {"afloop": "Voorkomen", "datum": "2026-05-12"}
        asked = [
            post(drempel, "deurwaarderoverdrachten", about(signaal, TRANSFER), trivire),
            post(drempel, "deurwaarderoverdrachten", about(loose, TRANSFER), trivire),
            post(drempel, "deurwaarderoverdrachten", about(signaal, TRANSFER), elsewhere),
            post(drempel, "deurwaarderoverdrachten", about(signaal, TRANSFER), bailiff),
            post(drempel, "deurwaarderoverdrachten", about(uuid4(), TRANSFER), woonbron),
            post(drempel, "deurwaarderoverdrachten", TRANSFER | {"zaakId": str(zaak)}, woonbron),
            post(drempel, "deurwaarderoverdrachten", TRANSFER | {"zaakId": str(uuid4())}, elsewhere),
            post(drempel, f"ontruimingen/{eviction}/afloop", averted, trivire),
            post(drempel, f"ontruimingen/{uuid4()}/afloop", averted, woonbron),
            post(drempel, f"zaken/{zaak}/acties", {"soort": "MASS", "datum": "2026-05-12"}, elsewhere),
            drempel.http.get(f"/escalation/v1/zaken/{zaak}", headers=elsewhere),
            drempel.http.get(f"/escalation/v1/ontruimingen/{eviction}", headers=trivire),
        ]
        assert [answer.status_code for answer in await asyncio.gather(*asked)] == [404] * len(asked)
        act = {"soort": "MASS", "datum": "2026-05-12"}
        assert (await post(drempel, f"zaken/{zaak}/acties", act, woonbron)).status_code == 403
        assert (await drempel.http.get(f"/escalation/v1/zaken/{zaak}", headers=woonbron)).status_code == 403
        assert (await drempel.http.get(f"/escalation/v1/zaken/{zaak}")).status_code == 401
        assert len(await drempel.log("escalation")) == 1


async def test_a_transfer_right_after_its_signal(postgres: Path) -> None:
    """The race of a partner that posts both at once, and of a link made meanwhile: nothing is lost or left behind."""
    async with running(postgres, clock=NU) as drempel:
        partner, official = drempel.als("partner", partner="woonbron"), drempel.als("consulent", DORDRECHT)
        pairs = [(uuid4(), uuid4()) for _ in range(10)]

        async def link(signaal: UUID, zaak: UUID) -> None:
            await asyncio.sleep(0.01)
            await drempel.emit_as("matching", [(matched(signaal, zaak), zaak, DORDRECHT)])

        for signaal, _ in pairs:
            await drempel.emit_as("intake", [(received(signaal), signaal, None)], tenant="woonbron")
        transfers = [post(drempel, "deurwaarderoverdrachten", about(s, TRANSFER), partner) for s, _ in pairs]
        answers = await asyncio.gather(*transfers, *(link(*pair) for pair in pairs))
        assert [a.status_code for a in answers[:10]] == [201] * 10
        await drempel.rest()
        for _, zaak in pairs:
            case = (await drempel.http.get(f"/escalation/v1/zaken/{zaak}", headers=official)).json()
            assert case["fase"] == "Deurwaarder"


async def test_the_same_key_gives_the_same_answer(postgres: Path) -> None:
    async with running(postgres, clock=NU) as drempel:
        signaal = uuid4()
        await signal(drempel, signaal, uuid4())
        partner = drempel.als("partner", partner="woonbron")
        key = {"Idempotency-Key": "een"}
        answers = await asyncio.gather(
            *(post(drempel, "ontruimingen", about(signaal, EVICTION), partner, **key) for _ in range(4))
        )
        assert {(a.status_code, a.text, a.headers["Location"]) for a in answers} == {
            (201, answers[0].text, answers[0].headers["Location"])
        }
        assert len(await drempel.log("escalation")) == 1
        other = await post(drempel, "ontruimingen", about(signaal, EVICTION, grond="Overig"), partner, **key)
        assert other.status_code == 409
        done = {"afloop": "Voorkomen", "datum": "2026-05-12"}
        path = f"ontruimingen/{answers[0].json()['id']}/afloop"
        twice = [await post(drempel, path, done, partner, **{"Idempotency-Key": "b"}) for _ in range(2)]
        assert [a.status_code for a in twice] == [201, 201]


@pytest.mark.parametrize("batch", [1, 500])
async def test_the_ladder_is_the_same_however_events_are_batched(
    postgres: Path, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty cases; a third is reached in time, a third accepts help, the rest goes to Signalering+ just once."""
    make = PostgresSubscription.__init__

    def sized(self: PostgresSubscription, *args: Any, **kwargs: Any) -> None:
        make(self, *args, **kwargs | {"batch": batch})

    monkeypatch.setattr(PostgresSubscription, "__init__", sized)
    cases = [UUID(int=1000 + n) for n in range(21)]
    async with running(postgres, clock=NU) as drempel:
        await drempel.emit_as("matching", [(_report(z, 1), z, DORDRECHT) for z in cases])
        await drempel.rest()
        await drempel.emit_as("outreach", [(_outcome(z), z, DORDRECHT) for z in cases if z.int % 3])
        await drempel.rest()
        for n in (2, 3):
            await drempel.emit_as("matching", [(_report(z, n), z, DORDRECHT) for z in cases])
        await drempel.rest()
        said = [(e.subject, e.data.datum) for e in await drempel.log("escalation")]  # type: ignore[attr-defined]
        plain = [(str(z), date(2026, 4, 1)) for z in cases if z.int % 3 == 0]
        reached = [(str(z), date(2026, 5, 1)) for z in cases if z.int % 3 == 1]
        assert sorted(said) == sorted(plain + reached)
        official = drempel.als("consulent", DORDRECHT)
        stages = [(await drempel.http.get(f"/escalation/v1/zaken/{z}", headers=official)).json()["fase"] for z in cases]
        assert stages == ["Vroegsignalering" if z.int % 3 == 2 else "Signalering+" for z in cases]


def _report(zaak: UUID, n: int) -> c.Event:
    """The n-th monthly report of a household's arrears, each higher than the one before."""
    previous = Decimal(300 * n) if n > 1 else None
    return matched(
        UUID(int=zaak.int * 10 + n), zaak, bedrag=Decimal(300 * n + 300), vorig_bedrag=previous,
        achterstand_id=zaak, signaaldatum=date(2026, n + 2, 1),
    )  # fmt: skip


def _outcome(zaak: UUID) -> c.Event:
    day = date(2026, 3, 20)
    if zaak.int % 3 == 1:
        return example(c.ContactAttempted, zaak_id=zaak, datum=day, soort=Contactsoort.TELEFOON, bereikt=True)
    return example(c.HelpAccepted, zaak_id=zaak, datum=day)


async def test_what_is_agreed_and_reported_on_a_case(postgres: Path) -> None:
    async with running(postgres, clock=NU) as drempel:
        zaak = uuid4()
        await signal(drempel, uuid4(), zaak)
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
    async with running(postgres, clock=NU) as drempel:
        signaal, zaak = uuid4(), uuid4()
        await signal(drempel, signaal, zaak)
        partner, helper = drempel.als("partner", partner="woonbron"), drempel.als("socialedienst", DORDRECHT)
        assert (await post(drempel, "ontruimingen", about(signaal, EVICTION, grond="Overlast"), partner)).is_success
        answer = await post(drempel, f"zaken/{zaak}/moratoria", {"soort": "Fw 287b", "datum": "2026-05-11"}, helper)
        assert (answer.status_code, answer.json()["code"]) == (409, "nietBijOverlast")
        assert "287b" in answer.json()["detail"]


async def test_the_monthly_list(postgres: Path) -> None:
    """A partner finds its own rows and its own steps; whether the household is in sight is told to it as well."""
    async with running(postgres, clock=NU) as drempel:
        seen, gone, other, closed = (uuid4() for _ in range(4))
        first, second = uuid4(), uuid4()
        for signaal, zaak, partner in [
            (first, seen, "woonbron"), (second, gone, "woonbron"), (uuid4(), closed, "woonbron"),
            (uuid4(), seen, "trivire"), (uuid4(), other, "trivire"),
        ]:  # fmt: skip
            await signal(drempel, signaal, zaak, partner=partner)
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


HOSTILE: list[Any] = [
    None, "", " ", 0, -1, 1.5, True, [], {}, "x" * 201, "0000-00-00", "2026-02-30", "2026-5-1", "20260501", 1777000000,
    "2026-05-01T00:00:00", "0001-01-01", "9999-12-31", "2099-01-01", "Vonnis'; DROP TABLE feit; --", "é" * 300, "NaN",
]  # fmt: skip


@pytest.mark.parametrize("field", ["signaalId", "deurwaarder", "fase", "datum", "aanzegdatum", "ontruimingsdatum"])
async def test_hostile_values_are_refused_by_name_and_never_repeated(postgres: Path, field: str) -> None:
    async with running(postgres, clock=NU) as drempel:
        signaal = uuid4()
        await signal(drempel, signaal, uuid4())
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
            assert field in answer.text or "signaalId" not in body
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
