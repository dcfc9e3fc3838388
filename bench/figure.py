"""One measured figure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured, how much, in which unit, and what it should be."""

    name: str
    value: float
    unit: str
    goal: str = ""
    met: bool | None = None

    @property
    def text(self) -> str:
        """The value with as many digits as mean something."""
        digits = 0 if self.value >= 100 else 1 if self.value >= 10 else 2
        return f"{self.value:,.{digits}f} {self.unit}"


def at_least(name: str, value: float, unit: str, goal: float) -> Figure:
    """A figure that should be no lower than its goal."""
    return Figure(name, value, unit, f">= {goal:,g}", value >= goal)


def at_most(name: str, value: float, unit: str, goal: float) -> Figure:
    """A figure that should be no higher than its goal."""
    return Figure(name, value, unit, f"<= {goal:,g}", value <= goal)
