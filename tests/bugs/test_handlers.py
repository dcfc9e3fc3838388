"""Handlers that break a promise are caught by the schedules with the real handlers."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.bugs.switches import delivering, handling, writing
from tests.conftest import Call
from tests.handlers import undisturbed
from tests.handlers.schedule import Schedule, simulate, simulate_loss
from tests.handlers.world import World
from tests.invariants import Broken

pytestmark = pytest.mark.postgres

MOST = 600
"""Schedules in which a bug has to show; the rarest, `folds_side_by_side`, needs 218."""


@dataclass(frozen=True)
class Bug:
    """A switch, the group in whose schedules it shows, and whether those lose an event."""

    plant: Callable[[pytest.MonkeyPatch], None]
    group: str
    lost: bool = False


BUGS = [
    Bug(delivering.effect_before_checkpoint, "outreach"),
    Bug(delivering.checkpoint_before_effect, "intake"),
    Bug(delivering.no_duplicate_check, "escalation"),
    Bug(delivering.seek_forgotten, "intake"),
    Bug(delivering.gap_ignored, "matching", lost=True),
    Bug(writing.ids_not_derived, "routing"),
    Bug(handling.said_in_a_second_transaction, "routing"),
    Bug(handling.statements_commit_one_by_one, "escalation"),
    Bug(handling.seen_in_memory, "intake"),
    Bug(handling.folds_side_by_side, "outreach"),
    Bug(handling.place_of_the_last_version, "matching"),
    Bug(handling.tenant_as_heard, "monitoring.timeline"),
]


@pytest.fixture(autouse=True)
def own_quiet_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the handlers did quietly while a bug was planted says nothing of the handlers without it."""
    monkeypatch.setattr(undisturbed, "QUIET", {})


async def caught(here: World, bug: Bug) -> tuple[int, Broken] | None:
    """The first schedule that shows it."""
    kind = simulate_loss if bug.lost else simulate
    for seed in range(1, MOST + 1):
        try:
            await kind(here, seed, bug.group)
        except Broken as broken:
            return seed, broken
    return None


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: str(bug.plant.__name__))
def test_a_planted_bug_is_caught(bug: Bug, here: World, background: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    bug.plant(monkeypatch)
    found = background(caught(here, bug))
    assert found is not None
    assert not any(one.startswith("other") for one in found[1].found), found[1].found


@pytest.mark.parametrize("group", sorted({bug.group for bug in BUGS}))
def test_without_a_bug_the_same_schedules_are_whole(here: World, background: Call, group: str) -> None:
    async def some() -> list[Schedule]:
        return [await simulate(here, seed, group) for seed in range(1, 8)]

    assert all(found.committed for found in background(some()))


def test_the_table_of_the_docs_is_this_one() -> None:
    page = (Path(__file__).parents[2] / "docs" / "faults.md").read_text()
    rows = set(re.findall(r"^\| `(\w+)` \|.*\| `handlers` \((\S+)\)", page, re.MULTILINE))
    assert rows == {(bug.plant.__name__, bug.group) for bug in BUGS}
