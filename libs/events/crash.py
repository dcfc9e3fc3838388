"""Crash points: named places in the code where a test lets the process die as in a power cut.

``DREMPEL_CRASH=relay.after_send:3`` kills this process with SIGKILL at the third time it comes there. Without the
variable a point is a call of an empty function. ``DREMPEL_CRASH_SEEN`` names a file that gets a line for each time a
point is passed, which is how a campaign knows where it can kill (docs/faults.md).
"""

import os
import signal
from collections.abc import Callable, Mapping


def _nothing(name: str, /) -> None:
    """Nobody asked for anything."""


def armed(environment: Mapping[str, str]) -> Callable[[str], None]:
    """What a point does in this environment."""
    where, _, nth = environment.get("DREMPEL_CRASH", "").partition(":")
    seen = environment.get("DREMPEL_CRASH_SEEN")
    if not where and not seen:
        return _nothing
    file = os.open(seen, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600) if seen else None
    left = int(nth or 1)

    def passed(name: str, /) -> None:
        nonlocal left
        if file is not None:
            os.write(file, f"{name}\n".encode())
        if name == where:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return passed


_act = armed(os.environ)


def crash_point(name: str, /) -> None:
    """A place to die; `name` is `part.moment` and written out, so that it can be found in the code."""
    _act(name)
