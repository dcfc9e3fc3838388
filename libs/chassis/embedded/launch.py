"""Becomes another program, as the right user and bound to its parent's life.

Run as a script (``python -I -S launch.py PARENT IDENTITY DEATH FOLDER COMMAND...``), never imported by the
server: a ``preexec_fn`` would run Python between fork and exec of a process that has threads.

- PARENT: process id of the supervisor.
- IDENTITY: ``self``, ``account:UID:GID`` or ``namespace:UID:GID`` (a user namespace in which we are UID).
- DEATH: ``signal`` (Linux: the kernel sends SIGINT when the parent thread ends), ``pipe`` (a watchdog reads
  standard input to its end) or ``none``.
- FOLDER: the working folder; entering it proves that the identity reaches it.

PostgreSQL answers SIGINT with a fast, clean shutdown.
"""

import ctypes
import os
import signal
import sys

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1


def become(identity: str) -> None:
    """Give up being who we are. Libraries are loaded by now: the new user may not reach Python itself."""
    kind, _, ids = identity.partition(":")
    if kind == "self":
        return
    uid, gid = (int(part) for part in ids.split(":"))
    if kind == "account":
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
        return
    outer_uid, outer_gid = os.getuid(), os.getgid()
    call_c("unshare", CLONE_NEWUSER)
    write_once("/proc/self/setgroups", "deny")  # the kernel's condition for a group map of one's own
    write_once("/proc/self/uid_map", f"{uid} {outer_uid} 1")
    write_once("/proc/self/gid_map", f"{gid} {outer_gid} 1")


def call_c(name: str, *arguments: int) -> None:
    """A call of the C library that Python 3.11 has no name for."""
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, name)(*arguments) != 0:
        raise OSError(ctypes.get_errno(), name)


def write_once(path: str, text: str) -> None:
    """The kernel wants these files written in a single call."""
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def bind_to(parent: int, death: str) -> None:
    """End when the parent ends, however it ends. After ``become``: a change of user clears the signal."""
    if death == "signal":
        call_c("prctl", PR_SET_PDEATHSIG, signal.SIGINT)
        if os.getppid() != parent:
            sys.exit("the supervisor ended before the server began")
    elif death == "pipe":
        leave_watchdog(os.getpid())
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)


def leave_watchdog(server: int) -> None:
    """A grandchild, so that the server never sees a child it did not start."""
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    if os.read(0, 1) == b"":  # a byte means: the server was stopped in order
        try:
            os.kill(server, signal.SIGINT)
        except ProcessLookupError:
            os._exit(0)
    os._exit(0)


def main(arguments: list[str]) -> None:
    """See the module's docstring; does not return."""
    parent, identity, death, folder, *command = arguments
    ctypes.CDLL(None)
    os.umask(0o077)
    become(identity)
    os.chdir(folder)
    bind_to(int(parent), death)
    os.execv(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1:])
