"""The rules of the ladder, as examples."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from libs.events import catalogue as c
from libs.events.afspraken import Termijnen
from libs.events.lopend import AFGEDAAN
from libs.events.values import Ontruimingsgrond, Signaalpartner
from services.escalation.domain import opdrachten as o
from services.escalation.domain.ladder import fold
from services.escalation.domain.regels import DECIDER
from services.escalation.domain.woorden import Actiesoort, Afloopsoort, Fase, Incassostand, Spoor, Uitspraak
from services.monitoring.fase import spoor_of
from tests.ladders import (
    ACHTERSTAND,
    EERDER,
    FIRST,
    NU,
    ONTRUIMING,
    RISEN,
    SIGNAAL,
    ZAAK,
    F,
    announced,
    judge,
    on,
    plus,
    said,
    signal,
)
from tests.spec import Scenario

# --- Signalering+ -----------------------------------------------------------------------------------


def test_rising_rent_arrears_without_contact_or_help_go_to_signalering_plus_once() -> None:
    risen = Scenario(DECIDER).given(FIRST, RISEN).when(judge()).then(plus())
    risen.when(judge()).then_nothing().then_is(lambda ladder: ladder.fase is Fase.SIGNALERING_PLUS)


@pytest.mark.parametrize(
    "given",
    [
        [FIRST],
        [signal(vorig_bedrag=Decimal("900"))],
        [signal(vorig_bedrag=Decimal("600"), signaalpartner=Signaalpartner.ENERGIE)],
        [FIRST, said(c.ContactAttempted, date(2026, 3, 2), bereikt=True), RISEN],
        [FIRST, said(c.HelpAccepted, date(2026, 3, 9)), RISEN],
        [FIRST, said(c.HelpDeclined, date(2026, 3, 9)), RISEN],
        [FIRST, RISEN, said(c.CaseClosed, date(2026, 4, 1))],
    ],
    ids=["first report", "not risen", "not rent", "reached since", "help runs", "declined since", "case over"],
)
def test_otherwise_it_does_not(given: list[c.Event]) -> None:
    Scenario(DECIDER).given(*given).when(judge()).then_nothing()


def test_without_a_monthly_meeting_with_the_corporation_it_does_not_either() -> None:
    scene = Scenario(DECIDER).given(FIRST, RISEN)
    for partners, follows in ((None, True), ((), False), (("trivire",), False), (("trivire", "woonbron"), True)):
        asked = replace(judge(), afspraken=Termijnen(maandelijks_overleg=partners))
        assert bool(DECIDER.decide(asked, scene.state)) is follows
    told = Termijnen.model_fields["maandelijks_overleg"].description
    assert told is not None
    assert told.endswith("niet genoemd: alle, een lege lijst: geen")


def test_contact_before_the_previous_report_or_in_vain_does_not_count() -> None:
    before = said(c.ContactAttempted, date(2026, 3, 1), bereikt=True)
    in_vain = said(c.ContactAttempted, date(2026, 3, 20), bereikt=False)
    Scenario(DECIDER).given(before, FIRST, in_vain, RISEN).when(judge()).then(plus())


def test_a_household_that_declines_after_all_has_no_help_and_may_go_to_signalering_plus() -> None:
    helped = said(c.HelpAccepted, date(2026, 3, 2))
    for day, runs in ((date(2026, 3, 1), True), (date(2026, 3, 2), False), (date(2026, 3, 9), False)):
        ladder = fold({}, [helped, said(c.HelpDeclined, day)])
        assert (ladder.hulp is not None) is runs
    later = signal(UUID(int=9), bedrag=Decimal("1200"), vorig_bedrag=Decimal("900"), signaaldatum=date(2026, 5, 4))
    scene = Scenario(DECIDER).given(FIRST, helped, said(c.HelpDeclined, date(2026, 3, 9)), RISEN, later)
    scene.when(judge(date(2026, 5, 4))).then(plus(date(2026, 5, 4)))


def test_signalering_plus_of_the_day_on_which_help_was_accepted_does_not_count() -> None:
    over = fold({}, [said(c.HelpAccepted, date(2026, 4, 1)), said(c.HelpEnded, date(2026, 4, 1)), plus()])
    assert over.signalering_plus is None


def test_accepted_help_ends_the_episode_and_a_new_rise_begins_another() -> None:
    later = signal(UUID(int=9), bedrag=Decimal("1200"), vorig_bedrag=Decimal("900"), signaaldatum=date(2026, 5, 4))
    scene = Scenario(DECIDER).given(FIRST, RISEN, plus(), said(c.HelpAccepted, date(2026, 4, 2)))
    scene.when(judge()).then_nothing().then_is(lambda ladder: ladder.fase is Fase.VROEGSIGNALERING)
    scene.given(said(c.HelpEnded, date(2026, 4, 20))).when(judge()).then_nothing()
    declined = said(c.HelpAccepted, date(2026, 3, 20)), said(c.HelpEnded, date(2026, 3, 25))
    Scenario(DECIDER).given(FIRST, *declined, RISEN, later).when(judge(date(2026, 5, 4))).then(plus(date(2026, 5, 4)))


# --- the bailiff ------------------------------------------------------------------------------------


def transfer(fase: F, day: date = date(2026, 4, 10), deurwaarder: str = "Kil") -> o.Overdracht:
    return o.Overdracht(**on(day, fase=fase, deurwaarder=deurwaarder))


def transferred(fase: F, day: date = date(2026, 4, 1), deurwaarder: str = "Kil") -> c.Event:
    return c.DeurwaarderTransferred(
        zaak_id=ZAAK, signaal_id=SIGNAAL, achterstand_id=ACHTERSTAND, datum=day, fase=fase, deurwaarder=deurwaarder
    )


def test_a_file_goes_forward_and_may_skip() -> None:
    for fase in set(F) - AFGEDAAN:
        Scenario(DECIDER).given(signal()).when(transfer(fase)).then(transferred(fase, date(2026, 4, 10)))
    for known, fase in [(F.OVERGEDRAGEN, F.VONNIS), (F.OVERGEDRAGEN, F.OVERGEDRAGEN), (F.VONNIS, F.TERUGGENOMEN),
                        (F.DAGVAARDING, F.GEREGELD), (F.GEREGELD, F.OVERGEDRAGEN)]:  # fmt: skip
        Scenario(DECIDER).given(signal(), transferred(known)).when(transfer(fase)).then(
            transferred(fase, date(2026, 4, 10))
        )


@pytest.mark.parametrize(
    "known, fase",
    [(F.VONNIS, F.DAGVAARDING), (F.DAGVAARDING, F.OVERGEDRAGEN), (F.GEREGELD, F.VONNIS), (F.TERUGGENOMEN, F.GEREGELD)],
)
def test_a_file_does_not_go_back(known: F, fase: F) -> None:
    Scenario(DECIDER).given(signal(), transferred(known)).when(transfer(fase)).then_refused(o.StapPastNiet, "fase")


@pytest.mark.parametrize("fase", sorted(AFGEDAAN))
def test_a_file_that_never_was_is_not_settled(fase: F) -> None:
    Scenario(DECIDER).given(signal()).when(transfer(fase)).then_refused(o.GeenDossier, "fase")
    other = transferred(F.VONNIS).model_copy(update={"signaal_id": EERDER, "achterstand_id": UUID(int=77)})
    Scenario(DECIDER).given(signal(), other).when(transfer(fase)).then_refused(o.GeenDossier, "fase")


def test_a_later_signal_of_the_same_arrears_settles_the_file() -> None:
    settled = o.Overdracht(**on(date(2026, 5, 10), fase=F.GEREGELD, deurwaarder="Kil") | {"signaal_id": EERDER})
    scene = Scenario(DECIDER).given(FIRST, RISEN, transferred(F.VONNIS)).when(settled)
    scene.then_is(lambda ladder: ladder.fase is Fase.VROEGSIGNALERING)


def test_another_bailiff_and_other_arrears_begin_a_file_of_their_own() -> None:
    known = transferred(F.VONNIS)
    Scenario(DECIDER).given(signal(), known).when(transfer(F.OVERGEDRAGEN, deurwaarder="Lith")).then(
        transferred(F.OVERGEDRAGEN, date(2026, 4, 10), "Lith")
    )
    other = signal(EERDER, achterstand_id=UUID(int=77), signaalpartner=Signaalpartner.ENERGIE)
    again = o.Overdracht(**on(date(2026, 4, 10), fase=F.OVERGEDRAGEN, deurwaarder="Kil") | {"signaal_id": EERDER})
    Scenario(DECIDER).given(signal(), other, known).when(again).then_is(lambda ladder: len(ladder.dossiers) == 2)


def test_dates_and_repetition_of_a_file() -> None:
    known = transferred(F.DAGVAARDING)
    Scenario(DECIDER).given(signal(), known).when(transfer(F.VONNIS, date(2026, 3, 31))).then_refused(
        o.StapPastNiet, "datum"
    )
    Scenario(DECIDER).given(signal(), known).when(transfer(F.DAGVAARDING, date(2026, 4, 1))).then_refused(o.AlGemeld)
    Scenario(DECIDER).when(transfer(F.VONNIS, NU + timedelta(days=1))).then_refused(o.InDeToekomst, "datum")
    ended = said(c.CaseClosed, date(2026, 4, 2))
    Scenario(DECIDER).given(signal(), ended).when(transfer(F.VONNIS)).then_refused(o.ZaakAfgesloten)


# --- evictions --------------------------------------------------------------------------------------


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


# --- moratorium and collection ----------------------------------------------------------------------


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


def test_care_and_support_last_until_help_is_accepted_whatever_becomes_of_it() -> None:
    reported = said(c.ReportedToMPZO, date(2026, 4, 2), soort="Geen contact")
    helped = said(c.HelpAccepted, date(2026, 4, 2))
    ended = said(c.HelpEnded, date(2026, 4, 20))
    for events, spoor in (
        ([], Spoor.SCHULDHULP), ([reported], Spoor.ZORG), ([helped, reported], Spoor.SCHULDHULP),
        ([reported, helped, ended], Spoor.SCHULDHULP),
        ([said(c.HelpAccepted, date(2026, 4, 1)), reported], Spoor.ZORG),
    ):  # fmt: skip
        assert fold({}, events).spoor is spoor
        marks: list[Any] = [SimpleNamespace(type=event.name(), dag=event.datum) for event in events]  # type: ignore[attr-defined]
        assert spoor_of(marks).value == spoor.value, "monitoring says the same"


def test_collection_is_paused_before_it_is_resumed() -> None:
    pause, resume = (o.Incasso(**on(date(2026, 5, 2), stand=stand)) for stand in Incassostand)
    scene = Scenario(DECIDER).when(resume).then_refused(o.IncassoStaatAlZo).when(pause)
    scene.then(c.CollectionPaused(zaak_id=ZAAK, signaal_id=SIGNAAL, datum=date(2026, 5, 2)))
    scene.when(pause).then_refused(o.IncassoStaatAlZo).when(resume)
    scene.then(c.CollectionResumed(zaak_id=ZAAK, signaal_id=SIGNAAL, datum=date(2026, 5, 2)))


def test_the_fields_words_lead_to_one_stored_word() -> None:
    assert Actiesoort("uitnodiging driegesprek") is Actiesoort.DRIEGESPREK
    assert Actiesoort("Gecombineerde huisbezoekronde") is Actiesoort.HUISBEZOEKRONDE
    with pytest.raises(ValueError):
        Actiesoort("iets anders")
