"""What would have changed a decision: one fact at a time, the nearest value that leads to another route."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from services.routing.policy.document import Beleid
from services.routing.policy.domains import Domain
from services.routing.policy.facts import with_derived
from services.routing.policy.rows import Termijn
from services.routing.policy.table import NoRow
from services.routing.policy.verdict import Verdict
from services.routing.policy.wording import FLAGS, NAMES, apart, handler, listed, number, route

Values = Mapping[str, Any]

_LINKED = frozenset({"bedrag", "vorig_bedrag", "herhaald", "signaalpartner"})
"""Facts from which others follow."""
_ORDER = ("bedrag", "leeftijd", "maanden_achterstand")


@dataclass(frozen=True, slots=True)
class Change:
    """Had this fact had one of these values, then that verdict. ``when`` says it in words."""

    fact: str
    values: tuple[Any, ...]
    when: str
    verdict: Verdict


def changes(beleid: Beleid, values: Values, verdict: Verdict, gemeentecode: str | None) -> Iterator[Change]:
    """The nearest changes, numbers first."""
    others = Others(beleid, values, verdict, gemeentecode)
    asked = sorted(beleid.domains, key=lambda name: _ORDER.index(name) if name in _ORDER else len(_ORDER))
    for name in asked:
        domain = beleid.domains[name]
        if name in FLAGS:
            yield from _flag(name, values[name] is not True, others)
        elif domain.edges:
            yield from _nearest(name, values[name], domain, others)
        else:
            yield from _choices(name, values[name], domain, others)


class Others:
    """The verdicts beside one: what the same facts but for one lead to."""

    def __init__(self, beleid: Beleid, values: Values, verdict: Verdict, gemeentecode: str | None) -> None:
        self._beleid, self._values, self._verdict, self._place = beleid, values, verdict, gemeentecode
        masks = beleid.verdicts.table.masks(values)
        before = [-1]
        for mask in masks[:-1]:
            before.append(before[-1] & mask)
        after, self._rest = -1, dict[str, tuple[int, int]]()
        for name, mask, so_far in zip(reversed(beleid.domains), reversed(masks), reversed(before), strict=True):
            self._rest[name] = so_far & after, mask
            after &= mask

    def when(self, name: str, value: Any) -> Verdict | None:
        """The verdict had this fact had this value; None when the route stays, or when no row fits (a draft may have
        gaps)."""
        verdicts = self._beleid.verdicts
        try:
            if name in self._linked:
                found = verdicts.on(changed_fact(self._values, name, value), self._place)
            else:
                rest, now = self._rest[name]
                mask = verdicts.table.mask(name, value)
                if mask == now:
                    return None
                found = verdicts.where(rest & mask, self._place)
        except NoRow:
            return None
        return None if found.effect == self._verdict.effect else found

    @cached_property
    def _linked(self) -> frozenset[str]:
        """The facts from which, as things stand, another that the document asks about follows."""
        values, asked = self._values, self._beleid.domains
        linked = set()
        if values["herhaald"] is True or "bedrag_gestegen" in asked:
            linked |= {"bedrag", "vorig_bedrag"}
        if values["bedrag_gestegen"] is True:
            linked.add("herhaald")
        if "zelfde_signaalpartner" in asked:
            linked.add("signaalpartner")
        return frozenset(linked)


def changed_fact(values: Values, name: str, value: Any) -> Values:
    """The same facts but for one, and what follows from it."""
    changed = {**values, name: value}
    return with_derived(changed) if name in _LINKED else changed


def would(change: Change, verdict: Verdict) -> str:
    """The sentence: Bij een bedrag van € 49,99 (€ 10,01 minder) was het signaal niet opgepakt."""
    return f"{change.when[0].upper()}{change.when[1:]} {_difference(change.verdict, verdict)}."


def length(term: Termijn) -> str:
    """3 werkdagen"""
    return f"{term.werkdagen} werkdagen" if term.werkdagen is not None else f"{term.dagen} dagen"


def _flag(name: str, value: bool, others: Others) -> Iterator[Change]:
    if (found := others.when(name, value)) is not None:
        yield Change(name, (value,), FLAGS[name][1 if value else 2], found)


def _nearest(name: str, now: Any, domain: Domain, others: Others) -> Iterator[Change]:
    if now is None:
        return
    below = (point for point in reversed(domain.values[1:]) if point < now)
    above = (point for point in domain.values[1:] if point > now)
    for side in (below, above):
        for point in side:
            if (found := others.when(name, point)) is not None:
                yield Change(
                    name, (point,), f"bij {NAMES[name]} {number(name, point)} ({apart(name, now, point)})", found
                )
                break


def _choices(name: str, now: Any, domain: Domain, others: Others) -> Iterator[Change]:
    by_effect: dict[int, list[tuple[Any, Verdict]]] = {}
    for value in domain.values:
        if value not in (now, None) and (found := others.when(name, value)) is not None:
            by_effect.setdefault(found.effect, []).append((value, found))
    for same in by_effect.values():
        words = listed([str(value) for value, _ in same], "of")
        yield Change(name, tuple(value for value, _ in same), f"bij {NAMES[name]} {words}", same[0][1])


def _difference(found: Verdict, verdict: Verdict) -> str:
    dan, was = found.regel.dan, verdict.regel.dan
    if not dan.oppakken:
        return f"was het signaal niet opgepakt ({dan.reden})"
    if not was.oppakken:
        return f"was het signaal wel opgepakt ({route(found)})"
    for differs, words in (
        (dan.stappen != was.stappen, f"was de route: {route(found)}"),
        (found.behandelaar != verdict.behandelaar, f"was de behandelaar: {handler(found)}"),
        (dan.prioriteit != was.prioriteit, f"was de prioriteit {dan.prioriteit}"),
        (dan.aanwijzingen != was.aanwijzingen, f"was de aanwijzing: {'; '.join(dan.aanwijzingen) or 'geen'}"),
    ):
        if differs:
            return words
    return f"was de termijn {length(found.termijn)}"
