"""The agenda of the demo: what happens on which day, and what is taken off when a case has ended."""

from datetime import date

from drempel.demo.agenda import Agenda, weken
from drempel.region.acts import Act


def act(dag: int, zaak: str | None = None, nummer: int = 0) -> Act:
    return Act(date(2025, 2, dag), "consulent", "/x", {"nummer": nummer}, zaak_id=zaak)


def test_days_come_in_order_and_once() -> None:
    agenda = Agenda()
    agenda.plan(acts=[act(9), act(3, nummer=1), act(3, nummer=2), act(20)])
    eerste = list(agenda.neem(tot=date(2025, 2, 10)))
    assert [(dag.day, [een.body["nummer"] for een in acts]) for dag, _, acts in eerste] == [(3, [1, 2]), (9, [0])]
    assert [dag.day for dag, _, _ in agenda.neem(tot=date(2025, 3, 1))] == [20]
    assert list(agenda.neem(tot=date(2026, 1, 1))) == []


def test_a_case_that_ended_has_nothing_more_to_be_done() -> None:
    agenda = Agenda()
    agenda.plan(acts=[act(3, "a"), act(3, "b"), act(9, "a")])
    gedaan = []
    for _, _, acts in agenda.neem(tot=date(2025, 3, 1)):
        gedaan += [een.zaak_id for een in acts]
        agenda.schrap("a")
    assert gedaan == ["a", "b"]


def test_the_weeks_of_a_month_end_where_the_next_begins() -> None:
    assert weken("2025-02") == [date(2025, 2, 8), date(2025, 2, 15), date(2025, 2, 22), date(2025, 3, 1)]
    assert weken("2025-12")[-1] == date(2026, 1, 1)
