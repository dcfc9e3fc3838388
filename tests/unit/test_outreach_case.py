"""What the facts about a case add up to: threat, terms, the words that may go in clear."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from libs.events.catalogue import (
    DecisionTaken,
    DeurwaarderTransferred,
    EscalatedToSignaleringPlus,
    Event,
    EvictionAverted,
    EvictionPostponed,
    EvictionScheduled,
    FirstConversationHeld,
    HelpAccepted,
)
from libs.events.values import Deurwaardersfase
from services.outreach import bodies, termijnen, woorden
from services.outreach.stand import DEURWAARDER, GEEN_DREIGING, ONTRUIMING, dreiging, dringend, stand_van
from tests.examples import example

ONE, TWO = UUID(int=1), UUID(int=2)
BASIS = bodies.Basis(ONE, datetime(2025, 6, 10, 12, 0, tzinfo=UTC))


def bailiff(fase: str, signaal_id: UUID = ONE) -> Event:
    return example(DeurwaarderTransferred, fase=fase, signaal_id=signaal_id)


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
        ([bailiff("Vonnis"), bailiff("Overgedragen", TWO)], True),
        ([example(EscalatedToSignaleringPlus)], True),
        ([example(EvictionScheduled)], True),
        ([example(EvictionScheduled), example(EvictionPostponed)], True),
        ([example(EvictionScheduled), example(EvictionAverted)], False),
    ],
)
def test_when_contact_is_sought_as_often_as_needed(feiten: list[Event], expected: bool) -> None:
    assert dringend(stand_van(feiten)) is expected


def test_the_first_of_two_evictions_threatens() -> None:
    later = example(EvictionScheduled, ontruiming_id=TWO, ontruimingsdatum=date(2026, 9, 1))
    sooner = example(EvictionScheduled, ontruimingsdatum=date(2026, 4, 1))
    assert stand_van([later, sooner])["ontruiming"]["ontruimingsdatum"] == "2026-04-01"


HELP = example(HelpAccepted, datum=date(2025, 3, 1))
TALK = example(FirstConversationHeld, datum=date(2025, 3, 20))
DECISION = example(DecisionTaken, datum=date(2025, 4, 1))
ROW = {"uiterlijkeDatum": "2025-03-10", "bereikt": False, "ingetrokken": False}


@pytest.mark.parametrize(
    ("feiten", "rijen", "eigen", "expected"),
    [
        ([], [], [], []),
        ([], [ROW], [HELP], ["2025-03-10 beleid", "2025-03-29 Wgs art. 4"]),
        ([], [ROW | {"bereikt": True}, ROW | {"ingetrokken": True}], [], []),
        ([], [], [HELP, TALK], ["2025-05-15 Wgs art. 4a"]),
        ([], [], [HELP, TALK, DECISION], []),
        ([example(EvictionScheduled)], [], [HELP], []),
        ([example(EvictionScheduled)], [], [HELP, TALK], ["2025-05-15 Wgs art. 4a"]),
    ],
)
def test_terms_run_until_they_are_met(
    feiten: list[Event], rijen: list[dict[str, Any]], eigen: list[Event], expected: list[str]
) -> None:
    found = termijnen.lopend(stand_van(feiten), rijen, eigen)
    assert [f"{t['uiterlijk']} {t['bron']}" for t in found] == expected


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
