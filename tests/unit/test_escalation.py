"""The rules of the ladder, as examples."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from libs.events import catalogue as c
from libs.events.afspraken import Termijnen
from libs.events.lopend import AFGEDAAN
from libs.events.values import Signaalpartner
from services.escalation.domain import opdrachten as o
from services.escalation.domain.ladder import fold
from services.escalation.domain.regels import DECIDER
from services.escalation.domain.woorden import Actiesoort, Fase, Incassostand, Spoor
from services.monitoring.fase import spoor_of
from tests.ladders import (
    ACHTERSTAND,
    EERDER,
    FIRST,
    NU,
    RISEN,
    SIGNAAL,
    ZAAK,
    F,
    judge,
    on,
    plus,
    said,
    signal,
    transfer,
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


# --- care, collection and words ---------------------------------------------------------------------


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
