"""Gaps and dead rows of a policy, exactly: a search for facts that fit a row and none before it, or none at all.

A set of values per fact is a bit mask over its distinguishable values. What is sought is a list of clauses: of each at
least one alternative must hold. Where a clause has one alternative left, that narrows the facts; where all have more,
the shortest is tried alternative by alternative. Each finding comes with facts that show it.
Facts that hang together (bedrag, vorigBedrag and bedragGestegen) are taken as free but for what can never be
(``never``): a dead row may be missed there, a living one is never called dead.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from services.routing.policy.conditions import Voorwaarden, test_of
from services.routing.policy.document import Beleid
from services.routing.policy.never import never
from services.routing.policy.rows import Regel

Point = Mapping[str, Any]
Box = dict[str, int]
"""Per fact the values that are left, a bit each."""
Alternative = tuple[Box, tuple["Clause", ...]]
"""These facts are within these values, and these clauses hold too."""
Clause = tuple[Alternative, ...]

MOST_STEPS = 2_000_000
"""Alternatives looked at for one document, about two seconds; then it is too intricate to be judged."""


class TooIntricate(ValueError):
    """The document has too many combinations to be judged."""


class Coverage:
    """The judgment on one document: which rows and terms never apply, and which facts get none. Raises TooIntricate."""

    def __init__(self, beleid: Beleid) -> None:
        self._beleid, self._steps = beleid, 0
        self._values = {name: domain.values for name, domain in beleid.domains.items()}
        self._all = {name: (1 << len(values)) - 1 for name, values in self._values.items()}
        self._masks: dict[tuple[str, Any], int] = {}
        self._world = [self._fails(als) for als in never(beleid.domains)]
        self._rows = [self._row(regel) for regel in beleid.rijen]
        self._terms = [((self._holds(term.als),), self._fails(term.als)) for term in beleid.termijnen]

    def dead_rows(self) -> Iterator[tuple[int, Point | None]]:
        """Index of each row that never fires, with facts that fit it but are decided by an earlier row; None where
        its conditions exclude each other, so that no facts fit it."""
        for index, (fits, _) in enumerate(self._rows):
            before = [fails for _, fails in self._rows[:index]]
            if self._find([fits, *self._world, *before]) is None:
                yield index, self._find([fits, *self._world])

    def dead_terms(self) -> Iterator[int]:
        """Index of each term that never applies."""
        for index, (fits, _) in enumerate(self._terms):
            if self._find([fits, *self._world, *(fails for _, fails in self._terms[:index])]) is None:
                yield index

    def gap(self) -> Point | None:
        """Facts for which no row fits; None when every signal gets a decision."""
        return self._find([*self._world, *(fails for _, fails in self._rows)])

    def term_gap(self) -> Point | None:
        """Facts for which no term fits; None when every signal gets one."""
        return self._find([*self._world, *(fails for _, fails in self._terms)])

    def _find(self, clauses: Sequence[Clause]) -> Point | None:
        """Facts under which every clause holds."""
        waiting = [(self._all, list(clauses))]
        while waiting:
            narrowed = self._narrow(*waiting.pop())
            if narrowed is None:
                continue
            box, left = narrowed
            if not left:
                return {name: _plainest(self._values[name], mask) for name, mask in box.items()}
            shortest = min(left, key=len)
            others = [one for one in left if one is not shortest]
            for needs, more in reversed(shortest):
                waiting.append((_both(box, needs), [*others, *more]))
        return None

    def _narrow(self, box: Box, clauses: list[Clause]) -> tuple[Box, list[Clause]] | None:
        """What is left of the facts and the clauses once every clause with one way out has taken it; None where one
        has none."""
        while True:
            left: list[Clause] = []
            forced = 0
            for clause in clauses:
                possible = self._possible(box, clause)
                if possible is None:
                    continue
                if not possible:
                    return None
                if len(possible) > 1:
                    left.append(possible)
                    continue
                ((needs, more),) = possible
                box, forced = _both(box, needs), forced + 1
                left += more
            if not forced:
                return box, left
            clauses = left

    def _possible(self, box: Box, clause: Clause) -> Clause | None:
        """The alternatives that may still hold; None where one of them surely does."""
        self._steps += 1 + len(clause)
        if self._steps > MOST_STEPS:
            raise TooIntricate
        found = []
        for alternative in clause:
            needs, more = alternative
            if all(box[name] & mask for name, mask in needs.items()):
                if not more and not any(box[name] & ~mask for name, mask in needs.items()):
                    return None
                found.append(alternative)
        return tuple(found)

    def _row(self, regel: Regel) -> tuple[Clause, Clause]:
        """That a row fits, and that it doesn't, within the guarantees."""
        return (self._holds(regel.guarded),), self._fails(regel.guarded)

    def _holds(self, als: Voorwaarden) -> Alternative:
        needs = {name: self._mask(name, asked) for name, asked in als.asked.items()}
        more = [self._fails(group) for group in als.geen_van]
        if als.een_van:
            more.append(tuple(self._holds(group) for group in als.een_van))
        return needs, tuple(more)

    def _fails(self, als: Voorwaarden) -> Clause:
        own: Clause = tuple(
            ({name: self._all[name] & ~self._mask(name, asked)}, ()) for name, asked in als.asked.items()
        )
        none: Clause = (({}, tuple(self._fails(group) for group in als.een_van)),) if als.een_van else ()
        return (*own, *none, *(self._holds(group) for group in als.geen_van))

    def _mask(self, name: str, asked: Any) -> int:
        """The values of a fact that meet a condition."""
        key = name, asked
        if key not in self._masks:
            test = test_of(asked)
            self._masks[key] = sum(1 << place for place, value in enumerate(self._values[name]) if test(value))
        return self._masks[key]


def _both(one: Box, two: Box) -> Box:
    """The facts as both narrow them."""
    return one | {name: one[name] & mask if name in one else mask for name, mask in two.items()}


def _plainest(values: Sequence[Any], mask: int) -> Any:
    """The value a reader needs least: unknown where that will do, else the first."""
    left = [value for place, value in enumerate(values) if mask >> place & 1]
    return None if None in left else left[0]
