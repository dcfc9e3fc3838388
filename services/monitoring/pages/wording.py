"""How numbers, dates and names are written on the pages, and the templates that use them."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from libs.chassis.clock import AMSTERDAM
from libs.chassis.region import Region
from services.monitoring.cijfers import Line
from services.monitoring.omschrijving import MONTHS, datum


def getal(count: int) -> str:
    """As in `2.022`."""
    return f"{count:,}".replace(",", ".")


def procent(share: float | None) -> str:
    """As in `59,5 %`, with a space that does not break; a dash of nothing."""
    return "–" if share is None else f"{share:.1f}\u00a0%".replace(".", ",")


def dag(moment: date | datetime | None) -> str:
    """As in `3 maart 2025`, the day in the Netherlands."""
    if moment is None:
        return "–"
    return datum(moment.astimezone(AMSTERDAM).date() if isinstance(moment, datetime) else moment)


def maand(periode: str) -> str:
    """As in `maart 2025`, or a year as it is."""
    year, _, month = periode.partition("-")
    return f"{MONTHS[int(month) - 1]} {year}" if month else year


def kenmerk_van(fase: str) -> str:
    """The class of a phase in the style sheet."""
    return "fase-" + fase.lower().replace("+", "-plus").replace(" ", "-")


def by_kind(region: Region, lines: Sequence[Line]) -> list[tuple[str, list[tuple[str, Line]]]]:
    """The lines of the partner view with names, corporations of the region first and apart."""
    corporations = {one.key for one in region.regio.corporaties}
    named = sorted(((partner_name(region, str(line.wie[0])), line) for line in lines), key=lambda pair: pair[0].lower())
    return [
        ("Woningcorporaties", [pair for pair in named if pair[1].wie[0] in corporations]),
        ("Andere signaalpartners", [pair for pair in named if pair[1].wie[0] not in corporations]),
    ]


def partner_name(region: Region, key: str) -> str:
    """The name of a partner; its key where the region knows none."""
    known = region.partner(key)
    return known.naam.removeprefix("Stichting ") if known else key


_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
)  # fmt: skip
_templates.filters.update(getal=getal, procent=procent, dag=dag, maand=maand, fase=kenmerk_van)


def render(template: str, region: Region | None, status: int = 200, /, **values: Any) -> HTMLResponse:
    """A page. A template may ask for the names of municipalities and partners."""

    def gemeente(code: str) -> str:
        known = region and region.regio.gemeente(code)
        return known.naam if known else code

    def partner(key: str) -> str:
        return partner_name(region, key) if region else key

    page = _templates.get_template(template)
    return HTMLResponse(page.render(regio=region, gemeente=gemeente, partner=partner, **values), status)
