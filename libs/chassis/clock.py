"""The only places where time is read: the system's clock, and one that the demo and the tests move."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from libs.events.ports import Clock

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
"""Days and terms are counted here (Algemene termijnenwet)."""


class SystemClock:
    """The time it is."""

    def now(self) -> datetime:
        """Aware, in UTC."""
        return datetime.now(UTC)  # noqa: TID251


class SimulatedClock:
    """The time somebody set. It moves a microsecond at each look, so that recorded times keep their order."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """Aware, in UTC."""
        self._now += timedelta(microseconds=1)
        return self._now

    def move_to(self, moment: datetime) -> None:
        """Set the time; going back is refused."""
        if moment < self._now:
            raise ValueError("a clock does not go back")
        self._now = moment.astimezone(UTC)


def today(clock: Clock) -> date:
    """The calendar day in the Netherlands."""
    return clock.now().astimezone(AMSTERDAM).date()
