"""The closing table counts what is wrong where it belongs, and a failing round says how to run it again."""

from pathlib import Path

import pytest

from tests.faults import soak
from tests.invariants import Broken


def failing(report: Path, found: list[str]) -> None:
    """A part of three rounds, of which the second finds these."""
    with soak.part("kills", "kills of a test") as row:
        for n in range(3):
            with row.round() as seed:
                row.done += 10
                assert seed == 41 + n
                if n == 1:
                    raise Broken(found)


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A campaign with a report and a seed of its own."""
    monkeypatch.setattr(soak, "SOAK", True)
    monkeypatch.setattr(soak, "REPORT", tmp_path / "soak.jsonl")
    monkeypatch.setattr(soak, "ran", [])
    monkeypatch.setenv("DREMPEL_SEED", "41")
    return tmp_path / "soak.jsonl"


def test_a_round_that_fails_is_counted_named_and_not_the_last(report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(AssertionError, match=r"seeds \[42\]"):
        failing(report, ["lost: one", "lost: two", "order: three", "what nobody foresaw"])
    said = capsys.readouterr().out
    assert "DREMPEL_SEED=42 DREMPEL_SOAK_KILLS=1 make soak ARGS='-k test_a_round_that_fails" in said
    (row,) = soak.written()
    assert (row.done, row.rounds, row.failing) == (30, 3, [42])
    assert row.wrong == {"lost": 2, "order": 1, "other": 1}


def test_parts_add_up_in_one_table(report: Path) -> None:
    for _ in range(2):
        with soak.part("brokers", "stops") as row, row.round():
            row.done += 18
    table = soak.closing()
    assert "36" in table
    assert "none" in table


def test_outside_the_campaign_the_first_failure_is_raised(report: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soak, "SOAK", False)
    with pytest.raises(Broken, match="gap: here") as raised:
        failing(report, ["gap: here"])
    assert "DREMPEL_SEED=42 make test ARGS='-k test_outside" in "".join(raised.value.__notes__)
    assert not report.exists()
