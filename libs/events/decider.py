"""Decider: what happens, and what is true afterwards. Three pure things, no clock, no id, no await."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Generic, TypeVar

C = TypeVar("C")
S = TypeVar("S")
E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class Decider(Generic[C, S, E]):
    """decide: what happens? evolve: what is true afterwards? initial: before anything."""

    initial: S
    decide: Callable[[C, S], Sequence[E]]
    evolve: Callable[[S, E], S]

    def fold(self, events: Iterable[E], state: S | None = None) -> S:
        """The state after these events, from `state` or from the beginning."""
        return reduce(self.evolve, events, self.initial if state is None else state)
