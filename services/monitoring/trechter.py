"""The funnel: how many meldingen, how many of those reached, how many of those with help. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Funnel:
    """Meldingen, of those reached, of those with help."""

    meldingen: int = 0
    bereikt: int = 0
    hulp: int = 0

    @property
    def bereik(self) -> float | None:
        """Percentage reached."""
        return percentage(self.bereikt, self.meldingen)

    @property
    def acceptatie(self) -> float | None:
        """Percentage with help, of those reached."""
        return percentage(self.hulp, self.bereikt)


def percentage(part: int, whole: int) -> float | None:
    """One decimal; None of nothing."""
    return round(100 * part / whole, 1) if whole else None
