"""Which row and which term apply to these facts: the decision before it is put into words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from libs.events.values import Behandelaar
from services.routing.policy.domains import Domain
from services.routing.policy.rows import Regel, Rolbezetting, Termijn
from services.routing.policy.table import Table
from services.routing.policy.wording import handler, route

Values = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Verdict:
    """The row that decides, its term and who handles it. ``effect`` numbers what the household notices: two verdicts
    of one document with one number are the same route."""

    regel: Regel
    termijn: Termijn
    behandelaar: Behandelaar
    effect: int
    row: int

    @cached_property
    def route(self) -> str:
        """The steps in words."""
        return route(self.regel.dan.stappen)

    @cached_property
    def handler(self) -> str:
        """Who handles it, in words."""
        return handler(self.behandelaar)

    def due(self, start: date) -> date | None:
        """The last day for a first conversation; None when the signal is left alone."""
        return self.termijn.ends(start) if self.regel.dan.oppakken else None


class Verdicts:
    """What one document decides; each verdict is made once."""

    def __init__(
        self,
        rows: Sequence[Regel],
        terms: Sequence[Termijn],
        roles: Mapping[str, Rolbezetting],
        domains: Mapping[str, Domain],
    ) -> None:
        self._rows, self._terms, self._roles = rows, terms, roles
        self._guarded = [(place, row) for place, row in enumerate(rows) if row.guarantees]
        self._places = frozenset(code for role in roles.values() for code in role.per_gemeente)
        self._made: dict[tuple[int, int, str | None], Verdict] = {}
        self._effects: dict[tuple[Any, ...], int] = {}
        self.table = Table(domains, [row.guarded for row in rows], [term.als for term in terms])

    def on(self, values: Values, gemeentecode: str | None) -> Verdict:
        """The first row and the first term that fit these facts. Raises NoRow for a document that has a gap."""
        return self.where(self.table.standing(values), gemeentecode)

    def where(self, standing: int, gemeentecode: str | None) -> Verdict:
        """The verdict where these groups of the table are left standing. Raises NoRow."""
        row, term = self.table.first(standing)
        key = row, term, gemeentecode if gemeentecode in self._places else None
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = self._make(*key)
        return found

    def barred(self, values: Values, verdict: Verdict) -> Iterator[tuple[Regel, str]]:
        """The rows before the one that decides that a guarantee keeps away, each with that guarantee in words."""
        for place, row in self._guarded:
            if place < verdict.row and (why := row.barred(values)) is not None and row.als.hold(values):
                yield row, why

    def _make(self, row: int, term: int, place: str | None) -> Verdict:
        regel, termijn = self._rows[row], self._terms[term]
        handler, dan = self._roles[regel.dan.behandelaar].voor(place), regel.dan
        effect = (*dan.merkbaar, *((handler, termijn.dagen, termijn.werkdagen) if dan.oppakken else ()))
        return Verdict(regel, termijn, handler, self._effects.setdefault(effect, len(self._effects)), row)
