"""What the campaign shares: the nursery of its processes, and the quiet run to compare the disturbed ones with."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults import soak, story
from tests.faults.campaign import watched
from tests.faults.nursery import Nursery


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Starts processes of this project for as long as the tests run."""
    found = Nursery()
    yield found
    found.close()


@pytest.fixture(autouse=True)
def told_at_once(request: pytest.FixtureRequest) -> Iterator[None]:
    """In the campaign each part says its row when it ends; the table of all comes at the end."""
    before = len(soak.ran)
    yield
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        for row in soak.ran[before:] if soak.SOAK else ():
            print(f"\n{row}", flush=True)


@dataclass(frozen=True)
class Quiet:
    """A run that nothing happened to: its final state, the points it passed, and the persons of its BRP."""

    state: str
    seen: frozenset[str]
    personen: Path


@pytest.fixture(scope="session")
def quiet(tmp_path_factory: pytest.TempPathFactory, nursery: Nursery) -> Quiet:
    """`drempel up` with its own database tells the story, undisturbed."""
    folder = tmp_path_factory.mktemp("quiet")
    personen = story.personen(folder)
    return Quiet(*asyncio.run(watched(folder / "data", {"BRP_PERSONEN": str(personen)}, nursery.start)), personen)
