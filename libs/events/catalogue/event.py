"""What every domain event is."""

from typing import ClassVar

from libs.events.values import Value


class Event(Value):
    """Base of all domain events."""

    version: ClassVar[int] = 1
    owner: ClassVar[str] = ""

    @classmethod
    def name(cls) -> str:
        """The stored name: chosen once, never derived from a module path."""
        return cls.__name__
