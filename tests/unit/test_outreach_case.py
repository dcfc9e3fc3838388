"""What the facts about a case add up to: threat, terms, the words that may go in clear."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from pydantic import ValidationError

from libs.events.catalogue import (
    ContactAttempted,
    DeurwaarderTransferred,
    EscalatedToSignaleringPlus,
    Event,
    EvictionAverted,
    EvictionPostponed,
    EvictionScheduled,
    FirstConversationHeld,
    HelpAccepted,
    HelpDeclined,
    HelpEnded,
)
from libs.events.values import Deurwaardersfase
from services.outreach import bodies, termijnen, woorden
from services.outreach.dossier import Dossier
from services.outreach.rust import Contacten
from services.outreach.stand import DEURWAARDER, GEEN_DREIGING, ONTRUIMING, dreiging, dringend, stand_van
from tests.examples import example

ONE, TWO = UUID(int=1), UUID(int=2)
BASIS = bodies.Basis(ONE, datetime(2025, 6, 10, 12, 0, tzinfo=UTC))


def bailiff(fase: str, achterstand_id: UUID = ONE, **more: object) -> Event:
    return example(DeurwaarderTransferred, fase=fase, achterstand_id=achterstand_id, **more)


def on(day: int) -> dict[str, object]:
    return {"datum": date(2026, 3, day)}


@pytest.mark.parametrize(
    ("feiten", "expected", "fase"),
    [
        ([], GEEN_DREIGING, None),
        ([bailiff("Overgedragen")], DEURWAARDER, "Overgedragen"),
        ([bailiff("Vonnis"), bailiff("Geregeld")], GEEN_DREIGING, "Geregeld"),
        ([bailiff("Vonnis"), bailiff("Overgedragen", TWO)], DEURWAARDER, "Vonnis"),
        ([bailiff("Teruggenomen"), bailiff("Dagvaarding", TWO)], DEURWAARDER, "Dagvaarding"),
        ([bailiff("Dagvaarding"), example(EvictionScheduled)], ONTRUIMING, "Dagvaarding"),
        ([example(EvictionScheduled), example(EvictionAverted)], GEEN_DREIGING, None),
        ([example(EvictionScheduled), example(EvictionPostponed, nieuwe_datum=None)], ONTRUIMING, None),
        ([example(EvictionScheduled), example(EvictionAverted), example(EvictionScheduled, ontruiming_id=TWO)],
         ONTRUIMING, None),
    ],
)  # fmt: skip
def test_how_near_the_eviction_is(feiten: list[Event], expected: int, fase: str | None) -> None:
    stand = stand_van(feiten)
    assert dreiging(stand) == expected
    assert (stand["deurwaarder"] or {}).get("fase") == (Deurwaardersfase(fase) if fase else None)


@pytest.mark.parametrize(
    ("feiten", "expected"),
    [
        ([], False),
        ([bailiff("Overgedragen")], False),
        ([bailiff("Dagvaarding")], False),
        ([bailiff("Vonnis")], True),
        ([bailiff("Vonnis"), bailiff("Geregeld")], False),
        ([bailiff("Vonnis"), bailiff("Geregeld", signaal_id=TWO)], False),
        ([bailiff("Vonnis"), bailiff("Overgedragen", TWO)], True),
        ([bailiff("Vonnis"), bailiff("Geregeld", TWO)], True),
        ([example(EscalatedToSignaleringPlus, **on(2)), example(HelpAccepted, **on(2))], False),
        ([example(HelpAccepted, **on(2)), example(EscalatedToSignaleringPlus, **on(2))], False),
        ([example(HelpAccepted, **on(2)), example(HelpEnded, **on(5)), example(EscalatedToSignaleringPlus, **on(9))],
         True),
        ([example(EscalatedToSignaleringPlus, **on(2)), example(HelpAccepted, **on(4)), example(HelpEnded, **on(5))],
         False),
        ([example(EscalatedToSignaleringPlus)], True),
        ([example(EvictionScheduled)], True),
        ([example(EvictionScheduled), example(EvictionPostponed)], True),
        ([example(EvictionScheduled), example(EvictionAverted)], False),
    ],
)  # fmt: skip
def test_when_contact_is_sought_as_often_as_needed(feiten: list[Event], expected: bool) -> None:
    assert dringend(stand_van(feiten), None) is expected


def test_signalering_plus_is_urgent_until_somebody_was_reached_since_it_began() -> None:
    plus, vonnis = stand_van([example(EscalatedToSignaleringPlus, **on(4))]), stand_van([bailiff("Vonnis")])
    for day, expected in ((date(2026, 3, 3), True), (date(2026, 3, 4), False)):
        assert dringend(plus, day) is expected
        assert dringend(vonnis, day)
        for kind in (HelpDeclined, FirstConversationHeld):
            assert Contacten.van([example(kind, datum=day)]).gesproken == day
        assert Contacten.van([example(ContactAttempted, datum=day, bereikt=True, soort="Telefoon")]).gesproken == day
        assert Contacten.van([example(ContactAttempted, datum=day, bereikt=False, soort="Telefoon")]).gesproken is None


def test_help_is_what_was_said_last_by_its_day() -> None:
    helped, declined = example(HelpAccepted, **on(4)), example(HelpDeclined, **on(2))
    for eigen, hulp in (([helped, declined], "Aanvaard"), ([example(HelpDeclined, **on(4))], "Afgewezen"),
                        ([helped, example(HelpDeclined, **on(4))], "Afgewezen"), ([], None)):  # fmt: skip
        assert Dossier(ONE, "0505", stand_van([]), [], eigen).hulp() == hulp


def test_the_first_of_two_evictions_threatens() -> None:
    later = example(EvictionScheduled, ontruiming_id=TWO, ontruimingsdatum=date(2026, 9, 1))
    sooner = example(EvictionScheduled, ontruimingsdatum=date(2026, 4, 1))
    assert stand_van([later, sooner])["ontruiming"]["ontruimingsdatum"] == "2026-04-01"


MELDING, ELDERS, ONTRUIMING_ID = (UUID(int=n) for n in (10, 11, 12))
MONDAY = date(2025, 3, 31)


def clock(soort: str, dag: int, oorzaak: UUID | None = MELDING, bron: str = "Wgs art. 4") -> termijnen.Termijn:
    return termijnen.Termijn(soort, bron, date(2025, 3, dag), oorzaak)


@pytest.mark.parametrize(
    ("klokken", "beleid", "expected"),
    [
        ([], None, None),
        ([], MONDAY, (MONDAY, "beleid")),
        ([], date(2025, 3, 29), (MONDAY, "beleid")),  # a Saturday
        ([clock(termijnen.GESPREK, 31)], date(2025, 3, 29), (MONDAY, "Wgs art. 4")),
        ([clock(termijnen.GESPREK, 31)], None, (MONDAY, "Wgs art. 4")),
        ([clock(termijnen.GESPREK, 31)], date(2025, 4, 7), (MONDAY, "Wgs art. 4")),
        ([clock(termijnen.GESPREK, 31)], date(2025, 3, 17), (date(2025, 3, 17), "beleid")),
        ([clock(termijnen.GESPREK, 31), clock("Eindelevering", 26, bron="Convenant")], MONDAY,
         (date(2025, 3, 26), "Convenant")),
        ([clock(termijnen.GESPREK, 3, ELDERS)], MONDAY, (MONDAY, "beleid")),
        ([clock(termijnen.BEDREIGEND, 6, ONTRUIMING_ID)], MONDAY, (date(2025, 3, 6), "Wgs art. 4")),
        ([clock("Aanzegtermijn ontruiming", 5), clock("Besluit op hulp", 5)], MONDAY, (MONDAY, "beleid")),
    ],
)  # fmt: skip
def test_the_last_day_is_that_of_the_clock_unless_the_policy_asks_for_less(
    klokken: list[termijnen.Termijn], beleid: date | None, expected: tuple[date, str] | None
) -> None:
    assert termijnen.laatste_dag(klokken, {MELDING}, beleid) == expected


def test_running_clocks_are_shown_and_of_the_policy_only_a_day_of_its_own() -> None:
    row = {"uiterlijkeDatum": "2025-03-10", "bereikt": False, "ingetrokken": False, "termijnbron": "beleid"}
    rows = [row, row | {"bereikt": True}, row | {"ingetrokken": True}, row | {"termijnbron": "Wgs art. 4"}]
    breached = replace(clock(termijnen.GESPREK, 7), verlopen=True)
    assert [
        (t["soort"], t["uiterlijk"], t["verlopen"]) for t in termijnen.lopend([clock("Moratorium", 20), breached], rows)
    ] == [
        (termijnen.GESPREK, "2025-03-07", True),
        ("Contact", "2025-03-10", False),
        ("Moratorium", "2025-03-20", False),
    ]


def test_who_comes_by_himself_and_is_not_found_yet_has_the_day_his_clock_will_have() -> None:
    assert termijnen.zonder_klok(date(2025, 4, 17), 28) == (date(2025, 5, 15), "Wgs art. 4")
    assert termijnen.zonder_klok(date(2025, 4, 7), 28) == (date(2025, 5, 6), "Wgs art. 4"), "5 May is a holiday"


def test_words_of_the_list_are_in_clear_others_are_to_be_sealed() -> None:
    body = bodies.Contactpoging.model_validate(
        {"soort": "Telefoon", "datum": "2025-06-09", "bereikt": True, "resultaat": " GEEN gehoor ",
         "middel": "rooksignaal", "uitvoerder": "iemand"}
    )  # fmt: skip
    assert body.vrij() == {"middel": "rooksignaal", "uitvoerder": "iemand"}
    command = body.command(BASIS)
    assert (command.resultaat, command.middel) == ("Geen gehoor", None)


def test_a_kind_of_help_in_own_words_is_other_in_clear() -> None:
    body = bodies.Hulpacceptatie.model_validate({"soort": "samen koken", "datum": "2025-06-09"})
    assert body.command(BASIS).soort == woorden.OVERIGE
    assert body.vrij() == {"soort": "samen koken"}


@pytest.mark.parametrize("datum", ["2025-6-9", "20250609", "2025-06-09T00:00", 1749427200, True, None, "2025-02-29"])
def test_a_date_is_a_date(datum: object) -> None:
    with pytest.raises(ValidationError):
        bodies.Nazorg.model_validate({"datum": datum})
