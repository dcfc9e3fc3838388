"""What follows from the facts of a case: terms, the monthly list, and the same ladder in every order."""

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from libs.events import catalogue as c
from libs.events.afspraken import STANDAARD, Afspraken, Termijnen, Uitvoering
from libs.events.unit import Unit
from libs.events.values import Contactsoort, Dagdeel, Eindresultaat, Signaalpartner, Signaalsoort
from services.escalation.domain.boek import Boek, Feit
from services.escalation.domain.klok import afgelopen, bijgewerkt, evolve
from services.escalation.domain.ladder import fold
from services.escalation.domain.overleg import uit_beeld
from services.escalation.domain.regels import DECIDER
from services.escalation.domain.taken import openstaand
from services.escalation.domain.termijnen import Zaakbeeld, plus_maanden, termijnen
from tests.examples import WHEN, example
from tests.ladders import (
    ACHTERSTAND,
    FIRST,
    NU,
    ONTRUIMING,
    RISEN,
    SIGNAAL,
    ZAAK,
    announced,
    facts,
    plus,
    said,
    signal,
    todo,
)


def terms(signals: list[c.Event], *events: c.Event, **agreed: Any) -> dict[str, tuple[date, str]]:
    ladder = fold(DECIDER.fold(signals).signalen, events)
    feiten = [Feit(UUID(int=900 + n), event, "0505", ZAAK) for n, event in enumerate(facts(*events))]
    found = termijnen(Zaakbeeld(ladder, feiten, Termijnen(**agreed)))
    klokken, _ = bijgewerkt(ZAAK, found, [], NU, ())
    klokken = [evolve(klok, event) if (event := afgelopen(klok, NU)) else klok for klok in klokken]
    return {klok.soort: (klok.uiterlijk, klok.status(NU)) for klok in klokken}


def test_terms_have_their_days() -> None:
    found = terms(
        [signal()], announced(), said(c.FirstConversationHeld, date(2026, 5, 6)),
        said(c.CollectionPaused, date(2026, 5, 7)), said(c.MoratoriumRequested, date(2026, 5, 3)),
        said(c.MoratoriumDecided, date(2026, 5, 8), resultaat="Toegewezen"),
    )  # fmt: skip
    assert found == {
        "Eerste gesprek": (date(2026, 3, 30), "Verlopen"),
        # announced on a Friday; Monday counts, Tuesday 5 May is Liberation Day
        "Eerste gesprek bij bedreigende situatie": (date(2026, 5, 7), "Gehaald"),
        "Besluit op hulp": (date(2026, 7, 1), "Loopt"),
        "Incassopauze": (date(2026, 6, 6), "Loopt"),
        "Moratorium": (date(2026, 11, 8), "Loopt"),
        "Aanzegtermijn ontruiming": (date(2026, 5, 4), "Gehaald"),
    }
    assert plus_maanden(date(2026, 8, 31), 6) == date(2027, 2, 28)


def test_clocks_of_an_eviction_stop_while_there_is_no_date_and_begin_again_with_one() -> None:
    def later(day: int, new: date | None) -> c.Event:
        return said(c.EvictionPostponed, date(2026, 5, day), ontruiming_id=ONTRUIMING, nieuwe_datum=new)

    found = terms([], announced(), later(4, None))
    assert {soort: status for soort, (_, status) in found.items()} == {
        "Eerste gesprek bij bedreigende situatie": "Vervallen", "Aanzegtermijn ontruiming": "Vervallen",
    }  # fmt: skip
    again = terms([], announced(), later(4, None), later(26, date(2026, 6, 9)))
    assert again == {
        "Eerste gesprek bij bedreigende situatie": (date(2026, 5, 29), "Verlopen"),
        "Aanzegtermijn ontruiming": (date(2026, 5, 29), "Gehaald"),
    }
    moved = terms([], announced(), later(4, date(2026, 6, 9)))
    assert moved["Eerste gesprek bij bedreigende situatie"] == (date(2026, 5, 7), "Verlopen"), "that went on"
    assert "Ontruiming is uitgesteld zonder datum: nieuwe datum of afloop melden" in todo(
        [], announced(), later(4, None)
    )


def test_a_moratorium_that_lapses_has_no_clock_any_more() -> None:
    asked, granted = (
        said(c.MoratoriumRequested, date(2026, 5, 3)),
        said(c.MoratoriumDecided, date(2026, 5, 4), resultaat="Toegewezen"),
    )
    over = said(c.MoratoriumDecided, date(2026, 5, 20), resultaat="Ingetrokken")
    assert terms([], asked, granted, over)["Moratorium"] == (date(2026, 11, 4), "Vervallen")
    other = said(c.MoratoriumRequested, date(2026, 5, 18))
    assert terms([], asked, granted, other, over)["Moratorium"] == (date(2026, 11, 4), "Loopt"), "that was another"
    assert not any("moratorium geldt" in one for one in todo([], announced(), asked, granted, over))


