"""Paging of lists: `?pagina=&paginaGrootte=` in, `_links` out (NL API Design Rules, `_links` as in HAL).

A page is asked for one row more than it shows, so that `next` is known without counting all rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Query, Request

LARGEST = 500
DEEPEST = 10_000


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list was asked for; `limit` and `offset` go into the query."""

    number: int
    size: int
    path: str
    query: tuple[tuple[str, str], ...]

    @property
    def limit(self) -> int:
        """Rows to fetch: one more than the page shows."""
        return self.size + 1

    @property
    def offset(self) -> int:
        """Rows to pass over."""
        return (self.number - 1) * self.size

    def answer(self, name: str, rows: Sequence[Any]) -> dict[str, Any]:
        """`{name: rows, "_links": {...}}` from up to `limit` rows."""
        links = {"self": {"href": self._href(self.number)}}
        if self.number > 1:
            links["prev"] = {"href": self._href(self.number - 1)}
        if len(rows) > self.size:
            links["next"] = {"href": self._href(self.number + 1)}
        return {name: list(rows[: self.size]), "_links": links}

    def _href(self, number: int) -> str:
        return f"{self.path}?{urlencode([*self.query, ('pagina', str(number)), ('paginaGrootte', str(self.size))])}"


async def _page(
    request: Request,
    pagina: Annotated[int, Query(ge=1, le=DEEPEST, description="paginanummer, vanaf 1")] = 1,
    pagina_grootte: Annotated[
        int, Query(alias="paginaGrootte", ge=1, le=LARGEST, description="rijen per pagina")
    ] = 100,
) -> Page:
    asked = tuple((k, v) for k, v in request.query_params.multi_items() if k not in ("pagina", "paginaGrootte"))
    return Page(pagina, pagina_grootte, request.url.path, asked)


Paged = Annotated[Page, Depends(_page)]
"""Parameter of an endpoint that answers a list."""
