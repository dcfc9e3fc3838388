"""The life of a signal at intake, and what its partner may know."""

from datetime import date, timedelta

from libs.events.errors import Invalid
from libs.events.values import Eindresultaat, Intrekkingsreden, Koppelstatus, Signaalpartner
from services.intake.domain import (
    AlIngetrokken,
    Feiten,
    Gecorrigeerd,
    Ingetrokken,
    Lever,
    Ontvangen,
    Terugkoppelstatus,
    TrekIn,
    signaal,
    terugkoppeling,
)
from tests.spec import Scenario

A, B, C = b"a", b"b", b"c"
BETAALD, ONTERECHT = Intrekkingsreden.BETAALD, Intrekkingsreden.ONTERECHT
DAG, VANDAAG = date(2025, 3, 18), date(2025, 3, 20)


def test_a_b_a_again_changes_nothing() -> None:
    story = Scenario(signaal).when(Lever(A)).then(Ontvangen(A)).when(Lever(A)).then_nothing()
    story.when(Lever(B)).then(Gecorrigeerd(B, 1)).when(Lever(A)).then_nothing().when(Lever(B)).then_nothing()
    story.when(Lever(C)).then(Gecorrigeerd(C, 2))


def test_a_signal_is_taken_back_once() -> None:
    story = Scenario(signaal).given(Ontvangen(A)).when(TrekIn(BETAALD, DAG, VANDAAG)).then(Ingetrokken(BETAALD, DAG))
    story.when(TrekIn(BETAALD, DAG, VANDAAG)).then_nothing()
    story.when(TrekIn(ONTERECHT, DAG, VANDAAG)).then_refused(AlIngetrokken)


def test_it_is_not_taken_back_in_the_future() -> None:
    morgen = VANDAAG + timedelta(days=1)
    Scenario(signaal).given(Ontvangen(A)).when(TrekIn(BETAALD, morgen, VANDAAG)).then_refused(Invalid, "datum")


def test_a_taken_back_signal_can_be_corrected() -> None:
    Scenario(signaal).given(Ontvangen(A), Ingetrokken(BETAALD, DAG)).when(Lever(B)).then(Gecorrigeerd(B, 1))


def test_no_reason_beyond_the_two_is_ever_told() -> None:
    told = {
        terugkoppeling(Feiten(Signaalpartner.HUUR, Koppelstatus.GEKOPPELD, opgepakt=False, reden=reden))
        for reden in Eindresultaat
    }
    assert told == {Terugkoppelstatus.NIET_OPGEPAKT, Terugkoppelstatus.HERHAALD, Terugkoppelstatus.ONTERECHT,
                    Terugkoppelstatus.GEEN_INWONER}  # fmt: skip
    told = {
        terugkoppeling(Feiten(partner, Koppelstatus.GEKOPPELD, opgepakt=True, resultaat=resultaat))
        for resultaat in Eindresultaat
        for partner in Signaalpartner
        if partner is not Signaalpartner.HUUR
    }
    assert Terugkoppelstatus.GEEN_CONTACT not in told


def test_help_is_told_whatever_else_and_only_while_linked() -> None:
    for opgepakt in (None, True, False):
        feiten = Feiten(Signaalpartner.HUUR, Koppelstatus.GEKOPPELD, opgepakt, hulp=True,
                        resultaat=Eindresultaat.GEEN_CONTACT)  # fmt: skip
        assert terugkoppeling(feiten) is Terugkoppelstatus.HULP_AANVAARD
    assert terugkoppeling(Feiten(Signaalpartner.HUUR, Koppelstatus.UITVAL, hulp=True)) is Terugkoppelstatus.ONTVANGEN


def test_a_set_aside_signal_says_nothing_of_contact() -> None:
    feiten = Feiten(Signaalpartner.HUUR, None, False, Eindresultaat.NIET_OPGEPAKT_HERHAALD,
                    resultaat=Eindresultaat.GEEN_CONTACT)  # fmt: skip
    assert terugkoppeling(feiten) is Terugkoppelstatus.HERHAALD