def test_a_municipality_may_bind_itself_to_less() -> None:
    day, ending = date(2026, 5, 4), Signaalsoort.EINDELEVERING
    power = signal(soort=ending, signaalpartner=Signaalpartner.ENERGIE, signaaldatum=day, crisissignaal=False)
    assert terms([power]) == {
        "Eerste gesprek": (date(2026, 6, 1), "Loopt"),
        "Eindelevering": (date(2026, 6, 4), "Loopt"),
    }
    strict = terms([power], eindelevering_bedreigend=True, eerste_gesprek_dagen=14, eindelevering_werkdagen=10)
    assert strict == {
        "Eerste gesprek": (date(2026, 5, 18), "Verlopen"),
        "Eerste gesprek bij bedreigende situatie": (date(2026, 5, 8), "Verlopen"),
        "Eindelevering": (date(2026, 5, 20), "Verlopen"),
    }
    on_request = terms([power], said(c.HelpAccepted, date(2026, 5, 6)), eerste_gesprek_vanaf="Hulpvraag")
    assert on_request["Eerste gesprek"] == (date(2026, 6, 3), "Loopt")
    assert on_request["Eindelevering"] == (date(2026, 6, 4), "Gehaald")
    with pytest.raises(ValidationError):
        Termijnen(eerste_gesprek_dagen=29)


@pytest.mark.parametrize(
    "away",
    [
        said(c.HelpDeclined, date(2026, 3, 20)),
        said(c.CaseClosed, date(2026, 3, 20)),
        said(c.HelpAccepted, date(2026, 3, 1)),
        said(c.MeldingClosed, date(2026, 3, 20), melding_id=UUID(int=1), signaal_ids=(SIGNAAL,)),
    ],
    ids=["renounced", "case over", "help ran already", "melding closed"],
)
def test_what_nobody_has_to_meet_any_more_is_void_or_does_not_begin(away: c.Event) -> None:
    assert terms([signal()], away).get("Eerste gesprek", (None, "Vervallen"))[1] == "Vervallen"
    assert terms([signal()])["Eerste gesprek"][1] == "Verlopen"
    declined = said(c.HelpAccepted, date(2026, 2, 2)), said(c.HelpDeclined, date(2026, 2, 3))
    assert terms([signal()], *declined)["Eerste gesprek"][1] == "Verlopen", "help was declined after all before"


def test_a_melding_that_is_closed_with_help_still_waits_for_its_conversation() -> None:
    closed = said(
        c.MeldingClosed, date(2026, 3, 20), melding_id=UUID(int=1), signaal_ids=(SIGNAAL,),
        resultaat=Eindresultaat.VERVOLGHULP_FINANCIEEL,
    )  # fmt: skip
    spoken = said(c.FirstConversationHeld, date(2026, 3, 24))
    assert terms([signal()], closed)["Eerste gesprek"][1] == "Verlopen"
    assert terms([signal()], closed, spoken)["Eerste gesprek"][1] == "Gehaald"


def test_out_of_sight_is_rent_arrears_of_which_nothing_is_heard() -> None:
    day = date(2026, 3, 2)
    ladder = DECIDER.fold([signal()])
    assert not uit_beeld(ladder, [], day + timedelta(days=60), 60)
    assert uit_beeld(ladder, [], day + timedelta(days=61), 60)
    assert not uit_beeld(ladder, [said(c.ActionTaken, date(2026, 3, 20), soort="Driegesprek")], date(2026, 5, 10), 60)
    assert not uit_beeld(DECIDER.fold([signal(signaalpartner=Signaalpartner.WATER)]), [], NU, 60)
    helped = said(c.HelpAccepted, day)
    assert not uit_beeld(DECIDER.fold([signal(), helped]), [helped], NU, 60)
    declined = [helped, said(c.HelpDeclined, day)]
    assert uit_beeld(DECIDER.fold([signal(), *declined]), declined, NU, 60), "declined after all"


