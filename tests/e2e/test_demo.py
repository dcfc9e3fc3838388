"""`drempel demo --once`, as a newcomer runs it: it ends well, shows the funnel and a household up to its eviction."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SECONDS = 240
PERSONAL = re.compile(r"9999\d{5}|06\d{8}|@example\.org")


def demo(*given: str, data: Path | None = None) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("DREMPEL_")}
    env |= {"PYTHONPATH": str(ROOT), "COLUMNS": "140"} | ({"DREMPEL_DATA": str(data)} if data else {})
    command = [sys.executable, "-m", "drempel", "demo", "--once", "--port", "0", *given]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=SECONDS)


def counts(output: str) -> dict[str, int]:
    found = re.findall(r"^[a-z ]* ([A-Z]\w+)\s+([\d.]+)\s*$", output, re.MULTILINE)
    return {name: int(number.replace(".", "")) for name, number in found}


@pytest.mark.slow
@pytest.mark.postgres
def test_a_small_region_goes_from_first_signal_to_eviction(tmp_path: Path) -> None:
    ended = demo("--months", "3", "--scale", "0.004", "--seed", "5", data=tmp_path / "demo")
    assert ended.returncode == 0, ended.stderr[-2000:]
    for heading in ("Trechter", "Vroegsignalering", "Signalering+", "hulpacceptatie", "Partners", "Ontruimd"):
        assert heading in ended.stdout
    said = counts(ended.stdout)
    assert {"EvictionAverted", "EvictionCarriedOut", "HelpAccepted", "ReportedToMPZO"} <= said.keys()
    assert said["BRPMatched"] >= said["RouteAssigned"] / 2
    terms = ended.stdout[ended.stdout.index("Termijnen van wet en convenant") :]
    assert "Geen ging ongezien voorbij." in terms
    met, _, breached, _ = re.findall(r"bedreigende situatie +(\d+) +(\d+) +(\d+) +(\d+)", terms)[0]
    assert int(met) > int(breached), "most of who is threatened is spoken with within three working days"
    tijdlijn = ended.stdout[ended.stdout.index("Zaak ") :]
    weg = ["SignalReceived", "BRPMatched", "DeurwaarderTransferred", "EvictionScheduled", "EvictionCarriedOut"]
    plaatsen = [tijdlijn.index(name) for name in weg]
    assert plaatsen == sorted(plaatsen)
    assert not PERSONAL.search(ended.stdout + ended.stderr)


@pytest.mark.slow
@pytest.mark.postgres
def test_ctrl_c_stops_it_before_the_end_and_the_next_one_begins_anew(tmp_path: Path) -> None:
    data, command = tmp_path / "demo", [sys.executable, "-m", "drempel", "demo", "--once", "--port", "0"]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "DREMPEL_DATA": str(data)}
    running = subprocess.Popen(
        [*command, "--scale", "0.01"], cwd=ROOT, env=env, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    assert running.stderr is not None
    try:
        assert "2025-01" in running.stderr.readline()
        refused = demo(data=data)
        assert (refused.returncode, "something runs" in refused.stderr) == (2, True)
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=60)
    finally:
        running.kill()
    assert (running.returncode, "stopped before the end" in said) == (130, True)
    again = demo("--months", "1", "--scale", "0.002", data=data)
    assert again.returncode == 0, again.stderr[-2000:]
    assert "Geen huishouden" in again.stdout


@pytest.mark.postgres
def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "kek").write_text("of a real installation")
    ended = demo(data=tmp_path)
    assert ended.returncode == 2
    assert "empty folder" in ended.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["kek"]
