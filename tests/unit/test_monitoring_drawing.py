"""Where things stand in the pictures, and how they are written."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from services.monitoring.fase import Fase
from services.monitoring.pages.drawing import funnel, picture, stretches
from services.monitoring.pages.wording import dag, getal, kenmerk_van, maand, procent
from services.monitoring.tijdlijn import Gebeurtenis, told
from services.monitoring.trechter import Funnel

START = datetime(2026, 1, 5, 9, tzinfo=UTC)


def event(type: str, day: int, **more: object) -> Gebeurtenis:
    known: dict[str, object] = dict.fromkeys(Gebeurtenis.__slots__)
    moment = START + timedelta(days=day)
    known |= {"id": uuid4(), "rang": 0, "volgnummer": day, "type": type, "op": moment, "vastgelegd_op": moment,
              "omschrijving": type}  # fmt: skip
    return Gebeurtenis(**(known | more))  # type: ignore[arg-type]


def test_a_funnel_narrows_with_its_counts() -> None:
    meldingen, reached, helped = funnel(Funnel(2022, 1203, 411))
    assert (meldingen.width, meldingen.x) == (300, 0)
    assert meldingen.width > reached.width > helped.width
    assert reached.x == pytest.approx((300 - reached.width) / 2)
    assert (reached.share, helped.share) == (59.5, 34.2)


def test_an_empty_funnel_has_no_bars_and_no_percentages() -> None:
    assert [(bar.width, bar.share) for bar in funnel(Funnel())] == [(0, None)] * 3


@pytest.mark.parametrize("width", [350, 960])
def test_a_case_runs_from_left_to_right_inside_its_box(width: int) -> None:
    events = [event("SignalReceived", 0), event("EscalatedToSignaleringPlus", 30), event("ContactAttempted", 31),
              event("DeurwaarderTransferred", 60, stand="Vonnis"), event("RouteAssigned", 300)]  # fmt: skip
    found = told(uuid4(), "0505", events)
    drawn = picture(found, width)
    assert drawn is not None
    assert [s.fase for s in drawn.stretches] == [Fase.VROEGSIGNALERING, Fase.SIGNALERING_PLUS, Fase.DEURWAARDER]
    dots = [dot.x for _, _, lane in drawn.lanes for dot in lane]
    assert all(0 <= x <= width for x in dots)
    assert "Beoordeling" not in [name for name, _, _ in drawn.lanes], "entered long after what it is about"
    assert all(0 <= tick.x <= width for tick in drawn.ticks)
    assert [fase for fase, _ in stretches(found)] == [s.fase for s in drawn.stretches]


def test_what_stands_too_near_becomes_one_dot() -> None:
    events = [event("ContactAttempted", 0), event("ContactAttempted", 0), event("ContactAttempted", 200)]
    drawn = picture(told(uuid4(), "0505", events), 960)
    assert drawn is not None
    assert [len(dot.events) for dot in drawn.lanes[0][2]] == [2, 1]


def test_nothing_happened_nothing_drawn() -> None:
    assert picture(told(uuid4(), "0505", []), 960) is None


def test_numbers_and_dates_are_dutch() -> None:
    assert getal(1234567) == "1.234.567"
    assert (procent(59.5), procent(None)) == ("59,5\u00a0%", "–")
    assert dag(datetime(2026, 3, 1, 23, 30, tzinfo=UTC)) == "2 maart 2026"
    assert (maand("2026-03"), maand("2026")) == ("maart 2026", "2026")
    assert kenmerk_van("Signalering+") == "fase-signalering-plus"
