"""The sample region through six processes on a real broker ends in the state of the embedded run, exactly."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from libs.chassis.run import kek_of
from libs.chassis.settings import Settings
from tests import invariants
from tests.distributed import distributed
from tests.e2e.samples import Sample, send_all
from tests.e2e.test_samples import key_of, the_acts_are_posted
from tests.installation import Installation, installed
from tests.system import fresh_database

pytestmark = [pytest.mark.shared, pytest.mark.postgres, pytest.mark.kafka, pytest.mark.slow]


@dataclass
class Beginning(Sample):
    """The first files of the sample, and the acts about the signals in them."""

    most: int = 20

    def files(self) -> list[dict[str, Any]]:
        """The files in order of delivery."""
        return super().files()[: self.most]

    def events(self) -> list[dict[str, Any]]:
        """What partners and caseworkers do, in order."""
        names = {file["bestand"] for file in self.files()}
        known = {(r["partner"], r["kenmerk"], r["periode"]) for r in self.truth["rijen"]
                 if r["bestand"] in names and r["oordeel"] != "geweigerd"}  # fmt: skip
        return [act for act in super().events() if key_of(act) in known]


async def played(drempel: Installation, sample: Sample) -> None:
    """Everything that partners deliver, and then everything that is done about it."""
    loaded = await send_all(drempel, sample)
    await drempel.rest()
    await the_acts_are_posted(drempel, sample, loaded)
    await drempel.rest()


async def embedded(sample: Sample, folder: Path) -> str:
    """The state that `drempel verify --json` tells of one process with everything in it."""
    async with installed(folder, sample.settings) as drempel:
        await played(drempel, sample)
        verified = await drempel.json("verify")
    assert verified["ok"], verified
    return str(verified["state"])


async def apart(sample: Sample, folder: Path, postgres: Path, kafka: str) -> str:
    """The same of six processes over a topic of their own."""
    async with fresh_database(postgres) as url:
        settings = {**sample.settings, "DATABASE_URL": url, "KAFKA": kafka, "KAFKA_TOPIC": f"test-{uuid4().hex[:12]}"}
        async with distributed(folder, settings) as drempel:
            await played(drempel, sample)
            verified = await drempel.json("verify")
            assert await drempel.down() == 0
        assert verified["ok"], verified
        whole = await invariants.assert_whole(url, kek_of(Settings(kek_file=folder / "kek"), folder))
    assert whole == verified["state"]
    return whole


async def test_the_first_files_end_in_the_same_state(shared: Path, tmp_path: Path, postgres: Path, kafka: str) -> None:
    sample = Beginning(shared / "samples")
    assert len(sample.events()) > 10
    assert await apart(sample, tmp_path / "six", postgres, kafka) == await embedded(sample, tmp_path / "one")


@pytest.mark.soak
async def test_the_whole_year_ends_in_the_same_state(shared: Path, tmp_path: Path, postgres: Path, kafka: str) -> None:
    sample = Sample(shared / "samples")
    assert await apart(sample, tmp_path / "six", postgres, kafka) == await embedded(sample, tmp_path / "one")
