"""Escalation on a real PostgreSQL, over HTTP; what the other services say is put into their logs."""

import asyncio
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from libs.events import catalogue as c
from libs.events.postgres.subscription import PostgresSubscription
from libs.events.values import Contactsoort, Koppelstatus
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
    told,
)


async def test_from_transfer_to_eviction(postgres: Path) -> None:
    async with alone(postgres) as drempel:
        signaal, zaak = uuid4(), uuid4()
        await report_signal(drempel, signaal, zaak)
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
        log = await told(drempel)
        assert {(e.subject, e.gemeentecode, e.data.zaak_id) for e in log} == {(str(zaak), DORDRECHT, zaak)}  # type: ignore[attr-defined]


async def test_nothing_keeps_the_reference_of_a_file(postgres: Path) -> None:
    async with alone(postgres) as drempel:
        signaal = uuid4()
        await report_signal(drempel, signaal, uuid4())
        partner = drempel.als("partner", partner="woonbron")
        body = about(signaal, TRANSFER)
        answer = await post(drempel, "deurwaarderoverdrachten", body, partner, **{"Idempotency-Key": "a"})
        assert answer.status_code == 201
        async with drempel.admin() as conn:
            kept = [str(dict(row)) for table in ("log", "feit", "idempotentie")
                    for row in await conn.fetch(f"SELECT * FROM escalation.{table}")]  # fmt: skip
        assert len(kept) >= 3
        assert not any("geheim" in row for row in kept)


async def test_a_report_on_a_signal_without_a_case_waits_visibly_and_joins(postgres: Path) -> None:
    async with alone(postgres) as drempel:
        signaal, zaak = uuid4(), uuid4()
        await report_signal(drempel, signaal)
        partner, official = drempel.als("partner", partner="woonbron"), drempel.als("consulent", DORDRECHT)
        answer = await post(drempel, "deurwaarderoverdrachten", about(signaal, TRANSFER), partner)
        assert (answer.status_code, answer.json()["status"]) == (201, "Wacht op koppeling")
        (said,) = await told(drempel)
        assert (said.subject, said.gemeentecode) == (str(signaal), None)
        assert (said.data.zaak_id, said.data.signaal_id) == (None, signaal)  # type: ignore[attr-defined]
        waiting = await drempel.http.get("/escalation/v1/wachtende-signalen", headers=official)
        assert [row["signaalId"] for row in waiting.json()["signalen"]] == [str(signaal)]
        await drempel.emit_as("matching", [(matched(signaal, zaak), zaak, DORDRECHT)])
        await drempel.rest()
        case = (await drempel.http.get(f"/escalation/v1/zaken/{zaak}", headers=official)).json()
        assert case["fase"] == "Deurwaarder"
        assert len(await told(drempel)) == 1, "joining says nothing"
        waiting = await drempel.http.get("/escalation/v1/wachtende-signalen", headers=official)
        assert waiting.json()["signalen"] == []
        back = await post(
            drempel, "deurwaarderoverdrachten", about(signaal, TRANSFER, fase="Vonnis", datum="2026-04-01"), partner
        )
        assert back.status_code == 409, "the step reported before the link counts"


async def test_what_was_said_of_a_signal_follows_its_link(postgres: Path) -> None:
    async with alone(postgres) as drempel:
        signaal, wrong, right, new = (uuid4() for _ in range(4))
        await report_signal(drempel, signaal, wrong)
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
    async with alone(postgres) as drempel:
        signaal, loose, zaak = uuid4(), uuid4(), uuid4()
        await report_signal(drempel, signaal, zaak)
        await report_signal(drempel, loose)
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
        assert len(await told(drempel)) == 1


async def test_a_transfer_right_after_its_signal(postgres: Path) -> None:
    """The race of a partner that posts both at once, and of a link made meanwhile: nothing is lost or left behind."""
    async with alone(postgres) as drempel:
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


async def test_reports_about_one_case_at_once_wait_for_each_other(postgres: Path) -> None:
    """While its signals are linked anew: nothing deadlocks, nothing fails, and one wins where only one can."""
    async with alone(postgres) as drempel:
        signalen, zaak, next_ = [uuid4() for _ in range(4)], uuid4(), uuid4()
        for signaal in signalen:
            await report_signal(drempel, signaal, zaak)
        partner = drempel.als("partner", partner="woonbron")
        pause = {"soort": "Pauze", "datum": "2026-05-02"}

        def reports(signaal: UUID) -> list[Any]:
            return [
                post(drempel, "deurwaarderoverdrachten", about(signaal, TRANSFER), partner),
                post(drempel, "ontruimingen", about(signaal, EVICTION), partner),
                post(drempel, "incassostanden", about(signaal, pause), partner),
            ]

        for round_ in range(4):
            to, gemeente = (zaak, DORDRECHT) if round_ % 2 else (next_, SLIEDRECHT)
            links = drempel.emit_as("matching", [(matched(s, to, gemeente), to, gemeente) for s in signalen])
            asked = [report for signaal in signalen for report in reports(signaal)]
            *answers, _ = await asyncio.gather(*asked, links)
            assert {a.status_code for a in answers} <= {201, 409}, [a.text for a in answers if a.status_code >= 500]
        await drempel.rest()
        assert len(await drempel.said("escalation", c.DeurwaarderTransferred)) == len(signalen)


async def test_the_same_key_gives_the_same_answer(postgres: Path) -> None:
    async with alone(postgres) as drempel:
        signaal = uuid4()
        await report_signal(drempel, signaal, uuid4())
        partner = drempel.als("partner", partner="woonbron")
        key = {"Idempotency-Key": "een"}
        answers = await asyncio.gather(
            *(post(drempel, "ontruimingen", about(signaal, EVICTION), partner, **key) for _ in range(4))
        )
        assert {(a.status_code, a.text, a.headers["Location"]) for a in answers} == {
            (201, answers[0].text, answers[0].headers["Location"])
        }
        assert len(await told(drempel)) == 1
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
    async with alone(postgres) as drempel:
        await drempel.emit_as("matching", [(_report(z, 1), z, DORDRECHT) for z in cases])
        await drempel.rest()
        await drempel.emit_as("outreach", [(_outcome(z), z, DORDRECHT) for z in cases if z.int % 3])
        await drempel.rest()
        for n in (2, 3):
            await drempel.emit_as("matching", [(_report(z, n), z, DORDRECHT) for z in cases])
        await drempel.rest()
        said = [(e.subject, e.data.datum) for e in await told(drempel)]  # type: ignore[attr-defined]
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
