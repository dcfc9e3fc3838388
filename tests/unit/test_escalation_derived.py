"""What follows from the facts of a case: terms, the monthly list, and the same ladder in every order."""

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from libs.events import catalogue as c
from libs.events.unit import Unit
from libs.events.values import Contactsoort, Dagdeel, Signaalpartner, Signaalsoort
from services.escalation.domain.boek import Boek
from services.escalation.domain.ladder import fold
from services.escalation.domain.overleg import openstaand, uit_beeld
from services.escalation.domain.regels import DECIDER
from services.escalation.domain.termijnen import plus_maanden, termijnen
from tests.examples import WHEN, example
from tests.ladders import (
    ACHTERSTAND,
    FIRST,
    NU,
    RISEN,
    SIGNAAL,
    ZAAK,
    announced,
    plus,
    said,
    signal,
)


def facts(*events: c.Event) -> list[c.Event]:
    return sorted(events, key=lambda event: event.datum)  # type: ignore[attr-defined]


def terms(signals: list[c.Event], *events: c.Event) -> dict[str, tuple[date, str]]:
    ladder = fold(DECIDER.fold(signals).signalen, events)
    return {t.termijn: (t.uiterlijk, t.status(NU)) for t in termijnen(ladder, facts(*events))}


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


def test_out_of_sight_is_rent_arrears_of_which_nothing_is_heard() -> None:
    day = date(2026, 3, 2)
    ladder = DECIDER.fold([signal()])
    assert not uit_beeld(ladder, [], day + timedelta(days=60))
    assert uit_beeld(ladder, [], day + timedelta(days=61))
    assert not uit_beeld(ladder, [said(c.ActionTaken, date(2026, 3, 20), soort="Driegesprek")], date(2026, 5, 10))
    assert not uit_beeld(DECIDER.fold([signal(signaalpartner=Signaalpartner.WATER)]), [], NU)
    helped = said(c.HelpAccepted, day)
    assert not uit_beeld(DECIDER.fold([signal(), helped]), [helped], NU)


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
    left = openstaand(fold({}, facts), facts, NU)
    assert left == [
        "Signalering+: nog 1 keer een huisbezoek",
        "Signalering+: nog 1 keer een contactmoment buiten kantoortijd",
    ]
    evening = said(
        c.ContactAttempted, date(2026, 4, 8), soort=Contactsoort.HUISBEZOEK, **plain | {"dagdeel": Dagdeel.AVOND}
    )
    assert openstaand(fold({}, [*facts, evening]), [*facts, evening], NU) == []
