"""A policy may ask for days between two steps, and for somebody else to do one."""

from datetime import date

from libs.events.values import Contactsoort
from services.outreach.planning import Werk
from tests.unit.test_outreach_planning import BELLEN, BEZOEK, BRIEF, LAST, MONDAY, plan, poging, stap

ROUTE = stap(BRIEF), stap(BELLEN, minimum=2, na_dagen=7, uitvoerder="callcenter"), stap(BEZOEK)


def days(*gedaan: Contactsoort, uiterlijk: date = LAST) -> list[date]:
    return [taak.gepland for taak in plan(*ROUTE, gedaan=tuple(poging(one) for one in gedaan), uiterlijk=uiterlijk)]


def test_a_step_waits_so_many_days_after_the_one_before_it() -> None:
    assert days()[:2] == [MONDAY, date(2025, 3, 10)]
    assert days()[2] > date(2025, 3, 10)
    assert days(BRIEF)[0] == date(2025, 3, 10)


def test_the_last_day_goes_before_the_wait() -> None:
    assert max(days(uiterlijk=date(2025, 3, 6))) <= date(2025, 3, 6)


def test_who_does_it_is_said() -> None:
    shown = [taak.als_json(Werk(ROUTE, MONDAY, LAST), None, MONDAY)["uitvoerder"] for taak in plan(*ROUTE)]
    assert shown == [None, "callcenter", None]
