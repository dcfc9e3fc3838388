"""What would have changed a decision: one fact at a time, the nearest value that leads to another route."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from services.routing.policy.document import Beleid, Termijn
from services.routing.policy.domains import Domain, step_of
from services.routing.policy.verdict import Verdict, judge
from services.routing.policy.wording import FLAGS, NAMES, handler, listed, number, route

Values = Mapping[str, Any]
Other = Callable[[Any], Verdict | None]

_ORDER = ("bedrag", "leeftijd", "maanden_achterstand")


@dataclass(frozen=True, slots=True)
class Change:
    """Had this fact had this value, then that verdict. ``when`` says it in words."""

    fact: str
    value: Any
    when: str
    verdict: Verdict


def changes(beleid: Beleid, values: Values, verdict: Verdict, gemeentecode: str | None) -> Iterator[Change]:
    """The nearest changes, numbers first."""
    asked = sorted(beleid.domains, key=lambda name: _ORDER.index(name) if name in _ORDER else len(_ORDER))
    for name in asked:

        def other(value: Any, name: str = name) -> Verdict | None:
            changed = judge(beleid, _with(values, name, value), gemeentecode)
            return None if changed.effect == verdict.effect else changed

        domain = beleid.domains[name]
        if name in FLAGS:
            yield from _flag(name, values[name] is not True, other)
        elif domain.edges:
            yield from _nearest(name, values[name], domain, other)
        else:
            yield from _choices(name, values[name], domain, other)


def would(change: Change, verdict: Verdict) -> str:
    """The sentence: Bij een bedrag onder € 50,00 was het signaal niet opgepakt."""
    return f"{change.when[0].upper()}{change.when[1:]} {_difference(change.verdict, verdict)}."


def length(term: Termijn) -> str:
    """3 werkdagen"""
    return f"{term.werkdagen} werkdagen" if term.werkdagen is not None else f"{term.dagen} dagen"


def _with(values: Values, name: str, value: Any) -> Values:
    changed = {**values, name: value}
    if name in ("bedrag", "vorig_bedrag") and value is not None and values["bedrag_gestegen"] is not None:
        changed["bedrag_gestegen"] = changed["bedrag"] > changed["vorig_bedrag"]
    return changed


def _flag(name: str, value: bool, other: Other) -> Iterator[Change]:
    if (found := other(value)) is not None:
        yield Change(name, value, FLAGS[name][1 if value else 2], found)


def _nearest(name: str, now: Any, domain: Domain, other: Other) -> Iterator[Change]:
    if now is None:
        return
    points = domain.values[1:]
    step = step_of(name)
    below = ((point, other(point)) for point in reversed(points) if point < now)
    above = ((point, other(point)) for point in points if point > now)
    for side, inside, outside in ((below, "{} of minder", "onder {}"), (above, "vanaf {}", "boven {}")):
        for point, found in side:
            if found is not None:
                back = point + step if side is below else point - step
                text = inside.format(number(name, point)) if point in domain.edges or back not in domain.edges else ""
                text = text or outside.format(number(name, back))
                yield Change(name, point, f"bij {NAMES[name]} {text}", found)
                break


def _choices(name: str, now: Any, domain: Domain, other: Other) -> Iterator[Change]:
    by_effect: dict[Any, list[tuple[Any, Verdict]]] = {}
    for value in domain.values:
        if value not in (now, None) and (found := other(value)) is not None:
            by_effect.setdefault(found.effect, []).append((value, found))
    for same in by_effect.values():
        words = listed([str(value) for value, _ in same], "of")
        yield Change(name, same[0][0], f"bij {NAMES[name]} {words}", same[0][1])


def _difference(found: Verdict, verdict: Verdict) -> str:
    dan, was = found.regel.dan, verdict.regel.dan
    if not dan.oppakken:
        return f"was het signaal niet opgepakt ({dan.reden})"
    if not was.oppakken:
        return f"was het signaal wel opgepakt ({route(found)})"
    if dan.stappen != was.stappen:
        return f"was de route: {route(found)}"
    if found.behandelaar != verdict.behandelaar:
        return f"was de behandelaar: {handler(found)}"
    if dan.prioriteit != was.prioriteit:
        return f"was de prioriteit {dan.prioriteit}"
    return f"was de termijn {length(found.termijn)}"
