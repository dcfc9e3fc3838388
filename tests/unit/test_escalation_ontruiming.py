"""What may be said of an eviction and of a moratorium: the decider's rules."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from libs.events import catalogue as c
from libs.events.afspraken import Termijnen
from libs.events.values import Ontruimingsgrond, Signaalpartner
from services.escalation.domain import opdrachten as o
from services.escalation.domain.regels import DECIDER
from services.escalation.domain.woorden import Afloopsoort, Fase, Uitspraak
from tests.ladders import (
    NU,
    ONTRUIMING,
    SIGNAAL,
    ZAAK,
    F,
    announced,
    on,
    said,
    signal,
    transfer,
)
from tests.spec import Scenario


def announce(announced: date, evicted: date, **more: Any) -> o.Aanzegging:
    return o.Aanzegging(**on(announced, ontruiming_id=ONTRUIMING, ontruimingsdatum=evicted, **more))


def settle(afloop: Afloopsoort, day: date, new: date | None = None) -> o.Afloop:
    return o.Afloop(**on(day, ontruiming_id=ONTRUIMING, afloop=afloop, nieuwe_datum=new))


@pytest.mark.parametrize("days, allowed", [(-1, False), (0, False), (2, False), (3, True), (400, True)])
def test_three_days_lie_between_announcement_and_eviction(days: int, allowed: bool) -> None:
    scene = Scenario(DECIDER).when(announce(date(2026, 5, 1), date(2026, 5, 1) + timedelta(days=days)))
    if allowed:
        scene.then_is(lambda ladder: ladder.fase is Fase.ONTRUIMING_AANGEZEGD)
    else:
        scene.then_refused(o.TeVroegAangezegd, "ontruimingsdatum")


def test_an_announcement_is_not_in_the_future_and_not_made_twice() -> None:
    Scenario(DECIDER).when(announce(NU + timedelta(days=1), NU + timedelta(days=9))).then_refused(
        o.InDeToekomst, "aanzegdatum"
    )
    Scenario(DECIDER).given(announced()).when(announce(date(2026, 5, 1), date(2026, 5, 12))).then_refused(o.AlGemeld)


@pytest.mark.parametrize(
    "afloop, day, new, refusal",
    [
        (Afloopsoort.VOORKOMEN, date(2026, 5, 10), date(2026, 5, 20), o.NieuweDatumHoortBijUitstel),
        (Afloopsoort.UITGESTELD, date(2026, 5, 10), date(2026, 5, 12), o.TeVroegAangezegd),
        (Afloopsoort.UITGESTELD, date(2026, 5, 2), date(2026, 5, 12), o.GeenUitstel),
        (Afloopsoort.UITGEVOERD, date(2026, 5, 11), None, o.VoorDeOntruimingsdatum),
        (Afloopsoort.VOORKOMEN, date(2026, 4, 30), None, o.VoorDeAanzegging),
        (Afloopsoort.UITGEVOERD, NU + timedelta(days=1), None, o.InDeToekomst),
    ],
)
def test_outcomes_that_can_not_be(afloop: Afloopsoort, day: date, new: date | None, refusal: type[Exception]) -> None:
    Scenario(DECIDER).given(announced()).when(settle(afloop, day, new)).then_refused(refusal)


def test_postponed_then_averted_and_then_nothing_more() -> None:
    scene = (
        Scenario(DECIDER).given(announced()).when(settle(Afloopsoort.UITGESTELD, date(2026, 5, 10), date(2026, 5, 13)))
    )
    scene.then_is(lambda ladder: ladder.fase is Fase.ONTRUIMING_AANGEZEGD)
    scene.when(settle(Afloopsoort.UITGEVOERD, date(2026, 5, 12))).then_refused(o.VoorDeOntruimingsdatum)
    scene.when(settle(Afloopsoort.VOORKOMEN, date(2026, 5, 12))).then(
        c.EvictionAverted(zaak_id=ZAAK, signaal_id=SIGNAAL, datum=date(2026, 5, 12), ontruiming_id=ONTRUIMING)
    )
    scene.then_is(lambda ladder: ladder.fase is Fase.VROEGSIGNALERING)
    scene.when(settle(Afloopsoort.UITGEVOERD, date(2026, 5, 20))).then_refused(o.HeeftAfloop)


def test_postponed_until_further_notice_it_still_threatens_and_needs_a_date_before_it_is_carried_out() -> None:
    scene = Scenario(DECIDER).given(announced()).when(settle(Afloopsoort.UITGESTELD, date(2026, 5, 10)))
    scene.then(
        c.EvictionPostponed(zaak_id=ZAAK, signaal_id=SIGNAAL, datum=date(2026, 5, 10), ontruiming_id=ONTRUIMING)
    ).then_is(lambda ladder: ladder.fase is Fase.ONTRUIMING_AANGEZEGD and ladder.ontruimingen[ONTRUIMING].datum is None)
    scene.when(settle(Afloopsoort.UITGESTELD, date(2026, 5, 11))).then_refused(o.AlGemeld, "afloop")
    scene.when(settle(Afloopsoort.UITGEVOERD, date(2026, 5, 20))).then_refused(o.GeenDatum, "afloop")
    scene.when(settle(Afloopsoort.UITGESTELD, date(2026, 5, 18), date(2026, 5, 20))).then_refused(o.TeVroegAangezegd)
    scene.when(settle(Afloopsoort.UITGESTELD, date(2026, 5, 18), date(2026, 5, 21)))
    scene.when(settle(Afloopsoort.UITGEVOERD, date(2026, 5, 21))).then_is(lambda ladder: ladder.ontruimd)


@pytest.mark.parametrize("partner", list(Signaalpartner))
def test_an_eviction_is_announced_for_rent_or_a_mortgage(partner: Signaalpartner) -> None:
    scene = Scenario(DECIDER).given(signal(signaalpartner=partner)).when(announce(date(2026, 5, 1), date(2026, 5, 12)))
    if partner in (Signaalpartner.HUUR, Signaalpartner.HYPOTHEEK):
        scene.then(announced())
    else:
        scene.then_refused(o.GaatNietOverWonen, "signaalId")
        of_the_case = replace(announce(date(2026, 5, 1), date(2026, 5, 12)), signaal_id=None)
        assert DECIDER.decide(of_the_case, DECIDER.fold([signal(signaalpartner=partner)]))


def test_the_law_alone_refuses_an_announcement_or_a_new_date() -> None:
    """What a municipality agreed on top moves its clock; nobody is kept out of sight for it."""
    agreed = Termijnen(aanzegtermijn_dagen=7)
    for command, day, field in (
        (lambda day: announce(date(2026, 5, 1), day), date(2026, 5, 4), "ontruimingsdatum"),
        (lambda day: settle(Afloopsoort.UITGESTELD, date(2026, 5, 10), day), date(2026, 5, 13), "nieuweDatum"),
    ):
        scene = Scenario(DECIDER).given(announced())
        early = replace(command(day - timedelta(days=1)), afspraken=agreed)
        scene.when(early).then_refused(o.TeVroegAangezegd, field)
        assert DECIDER.decide(replace(command(day), afspraken=agreed), scene.state)
    with pytest.raises(ValidationError):
        Termijnen(aanzegtermijn_dagen=2)


def test_carried_out_on_the_day_ends_the_case() -> None:
    scene = Scenario(DECIDER).given(signal(), announced()).when(settle(Afloopsoort.UITGEVOERD, date(2026, 5, 12)))
    scene.then_is(lambda ladder: ladder.fase is Fase.ONTRUIMD and ladder.einde == date(2026, 5, 12))
    scene.when(transfer(F.OVERGEDRAGEN, date(2026, 5, 20))).then_refused(o.ZaakAfgesloten)
    scene.when(settle(Afloopsoort.VOORKOMEN, date(2026, 5, 20))).then_refused(o.HeeftAfloop)


def test_the_outcome_of_an_eviction_may_still_be_told_of_a_closed_case() -> None:
    closed = said(c.CaseClosed, date(2026, 5, 5))
    Scenario(DECIDER).given(announced(), closed).when(settle(Afloopsoort.VOORKOMEN, date(2026, 5, 12))).then(
        c.EvictionAverted(zaak_id=ZAAK, signaal_id=SIGNAAL, datum=date(2026, 5, 12), ontruiming_id=ONTRUIMING)
    )


# --- moratorium -------------------------------------------------------------------------------------


def test_a_moratorium_is_asked_for_and_decided_on_but_not_with_nuisance() -> None:
    ask = o.Moratorium(**on(date(2026, 5, 2)))
    Scenario(DECIDER).given(announced(Ontruimingsgrond.OVERLAST)).when(ask).then_refused(o.NietBijOverlast)
    grant = o.Moratorium(**on(date(2026, 5, 8), uitspraak=Uitspraak.TOEGEWEZEN))
    Scenario(DECIDER).when(grant).then_refused(o.GeenVerzoek)
    scene = Scenario(DECIDER).given(announced()).when(ask)
    scene.then(c.MoratoriumRequested(zaak_id=ZAAK, signaal_id=SIGNAAL, datum=date(2026, 5, 2)))
    scene.when(ask).then_refused(o.AlGemeld).when(grant)
    scene.then(c.MoratoriumDecided(zaak_id=ZAAK, signaal_id=SIGNAAL, datum=date(2026, 5, 8), resultaat="Toegewezen"))


def granted(day: date, resultaat: str = "Toegewezen") -> tuple[c.Event, c.Event]:
    return said(c.MoratoriumRequested, day), said(c.MoratoriumDecided, day, resultaat=resultaat)


def test_moratoria_for_one_threat_last_six_months_together() -> None:
    again = said(c.MoratoriumRequested, date(2026, 5, 20))
    grant = o.Moratorium(**on(date(2026, 5, 25), uitspraak=Uitspraak.TOEGEWEZEN))
    scene = Scenario(DECIDER).given(announced(), *granted(date(2026, 5, 2)), again)
    scene.when(grant).then_refused(o.MoratoriumTeLang, "resultaat")
    assert DECIDER.decide(replace(grant, afspraken=Termijnen(moratorium_maanden=3)), scene.state)
    assert DECIDER.decide(replace(grant, uitspraak=Uitspraak.AFGEWEZEN), scene.state)
    averted = said(c.EvictionAverted, date(2026, 5, 3), ontruiming_id=ONTRUIMING)
    other = Scenario(DECIDER).given(announced(), *granted(date(2026, 5, 2)), averted, again)
    assert DECIDER.decide(grant, other.state), "for another threat"


@pytest.mark.parametrize(
    ("before", "day", "refused"),
    [
        ([*granted(date(2025, 3, 3))], date(2025, 9, 4), True),
        ([*granted(date(2025, 3, 3))], date(2026, 5, 25), False),
        ([*granted(date(2026, 2, 10)), said(c.MoratoriumDecided, date(2026, 2, 24), resultaat="Ingetrokken")],
         date(2026, 3, 5), False),
    ],
    ids=["half a year on half a year", "another debt, more than a year ago", "ended after fourteen days"],
)  # fmt: skip
def test_a_moratorium_that_a_court_can_grant_is_heard_of(before: list[c.Event], day: date, refused: bool) -> None:
    grant = o.Moratorium(**on(day, uitspraak=Uitspraak.TOEGEWEZEN))
    scene = Scenario(DECIDER).given(*before, said(c.MoratoriumRequested, day)).when(grant)
    if refused:
        scene.then_refused(o.MoratoriumTeLang, "resultaat")
    else:
        scene.then_is(lambda ladder: ladder.moratoria[-1].datum == day)


def test_nobody_is_evicted_while_a_moratorium_holds() -> None:
    evicted = settle(Afloopsoort.UITGEVOERD, date(2026, 5, 12))
    Scenario(DECIDER).given(announced(), *granted(date(2026, 5, 8), "Afgewezen")).when(evicted).then_is(
        lambda ladder: ladder.ontruimd
    )
    scene = Scenario(DECIDER).given(announced(), *granted(date(2026, 5, 8)))
    scene.when(evicted).then_refused(o.TijdensMoratorium, "datum")
    nuisance = Scenario(DECIDER).given(*granted(date(2026, 4, 8)), announced(Ontruimingsgrond.OVERLAST))
    nuisance.when(evicted).then_is(lambda ladder: ladder.ontruimd)
    lapsed = o.Moratorium(**on(date(2026, 5, 12), uitspraak=Uitspraak.INGETROKKEN))
    scene.when(lapsed).when(evicted).then_is(lambda ladder: ladder.ontruimd)
    over = replace(evicted, datum=date(2026, 11, 9), vandaag=date(2026, 12, 1))
    for day, refused in ((over.datum, False), (over.datum - timedelta(days=1), True)):
        scene = Scenario(DECIDER).given(announced(), *granted(date(2026, 5, 8))).when(replace(over, datum=day))
        if refused:
            scene.then_refused(o.TijdensMoratorium)
