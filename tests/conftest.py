"""What all tests share: one PostgreSQL per run, the folder `shared`, and the line that says what ran for real."""

import asyncio
import os
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from libs.chassis.embedded import EmbeddedPostgres

_ran: set[str] = set()
_ABSENT = "the folder `shared` does not stand beside the project (set DREMPEL_SHARED)"


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The data folder of a PostgreSQL that runs as long as the tests; the supervisor lives in its own thread."""
    folder = tmp_path_factory.mktemp("drempel")
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def call(work: object) -> object:
        return asyncio.run_coroutine_threadsafe(work, loop).result(120)  # type: ignore[arg-type]

    server = call(EmbeddedPostgres.start(folder))
    _ran.add("PostgreSQL")
    yield folder
    call(server.stop())  # type: ignore[attr-defined]
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


def shared_folder() -> Path | None:
    """Where the shared samples are, if they are."""
    beside = Path(os.environ.get("DREMPEL_SHARED") or Path(__file__).resolve().parents[1] / "../shared")
    return beside.resolve() if beside.is_dir() else None


@pytest.fixture(scope="session")
def shared() -> Path:
    """The shared samples; tests that ask for them are left out, loudly, where they are absent."""
    folder = shared_folder()
    assert folder is not None, _ABSENT
    return folder


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what this machine can't run, and say so at the end: never a skip that counts as passed."""
    reasons: Counter[str] = Counter()
    kept, left = [], []
    for item in items:
        why = [mark.args[1] for mark in item.iter_markers("needs") if not mark.args[0]]
        if item.get_closest_marker("shared") and shared_folder() is None:
            why.append(_ABSENT)
        (left if why else kept).append(item)
        reasons.update(why[:1])
    items[:] = kept
    config.hook.pytest_deselected(items=left)
    config.stash[_LEFT] = reasons


_LEFT = pytest.StashKey[Counter[str]]()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember which back ends were used."""
    if report.when == "call" and report.passed:
        _ran.update(name for name, label in (("browser", "browser"), ("kafka", "Kafka")) if name in report.keywords)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """One line: what ran for real, and what was left out."""
    real = {"Postgres": "PostgreSQL" in _ran, "Kafka": "kafka" in _ran, "browser": "browser" in _ran}
    terminalreporter.write_line(
        "back ends: " + ", ".join(f"{n}: {'real' if r else 'NOT RUN'}" for n, r in real.items())
    )
    for reason, count in config.stash.get(_LEFT, Counter()).items():
        terminalreporter.write_line(f"LEFT OUT: {count} tests: {reason}")
