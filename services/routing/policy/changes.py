"""What would have changed a decision: one fact at a time, the nearest value that leads to another route.

Facts between which the document can't tell the difference are changed by the same things, so what was found is kept
per cell of such facts; only how far a number is from its edge is said anew.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from libs.events.values import Contactsoort, Value
from services.routing.policy.domains import Domain, step_of
from services.routing.policy.facts import outside, with_derived
from services.routing.policy.table import NoRow
from services.routing.policy.verdict import Verdict, Verdicts
from services.routing.policy.wording import FLAGS, apart, called, listed, number

Values = Mapping[str, Any]
Key = tuple[Any, ...]
Kept = TypeVar("Kept")

MAX_KEPT = 8_192
"""Cells and changes kept per document; then it begins anew."""
_LINKED = frozenset({"bedrag", "vorig_bedrag", "bedrag_andere_signalen", "herhaald", "signaalpartner"})
"""Facts from which others follow."""
_ORDER = ("bedrag", "leeftijd", "maanden_achterstand")
_CLOSED = {"signaalpartner": "Bij iedere andere signaalpartner", "soort": "Bij ieder ander soort signaal"}
"""When a choice had been any other."""
_ANY_AMOUNT = Domain((None, Decimal(0)), frozenset({Decimal(0)}))
_CENT, _MOST = step_of("bedrag"), Decimal(1_000_001)


class Wijziging(Value):
    """Had this fact had one of these values (and all others stayed), the decision had been another."""

    feit: str
    waarden: tuple[Any, ...]
    regel: str
    oppakken: bool
    contactsoorten: tuple[Contactsoort, ...]
    zin: str


@dataclass(frozen=True, slots=True)
class Change:
    """A change as it is for all facts of a cell; ``measured`` where the distance to a number is said too."""

    fact: str
    when: str
    then: str
    measured: bool
    data: Wijziging

    @classmethod
    def of(cls, fact: str, values: tuple[Any, ...], domain: Domain, found: Verdict, verdict: Verdict) -> "Change":
        """Had the fact had one of these values, then the verdict found."""
        measured, dan = bool(domain.edges), found.regel.dan
        every = fact in _CLOSED and len(values) > 1 and len(values) == len(domain.points) - 1
        when, then = _CLOSED[fact] if every else _when(fact, values, measured), _then(found, verdict)
        data = Wijziging(
            feit=outside(fact),
            waarden=values,
            regel=found.regel.naam,
            oppakken=dan.oppakken,
            contactsoorten=dan.contactsoorten,
            zin=f"{when} {then}.",
        )
        return cls(fact, when, then, measured, data)

    def said(self, values: Values) -> Wijziging:
        """Bij bedrag € 49,99 (€ 10,01 minder) was het signaal niet opgepakt (onder drempelbedrag)."""
        if not self.measured:
            return self.data
        far = apart(self.fact, values.get(self.fact, 0), self.data.waarden[0])
        return self.data.model_copy(update={"zin": f"{self.when} ({far}) {self.then}."})


class Changes:
    """What would have changed the decisions of one document."""

    def __init__(self, domains: Mapping[str, Domain], verdicts: Verdicts) -> None:
        every = {"bedrag": _ANY_AMOUNT} | dict(domains)  # others follow from it, also where no row asks for it
        order = sorted(every, key=lambda name: _ORDER.index(name) if name in _ORDER else len(_ORDER))
        self._domains, self.verdicts = {name: every[name] for name in order}, verdicts
        self._names = tuple(domains)
        self._points = {name: domain.points for name, domain in domains.items() if domain.edges}
        self._made: dict[Key, Change] = {}
        self._cells: dict[Key, tuple[Change, ...]] = {}

    def of(self, values: Values, verdict: Verdict, gemeentecode: str | None) -> tuple[Change, ...]:
        """The nearest changes, numbers first."""
        masks, linked = self.verdicts.table.masks(values), self._linked(values)
        key = (
            verdict,
            *masks,
            *(self._place(name, values.get(name, 0)) for name in self._points),
            *self._links(linked, values),
        )
        if (found := self._cells.get(key)) is None:
            beside = _Beside(
                self.verdicts, dict(zip(self._names, masks, strict=True)), linked, values, verdict, gemeentecode
            )
            found = _keep(self._cells, key, tuple(self._search(beside)))
        return found

    def _search(self, beside: "_Beside") -> Iterator[Change]:
        for name, domain in self._domains.items():
            now = beside.values.get(name, 0)
            if name not in self._names and name not in beside.linked:
                continue
            if name in FLAGS:
                found = _flag(name, now is not True, beside)
            elif domain.edges:
                found = _nearest(name, now, self._turning(name, domain, beside), beside)
            else:
                found = _choices(name, now, domain, beside)
            for values, other in found:
                yield self._change(name, values, other, beside.verdict)

    def _turning(self, name: str, domain: Domain, beside: "_Beside") -> Sequence[Any]:
        """The values of a number at which something changes, also through what follows from it: an amount that rises
        above the one before, or lifts the total over an edge."""
        if name not in beside.linked:
            return domain.points
        values, more = beside.values, set(domain.points)
        other = values[{"bedrag": "vorig_bedrag", "vorig_bedrag": "bedrag"}.get(name, name)]
        if name != "bedrag_andere_signalen" and other is not None and self._rises(values):
            more |= {other - _CENT, other, other + _CENT}
        if "totaalbedrag" in self._points and name != "vorig_bedrag":
            rest = values["bedrag" if name == "bedrag_andere_signalen" else "bedrag_andere_signalen"] or 0
            more |= {point - rest for point in self._points["totaalbedrag"]}
        return sorted(point for point in more if 0 <= point <= _MOST)

    def _rises(self, values: Values) -> bool:
        """True when it matters whether the amount is above the one before."""
        asks = not self._domains.keys().isdisjoint(("bedrag_gestegen", "bedrag_gedaald"))
        return values["herhaald"] is True or asks

    def _change(self, name: str, values: tuple[Any, ...], found: Verdict, verdict: Verdict) -> Change:
        key = name, values, found, verdict
        if (change := self._made.get(key)) is None:
            change = _keep(self._made, key, Change.of(name, values, self._domains[name], found, verdict))
        return change

    def _linked(self, values: Values) -> frozenset[str]:
        """The facts from which, as things stand, another that the document asks about follows."""
        linked = set()
        if self._rises(values):
            linked |= {"bedrag", "vorig_bedrag"}
        if "totaalbedrag" in self._domains:
            linked |= {"bedrag", "bedrag_andere_signalen"}
        if values["bedrag_gestegen"] is True:
            linked.add("herhaald")
        if "zelfde_signaalpartner" in self._domains:
            linked.add("signaalpartner")
        return frozenset(linked)

    def _links(self, linked: frozenset[str], values: Values) -> Iterator[Any]:
        """What the changes of linked facts depend on besides: amounts that turn on each other, and earlier partners."""
        yield linked
        if "bedrag" in linked:
            yield values["bedrag"], values["bedrag_andere_signalen"], values["vorig_bedrag"]
        if "signaalpartner" in linked:
            yield values["signaalpartner"]
            yield values["eerdere_signaalpartners"]

    def _place(self, name: str, value: Any) -> int:
        """Where a number lies: on a point of its domain, or between which two."""
        if value is None:
            return -1
        points = self._points[name]
        place = bisect_left(points, value)
        return 2 * place + (place < len(points) and points[place] == value)


class _Beside:
    """The verdicts beside one: what the same facts but for one lead to."""

    def __init__(
        self,
        verdicts: Verdicts,
        masks: dict[str, int],
        linked: frozenset[str],
        values: Values,
        verdict: Verdict,
        gemeentecode: str | None,
    ) -> None:
        self.values, self.verdict = values, verdict
        self._verdicts, self._masks, self.linked, self._gemeentecode = verdicts, masks, linked, gemeentecode
        self._rest = _all_but_one(masks)

    def when(self, name: str, value: Any) -> Verdict | None:
        """The verdict had this fact had this value; None when the route stays, or when no row fits (a draft may have
        gaps)."""
        try:
            if name in self.linked:
                found = self._verdicts.on(changed_fact(self.values, name, value), self._gemeentecode)
            else:
                mask = self._verdicts.table.mask(name, value)
                if mask == self._masks[name]:
                    return None
                found = self._verdicts.where(self._rest[name] & mask, self._gemeentecode)
        except NoRow:
            return None
        return None if found.effect == self.verdict.effect else found


def changed_fact(values: Values, name: str, value: Any) -> Values:
    """The same facts but for one, and what follows from it."""
    changed = {**values, name: value}
    return with_derived(changed) if name in _LINKED else changed


def _all_but_one(masks: Mapping[str, int]) -> dict[str, int]:
    """Per fact, the groups that all other facts leave standing."""
    rest, before = {}, -1
    for name, mask in masks.items():
        rest[name] = before
        before &= mask
    after = -1
    for name, mask in reversed(list(masks.items())):
        rest[name] &= after
        after &= mask
    return rest


def _keep(kept: dict[Key, Kept], key: Key, value: Kept) -> Kept:
    if len(kept) >= MAX_KEPT:
        kept.clear()
    kept[key] = value
    return value


Found = Iterator[tuple[tuple[Any, ...], Verdict]]


def _flag(name: str, value: bool, beside: _Beside) -> Found:
    if (found := beside.when(name, value)) is not None:
        yield (value,), found


def _nearest(name: str, now: Any, points: Sequence[Any], beside: _Beside) -> Found:
    if now is None:
        return
    below = (point for point in reversed(points) if point < now)
    above = (point for point in points if point > now)
    for side in (below, above):
        for point in side:
            if (found := beside.when(name, point)) is not None:
                yield (point,), found
                break


def _choices(name: str, now: Any, domain: Domain, beside: _Beside) -> Found:
    by_effect: dict[int, list[tuple[Any, Verdict]]] = {}
    for value in domain.values:
        if value not in (now, None) and (found := beside.when(name, value)) is not None:
            by_effect.setdefault(found.effect, []).append((value, found))
    for same in by_effect.values():
        yield tuple(value for value, _ in same), same[0][1]


def _when(name: str, values: tuple[Any, ...], measured: bool) -> str:
    if name in FLAGS:
        words = FLAGS[name][1 if values[0] else 2]
        return words[0].upper() + words[1:]
    if measured:
        return f"Bij {called(name)} {number(name, values[0])}"
    return f"Bij {called(name)} {listed([str(value) for value in values], 'of')}"


def _then(found: Verdict, verdict: Verdict) -> str:
    dan, was = found.regel.dan, verdict.regel.dan
    if not dan.oppakken:
        return f"was het signaal niet opgepakt ({dan.reden})" if was.oppakken else f"was de reden: {dan.reden}"
    if not was.oppakken:
        return f"was het signaal wel opgepakt ({found.route})"
    for differs, words in (
        (dan.stappen != was.stappen, f"was de route: {found.route}"),
        (found.behandelaar != verdict.behandelaar, f"was de behandelaar: {found.handler}"),
        (dan.prioriteit != was.prioriteit, f"was de prioriteit {dan.prioriteit}"),
        (dan.zelfde_consulent != was.zelfde_consulent, "koos men de consulent anders"),
        (dan.aanwijzingen != was.aanwijzingen, f"was de aanwijzing: {'; '.join(dan.aanwijzingen) or 'geen'}"),
    ):
        if differs:
            return words
    return f"was de termijn {found.termijn.length}"
