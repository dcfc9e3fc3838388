"""Crash points: what the registry lists is what is in the code, and one kills at the time it was told to."""

import signal
import subprocess
import sys
from pathlib import Path

from libs.events import crash
from tests.faults import points

PASS = "from libs.events.crash import crash_point\nfor n in range(5): print(n, flush=True); crash_point('a.b')"


def passing(**environment: str) -> subprocess.CompletedProcess[str]:
    """A process that passes one point five times."""
    inherited = {"PYTHONPATH": str(points.ROOT)}
    command = [sys.executable, "-c", PASS]
    return subprocess.run(command, env=inherited | environment, capture_output=True, text=True, timeout=30)


def test_the_registry_is_the_code() -> None:
    found = points.in_the_code()
    assert sorted(found) == sorted(points.ALL), "each named once, each listed"
    assert len(points.ALL) >= 40


def test_a_point_kills_at_the_nth_time_and_only_there(tmp_path: Path) -> None:
    killed = passing(DREMPEL_CRASH="a.b:3", DREMPEL_CRASH_SEEN=str(tmp_path / "seen"))
    assert (killed.returncode, killed.stdout) == (-signal.SIGKILL, "0\n1\n2\n")
    assert (tmp_path / "seen").read_text() == "a.b\n" * 3
    assert passing(DREMPEL_CRASH="a.c").returncode == passing().returncode == 0


def test_without_the_variable_a_point_is_an_empty_call() -> None:
    assert crash.armed({}) is crash._nothing
    assert crash.armed({"DREMPEL_CRASH": "a.b"}) is not crash._nothing
