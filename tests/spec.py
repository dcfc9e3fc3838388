"""Given/when/then for a Decider: an example of a rule, readable aloud.

    Scenario(decider).given(SomethingHappened(...)).when(DoThis(...)).then(ThisFollows(...))
    Scenario(decider).given(...).when(DoThis(...)).then_refused(NotAllowed)

``given`` folds events without deciding; ``when`` decides once and folds what came of it, so a scenario may
go on with ``.when(...)`` after ``.then(...)``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Self, TypeVar

from libs.events.decider import Decider

C = TypeVar("C")
S = TypeVar("S")
E = TypeVar("E")


@dataclass
class Scenario(Generic[C, S, E]):
    """One example: what was, what is asked, what follows."""

    decider: Decider[C, S, E]

    def __post_init__(self) -> None:
        self.state: S = self.decider.initial
        self.outcome: list[E] = []
        self.refusal: Exception | None = None
        self._asked = False

    def given(self, *events: E) -> Self:
        """What happened before."""
        self.state = self.decider.fold(events, self.state)
        return self

    def when(self, command: C) -> Self:
        """What is asked now; a refusal is kept for ``then_refused``, and surfaces in every other ``then``."""
        self._asked, self.outcome, self.refusal = True, [], None
        try:
            self.outcome = list(self.decider.decide(command, self.state))
        except Exception as refusal:
            self.refusal = refusal
        self.state = self.decider.fold(self.outcome, self.state)
        return self

    def then(self, *expected: E) -> Self:
        """Exactly these events follow, in this order."""
        self._settled()
        assert self.outcome == list(expected)
        return self

    def then_nothing(self) -> Self:
        """Nothing happens, and that is no refusal."""
        return self.then()

    def then_refused(self, error: type[Exception], field: str | None = None) -> Self:
        """The command is refused with exactly this kind of refusal, for this field where one is named."""
        assert self._asked, "when() comes before then_refused()"
        assert type(self.refusal) is error, f"not {error.__name__}: {self.refusal!r}, {self.outcome}"
        assert field is None or getattr(self.refusal, "field", None) == field
        return self

    def then_is(self, check: Callable[[S], Any]) -> Self:
        """The state after all this satisfies the check."""
        self._settled()
        assert check(self.state)
        return self

    def _settled(self) -> None:
        assert self._asked, "when() comes before then()"
        if self.refusal is not None:
            raise self.refusal
