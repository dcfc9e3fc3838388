"""Matching on a real PostgreSQL: signals become cases, stay cases, and nothing is linked that is not certain."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from libs.events.catalogue import (
    BRPMatched,
    BRPMismatched,
    CaseClosed,
    CaseOpened,
    DeurwaarderTransferred,
    EvictionCarriedOut,
)
from libs.events.values import Deurwaardersfase, Eindresultaat, Persoon
from services.matching.store import forget
from tests.matching import DEVRIES, JANSSEN, KIND, TWEEDE, Matching, client, matching, overleden, persoon

pytestmark = pytest.mark.postgres

MENSEN = [
    persoon(JANSSEN, "Janssen"),
    persoon(DEVRIES, "Vries", "1987-02-03", voorvoegsel="de", voorletters="C."),
    persoon(KIND, "Janssen", "2015-01-01", voorletters="D."),
    persoon(TWEEDE, "Bakker", "1960-03-04", voorletters="E.", adres=("3371AA", 5, "", ""), gemeente="0523"),
    persoon("999990056", "Smit", "1940-01-02", voorletters="F.", adres=("3311AC", 1, "", ""), **overleden()),
    persoon("999990068", "Visser", "1990-10-12", voorletters="G.", adres=("3011AA", 2, "", ""), gemeente="0599"),
    persoon("999990081", "Mulder", "1990-10-12", voorletters="H.", adres=("3311AD", 3, "", "")),
]


@pytest.fixture
async def m(postgres: Path, tmp_path: Path) -> AsyncIterator[Matching]:
    """Matching with a few people."""
    async with matching(postgres, tmp_path, MENSEN) as gestart:
        yield gestart


async def test_a_household_gets_one_case_with_sealed_person_and_clear_facts(m: Matching) -> None:
    een = await m.signaal()
    ander = await m.signaal(
        client(voorletters="C", voorvoegsel="de", achternaam="Vries", geboortedatum=date(1987, 2, 3)),
        partner="zorgbaken",
    )
    stand, tweede = await m.stand(een), await m.stand(ander)
    assert stand["status"] == "Gekoppeld" and stand["gemeentecode"] == "0505"
    assert (stand["zaakId"], stand["meldingId"]) == (tweede["zaakId"], tweede["meldingId"])
    assert stand["match"] and tweede["match"] and not stand["recidive"] and not stand["herhaald"]
    assert stand["bewijs"][0]["vraag"] == "ZoekMetPostcodeEnHuisnummer"
    eerste, laatste = await m.drempel.said("matching", BRPMatched)
    assert (eerste.match, laatste.match) == (False, True)
    assert eerste.persoon_id != laatste.persoon_id and eerste.adres_id == laatste.adres_id
    assert eerste.minderjarige_kinderen and eerste.leeftijd == 40
    keys = await m.runtime.keyring.keys([eerste.persoon_id])
    assert keys.open(eerste.persoon, Persoon).burgerservicenummer == JANSSEN
    assert len(await m.drempel.said("matching", CaseOpened)) == 1
    log = await m.drempel.log("matching")
    assert [e.subject for e in log] == [stand["zaakId"]] * 3
    assert log[0].gemeentecode == "0505" and log[0].causationid is not None


async def test_flags_over_the_months_as_things_stand(m: Matching) -> None:
    januari = await m.signaal(periode="2026-01", kenmerk="K1", bedrag="500.00")
    februari = await m.signaal(periode="2026-02", kenmerk="K1", bedrag="500.00")
    maart = await m.signaal(periode="2026-03", kenmerk="K1", bedrag="500.01")
    ver = await m.signaal(periode="2026-10", kenmerk="K2")
    standen = [await m.stand(s) for s in (januari, februari, maart, ver)]
    assert [s["recidive"] for s in standen] == [False, True, True, False]
    assert [s["herhaald"] for s in standen] == [False, True, False, False]
    assert len({s["zaakId"] for s in standen}) == 1 and len({s["meldingId"] for s in standen}) == 4
    gezegd = await m.drempel.said("matching", BRPMatched)
    assert [str(e.vorig_bedrag) for e in gezegd] == ["None", "500.00", "500.00", "None"]
    eerder = await m.signaal(periode="2025-12", kenmerk="K1", bedrag="100.00")
    assert not (await m.stand(eerder))["herhaald"]
    assert (await m.stand(januari))["recidive"]
    assert not (await m.stand(januari))["herhaald"], "the amount is above that of the previous report"


async def test_withdrawn_signals_make_no_match_but_are_recidive(m: Matching) -> None:
    een, ander = await m.signaal(), await m.signaal(partner="zorgbaken")
    assert (await m.stand(ander))["match"]
    await m.trek_in(een)
    assert not (await m.stand(ander))["match"]
    assert (await m.stand(een))["ingetrokken"]
    later = await m.signaal(periode="2026-02")
    stand = await m.stand(later)
    assert stand["recidive"] and stand["zaakId"] == (await m.stand(een))["zaakId"], "withdrawing ends no case"


NIEMAND = [
    (client(achternaam="Smit", voorletters="F.", geboortedatum=date(1940, 1, 2), postcode="3311AC", huisnummer=1),
     "Overleden", "overleden"),
    (client(achternaam="Visser", voorletters="G.", geboortedatum=date(1990, 10, 12)), "Geen inwoner", "anderePlaats"),
    (client(achternaam="Niemand", geboortedatum=date(1950, 1, 1)), "Uitval", "geenTreffer"),
    (client(achternaam="Bakkerij Janssen B.V.", geboortedatum=None, voorletters=None), "Uitval", "bedrijfsnaam"),
    (client(geboortedatum=None, voorletters="X."), "Uitval", "onzeker"),
]  # fmt: skip


async def test_who_is_not_linked_and_why(m: Matching) -> None:
    signalen = [await m.signaal(wie) for wie, _, _ in NIEMAND]
    for signaal, (_, status, reden) in zip(signalen, NIEMAND, strict=True):
        stand = await m.stand(signaal)
        assert (stand["status"], stand["reden"]) == (status, reden)
        assert "zaakId" not in stand and not stand["match"]
    gezegd = await m.drempel.said("matching", BRPMismatched)
    assert [event.status for event in gezegd] == [status for _, status, _ in NIEMAND]
    assert {event.gemeentecode for event in gezegd} == {"0505"}, "the municipality of who lives at the address"


async def test_who_moved_inside_the_region_is_found_at_the_new_address(m: Matching) -> None:
    verhuisd = client(achternaam="Bakker", voorletters="E.", geboortedatum=date(1960, 3, 4))
    stand = await m.stand(await m.signaal(verhuisd))
    assert (stand["status"], stand["gemeentecode"]) == ("Gekoppeld", "0523")
    assert stand["bewijs"][0]["vraag"] == "ZoekMetGeslachtsnaamEnGeboortedatum"


async def test_a_case_ends_and_the_next_signal_opens_one_that_refers_to_it(m: Matching) -> None:
    eerste = await m.stand(await m.signaal())
    dicht = CaseClosed(zaak_id=eerste["zaakId"], resultaat=Eindresultaat.ZELF_BETAALD, datum=date(2026, 1, 20))
    await m.drempel.emit_as("outreach", [(dicht, dicht.zaak_id, "0505")])
    await m.drempel.rest()
    volgende = await m.stand(await m.signaal(periode="2026-02"))
    assert volgende["zaakId"] != eerste["zaakId"]
    assert volgende["recidive"]
    _, opvolger = await m.drempel.said("matching", CaseOpened)
    assert str(opvolger.vorige_zaak_id) == eerste["zaakId"]
    uit = EvictionCarriedOut(zaak_id=opvolger.zaak_id, datum=date(2026, 3, 1), ontruiming_id=uuid4())
    await m.drempel.emit_as("escalation", [(uit, opvolger.zaak_id, "0505")])
    await m.drempel.rest()
    nieuwe_bewoner = client(voorletters="C", voorvoegsel="de", achternaam="Vries", geboortedatum=date(1987, 2, 3))
    await m.stand(await m.signaal(nieuwe_bewoner, periode="2026-04"))
    assert (await m.drempel.said("matching", CaseOpened))[-1].vorige_zaak_id is None


async def test_a_correction_stays_in_its_case_moves_or_falls_out(m: Matching) -> None:
    signaal = await m.signaal()
    eerst = await m.stand(signaal)
    await m.signaal(signaal_id=signaal, correctie=1, bedrag="750.00")
    assert (await m.stand(signaal))["meldingId"] == eerst["meldingId"]
    bakker = client(achternaam="Bakker", voorletters="E.", geboortedatum=date(1960, 3, 4))
    await m.signaal(bakker, signaal_id=signaal, correctie=2)
    verplaatst = await m.stand(signaal)
    assert verplaatst["gemeentecode"] == "0523" and verplaatst["zaakId"] != eerst["zaakId"]
    await m.signaal(client(achternaam="Niemand"), signaal_id=signaal, correctie=3)
    assert (await m.stand(signaal))["status"] == "Uitval"
    soorten = [e.type for e in await m.drempel.log("matching")]
    assert soorten == ["CaseOpened", "BRPMatched", "BRPMatched", "CaseOpened", "BRPMatched", "BRPMismatched"]
    assert (await m.drempel.said("matching", BRPMatched))[1].bedrag == 750


async def test_the_review_queue_and_an_officials_decision(m: Matching) -> None:
    eerste = await m.signaal(client(achternaam="Niemand"))
    onzeker = await m.signaal(client(geboortedatum=None, voorletters="X."))
    await m.drempel.rest()
    uit = _aanzegging(onzeker)
    await m.drempel.emit_as("escalation", [(uit, onzeker, None)])
    await m.drempel.rest()
    koppen = m.drempel.als("consulent", "0505")
    rijen = (await m.drempel.http.get("/matching/v1/uitval?gemeentecode=0505", headers=koppen)).json()["uitval"]
    assert [rij["signaalId"] for rij in rijen] == [str(onzeker), str(eerste)], "who is to be evicted comes first"
    assert isinstance(rijen[0]["bedrag"], float)
    assert rijen[0]["escalatie"] and rijen[0]["kandidaten"] == 1 and rijen[0]["reden"] == "onzeker"
    assert (await m.besluit(onzeker, besluit="Gekoppeld", burgerservicenummer="999990018")).status_code == 400
    assert (await m.besluit(onzeker, besluit="Gekoppeld", burgerservicenummer="123456782")).status_code == 409
    assert (await m.besluit(onzeker, besluit="Onterecht", burgerservicenummer=JANSSEN)).status_code == 400
    gekoppeld = await m.besluit(onzeker, besluit="Gekoppeld", burgerservicenummer=JANSSEN)
    assert gekoppeld.status_code == 201 and gekoppeld.json()["status"] == "Gekoppeld"
    assert gekoppeld.json()["bewijs"][0]["vraag"] == "besluit"
    assert (await m.besluit(eerste, besluit="Geen inwoner")).json()["status"] == "Geen inwoner"
    assert (await m.drempel.http.get("/matching/v1/uitval", headers=koppen)).json()["uitval"] == []
    await m.signaal(client(geboortedatum=None, voorletters="X."), signaal_id=onzeker, correctie=1, bedrag="900.00")
    blijft = await m.stand(onzeker)
    assert (blijft["status"], blijft["zaakId"]) == ("Gekoppeld", gekoppeld.json()["zaakId"])
    bevestigd = (await m.drempel.said("matching", BRPMatched))[-1]
    assert bevestigd.bedrag == 900
    keys = await m.runtime.keyring.keys([bevestigd.persoon_id])
    assert keys.open(bevestigd.persoon, Persoon).burgerservicenummer == JANSSEN


async def test_a_link_is_undone(m: Matching) -> None:
    signaal = await m.signaal()
    await m.stand(signaal)
    assert (await m.besluit(signaal, besluit="Onterecht")).json()["status"] == "Uitval"
    assert "zaakId" not in await m.stand(signaal)
    await m.signaal(signaal_id=signaal, correctie=1, bedrag="900.00")
    assert (await m.stand(signaal))["reden"] == "onterecht", "the decision stands while the client is the same"
    assert [e.reden for e in await m.drempel.said("matching", BRPMismatched)] == ["onterecht"]


async def test_the_regional_desk_hands_a_signal_to_the_municipality_of_the_person(m: Matching) -> None:
    signaal = await m.signaal(client(achternaam="Niemand", postcode="9999ZZ"))
    assert (await m.stand(signaal))["gemeentecode"] == "regio"
    gekoppeld = await m.besluit(signaal, besluit="Gekoppeld", burgerservicenummer=TWEEDE)
    assert gekoppeld.json() == {"signaalId": str(signaal), "status": "Gekoppeld", "gemeentecode": "0523"}
    eigen = await m.drempel.http.get(f"/matching/v1/signalen/{signaal}", headers=m.drempel.als("sociaalteam", "0523"))
    assert eigen.status_code == 200


async def test_another_municipality_sees_nothing(m: Matching) -> None:
    signaal = await m.signaal()
    await m.stand(signaal)
    for rol, gemeente in (("sociaalteam", "0523"), ("consulent", "0523")):
        koppen = m.drempel.als(rol, gemeente)
        assert (await m.drempel.http.get(f"/matching/v1/signalen/{signaal}", headers=koppen)).status_code == 404
    assert (await m.besluit(signaal, "0523", besluit="Onterecht")).status_code == 404
    ander = await m.drempel.http.get(
        "/matching/v1/uitval?gemeentecode=0505", headers=m.drempel.als("consulent", "0523")
    )
    assert ander.status_code == 403
    partner = m.drempel.als("partner", partner="woonbron")
    assert (await m.drempel.http.get(f"/matching/v1/signalen/{signaal}", headers=partner)).status_code == 403
    assert (await m.drempel.http.get(f"/matching/v1/signalen/{signaal}")).status_code == 401
    sociaal = m.drempel.als("sociaalteam", "0505")
    assert (await m.drempel.http.post(f"/matching/v1/uitval/{signaal}/besluiten", json={"besluit": "Onterecht"},
                                      headers=sociaal)).status_code == 403  # fmt: skip


async def test_no_personal_data_in_tables_or_log(m: Matching, capfd: pytest.CaptureFixture[str]) -> None:
    await m.signaal(client(achternaam="Kwetsbaar", voorletters="Q.Z.", geboortedatum=date(1971, 7, 7)))
    signaal = await m.signaal(client(geboortedatum=None, voorletters="X."))
    await m.stand(signaal)
    await m.besluit(signaal, besluit="Gekoppeld", burgerservicenummer=JANSSEN)
    async with m.drempel.admin() as conn:
        tabellen = [r[0] for r in await conn.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'matching'")]
        alles = ""
        for tabel in tabellen:
            for rij in await conn.fetch(f"SELECT * FROM matching.{tabel}"):
                alles += str({k: v.decode() if k == "envelope" else v for k, v in rij.items()})
    alles += "".join(capfd.readouterr())
    assert str(signaal) in alles
    for geheim in ("Kwetsbaar", "Janssen", JANSSEN, "1985-06-15", "3311AB", "Lekstraat", "Q.Z."):
        assert geheim not in alles, geheim


async def test_an_erased_signal_stops_nothing_and_an_erased_person_is_forgotten(m: Matching) -> None:
    signaal = await m.signaal()
    await m.stand(signaal)
    _, correctie = await m.event(client(), "2026-01", signaal_id=signaal, correctie=1)
    async with m.drempel.admin() as conn:
        eerder = [r[0] for r in await conn.fetch("SELECT persoon_id FROM matching.persoon")]
        await conn.execute("UPDATE keyring.sleutel SET sleutel = NULL WHERE subject = ANY($1)", [*eerder, signaal])
        await forget(conn, [*eerder, signaal])
        assert await conn.fetchval("SELECT count(*) FROM matching.persoon") == 0
        assert await conn.fetchval("SELECT count(*) FROM matching.adres") == 0
    await m.drempel.emit_as("intake", [(correctie, signaal, None)], tenant="woonbron")
    assert (await m.stand(signaal))["reden"] == "gewist"
    nieuw = await m.signaal(periode="2026-02")
    assert (await m.stand(nieuw))["status"] == "Gekoppeld"
    assert {e.persoon_id for e in await m.drempel.said("matching", BRPMatched)} - set(eerder)


async def test_of_who_was_erased_nothing_is_said_again(m: Matching) -> None:
    maart = await m.signaal(periode="2026-03", kenmerk="L")
    await m.stand(maart)
    async with m.drempel.admin() as conn:
        personen = [r[0] for r in await conn.fetch("SELECT persoon_id FROM matching.persoon")]
        await conn.execute("UPDATE keyring.sleutel SET sleutel = NULL WHERE subject = ANY($1)", personen)
        await forget(conn, personen)
    laat = await m.signaal(periode="2026-02", kenmerk="L")
    assert (await m.stand(laat))["status"] == "Gekoppeld", "nothing stops"
    assert [e.signaal_id for e in await m.drempel.said("matching", BRPMatched)] == [maart, laat]


async def test_an_unknown_signal_is_404(m: Matching) -> None:
    koppen = m.drempel.als("coordinator", "0505")
    antwoord = await m.drempel.http.get(f"/matching/v1/signalen/{uuid4()}", headers=koppen)
    assert antwoord.status_code == 404


def _aanzegging(signaal: Any) -> Any:
    return DeurwaarderTransferred(
        signaal_id=signaal, datum=date(2026, 1, 5), deurwaarder="Kantoor", fase=Deurwaardersfase.DAGVAARDING
    )
