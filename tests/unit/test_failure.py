"""What becomes of an event that can't be handled."""

import pytest

from libs.events.errors import AlreadyAppended, Gap, Invalid, Transient, UnknownEvent, VersionConflict
from libs.events.failure import MOST_ASKED, MOST_SECONDS, Park, Retry, Stop, judge


@pytest.mark.parametrize(
    "error", [Transient("away"), TimeoutError(), ConnectionResetError(), VersionConflict("stream")]
)
def test_what_may_go_well_later_is_tried_again(error: Exception) -> None:
    first, later = judge(error, attempt=0), judge(error, attempt=50)
    assert isinstance(first, Retry)
    assert first.after < 1
    assert later == Retry(MOST_SECONDS, type(error).__name__)


def test_the_outside_may_ask_for_a_longer_pause() -> None:
    assert judge(Transient("busy", after=120), attempt=0) == Retry(120, "Transient")
    assert judge(Transient("busy", after=1), attempt=50) == Retry(MOST_SECONDS, "Transient")
    assert judge(Transient("busy", after=86_400), attempt=0) == Retry(MOST_ASKED, "Transient")


@pytest.mark.parametrize("error", [AlreadyAppended("id"), UnknownEvent("X"), Invalid("no"), ValueError("0612345678")])
def test_what_will_not_go_well_by_itself_waits_for_a_person(error: Exception) -> None:
    verdict = judge(error, attempt=0)
    assert isinstance(verdict, Park)
    assert "0612345678" not in verdict.reason


def test_a_broken_invariant_stops() -> None:
    assert judge(Gap("3 after 1"), attempt=0) == Stop("Gap")
