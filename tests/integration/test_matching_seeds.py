"""Matching on seeds nobody tuned it on, through the trial BRP over HTTP; and the commands that show it."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from drempel.cli import app
from drempel.cli.nauwkeurigheid import bevindingen, schrijf_steekproef, scores
from drempel.region.gevallen import GEVALLEN
from drempel.region.slippen import SLIPPEN
from drempel.region.steekproef import steekproef
from libs.chassis.settings import Settings
from services.matching.proefomgeving import proefomgeving
from tests.keten import op_het_net


@pytest.mark.parametrize("seed", [20261, 20262])
async def test_nobody_is_mistaken_and_hardly_anybody_missed(tmp_path: Path, seed: int) -> None:
    aantal = await asyncio.to_thread(schrijf_steekproef, tmp_path, seed, 4)
    async with op_het_net(proefomgeving(tmp_path / "personen.json")) as url:
        gevonden = scores(await bevindingen(tmp_path, Settings(brp_url=url)))
    alles = gevonden["alles"]
    assert aantal == 4 * (len(SLIPPEN) + len(GEVALLEN)) > 250
    assert alles.rijen == aantal - 8, "two cases are left open, but for a wrong person"
    assert alles.verkeerd == 0
    assert alles.goed >= 0.99 * alles.rijen, gevonden
    assert {f"ruis: {naam}" for naam in SLIPPEN} | {f"client: {naam}" for naam in GEVALLEN} <= set(gevonden)


def test_a_sample_is_its_seed() -> None:
    assert steekproef(7, 1) == steekproef(7, 1)
    assert steekproef(7, 1).regels != steekproef(8, 1).regels


def test_the_commands(tmp_path: Path) -> None:
    roep = CliRunner().invoke
    assert roep(app, ["matching-sample", str(tmp_path), "--seed", "5", "--per-kind", "1"]).exit_code == 0
    klopt = roep(app, ["matching-report", str(tmp_path), "--json", "--fouten"])
    assert klopt.exit_code == 0, klopt.output
    assert json.loads(klopt.stdout.splitlines()[-1])["alles"]["verkeerd"] == 0
    waarheid = json.loads((tmp_path / "truth.json").read_bytes())
    waarheid["rijen"][0]["match"] = {"bsn": "000000000"}
    (tmp_path / "truth.json").write_text(json.dumps(waarheid))
    mis = roep(app, ["matching-report", str(tmp_path), "--fouten"])
    assert mis.exit_code == 1 and "steekproef-2025-03.ndjson:1 gewoon" in mis.output
