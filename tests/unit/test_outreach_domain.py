"""The rules for acts on a case, each as an example."""

from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

import pytest

from libs.events.catalogue import (
    AftercareDone,
    CaseClosed,
    ContactAttempted,
    DecisionTaken,
    Event,
    FirstConversationHeld,
    HandlerAssigned,
    HelpAccepted,
    HelpDeclined,
    HelpEnded,
    MeldingClosed,
    SelfReported,
)
from libs.events.values import Behandelaar, Contactsoort, Dagdeel, Eindresultaat
from services.outreach import handelingen as h
from services.outreach.domain import Melding, Zaak, decider
from tests.examples import example
from tests.spec import Scenario

TODAY = date(2025, 6, 10)
ZAAK, MAART, APRIL, SIGNAAL, LATER, ID = (UUID(int=n) for n in range(1, 7))
BASE: dict[str, Any] = {"id": ID, "vandaag": TODAY, "datum": TODAY}


def zaak(**changes: Any) -> Zaak:
    meldingen = {MAART: Melding("2025-03", frozenset({SIGNAAL})), APRIL: Melding("2025-04", frozenset({LATER}))}
    return Zaak(ZAAK, "0505", **{"meldingen": meldingen} | changes)


def case(**changes: Any) -> Scenario[h.Command, Zaak, Event]:
    return Scenario(decider(zaak(**changes)))


def attempt(**changes: Any) -> h.ProbeerContact:
    fields = BASE | {"nu": time(12, 0), "soort": Contactsoort.TELEFOON, "bereikt": False}
    return h.ProbeerContact(**fields | changes)


def closing(**changes: Any) -> h.SluitAf:
    return h.SluitAf(**BASE | {"resultaat": Eindresultaat.GEEN_CONTACT} | changes)


def closed(melding_id: UUID, *signalen: UUID) -> MeldingClosed:
    return MeldingClosed(
        zaak_id=ZAAK, melding_id=melding_id, resultaat=Eindresultaat.GEEN_CONTACT, datum=TODAY, signaal_ids=signalen
    )


CLOSED = CaseClosed(zaak_id=ZAAK, resultaat=Eindresultaat.GEEN_CONTACT, datum=TODAY)
ACCEPTED = HelpAccepted(zaak_id=ZAAK, melding_id=APRIL, soort="Vervolghulp", datum=date(2025, 5, 1))


def test_an_attempt_goes_to_the_latest_open_melding() -> None:
    poging = ContactAttempted(
        contactpoging_id=ID, zaak_id=ZAAK, melding_id=APRIL, soort=Contactsoort.TELEFOON, datum=TODAY, bereikt=False
    )
    case().when(attempt()).then(poging)
    case().given(closed(APRIL, LATER)).when(attempt()).then(poging.model_copy(update={"melding_id": MAART}))


def test_an_attempt_may_name_its_melding_also_a_closed_one_and_opens_nothing() -> None:
    scenario = case().given(closed(MAART, SIGNAAL)).when(attempt(melding_id=MAART))
    scenario.then_is(lambda state: state.open_meldingen() == [APRIL])
    assert scenario.outcome[0].melding_id == MAART  # type: ignore[attr-defined]


def test_when_all_are_closed_an_attempt_goes_to_the_latest() -> None:
    scenario = case().given(closed(MAART, SIGNAAL), closed(APRIL, LATER)).when(attempt())
    assert scenario.outcome[0].melding_id == APRIL  # type: ignore[attr-defined]


def test_a_melding_of_another_case_is_refused() -> None:
    case().when(attempt(melding_id=ID)).then_refused(h.OnbekendeMelding, "meldingId")


def test_a_case_without_a_linked_signal_takes_acts() -> None:
    scenario = case(meldingen={}).when(attempt())
    assert scenario.outcome[0].melding_id is None  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("datum", "refusal"),
    [
        (date(2025, 6, 11), h.InDeToekomst), (date(9999, 12, 31), h.InDeToekomst), (date(1, 1, 1), h.TeVroeg),
        (date(2012, 6, 30), h.TeVroeg),
    ],
)  # fmt: skip
def test_no_act_in_the_future_or_before_the_law(datum: date, refusal: type[Exception]) -> None:
    for command in (attempt(datum=datum), closing(datum=datum), h.WijsAf(**BASE | {"datum": datum})):
        case().when(command).then_refused(refusal, "datum")


