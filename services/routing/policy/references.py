"""Names in a document that stand for nothing, or for two things, and maxima that limit nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from libs.events.values import Stap
from services.routing.policy.document import Beleid
from services.routing.policy.facts import BENUT
from services.routing.policy.maxima import in_order
from services.routing.policy.rows import Regel, Uitkomst
from services.routing.policy.source import Path


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong, at this path of the document; `example` are facts that show it."""

    path: Path
    message: str
    example: Mapping[str, Any] | None = None

    @property
    def where(self) -> str:
        """The path as a dotted name; rows count from 0."""
        return ".".join(map(str, self.path))

    def __str__(self) -> str:
        shown = "; ".join(f"{name}: {value}" for name, value in (self.example or {}).items())
        return f"{self.where or 'document'}: {self.message}" + (f" (voorbeeld: {shown})" if shown else "")


def wrong(beleid: Beleid) -> Iterator[Finding]:
    """What is wrong with the names."""
    seen: set[str] = set()
    for place, regel in enumerate(beleid.regels):
        if regel.naam in seen:
            yield Finding(("regels", place, "naam"), f'er is al een regel "{regel.naam}"')
        seen.add(regel.naam)
        yield from _row(beleid, regel, ("regels", place))
    if beleid.standaardbrief and beleid.standaardbrief not in beleid.brieven:
        yield Finding(("standaardbrief",), f'"{beleid.standaardbrief}" staat niet bij brieven')
    yield from _maxima(beleid)


def _row(beleid: Beleid, regel: Regel, path: Path) -> Iterator[Finding]:
    dan, under = regel.dan, (*path, "dan")
    yield from _names(beleid, dan.behandelaar, dan.stappen, under)
    if dan.uitwijk is not None:
        yield from _names(beleid, dan.uitwijk.behandelaar or dan.behandelaar, dan.uitwijk.stappen, (*under, "uitwijk"))
        instead = Uitkomst(
            oppakken=True, stappen=dan.uitwijk.stappen, behandelaar=dan.uitwijk.behandelaar or dan.behandelaar
        )
        over = [name for name, one in beleid.maxima.items() if one.needs(dan)]
        if not over:
            yield Finding((*under, "uitwijk"), "geen maximum begrenst deze regel, dus wijkt hij nooit uit")
        for name in over:
            if beleid.maxima[name].needs(instead):
                yield Finding((*under, "uitwijk"), f'de uitwijk valt zelf onder het maximum "{name}"')
    for name, _ in regel.als.every():
        if name.startswith(BENUT) and name[len(BENUT) :] not in beleid.maxima:
            yield Finding((*path, "als"), f'"{name[len(BENUT) :]}" staat niet bij maxima')


def _names(beleid: Beleid, role: str, steps: tuple[Stap, ...], under: Path) -> Iterator[Finding]:
    if role not in beleid.behandelaars:
        yield Finding((*under, "behandelaar"), f'"{role}" staat niet bij behandelaars')
    for place, stap in enumerate(steps):
        if stap.brief and stap.brief not in beleid.brieven:
            yield Finding((*under, "stappen", place, "brief"), f'"{stap.brief}" staat niet bij brieven')


def _maxima(beleid: Beleid) -> Iterator[Finding]:
    every = in_order(beleid.regels, beleid.maxima, beleid.fte)
    asked = {name for regel in every for name, _ in regel.als.every() if name.startswith(BENUT)}
    for name, maximum in beleid.maxima.items():
        path: Path = ("maxima", name)
        if maximum.behandelaar is not None and maximum.behandelaar not in beleid.behandelaars:
            yield Finding((*path, "behandelaar"), f'"{maximum.behandelaar}" staat niet bij behandelaars')
        if maximum.per_fte is not None and beleid.fte is None:
            yield Finding((*path, "perFte"), "het document noemt geen fte")
        if BENUT + name not in asked:
            yield Finding(path, "dit maximum begrenst geen enkele regel: geef een regel een uitwijk")
