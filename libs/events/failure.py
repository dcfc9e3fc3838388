"""What to do when an event can't be handled: Retry, Park or Stop, decided by one pure function.

The reason names an exception's class, never its message: messages may hold what was handled.
"""

from dataclasses import dataclass

from libs.events.errors import AlreadyAppended, Gap, Refusal, Transient, Unreadable, VersionConflict

MOST_SECONDS = 60.0
"""Longest pause between two tries."""


MOST_ASKED = 900.0
"""Longest pause that the outside may ask for (Retry-After)."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Transient: wait this many seconds and try again; what came before is committed first."""

    after: float
    reason: str


@dataclass(frozen=True, slots=True)
class Park:
    """This event can't be handled now: it and the later ones of its subject wait visibly."""

    reason: str


@dataclass(frozen=True, slots=True)
class Stop:
    """An invariant is broken: going on would lose or repeat something."""

    reason: str


Verdict = Retry | Park | Stop

_TRANSIENT = (Transient, VersionConflict, ConnectionError, TimeoutError)


def judge(error: Exception, *, attempt: int) -> Verdict:
    """The transient waits as long as it takes, the unreadable and the unexpected park, a broken invariant stops."""
    reason = type(error).__name__
    if isinstance(error, AlreadyAppended):
        return Park(reason)  # trying again would say it again
    if isinstance(error, _TRANSIENT) or _database_is_away(error):
        asked = min(MOST_ASKED, error.after) if isinstance(error, Transient) else 0.0
        return Retry(max(asked, min(MOST_SECONDS, 0.25 * 2.0 ** min(attempt, 10))), reason)
    if isinstance(error, Gap):
        return Stop(reason)
    if isinstance(error, Unreadable | Refusal):
        return Park(f"{reason}: {error}" if isinstance(error, Unreadable) else reason)
    return Park(f"unexpected {reason}")


def _database_is_away(error: Exception) -> bool:
    """SQLSTATE classes 08 (connection), 40 (serialization, deadlock), 53 (resources), 55 (lock), 57 (shutdown)."""
    state = getattr(error, "sqlstate", None)
    away = type(error).__name__ in {"InterfaceError", "InternalClientError"}
    return away or (isinstance(state, str) and state[:2] in {"08", "40", "53", "55", "57"})