def test_an_act_may_be_dated_before_the_case() -> None:
    case().when(attempt(datum=date(2024, 12, 1))).then_is(lambda state: state.einde is None)


def test_today_later_than_now_is_the_future() -> None:
    case().when(attempt(tijdstip="12:01")).then_refused(h.InDeToekomst, "tijdstip")
    case().when(attempt(tijdstip="12:01", datum=date(2025, 6, 9))).then_is(lambda _: True)


@pytest.mark.parametrize(("dagdeel", "begonnen"), [("Ochtend", True), ("Middag", True), ("Avond", False)])
def test_an_attempt_of_today_is_not_of_a_part_of_the_day_that_has_to_come(dagdeel: str, begonnen: bool) -> None:
    tried = attempt(dagdeel=Dagdeel(dagdeel), bereikt=True)
    if begonnen:
        case().when(tried).then_is(lambda _: True)
    else:
        case().when(tried).then_refused(h.InDeToekomst, "dagdeel")
        case().when(attempt(dagdeel=Dagdeel(dagdeel), datum=date(2025, 6, 9))).then_is(lambda _: True)


@pytest.mark.parametrize(
    ("tijdstip", "dagdeel"),
    [("00:00", Dagdeel.OCHTEND), ("11:59", Dagdeel.OCHTEND), ("12:00", Dagdeel.MIDDAG), ("17:59", Dagdeel.MIDDAG),
     ("18:00", Dagdeel.AVOND), ("23:59", Dagdeel.AVOND)],
)  # fmt: skip
def test_the_part_of_the_day_follows_from_the_time(tijdstip: str, dagdeel: Dagdeel) -> None:
    yesterday = date(2025, 6, 9)
    scenario = case().when(attempt(tijdstip=tijdstip, datum=yesterday))
    assert scenario.outcome[0].dagdeel is dagdeel  # type: ignore[attr-defined]
    for other in set(Dagdeel) - {dagdeel}:
        wrong = attempt(tijdstip=tijdstip, datum=yesterday, dagdeel=other)
        case().when(wrong).then_refused(h.AnderDagdeel, "dagdeel")


def test_a_melding_is_closed_once() -> None:
    case().when(closing()).then(closed(APRIL, LATER)).when(closing()).then(closed(MAART, SIGNAAL)).when(
        closing()
    ).then_refused(h.MeldingGesloten)
    case().given(closed(APRIL, LATER)).when(closing(melding_id=APRIL)).then_refused(h.MeldingGesloten)


def test_a_signal_linked_after_the_closing_opens_the_melding_again() -> None:
    other = {MAART: Melding("2025-03", frozenset({SIGNAAL, LATER}))}
    case(meldingen=other).given(closed(MAART, SIGNAAL)).when(closing()).then(closed(MAART, SIGNAAL, LATER))


def test_a_closing_that_names_no_signals_closes_for_all() -> None:
    old = closed(APRIL).model_copy(update={"signaal_ids": None})
    case().given(old).when(closing(melding_id=APRIL)).then_refused(h.MeldingGesloten)


def test_closing_the_case_closes_what_is_open_in_it() -> None:
    case().when(closing(zaak=True)).then(closed(MAART, SIGNAAL), closed(APRIL, LATER), CLOSED)
    case().given(closed(MAART, SIGNAAL), closed(APRIL, LATER)).when(closing(zaak=True)).then(CLOSED)


def test_a_case_is_not_closed_before_the_outcome_of_an_eviction_is_told_and_a_melding_is() -> None:
    case(dreigt=True).when(closing(zaak=True)).then_refused(h.OntruimingDreigt, "zaak").when(closing()).then(
        closed(APRIL, LATER)
    )


EVERY_ACT = [
    attempt(), closing(), closing(zaak=True), h.AanvaardHulp(**BASE, soort="Schuldhulpverlening"), h.WijsAf(**BASE),
    h.VoerGesprek(**BASE), h.NeemBesluit(**BASE), h.BeeindigHulp(**BASE), h.VerleenNazorg(**BASE), h.MeldAan(**BASE),
    h.WijsToe(**BASE, behandelaar=Behandelaar(organisatie="Sociale Dienst")),
]  # fmt: skip


