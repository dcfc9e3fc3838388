"""Who owns the embedded PostgreSQL: killed owners, and every way to run it as root or not."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from libs.chassis.embedded.binaries import find_binaries
from libs.chassis.embedded.postmaster import serves

ROOT = Path(__file__).resolve().parents[2]
OWNER = Path(__file__).with_name("embedded_owner.py")
NOBODY = 65534

pytestmark = pytest.mark.postgres
as_root = pytest.mark.needs(os.geteuid() == 0, "only root can be another user; run the suite as root")
on_linux = pytest.mark.needs(sys.platform == "linux", "user namespaces are Linux's")


def _reaches(uid: int, program: Path) -> bool:
    try:
        return subprocess.run([program, "--version"], user=uid, group=uid, capture_output=True).returncode == 0
    except PermissionError:
        return False


BINARIES_REACHED = os.geteuid() == 0 and _reaches(NOBODY, find_binaries() / "postgres")
"""Whether root's programs of PostgreSQL can be run by another account."""

# Gives up the right to make namespaces, as a container does: a namespace with all ids whose limit is zero.
PRISON = """
import ctypes, os, sys
assert ctypes.CDLL(None).unshare(0x10000000) == 0
print("ready", flush=True)
sys.stdin.readline()
with open("/proc/sys/user/max_user_namespaces", "w") as limit:
    limit.write("0")
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody can pass through, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="drempel-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


class Owner:
    """A child process that owns a server; see embedded_owner.py."""

    def __init__(self, wish: dict[str, Any], python: str = sys.executable, prison: bool = False, **env: str) -> None:
        script = ["-c", PRISON, str(OWNER)] if prison else [str(OWNER)]
        paths = os.pathsep.join([str(ROOT), *(path for path in sys.path if "site-packages" in path)])
        self.process = subprocess.Popen(
            [python, *script, json.dumps(wish, default=str)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1", **env},
        )
        if prison:
            self._imprison()
        line = self.read()
        if not line:
            self.process.communicate(timeout=30)
        assert line, "the owner ended before its server was ready"
        self.about: dict[str, Any] = json.loads(line)

    def read(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def _imprison(self) -> None:
        assert self.process.stdin is not None
        assert self.read() == "ready\n"
        for kind in ("uid", "gid"):
            Path(f"/proc/{self.process.pid}/{kind}_map").write_text("0 0 65536")
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def acknowledged(self, at_least: int) -> int:
        """Wait until so many rows were committed in this life; returns the number of the last row."""
        for _ in range(at_least):
            last = self.read()
        return int(last)

    def kill(self) -> int:
        """SIGKILL; returns the last row acknowledged before the end."""
        self.process.send_signal(signal.SIGKILL)
        rest, _ = self.process.communicate(timeout=10)
        return max((int(line) for line in rest.split("\n")[:-1]), default=0)

    def finish(self) -> None:
        """Let it write its rows and stop in order."""
        _, _ = self.process.communicate(timeout=30)
        assert self.process.returncode == 0


def gone(about: dict[str, Any], within: float = 5.0) -> bool:
    ends = time.monotonic() + within
    while serves(about["pid"], Path(about["data"])):
        if time.monotonic() > ends:
            return False
        time.sleep(0.01)
    return True


@pytest.mark.parametrize("bond", ["signal", "pipe"])
def test_kill_9_of_the_owner_ends_the_server_and_loses_nothing(tmp_path: Path, bond: str) -> None:
    found = 0
    for _ in range(3):
        owner = Owner({"folder": tmp_path, "thread": bond == "pipe"})
        assert owner.about["found"] >= found
        last = owner.acknowledged(200)
        last = max(owner.kill(), last)
        assert gone(owner.about), "the server outlived its owner"
        found = last
    owner = Owner({"folder": tmp_path, "rows": 1})
    assert owner.about["found"] >= found
    owner.finish()


def test_the_next_owner_stops_an_orphan_first(tmp_path: Path) -> None:
    """Should a server survive its owner after all, it is taken over in order, not fought with."""
    orphaned = Owner({"folder": tmp_path, "orphan": True})
    last = max(orphaned.acknowledged(50), orphaned.kill())
    assert not gone(orphaned.about, within=0.3)
    owner = Owner({"folder": tmp_path, "rows": 1})
    assert owner.about["found"] >= last
    assert gone(orphaned.about)
    owner.finish()


def test_kill_9_of_owner_and_server_together(tmp_path: Path) -> None:
    owner = Owner({"folder": tmp_path})
    last = owner.acknowledged(200)
    os.kill(owner.about["pid"], signal.SIGKILL)
    last = max(owner.kill(), last)
    again = Owner({"folder": tmp_path, "rows": 1})
    assert again.about["found"] >= last
    again.finish()


def test_a_stopping_owner_leaves_nothing(tmp_path: Path) -> None:
    owner = Owner({"folder": tmp_path, "rows": 5, "thread": True})
    owner.finish()
    assert gone(owner.about, within=0)
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert str(tmp_path) not in listed, "a watchdog or a server is left"


@as_root
@pytest.mark.needs(BINARIES_REACHED, "the programs of this environment are out of nobody's reach")
def test_root_uses_the_account_nobody_where_it_reaches_everything(open_folder: Path) -> None:
    owner = Owner({"folder": open_folder / "data", "rows": 3})
    assert owner.about["identity"] == f"account:{NOBODY}:{NOBODY}"
    assert Path(owner.about["data"]).stat().st_uid == NOBODY
    owner.finish()
    assert open_folder.stat().st_mode & 0o777 == 0o755


@as_root
@on_linux
def test_root_uses_a_namespace_where_folders_are_private(open_folder: Path) -> None:
    """Data under root's own folder and programs in root's own environment; no permission is changed."""
    private = open_folder / "root"
    private.mkdir(mode=0o700)
    programs = _private_programs(private)
    owner = Owner({"folder": private / "data", "rows": 3}, DREMPEL_POSTGRES_BIN=str(programs))
    assert owner.about["identity"].startswith("namespace:")
    owner.finish()
    assert private.stat().st_mode & 0o777 == 0o700
    # the folder is opened by its owner: another identity takes over, with the data
    private.chmod(0o755)
    programs.parent.parent.chmod(0o755)
    again = Owner({"folder": private / "data", "rows": 3}, DREMPEL_POSTGRES_BIN=str(programs))
    assert again.about["identity"].startswith("account:")
    assert again.about["found"] == 3
    killed = Owner  # and back
    again.finish()
    private.chmod(0o700)
    back = killed({"folder": private / "data"}, DREMPEL_POSTGRES_BIN=str(programs))
    assert back.about["identity"].startswith("namespace:")
    assert back.about["found"] == 6
    back.kill()
    assert gone(back.about), "the kernel's signal must survive the namespace"


@as_root
@on_linux
def test_root_without_namespaces_moves_what_nobody_cannot_reach(open_folder: Path) -> None:
    """As in a container that forbids namespaces, with the data under a private folder of root."""
    private, shelter = open_folder / "root", open_folder / "shelter"
    private.mkdir(mode=0o700)
    wish = {"folder": private / "data", "shelter": shelter}
    programs = {"DREMPEL_POSTGRES_BIN": str(_private_programs(private))}
    first = Owner(wish, prison=True, **programs)
    assert first.about["identity"] == f"account:{NOBODY}:{NOBODY}"
    assert Path(first.about["data"]).parent.parent == shelter
    assert shelter in Path(first.about["binaries"]).parents
    last = max(first.acknowledged(20), first.kill())
    assert gone(first.about), "the kernel's signal must survive the change of user"
    second = Owner({**wish, "rows": 1}, prison=True, **programs)
    assert (second.about["data"], second.about["found"] >= last) == (first.about["data"], True)
    second.finish()
    shutil.rmtree(private / "data")
    fresh = Owner({**wish, "rows": 1}, prison=True, **programs)
    assert fresh.about["found"] == 0, "deleted data came back"
    fresh.finish()
    assert private.stat().st_mode & 0o777 == 0o700


@as_root
@on_linux
def test_data_made_in_a_namespace_move_along(open_folder: Path) -> None:
    private, shelter = open_folder / "root", open_folder / "shelter"
    private.mkdir(mode=0o700)
    Owner({"folder": private / "data", "rows": 7}).finish()
    moved = Owner({"folder": private / "data", "shelter": shelter, "rows": 1}, prison=True)
    assert moved.about["found"] == 7
    moved.finish()
    assert not (private / "data" / "postgres" / "data").exists()
    shutil.rmtree(shelter)
    with pytest.raises(AssertionError, match="ended before"):  # DataMissing: never a new, empty database
        Owner({"folder": private / "data", "shelter": shelter, "rows": 1})


def _pythons() -> list[str]:
    named = shutil.which(f"python3.{sys.version_info.minor}", path="/usr/bin:/usr/local/bin")
    return [sys.executable, *([named] if named else [])]


REACHED = os.geteuid() != 0 or (any(_reaches(NOBODY, Path(python)) for python in _pythons()) and BINARIES_REACHED)


@pytest.mark.needs(REACHED, "no Python or no PostgreSQL that an ordinary user can reach")
def test_an_ordinary_user(open_folder: Path) -> None:
    """As root: become one. Python itself must then be one that an ordinary user can run."""
    wish: dict[str, Any] = {"folder": open_folder / "data", "rows": 3}
    python = sys.executable
    if os.geteuid() == 0:
        wish["uid"], python = NOBODY, next(python for python in _pythons() if _reaches(NOBODY, Path(python)))
        (open_folder / "data").mkdir()
        os.chown(open_folder / "data", NOBODY, NOBODY)
    owner = Owner(wish, python=python)
    assert owner.about["identity"] == "self"
    owner.finish()
    again = Owner({k: v for k, v in wish.items() if k != "rows"}, python=python)
    assert again.about["found"] == 3
    again.kill()
    assert gone(again.about)


def _private_programs(folder: Path) -> Path:
    """The programs, where only root gets at them."""
    source = find_binaries().parent
    target = folder / source.parent.name / source.name
    for part in ("bin", "lib", "share"):
        shutil.copytree(source / part, target / part, symlinks=True)
    libraries = source.parent.with_name(f"{source.parent.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name, symlinks=True)
    target.parent.chmod(0o700)
    return target / "bin"
