"""Cases and meldingen, told as examples."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.events.afspraken import Koppelen, Nakijken
from libs.events.values import Koppelstatus
from services.matching.aanmeldingen import Aanmelding
from services.matching.domain import Koppel, TrekIn, Verwerp, huishoudens, melding_van
from services.matching.gevolgen import (
    Gekoppeld,
    Heropend,
    Herzien,
    Ingetrokken,
    NietGekoppeld,
    ZaakBeeindigd,
    ZaakGeopend,
    ZaakOvergedragen,
    ZaakVerhuisd,
)
from services.matching.stand import Signaal, Stand, Zaak
from services.matching.vlaggen import Melder, Vlaggen, terug, vlaggen
from tests.spec import Scenario

JAN, ANNA, HIER, DAAR = (UUID(int=n) for n in range(1, 5))
DAG = date(2026, 1, 3)


def signaal(nummer: int, periode: str = "2026-01", bedrag: str = "500", **anders: object) -> Signaal:
    """A signal of an arrears of its own."""
    return Signaal(UUID(int=100 + nummer), UUID(int=200 + nummer), periode, Decimal(bedrag), **anders)  # type: ignore[arg-type]


def koppel(s: Signaal, wie: UUID = JAN, adres: UUID = HIER, gemeente: str = "0505") -> Koppel:
    """Link it, with a case id of its own should one be needed."""
    return Koppel(s, wie, adres, gemeente, UUID(int=s.signaal_id.int + 1000), DAG)


def gekoppeld(
    s: Signaal, zaak: int, wie: UUID = JAN, adres: UUID = HIER, gemeente: str = "0505", **v: object
) -> Gekoppeld:
    """The outcome."""
    met = replace(s, status=Koppelstatus.GEKOPPELD, zaak_id=UUID(int=zaak), persoon_id=wie, adres_id=adres)
    return Gekoppeld(met, melding_van(UUID(int=zaak), s.periode), gemeente, Vlaggen(**v))  # type: ignore[arg-type]


def geopend(zaak: int, adres: UUID = HIER, gemeente: str = "0505", vorige: int | None = None) -> ZaakGeopend:
    """A case that was opened."""
    return ZaakGeopend(Zaak(UUID(int=zaak), adres, gemeente), DAG, UUID(int=vorige) if vorige else None)


def spel() -> Scenario[object, Stand, object]:
    """Nothing happened yet."""
    return Scenario(huishoudens)  # type: ignore[arg-type]


def test_a_household_is_an_address() -> None:
    een, ander = signaal(1), signaal(2)
    spel().when(koppel(een)).then(geopend(1101), gekoppeld(een, 1101)).when(koppel(ander, ANNA)).then(
        gekoppeld(ander, 1101, ANNA, match=True)
    )


def test_an_ended_case_is_followed_by_another_that_refers_to_it() -> None:
    een, ander = signaal(1), signaal(2, "2026-02")
    dicht = Stand.van([], [Zaak(UUID(int=9), HIER, "0505", loopt=False)])
    scenario = spel()
    scenario.state = dicht
    scenario.when(koppel(een)).then(geopend(1101, vorige=9), gekoppeld(een, 1101))
    scenario.when(koppel(ander, ANNA)).then(gekoppeld(ander, 1101, ANNA, recidive=True))


def test_after_an_eviction_the_next_household_is_another() -> None:
    scenario = spel()
    scenario.state = Stand.van([], [Zaak(UUID(int=9), HIER, "0505", loopt=False, ontruimd=True)])
    scenario.when(koppel(signaal(1))).then(geopend(1101), gekoppeld(signaal(1), 1101))


def test_who_moves_inside_the_municipality_takes_the_case_along() -> None:
    een, ander = signaal(1), signaal(2, "2026-02")
    spel().given(geopend(1101), gekoppeld(een, 1101)).when(koppel(ander, JAN, DAAR)).then(
        ZaakVerhuisd(UUID(int=1101), DAAR), gekoppeld(ander, 1101, JAN, DAAR)
    )


def test_who_moves_to_another_municipality_is_handed_over() -> None:
    een, ander = signaal(1), signaal(2, "2026-02")
    spel().given(geopend(1101), gekoppeld(een, 1101)).when(koppel(ander, JAN, DAAR, "0523")).then(
        ZaakOvergedragen(UUID(int=1101), "0505", "0523", UUID(int=1102), DAG),
        geopend(1102, DAAR, "0523", vorige=1101),
        gekoppeld(ander, 1102, JAN, DAAR, "0523"),
    ).then_is(lambda stand: not stand.zaken[UUID(int=1101)].loopt)


def test_who_leaves_a_household_behind_leaves_its_case_there() -> None:
    een, ander, derde = signaal(1), signaal(2), signaal(3, "2026-02")
    spel().given(geopend(1101), gekoppeld(een, 1101), gekoppeld(ander, 1101, ANNA)).when(
        koppel(derde, JAN, DAAR, "0523")
    ).then(geopend(1103, DAAR, "0523"), gekoppeld(derde, 1103, JAN, DAAR, "0523")).then_is(
        lambda stand: stand.zaken[UUID(int=1101)].loopt
    )


@pytest.mark.parametrize("gemeente", ["0505", "0523"])
def test_a_household_that_moves_together_takes_the_case_along(gemeente: str) -> None:
    een, ander, derde = signaal(1), signaal(2), signaal(3, "2026-02")
    scene = spel().given(geopend(1101), gekoppeld(een, 1101), gekoppeld(ander, 1101, ANNA))
    samen = replace(koppel(derde, JAN, DAAR, gemeente), thuis=frozenset({JAN, ANNA}))
    if gemeente == "0505":
        scene.when(samen).then(ZaakVerhuisd(UUID(int=1101), DAAR), gekoppeld(derde, 1101, JAN, DAAR))
    else:
        scene.when(samen).then_is(lambda stand: not stand.zaken[UUID(int=1101)].loopt)
    met_een_vreemde = replace(samen, thuis=frozenset({JAN, UUID(int=99)}))
    scene = spel().given(geopend(1101), gekoppeld(een, 1101), gekoppeld(ander, 1101, ANNA)).when(met_een_vreemde)
    scene.then_is(lambda stand: stand.zaken[UUID(int=1101)].loopt and stand.zaken[UUID(int=1101)].adres_id == HIER)


def test_an_eviction_that_waited_for_the_link_ends_the_case() -> None:
    een = signaal(1)
    scenario = spel()
    scenario.state = Stand(wachtend={een.signaal_id: True})
    scenario.when(koppel(een)).then(geopend(1101), gekoppeld(een, 1101), ZaakBeeindigd(UUID(int=1101)))


def test_a_correction_stays_in_its_case_even_when_that_has_ended() -> None:
    een = signaal(1)
    scenario = spel().given(geopend(1101), gekoppeld(een, 1101), ZaakBeeindigd(UUID(int=1101)))
    scenario.when(koppel(een)).then(gekoppeld(een, 1101))
    scenario.when(Verwerp(een, Koppelstatus.UITVAL)).then(NietGekoppeld(replace(een, status=Koppelstatus.UITVAL)))
    scenario.when(koppel(een)).then(geopend(1101), gekoppeld(een, 1101))


def test_a_decision_stands_until_the_client_changes() -> None:
    zelfde = signaal(1, client=b"jan")
    besloten = replace(zelfde, besluit=True)
    scenario = spel().given(geopend(1101), gekoppeld(besloten, 1101))
    scenario.when(Verwerp(zelfde, Koppelstatus.UITVAL)).then(replace(gekoppeld(besloten, 1101), bevestigd=True))
    scenario.when(koppel(zelfde, ANNA, DAAR)).then(replace(gekoppeld(besloten, 1101), bevestigd=True))
    ander = replace(zelfde, client=b"piet")
    scenario.when(Verwerp(ander, Koppelstatus.UITVAL)).then(NietGekoppeld(replace(ander, status=Koppelstatus.UITVAL)))


def test_withdrawing() -> None:
    een, ander = signaal(1), signaal(2)
    scenario = spel().given(geopend(1101), gekoppeld(een, 1101))
    scenario.when(TrekIn(een.signaal_id)).then(Ingetrokken(een.signaal_id))
    scenario.when(koppel(ander, ANNA)).then(gekoppeld(ander, 1101, ANNA))
    scenario.when(TrekIn(UUID(int=77))).then_nothing()


def test_the_window_of_recidive() -> None:
    assert (terug("2026-01", 6), terug("2026-12", 12), terug("2026-07", 6)) == ("2025-07", "2025-12", "2026-01")
    zelf = Melder(UUID(int=1), "2026-07", UUID(int=2), Decimal(5), HIER)
    for periode, verwacht in (
        ("2025-12", False),
        ("2026-01", True),
        ("2026-06", True),
        ("2026-07", False),
        ("2026-08", False),
    ):
        ander = Melder(UUID(int=3), periode, UUID(int=4), Decimal(5), HIER)
        assert vlaggen(zelf, [zelf, ander], []).recidive is verwacht, periode


def test_repeated_looks_at_the_last_report_only() -> None:
    def melder(nummer: int, periode: str, bedrag: str | None) -> Melder:
        return Melder(UUID(int=nummer), periode, JAN, Decimal(bedrag) if bedrag else None)

    eerder = [melder(1, "2026-01", "900"), melder(2, "2026-02", "300")]
    assert not vlaggen(melder(3, "2026-03", "300.01"), [], eerder).herhaald
    assert vlaggen(melder(3, "2026-03", "300"), [], eerder) == Vlaggen(herhaald=True, vorig_bedrag=Decimal(300))
    assert not vlaggen(melder(3, "2026-01", "1"), [], eerder).herhaald
    assert not vlaggen(melder(3, "2026-03", None), [], eerder).herhaald


def test_a_report_that_comes_late_or_is_corrected_changes_what_was_said_of_the_next() -> None:
    def melding(nummer: int, maand: int, bedrag: str = "500") -> Signaal:
        return replace(signaal(nummer, f"2026-{maand:02d}", bedrag), achterstand_id=UUID(int=999))

    def herzien(s: Signaal, **v: object) -> Herzien:
        g = gekoppeld(s, 1103)
        return Herzien(g.signaal, g.melding_id, g.gemeentecode, Vlaggen(**v))  # type: ignore[arg-type]

    maart, mei, april, februari = melding(3, 3, "300"), melding(5, 5), melding(4, 4), melding(2, 2)
    scenario = spel().when(koppel(maart)).then(geopend(1103), gekoppeld(maart, 1103))
    scenario.when(koppel(mei)).then(gekoppeld(mei, 1103, recidive=True, vorig_bedrag=Decimal(300)))
    scenario.when(Verwerp(april, Koppelstatus.UITVAL)).then(  # what nobody could link was a report
        NietGekoppeld(replace(april, status=Koppelstatus.UITVAL)),
        herzien(mei, recidive=True, herhaald=True, vorig_bedrag=Decimal(500)),
    )
    scenario.when(koppel(februari)).then(
        gekoppeld(februari, 1103), herzien(maart, recidive=True, herhaald=True, vorig_bedrag=Decimal(500))
    )
    lager = replace(april, bedrag=Decimal(499))
    gecorrigeerd = NietGekoppeld(replace(lager, status=Koppelstatus.UITVAL))
    scenario.when(Verwerp(lager, Koppelstatus.UITVAL)).then(
        gecorrigeerd, herzien(mei, recidive=True, vorig_bedrag=Decimal(499))
    )
    scenario.when(Verwerp(lager, Koppelstatus.UITVAL)).then(gecorrigeerd)
    scenario.when(TrekIn(april.signaal_id)).then(Ingetrokken(april.signaal_id))


@pytest.mark.parametrize("einde", ["melding", "zaak"])
def test_what_has_its_result_is_not_told_again(einde: str) -> None:
    laat = replace(signaal(1, "2025-12"), achterstand_id=UUID(int=202))
    na = gekoppeld(signaal(2), 1).signaal
    zaak = Zaak(UUID(int=1), HIER, "0505", loopt=einde != "zaak")
    stand = Stand.van([replace(na, gesloten=einde == "melding")], [zaak])
    assert not [een for een in huishoudens.decide(koppel(laat), stand) if isinstance(een, Herzien)]
    open_zaak = Stand.van([na], [replace(zaak, loopt=True)])
    assert [een for een in huishoudens.decide(koppel(laat), open_zaak) if isinstance(een, Herzien)]


@given(st.permutations(range(5)), st.lists(st.integers(1, 3), min_size=5, max_size=5), st.sets(st.integers(0, 4)))
def test_whatever_order_reports_come_in_each_is_last_told_as_it_is(
    orde: list[int], bedragen: list[int], uitval: set[int]
) -> None:
    stand, laatst = Stand(), dict[UUID, Vlaggen]()
    for n in orde:
        s = replace(signaal(n, f"2026-0{n + 1}", str(bedragen[n])), achterstand_id=UUID(int=999))
        outcomes = huishoudens.decide(Verwerp(s, Koppelstatus.UITVAL) if n in uitval else koppel(s), stand)
        stand = huishoudens.fold(outcomes, stand)
        laatst |= {o.signaal.signaal_id: o.vlaggen for o in outcomes if isinstance(o, Gekoppeld | Herzien)}
    for signaal_id, gezegd in laatst.items():
        n = signaal_id.int - 100
        assert gezegd.vorig_bedrag == (bedragen[n - 1] if n else None)
        assert gezegd.herhaald is (n > 0 and bedragen[n] <= bedragen[n - 1])
    assert len(laatst) == 5 - len(uitval)


# --- fall-out, as the municipality agreed -----------------------------------------------------------

CRISIS_EN_MATCH = Koppelen(nakijken=Nakijken.CRISIS_EN_MATCH, nakijken_vanaf=Decimal(1000))
NIETS = Koppelen(nakijken=Nakijken.GEEN)


@pytest.mark.parametrize(
    ("afspraak", "bedrag", "crisis", "afgedaan"),
    [
        (Koppelen(), "1", False, False), (CRISIS_EN_MATCH, "999.99", False, True),
        (CRISIS_EN_MATCH, "1000", False, False), (CRISIS_EN_MATCH, "1", True, False),
        (NIETS, "5000", True, True),
        (Koppelen(nakijken=Nakijken.GEEN, nakijken_vanaf=Decimal(50)), "50", False, False),
    ],
)  # fmt: skip
def test_which_fall_out_is_looked_at(afspraak: Koppelen, bedrag: str, crisis: bool, afgedaan: bool) -> None:
    outcome = spel().when(Verwerp(signaal(1, bedrag=bedrag), Koppelstatus.UITVAL, afspraak, crisis)).outcome[0]
    assert isinstance(outcome, NietGekoppeld) and outcome.signaal.afgedaan is afgedaan


def test_what_is_no_fall_out_or_has_an_escalation_is_never_closed_without_a_look() -> None:
    een = signaal(1)
    for status in (Koppelstatus.GEEN_INWONER, Koppelstatus.OVERLEDEN):
        spel().when(Verwerp(een, status, NIETS)).then(NietGekoppeld(replace(een, status=status)))
    scenario = spel()
    scenario.state = Stand(wachtend={een.signaal_id: False})
    scenario.when(Verwerp(een, Koppelstatus.UITVAL, NIETS)).then(
        NietGekoppeld(replace(een, status=Koppelstatus.UITVAL))
    )


def test_a_match_by_the_written_address_opens_what_was_closed() -> None:
    een, ander = signaal(1, opgave=DAAR), signaal(3, opgave=DAAR)
    later = signaal(2, "2026-02", opgave=DAAR)
    dicht = replace(een, status=Koppelstatus.UITVAL, afgedaan=True, bij_match=True)
    scenario = spel().when(Verwerp(een, Koppelstatus.UITVAL, CRISIS_EN_MATCH)).then(NietGekoppeld(dicht))
    scenario.when(Verwerp(later, Koppelstatus.UITVAL, NIETS)).then(
        NietGekoppeld(replace(later, status=Koppelstatus.UITVAL, afgedaan=True))
    )
    scenario.when(koppel(ander)).then(geopend(1103), gekoppeld(ander, 1103), Heropend(replace(dicht, afgedaan=False)))


# --- households that come by themselves -------------------------------------------------------------


def test_who_comes_by_itself_is_in_the_case_of_the_household_and_no_signal() -> None:
    zelf = Aanmelding(UUID(int=101), "0505", DAG).signaal()
    een = signaal(2)
    scenario = spel().when(koppel(zelf)).then(geopend(1101), gekoppeld(zelf, 1101))
    scenario.when(koppel(een, ANNA)).then(gekoppeld(een, 1101, ANNA))
    andersom = spel().when(koppel(een, ANNA)).then(geopend(1102), gekoppeld(een, 1102, ANNA))
    andersom.when(koppel(zelf)).then(gekoppeld(zelf, 1102))


def test_a_household_of_two_that_came_by_itself_is_not_moved_by_one_of_them() -> None:
    jan, anna = (Aanmelding(UUID(int=100 + n), "0505", DAG).signaal() for n in (1, 2))
    scenario = spel().given(geopend(1101), gekoppeld(jan, 1101), gekoppeld(anna, 1101, ANNA))
    later = signaal(3, "2026-03")
    scenario.when(koppel(later, JAN, DAAR)).then(geopend(1103, DAAR), gekoppeld(later, 1103, JAN, DAAR))