@pytest.mark.parametrize("command", EVERY_ACT, ids=lambda command: type(command).__name__)
def test_nothing_happens_in_an_ended_case(command: h.Command) -> None:
    case().given(ACCEPTED, CLOSED).when(command).then_refused(h.ZaakBeeindigd)
    for heard in ("Overgedragen", "Ontruimd"):
        case(einde=heard).given(ACCEPTED).when(command).then_refused(h.ZaakBeeindigd)


def test_help_ends_only_while_it_runs() -> None:
    end = h.BeeindigHulp(**BASE, resultaat="Afgerond")
    case().when(end).then_refused(h.GeenHulp)
    case().given(ACCEPTED).when(end).then(HelpEnded(zaak_id=ZAAK, datum=TODAY, resultaat="Afgerond")).when(
        end
    ).then_refused(h.GeenHulp)


def test_help_that_was_declined_on_a_later_day_does_not_run_in_whatever_order_it_is_told() -> None:
    declined = example(HelpDeclined, zaak_id=ZAAK, datum=ACCEPTED.datum + timedelta(days=10))
    for told in ((declined, ACCEPTED), (ACCEPTED, declined)):
        case().given(*told).when(h.BeeindigHulp(**BASE)).then_refused(h.GeenHulp)


def test_declining_after_all_ends_the_help() -> None:
    end = h.BeeindigHulp(**BASE, resultaat="Afgerond")
    for day, ended in ((ACCEPTED.datum - timedelta(days=1), False), (ACCEPTED.datum, True)):
        scene = case().given(ACCEPTED, example(HelpDeclined, zaak_id=ZAAK, datum=day)).when(end)
        if ended:
            scene.then_refused(h.GeenHulp)
        else:
            scene.then(HelpEnded(zaak_id=ZAAK, datum=TODAY, resultaat="Afgerond"))


def test_help_does_not_end_before_it_began() -> None:
    early = h.BeeindigHulp(**BASE | {"datum": date(2025, 4, 30)})
    case().given(ACCEPTED).when(early).then_refused(h.TeVroeg, "datum")


def test_the_decision_follows_the_first_conversation() -> None:
    talk = FirstConversationHeld(zaak_id=ZAAK, melding_id=APRIL, datum=date(2025, 5, 20))
    case().given(talk).when(h.NeemBesluit(**BASE | {"datum": date(2025, 5, 19)})).then_refused(h.TeVroeg, "datum")
    case().given(talk).when(h.NeemBesluit(**BASE)).then(DecisionTaken(zaak_id=ZAAK, datum=TODAY))


def test_a_decision_needs_a_conversation_or_a_request() -> None:
    besluit = h.NeemBesluit(**BASE)
    case().when(besluit).then_refused(h.GeenHulpvraag)
    case().given(example(HelpDeclined, zaak_id=ZAAK)).when(besluit).then_refused(h.GeenHulpvraag)
    asked = (ACCEPTED, example(SelfReported, zaak_id=ZAAK), example(FirstConversationHeld, zaak_id=ZAAK, datum=TODAY))
    for said in asked:
        case().given(said).when(besluit).then(DecisionTaken(zaak_id=ZAAK, datum=TODAY))
    case(gevraagd=True).when(besluit).then(DecisionTaken(zaak_id=ZAAK, datum=TODAY))


def test_the_other_acts_say_what_was_asked() -> None:
    handler = Behandelaar(organisatie="Sociale Dienst", team="A")
    case().when(h.AanvaardHulp(**BASE, soort="Moratorium")).then(
        HelpAccepted(zaak_id=ZAAK, melding_id=APRIL, soort="Moratorium", datum=TODAY)
    ).when(h.WijsAf(**BASE, reden="Wil geen hulp")).then(
        HelpDeclined(zaak_id=ZAAK, melding_id=APRIL, reden="Wil geen hulp", datum=TODAY)
    ).when(h.VoerGesprek(**BASE, soort="Kantoor")).then(
        FirstConversationHeld(zaak_id=ZAAK, melding_id=APRIL, soort="Kantoor", datum=TODAY)
    ).when(h.VerleenNazorg(**BASE, resultaat="Gaat goed")).then(
        AftercareDone(zaak_id=ZAAK, resultaat="Gaat goed", datum=TODAY)
    ).when(h.WijsToe(**BASE, behandelaar=handler)).then(HandlerAssigned(zaak_id=ZAAK, behandelaar=handler)).when(
        h.MeldAan(**BASE)
    ).then(SelfReported(aanmelding_id=ID, zaak_id=ZAAK, gemeentecode="0505", datum=TODAY))
