"""As whom the server runs. PostgreSQL refuses to run as root, and Drempel must work as root.

An ordinary user runs it as itself. For root, in this order, each tried for real before it is chosen:
1. the account ``nobody``, where it reaches the programs and the data folder;
2. a user namespace in which root's own files belong to ``nobody`` (reaches all that root owns; some
   containers forbid namespaces);
3. ``nobody``, with what it can't reach brought to where it can (libs/chassis/embedded/moved.py).
No account is made and no permission of a folder that is not ours is changed.
"""

import os
import pwd
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from libs.chassis.embedded.errors import NoIdentity

LAUNCHER = Path(__file__).with_name("launch.py")
Death = Literal["signal", "pipe", "none"]


@dataclass(frozen=True)
class Identity:
    """``uid`` and ``gid`` own the files on disk; ``argument`` is the launcher's word for becoming it."""

    argument: str
    uid: int
    gid: int

    def command(self, folder: Path, *command: str, death: Death = "none") -> list[str]:
        """The command line that runs ``command`` as this identity with ``folder`` as working folder."""
        launcher = [sys.executable, "-I", "-S", str(LAUNCHER), str(os.getpid()), self.argument, death]
        return [*launcher, str(folder), *command]

    def reaches(self, binaries: Path, folder: Path) -> bool:
        """Try it: become the identity, enter the folder, run the server's program."""
        command = self.command(folder, str(binaries / "postgres"), "--version")
        return (
            subprocess.run(command, env=environment(), capture_output=True, timeout=60).returncode == 0  # noqa: S603
        )

    def own(self, path: Path) -> None:
        """Give ``path``, which must be ours, and what is in it to this identity."""
        found = path.lstat()
        if (found.st_uid, found.st_gid) == (self.uid, self.gid):
            return
        if os.geteuid() != 0:
            if found.st_uid == self.uid:
                return
            raise NoIdentity(f"{path} belongs to another user (uid {found.st_uid})")
        for _, folders, files, inside in os.fwalk(path, topdown=False):  # by descriptor: nothing to swap
            for name in (*folders, *files):
                os.chown(name, self.uid, self.gid, dir_fd=inside, follow_symlinks=False)
        os.chown(path, self.uid, self.gid, follow_symlinks=False)


def environment() -> dict[str, str]:
    """A small environment: no PGDATA, PGOPTIONS or locale of the caller reaches the server."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}


def nobody() -> Identity:
    """The unprivileged account every Unix has."""
    try:
        account = pwd.getpwnam("nobody")
    except KeyError:
        raise NoIdentity("root can't run PostgreSQL and there is no account nobody") from None
    return Identity(f"account:{account.pw_uid}:{account.pw_gid}", account.pw_uid, account.pw_gid)


def candidates() -> list[Identity]:
    """Whom to try, best first."""
    own_uid, own_gid = os.geteuid(), os.getegid()
    if own_uid != 0 and _has_account(own_uid):
        return [Identity("self", own_uid, own_gid)]
    account = nobody()
    namespace = Identity(f"namespace:{account.uid}:{account.gid}", own_uid, own_gid)
    inside = [namespace] if sys.platform == "linux" else []
    return [account, *inside] if own_uid == 0 else inside  # initdb wants the name of an account


def _has_account(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True
