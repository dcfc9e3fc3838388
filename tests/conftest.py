"""What all tests share: one PostgreSQL per run, the folder `shared`, and the line that says what ran for real."""

import asyncio
import os
import threading
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from libs.chassis.embedded import EmbeddedPostgres
from tests import brokers
from tests.faults import soak
from tests.handlers.recorded import Recording, recorded
from tests.handlers.world import World, world

# An example may take as long as a busy machine needs: no test is timed.
settings.register_profile("drempel", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("drempel")

_ran: set[str] = set()
_ABSENT = "the folder `shared` does not stand beside the project (set DREMPEL_SHARED)"


Call = Callable[[Coroutine[Any, Any, Any]], Any]


@pytest.fixture(scope="session")
def background() -> Iterator[Call]:
    """Runs coroutines in a thread that lives as long as the tests: servers die with the thread that started them."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield lambda work: asyncio.run_coroutine_threadsafe(work, loop).result(120)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory, background: Call) -> Iterator[Path]:
    """The data folder of a PostgreSQL that runs as long as the tests."""
    folder = tmp_path_factory.mktemp("drempel")
    server = background(EmbeddedPostgres.start(folder))
    yield folder
    background(server.stop())


@pytest.fixture(scope="session")
def recording(postgres: Path, tmp_path_factory: pytest.TempPathFactory, background: Call) -> Iterator[Recording]:
    """What six services said of a handful of households, told once."""
    told = recorded(postgres, tmp_path_factory.mktemp("recorded"))
    yield background(told.__aenter__())
    background(told.__aexit__(None, None, None))


@pytest.fixture(scope="session")
def here(recording: Recording, background: Call) -> Iterator[World]:
    """Where schedules with the real handlers happen in this process."""
    opened = world(recording)
    yield background(opened.__aenter__())
    background(opened.__aexit__(None, None, None))


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory, background: Call) -> Iterator[str]:
    """The address of an Apache Kafka that runs as long as the tests; each test has a topic of its own."""
    broker = brokers.broker(tmp_path_factory.mktemp("kafka"))
    yield background(broker.__aenter__())
    background(broker.__aexit__(None, None, None))


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
        why = _reasons(item)
        (left if why else kept).append(item)
        reasons.update(why[:1])
        _place(item)
    items[:] = kept
    config.hook.pytest_deselected(items=left)
    config.stash[_LEFT] = reasons


def _reasons(item: pytest.Item) -> list[str]:
    why = [mark.args[1] for mark in item.iter_markers("needs") if not mark.args[0]]
    if item.get_closest_marker("shared") and shared_folder() is None:
        why.append(_ABSENT)
    if item.get_closest_marker("kafka") and (absent := brokers.absent()):
        why.append(absent)
    return why


def _place(item: pytest.Item) -> None:
    """A file is run by one process of the run; all that needs Kafka by one, beside one broker, or what was recorded."""
    fixtures = getattr(item, "fixturenames", ())
    made_once = next((name for name in ("quiet", "recording") if name in fixtures), str(item.path))
    shared = "kafka" if item.get_closest_marker("kafka") else made_once
    item.add_marker(pytest.mark.xdist_group(shared))
    if "postgres" in fixtures:
        item.add_marker("postgres")


_LEFT = pytest.StashKey[Counter[str]]()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A process of the run tells what it left out to the one that reports."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left"] = dict(session.config.stash[_LEFT])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Every process sees all tests, so what one left out the others did too."""
    node.config.stash[_LEFT] = Counter(getattr(node, "workeroutput", {}).get("left", {}))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember which back ends were used."""
    if report.when == "call" and report.passed:
        _ran.update(name for name in ("postgres", "browser", "kafka") if name in report.keywords)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """One line: what ran for real, and what was left out."""
    real = {"Postgres": "postgres" in _ran, "browser": "browser" in _ran}
    terminalreporter.write_line(
        "back ends: " + ", ".join(f"{n}: {'real' if r else 'NOT RUN'}" for n, r in real.items())
    )
    if campaign := soak.closing():
        terminalreporter.write(campaign)
    for reason, count in config.stash.get(_LEFT, Counter()).items():
        terminalreporter.write_line(f"LEFT OUT: {count} tests: {reason}")
    terminalreporter.write_line(f"Kafka: {brokers.label()}" if "kafka" in _ran else "Kafka: not run")
