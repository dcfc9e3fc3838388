"""Gaps and dead rows of a policy, exactly: rows as boxes in the space of distinguishable facts.

A box gives each fact a set of values. What is left for a row is its boxes minus those of the rows before it; an
empty rest is a dead row, a non-empty rest after the last row is a gap. Each finding comes with an example.
Facts that hang together (bedrag, vorigBedrag and bedragGestegen) are taken as free: a dead row may be missed
there, a living one is never called dead.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from libs.events.values import Signaalsoort
from services.routing.policy.conditions import Voorwaarden
from services.routing.policy.document import Beleid
from services.routing.policy.domains import Domain
from services.routing.policy.rows import Regel

Box = Mapping[str, frozenset[Any]]
MAX_BOXES = 20_000


class TooIntricate(ValueError):
    """The document has too many combinations to be judged."""


Point = Mapping[str, Any]


def dead_rows(beleid: Beleid) -> list[tuple[int, Point | None]]:
    """Index of each row that never fires, with facts that fit it but are decided by an earlier row; None where
    its conditions exclude each other, so that no facts fit it."""
    space = universe(beleid.domains)
    rest, found = [space], []
    for index, regel in enumerate(beleid.rijen):
        own = _row_boxes(regel, space)
        if not any(_meet(box, left) for box in own for left in rest):
            found.append((index, _example(own)))
        rest = _minus(rest, own)
    return found


def dead_terms(beleid: Beleid) -> list[int]:
    """Index of each term that never applies."""
    space = universe(beleid.domains)
    rest, found = [space], []
    for index, term in enumerate(beleid.termijnen):
        own = _boxes(term.als, space)
        if not any(_meet(box, left) for box in own for left in rest):
            found.append(index)
        rest = _minus(rest, own)
    return found


def gap(beleid: Beleid) -> Point | None:
    """Facts for which no row fits; None when every signal gets a decision."""
    space = universe(beleid.domains)
    return _example(_left([space], [_row_boxes(regel, space) for regel in beleid.rijen]))


def term_gap(beleid: Beleid) -> Point | None:
    """Facts for which no term fits; None when every signal gets one."""
    space = universe(beleid.domains)
    return _example(_left([space], [_boxes(term.als, space) for term in beleid.termijnen]))


def universe(domains: Mapping[str, Domain]) -> Box:
    """All facts, all values."""
    return {name: frozenset(domain.values) for name, domain in domains.items()}


def _left(rest: list[Box], covered: Sequence[list[Box]]) -> list[Box]:
    for boxes in covered:
        rest = _minus(rest, boxes)
    return rest


def _example(rest: list[Box]) -> Point | None:
    if not rest:
        return None
    return {name: min(values, key=lambda one: (one is not None, str(one))) for name, values in rest[0].items()}


def _row_boxes(regel: Regel, space: Box) -> list[Box]:
    """The boxes of a row within the guarantees."""
    allowed: Box = space
    if regel.is_threshold:
        allowed = {**allowed, "soort": allowed["soort"] - {Signaalsoort.CAK_LIJST}}
    if regel.is_repeat:
        allowed = {**allowed, "herhaald": frozenset({True}), "eerder_opgepakt": frozenset({True})}
    return _boxes(regel.als, allowed)


def _boxes(als: Voorwaarden, space: Box) -> list[Box]:
    own = dict(space)
    for name, test in als.tests:
        own[name] = frozenset(value for value in own[name] if test(value))
    if not all(own.values()):
        return []
    found: list[Box] = [own]
    if als.een_van:
        found = [box for group in als.een_van for box in _boxes(group, own)]
    for group in als.geen_van:
        found = _minus(found, _boxes(group, space))
    return found


def _minus(rest: list[Box], taken: Sequence[Box]) -> list[Box]:
    for box in taken:
        rest = [piece for left in rest for piece in _carve(left, box)]
        if len(rest) > MAX_BOXES:
            raise TooIntricate
    return rest


def _carve(left: Box, taken: Box) -> Iterator[Box]:
    """``left`` without ``taken``, in pieces that do not overlap."""
    if not _meet(left, taken):
        yield left
        return
    inside = dict(left)
    for name in left:
        if outside := inside[name] - taken[name]:
            yield {**inside, name: outside}
        inside[name] = inside[name] & taken[name]


def _meet(one: Box, two: Box) -> bool:
    return all(values & two[name] for name, values in one.items())
