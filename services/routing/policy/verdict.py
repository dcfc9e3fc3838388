"""Which row and which term apply to these facts: the decision before it is put into words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from libs.events.values import Behandelaar
from services.routing.policy.document import Beleid, Regel, Termijn


class NoRow(LookupError):
    """No row fits: the document was used without being checked."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The row that decides, its term, who handles it, and the rows a guarantee kept away."""

    regel: Regel
    termijn: Termijn
    behandelaar: Behandelaar
    barred: tuple[tuple[Regel, str], ...] = ()

    @property
    def effect(self) -> tuple[Any, ...]:
        """What the household notices; two verdicts with one effect are the same route."""
        dan = self.regel.dan
        if not dan.oppakken:
            return (False, dan.reden)
        return (
            True,
            dan.stappen,
            self.behandelaar,
            dan.prioriteit,
            dan.aanwijzingen,
            self.termijn.dagen,
            self.termijn.werkdagen,
        )

    def due(self, start: date) -> date | None:
        """The last day for a first conversation; None when the signal is left alone."""
        return self.termijn.ends(start) if self.regel.dan.oppakken else None


def judge(beleid: Beleid, values: Mapping[str, Any], gemeentecode: str | None) -> Verdict:
    """The first row and the first term that fit. Raises NoRow for a document that has a gap."""
    barred: list[tuple[Regel, str]] = []
    for regel in beleid.regels:
        if not regel.als.hold(values):
            continue
        if (guarantee := regel.barred(values)) is not None:
            barred.append((regel, guarantee))
            continue
        handler = beleid.behandelaars[regel.dan.behandelaar].voor(gemeentecode)
        return Verdict(regel, _term(beleid, values), handler, tuple(barred))
    raise NoRow("no row fits")


def _term(beleid: Beleid, values: Mapping[str, Any]) -> Termijn:
    for termijn in beleid.termijnen:
        if termijn.als.hold(values):
            return termijn
    raise NoRow("no term fits")
