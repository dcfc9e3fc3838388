"""What can go wrong with events, as one tree.

EventsError
├── VersionConflict   somebody else appended to the stream first: load, decide and append again
│   └── AlreadyAppended  the log has an event with this id: its cause was handled before
├── Transient         the outside did not answer (now): wait and ask again
├── Unreadable        the event can't be understood here: it waits for a person or a newer release
│   ├── UnknownEvent  its type is not in the catalogue
│   └── UpcastMissing no step leads from its version to the current one
├── Erased            the subject's key was destroyed: the person is unreadable for ever
├── NoGrant           this service may not open personal data
├── WrongKey          the key-encryption key is not the one that wrapped the keys
└── Gap               an event is missing between two that arrived: the consumer stops
Refusal               a caller asked for something the rules forbid; carries an HTTP status and a code

Messages name fields, types and ids, never values: they end up in logs.
"""

from typing import ClassVar
from uuid import UUID


class EventsError(Exception):
    """Root of the library's own failures."""


class VersionConflict(EventsError):
    """Somebody else appended to the stream first."""


class AlreadyAppended(VersionConflict):
    """The log has an event with this id."""


class Transient(EventsError):
    """The outside did not answer now; the same question may be answered later, not before `after` seconds."""

    def __init__(self, reason: str = "", *, after: float = 0.0) -> None:
        super().__init__(reason)
        self.after = after


class Unreadable(EventsError):
    """The event can't be understood here."""


class UnknownEvent(Unreadable):
    """The event's type is not in the catalogue."""


class UpcastMissing(Unreadable):
    """No step leads from the event's version to the current one."""


class Erased(EventsError):
    """The subject's key was destroyed."""

    def __init__(self, subject: UUID) -> None:
        super().__init__(f"the key of subject {subject} was destroyed")
        self.subject = subject


class NoGrant(EventsError):
    """This service may not open personal data."""


class WrongKey(EventsError):
    """The key-encryption key is not the one that wrapped the keys."""


class Gap(EventsError):
    """An event is missing between two that arrived."""


class Refusal(Exception):
    """A caller asked for something the rules forbid. The class docstring is the title of the problem.

    ``field`` is the dotted path of the field at fault, ``rule`` one sentence that names no value.
    """

    status: ClassVar[int] = 409
    code: ClassVar[str] = "geweigerd"

    def __init__(self, rule: str = "", *, field: str | None = None) -> None:
        super().__init__(rule or (self.__doc__ or "").strip())
        self.rule = rule or (self.__doc__ or "").strip()
        self.field = field


class NotFound(Refusal):
    """Niet gevonden."""

    status = 404
    code = "nietGevonden"


class Invalid(Refusal):
    """Een veld voldoet niet."""

    status = 400
    code = "ongeldig"


class Forbidden(Refusal):
    """Dit token mag dit niet."""

    status = 403
    code = "verboden"
