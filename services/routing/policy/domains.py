"""The values of each fact between which a policy can tell the difference: its edges, and one point beside each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from libs.events.values import Contactsoort, Eindresultaat, Huishouden, Signaalpartner, Signaalsoort
from services.routing.policy.conditions import AMOUNTS, Grenzen, Voorwaarden
from services.routing.policy.facts import BENUT

_KINDS: Mapping[str, tuple[Any, ...]] = {
    "signaalpartner": tuple(Signaalpartner),
    "soort": tuple(Signaalsoort),
    "eerder_contactsoort": tuple(Contactsoort),
    "eerder_eindresultaat": tuple(Eindresultaat),
    "huishouden": tuple(Huishouden),
}
_ALWAYS_KNOWN = frozenset({"signaalpartner", "soort", "signalen_deze_maand", "keren_zelf_betaald", "maanden_op_rij",
                           "aantal_partners_zelfde_periode", "aantal_signalen_zelfde_periode",
                           "aantal_eerdere_signalen"})  # fmt: skip
_HIGHEST: Mapping[str, int] = {"leeftijd": 150, "maanden_achterstand": 1200}


@dataclass(frozen=True, slots=True)
class Domain:
    """The distinguishable values of one fact; ``edges`` are the numbers a row names, none for other facts."""

    values: tuple[Any, ...]
    edges: frozenset[Decimal] = frozenset()

    @property
    def points(self) -> tuple[Any, ...]:
        """The values that are known."""
        return self.values[1:] if self.values[0] is None else self.values


def step_of(name: str) -> Decimal:
    """The smallest difference of a number: a cent, or one."""
    return Decimal("0.01") if name in AMOUNTS else Decimal(1)


def domains(groups: Iterable[Voorwaarden]) -> dict[str, Domain]:
    """Per fact that is asked about, all values that can be told apart."""
    asked: dict[str, list[Any]] = {}
    for group in groups:
        for name, condition in group.every():
            asked.setdefault(name, []).append(condition)
    return {name: _domain(name, conditions) for name, conditions in asked.items()}


def _domain(name: str, conditions: list[Any]) -> Domain:
    if name in _KINDS:
        return Domain((*_KINDS[name], *(() if name in _ALWAYS_KNOWN else (None,))))
    if any(isinstance(condition, Grenzen) for condition in conditions):
        return _numbers(name, conditions)
    if all(isinstance(condition, bool) for condition in conditions):
        return Domain((False, True))
    named: set[Any] = set()
    for condition in conditions:
        named.update(condition)
    return Domain((None, *sorted(named)))


def _numbers(name: str, conditions: list[Grenzen]) -> Domain:
    edges = frozenset(edge for condition in conditions for edge in condition.edges)
    step, highest = step_of(name), _HIGHEST.get(name, 1_000_001)
    points = {Decimal(0)} | {edge + shift for edge in edges for shift in (-step, Decimal(0), step)}
    known = sorted(point for point in points if 0 <= point <= highest)
    counted = name in _ALWAYS_KNOWN or name.startswith(BENUT)
    return Domain((*(() if counted else (None,)), *known), edges)
