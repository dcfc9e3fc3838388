"""The given/when/then language itself: it must fail where it should."""

import pytest

from libs.events.decider import Decider
from libs.events.errors import Refusal
from tests.spec import Scenario


class TooMuch(Refusal):
    """Te veel."""


def decide(amount: int, total: int) -> list[int]:
    if total + amount > 10:
        raise TooMuch(field="amount")
    return [amount] if amount else []


adding: Decider[int, int, int] = Decider(initial=0, decide=decide, evolve=lambda total, amount: total + amount)


def test_what_was_what_is_asked_what_follows() -> None:
    Scenario(adding).given(3, 4).when(2).then(2).when(0).then_nothing().then_is(lambda total: total == 9)
    Scenario(adding).given(9).when(2).then_refused(TooMuch, field="amount")


def test_a_wrong_expectation_fails() -> None:
    with pytest.raises(AssertionError):
        Scenario(adding).when(2).then(3)
    with pytest.raises(AssertionError):
        Scenario(adding).when(2).then_refused(TooMuch)
    with pytest.raises(AssertionError):
        Scenario(adding).then_nothing()
    with pytest.raises(TooMuch):
        Scenario(adding).when(11).then_nothing()
