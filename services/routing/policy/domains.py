"""The values of each fact between which a policy can tell the difference: its edges, and one point beside each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from libs.events.values import Contactsoort, Signaalpartner, Signaalsoort
from services.routing.policy.conditions import AMOUNTS, Grenzen, Voorwaarden

_KINDS: Mapping[str, type[Any]] = {
    "signaalpartner": Signaalpartner,
    "soort": Signaalsoort,
    "eerder_contactsoort": Contactsoort,
}
_ALWAYS_KNOWN = frozenset({"signaalpartner", "soort"})
_GUARANTEED: Mapping[str, Any] = {"soort": (), "herhaald": True, "eerder_opgepakt": True}


@dataclass(frozen=True, slots=True)
class Domain:
    """The distinguishable values of one fact; ``edges`` are the numbers a row names, none for other facts."""

    values: tuple[Any, ...]
    edges: frozenset[Decimal] = frozenset()


def step_of(name: str) -> Decimal:
    """The smallest difference of a number: a cent, or one."""
    return Decimal("0.01") if name in AMOUNTS else Decimal(1)


def domains(groups: Iterable[Voorwaarden]) -> dict[str, Domain]:
    """Per fact that is asked about (and those of the guarantees), all values that can be told apart."""
    asked: dict[str, list[Any]] = {name: [condition] for name, condition in _GUARANTEED.items()}
    for group in groups:
        for name, condition in group.every():
            asked.setdefault(name, []).append(condition)
    return {name: _domain(name, conditions) for name, conditions in asked.items()}


def _domain(name: str, conditions: list[Any]) -> Domain:
    if name in _KINDS:
        return Domain((*_KINDS[name], *(() if name in _ALWAYS_KNOWN else (None,))))
    if any(isinstance(condition, Grenzen) for condition in conditions):
        edges = frozenset(edge for condition in conditions for edge in condition.edges)
        step = step_of(name)
        points = {Decimal(0)} | {edge + shift for edge in edges for shift in (-step, Decimal(0), step)}
        return Domain((None, *sorted(point for point in points if point >= 0)), edges)
    if all(isinstance(condition, bool) for condition in conditions):
        return Domain((False, True))
    named: set[Any] = set().union(*(condition for condition in conditions if not isinstance(condition, bool)))
    return Domain((None, *sorted(named)))