@pytest.mark.parametrize("seed", range(25))
def test_every_interleaving_of_the_logs_gives_the_same_ladders(seed: int) -> None:
    moved_to = UUID(int=50)
    report = {"signaal_id": SIGNAAL, "partner": "woonbron", "achterstand_id": ACHTERSTAND, "bedrag": Decimal("600"),
              "signaalpartner": Signaalpartner.HUUR, "soort": Signaalsoort.VROEGSIGNAAL}  # fmt: skip
    logs: list[list[c.Event]] = [
        [
            example(c.SignalReceived, **report),
            example(c.SignalCorrected, **report | {"correctie": 1, "bedrag": Decimal("700")}),
            example(c.SignalWithdrawn, signaal_id=SIGNAAL, partner="woonbron", datum=NU),
        ],
        [
            example(c.BRPMismatched, signaal_id=SIGNAAL, partner="woonbron", gemeentecode="regio"),
            example(c.CaseOpened, zaak_id=ZAAK, gemeentecode="0505"), FIRST, RISEN,
            signal(vorig_bedrag=Decimal("650"), zaak_id=moved_to, gemeentecode="0610"),
        ],
        [said(c.ContactAttempted, date(2026, 4, 1), bereikt=True), said(c.CaseClosed, date(2026, 5, 1))],
    ]  # fmt: skip
    assert _told(logs, random.Random(seed)) == _told(logs, None)


def _told(logs: list[list[c.Event]], shuffled: random.Random | None) -> Any:
    """What a book holds after hearing these logs one after the other, or in some other order between them."""
    left, boek = [list(enumerate(log, 1)) for log in logs], Boek()
    while any(left):
        log = shuffled.choice([log for log in left if log]) if shuffled else next(log for log in left if log)
        sequence, event = log.pop(0)
        boek.hear(Unit(event.owner, "test", None, WHEN).emit(event, subject=ZAAK, gemeentecode="0505").at(sequence))
    for zaak_id in boek.zaken:
        boek.end(zaak_id)
    return boek.signalen, boek.plekken, boek.zaken, {zaak: boek.ladder(zaak) for zaak in boek.zaken}


def test_bredas_minimum_is_counted() -> None:
    attempts: list[tuple[Contactsoort, dict[str, Any]]] = [
        (Contactsoort.BRIEF, {}), (Contactsoort.TELEFOON, {}), (Contactsoort.TELEFOON, {"middel": "WhatsApp-oproep"}),
        (Contactsoort.SMS_WHATSAPP, {}), (Contactsoort.HUISBEZOEK, {"middel": "Flyer"}),
    ]  # fmt: skip
    plain = {"bereikt": False, "middel": None, "tijdstip": None, "dagdeel": Dagdeel.MIDDAG}
    done = [said(c.ContactAttempted, date(2026, 4, 7), soort=s, **(plain | more)) for s, more in attempts]
    facts = [plus(), *done]
    left = openstaand(fold({}, facts), facts, NU, STANDAARD)
    assert left == [
        "Signalering+: nog 1 keer een belpoging",
        "Signalering+: nog 1 keer een huisbezoek",
        "Signalering+: nog 1 keer een contactmoment buiten kantoortijd",
    ]
    evening = said(
        c.ContactAttempted, date(2026, 4, 8), soort=Contactsoort.HUISBEZOEK, **plain | {"dagdeel": Dagdeel.AVOND}
    )
    for told in (said(c.HelpDeclined, date(2026, 4, 8)), said(c.FirstConversationHeld, date(2026, 4, 8))):
        assert openstaand(fold({}, [*facts, told]), [*facts, told], NU, STANDAARD) == [], "somebody was reached"
    letter = said(c.ContactAttempted, date(2026, 4, 11), soort=Contactsoort.BRIEF, **plain)
    assert openstaand(fold({}, told := [*facts, letter]), told, NU, STANDAARD) == left, "nobody is spoken to by letter"
    open_late = Afspraken(uitvoering=Uitvoering(kantooruren_tot="20:00"))
    for at, agreed, there in (
        ({"dagdeel": Dagdeel.AVOND}, STANDAARD, False), ({"dagdeel": Dagdeel.AVOND}, open_late, True),
        ({"tijdstip": "17:00"}, STANDAARD, False), ({"tijdstip": "17:00"}, open_late, True),
        ({"tijdstip": "20:00"}, open_late, False), ({"tijdstip": "08:59"}, open_late, False),
    ):  # fmt: skip
        told = [*facts, said(c.ContactAttempted, date(2026, 4, 8), soort=Contactsoort.TELEFOON, **plain | at)]
        assert any("buiten kantoortijd" in one for one in openstaand(fold({}, told), told, NU, agreed)) is there, at
    call = said(c.ContactAttempted, date(2026, 4, 8), soort=Contactsoort.TELEFOON, **plain)
    all_done = [*facts, evening, call]
    assert openstaand(fold({}, all_done), all_done, NU, STANDAARD) == []
