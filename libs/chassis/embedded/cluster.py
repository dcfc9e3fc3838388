"""The files of one embedded database: where they are, how they are made, what the server is told.

Inside the data folder everything is under ``postgres/``: ``lock``, ``server.log``, ``data/`` (PostgreSQL's
own), ``run/`` (the unix socket), and, where needed, ``moved-to`` and ``socket`` (pointers elsewhere).
"""

import fcntl
import os
import re
import secrets
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from libs.chassis.embedded.binaries import find_binaries, major_version
from libs.chassis.embedded.errors import FolderInUse, NoIdentity, StartFailed
from libs.chassis.embedded.identity import Identity, candidates, environment, nobody
from libs.chassis.embedded.moved import copy_binaries, followed, move_data, sync_folder, write_durably

SUPERUSER = "drempel"
SOCKET_FOLDER_BYTES = 85  # sun_path is 104 on macOS, 108 on Linux, less "/.s.PGSQL.5432" and a NUL
PLAIN_PATH = re.compile(r"[A-Za-z0-9/._ @+-]+")  # needs no quoting in settings nor in a URL's host list

# No personal data in the log: a failing statement's message, detail and text may quote a row, so nothing
# below LOG is written, without details, without statements. The client still gets the full error.
SETTINGS = """\
# Written by Drempel at every start; changes made here are lost.
listen_addresses = ''
unix_socket_directories = '{socket_folder}'
unix_socket_permissions = 0700
port = 5432
max_connections = 200
shared_buffers = '128MB'
max_wal_size = '2GB'
dynamic_shared_memory_type = mmap
fsync = on
full_page_writes = on
synchronous_commit = on
idle_in_transaction_session_timeout = '60s'
timezone = 'UTC'
datestyle = 'iso, ymd'
lc_messages = 'C'
default_text_search_config = 'pg_catalog.simple'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] '
log_min_messages = log
log_error_verbosity = terse
log_min_error_statement = panic
log_statement = none
log_min_duration_statement = -1
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
"""
ACCESS = "local all all trust\n"  # whoever enters the socket's folder (0700) is let in; there is no other way


@dataclass(frozen=True)
class Cluster:
    """One database on disk, and who runs it with which programs. ``place`` is ``home`` unless it moved."""

    home: Path
    place: Path
    binaries: Path
    identity: Identity

    @property
    def data(self) -> Path:
        return self.place / "data"

    @property
    def log(self) -> Path:
        return self.home / "server.log"


def home_of(folder: Path) -> Path:
    """The part of the data folder that is the server's."""
    return folder.expanduser().resolve() / "postgres"


def make_home(folder: Path) -> Path:
    """Root's is open for passing through: its server is run by another account."""
    mode = 0o711 if os.geteuid() == 0 else 0o700
    home = home_of(folder)
    home.parent.mkdir(mode=mode, parents=True, exist_ok=True)
    home.mkdir(mode=mode, exist_ok=True)
    home.chmod(mode)
    return home


def lock(home: Path) -> int:
    """Own the folder until the descriptor is closed or the process ends. Raises FolderInUse at once."""
    descriptor = os.open(home / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise FolderInUse(f"{home.parent} is in use by another process") from None
    return descriptor


def settle(home: Path) -> Cluster:
    """Choose programs, identity and place. Under the lock, with no server running."""
    binaries, place = find_binaries(), followed(home)
    known = candidates()
    if known and known[0].argument == "self":
        return Cluster(home, place, binaries, known[0])
    for identity in known:
        if identity.reaches(binaries, place):
            return Cluster(home, place, binaries, identity)
    if os.geteuid() != 0:
        raise NoIdentity("this user has no account name and may not make a user namespace")
    identity = nobody()
    if not identity.reaches(binaries, Path("/")):
        binaries = copy_binaries(binaries)
    if not identity.reaches(binaries, place):
        place = move_data(home)
    if not identity.reaches(binaries, place):
        raise NoIdentity("root may not become another user here; start Drempel as an ordinary user")
    return Cluster(home, place, binaries, identity)


def prepare(cluster: Cluster) -> Path:
    """Make the database if there is none yet, write the settings; returns the socket's folder."""
    for unfinished in cluster.place.glob("new-*"):
        shutil.rmtree(unfinished)
    if not cluster.data.exists():
        _initdb(cluster)
    cluster.identity.own(cluster.data)
    socket_folder = _socket_folder(cluster)
    settings = SETTINGS.format(socket_folder=f'"{socket_folder}"')
    write_durably(cluster.data / "postgresql.conf", settings, cluster.identity)
    write_durably(cluster.data / "pg_hba.conf", ACCESS, cluster.identity)
    return socket_folder


def _initdb(cluster: Cluster) -> None:
    """Into a folder beside, then renamed: half a database is never taken for one."""
    unfinished = cluster.place / f"new-{secrets.token_hex(4)}"
    unfinished.mkdir(mode=0o700)
    cluster.identity.own(unfinished)
    locale = ["--encoding=UTF8", "--locale=C"]
    if major_version(cluster.binaries) >= 17:
        locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    program = [str(cluster.binaries / "initdb"), "-D", str(unfinished), "-U", SUPERUSER, "-A", "trust", "-k"]
    command = cluster.identity.command(cluster.place, *program, *locale)
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=300)  # noqa: S603
    if done.returncode != 0:
        shutil.rmtree(unfinished)
        raise StartFailed(f"initdb failed: {done.stderr.strip()[-500:]}")
    unfinished.rename(cluster.data)
    sync_folder(cluster.place)


def _socket_folder(cluster: Cluster) -> Path:
    """``run`` beside the data where its path is short and plain, else a private folder with a short name."""
    forget_socket_folder(cluster)
    folder = cluster.place / "run"
    if len(os.fsencode(folder)) <= SOCKET_FOLDER_BYTES and PLAIN_PATH.fullmatch(str(folder)):
        folder.mkdir(mode=0o700, exist_ok=True)
    else:
        base = tempfile.gettempdir()
        usable = len(os.fsencode(base)) <= SOCKET_FOLDER_BYTES - 20 and PLAIN_PATH.fullmatch(base)
        folder = Path(tempfile.mkdtemp(prefix="drempel-", dir=base if usable else "/tmp"))  # noqa: S108
        write_durably(cluster.home / "socket", f"{folder}\n")
    folder.chmod(0o700)
    cluster.identity.own(folder)
    return folder


def forget_socket_folder(cluster: Cluster) -> None:
    """Remove the sockets of a server that is gone, and the recorded short folder if it is still ours."""
    if (cluster.place / "run").exists():
        shutil.rmtree(cluster.place / "run")
    record = cluster.home / "socket"
    if not record.exists():
        return
    folder = Path(record.read_text().strip())
    ours = {os.geteuid(), cluster.identity.uid}
    known = folder.name.startswith("drempel-") and folder.is_dir() and not folder.is_symlink()
    if known and folder.lstat().st_uid in ours:
        shutil.rmtree(folder)
    record.unlink()
