"""The rows and terms of a document, compiled once: which of them fit some facts follows from a few bit operations.

Every group of conditions, nested ones included, has a bit. Per fact and distinguishable value a mask holds the bits
that this value leaves standing; the masks of all facts together leave the groups whose own conditions hold. The lowest
bit left is the row that decides.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from services.routing.policy.conditions import AMOUNTS, Voorwaarden
from services.routing.policy.domains import Domain

Values = Mapping[str, Any]
Column = Callable[[Any], int]


class NoRow(LookupError):
    """No row or no term fits: the document was used without being checked."""


class Table:
    """Rows and terms compiled."""

    def __init__(
        self, domains: Mapping[str, Domain], rows: Sequence[Voorwaarden], terms: Sequence[Voorwaarden]
    ) -> None:
        self._groups = [*rows, *terms]
        self._nested: list[tuple[int, int, int]] = []
        for place, als in enumerate(tuple(self._groups)):
            self._nest(place, als)
        self._rows, self._terms, self._shift = (1 << len(rows)) - 1, (1 << len(terms)) - 1, len(rows)
        self._choices: list[tuple[str, Mapping[Any, int], int]] = []
        self._numbered: list[tuple[str, Column]] = []
        self._columns = {name: self._column(name, domain) for name, domain in domains.items()}

    def mask(self, name: str, value: Any) -> int:
        """The groups that this value of a fact leaves standing."""
        return self._columns[name](value)

    def masks(self, values: Values) -> list[int]:
        """Those that the value of each fact leaves standing, in the order of the domains."""
        return [column(values.get(name, 0)) for name, column in self._columns.items()]

    def standing(self, values: Values) -> int:
        """The groups that every fact leaves standing."""
        left = -1
        for name, named, other in self._choices:
            left &= named.get(values.get(name, 0), other)
        for name, column in self._numbered:
            left &= column(values.get(name, 0))
        return left

    def first(self, standing: int) -> tuple[int, int]:
        """The row that decides and its term, of the groups that every fact leaves standing. Raises NoRow."""
        for bit, either, none in self._nested:
            if standing & bit and (not standing & either or standing & none):
                standing ^= bit
        rows, terms = standing & self._rows, (standing >> self._shift) & self._terms
        if not rows or not terms:
            raise NoRow("no row or no term fits")
        return (rows & -rows).bit_length() - 1, (terms & -terms).bit_length() - 1

    def _nest(self, place: int, als: Voorwaarden) -> None:
        """Give the groups inside a group their bits; they are judged before it."""
        if als.een_van or als.geen_van:
            either, none = self._bits(als.een_van), self._bits(als.geen_van)
            self._nested.append((1 << place, either if als.een_van else -1, none))

    def _bits(self, groups: Sequence[Voorwaarden]) -> int:
        bits = 0
        for als in groups:
            place = len(self._groups)
            self._groups.append(als)
            self._nest(place, als)
            bits |= 1 << place
        return bits

    def _column(self, name: str, domain: Domain) -> Column:
        tests = [(1 << place, test) for place, als in enumerate(self._groups) for n, test in als.tests if n == name]

        def standing(value: Any) -> int:
            return ~sum(bit for bit, test in tests if not test(value))

        if domain.edges:
            column = _numbers(sorted(edge if name in AMOUNTS else int(edge) for edge in domain.edges), standing)
            self._numbered.append((name, column))
            return column
        named = {value: standing(value) for value in domain.values}
        other = named[False] if domain.values == (False, True) else standing(None)
        self._choices.append((name, named, other))
        return lambda value: named.get(value, other)


def _numbers(edges: Sequence[Decimal | int], standing: Column) -> Column:
    """One mask per edge and one per stretch between two edges."""
    masks, unknown, last = [standing(point) for point in _stretches(edges)], standing(None), len(edges)

    def column(value: Any) -> int:
        if value is None:
            return unknown
        place = bisect_left(edges, value)
        return masks[2 * place + (place < last and edges[place] == value)]

    return column


def _stretches(edges: Sequence[Decimal | int]) -> Iterator[Decimal]:
    """A number below the lowest edge, and then each edge and a number above it."""
    yield Decimal(edges[0]) - 1
    for edge, following in zip(edges, [*edges[1:], edges[-1] + 2], strict=True):
        yield Decimal(edge)
        yield (Decimal(edge) + following) / 2
