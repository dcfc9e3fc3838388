"""A policy may ask for days between two steps, and for somebody else to do one."""

from datetime import date

from libs.chassis import werkdagen
from libs.events.values import Contactsoort, Stap
from services.outreach.planning import Poging, Werk, taken
from tests.unit.test_outreach_planning import BELLEN, BEZOEK, BRIEF, LAST, MONDAY, REGELS, plan, poging, stap

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


def own(*route: Stap, gedaan: tuple[Poging, ...] = (), wie: str = "Callcenter ") -> list[tuple[int, date]]:
    """What one who carries out a step has to do, and when, whatever others have still to do."""
    found = taken(Werk(route, MONDAY, LAST, gedaan), None, REGELS, MONDAY, werkdagen, wie)
    return [(taak.nummer, taak.gepland) for taak in found]


def test_who_carries_out_a_step_waits_for_no_other_unless_the_step_says_so() -> None:
    without = (stap(BEZOEK), stap(BELLEN, uitvoerder="callcenter"), stap(BRIEF))
    assert own(*without) == [(2, MONDAY)]
    assert own(*without, wie="wijkteam") == []
    assert own(*ROUTE) == [], "seven days after a letter that has still to go"
    assert own(*ROUTE, gedaan=(poging(BRIEF),)) == [(2, date(2025, 3, 10))]
