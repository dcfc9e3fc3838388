"""`drempel termijnen`: the proof over the whole log that no term of law or convenant passed unseen."""

import asyncio
from datetime import date, datetime
from functools import partial
from typing import Annotated, Any

import typer
from rich.table import Table

from drempel.cli import place
from libs.chassis.clock import SystemClock, today

STANDEN = ("gehaald", "vervallen", "verlopen", "lopend")
AGAIN_SECONDS = 3.0
"""Running services say within seconds what became due; what is found wrong is looked at once more after that."""


def termijnen(
    op: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="as of this day; today if left out")] = None,
    json: Annotated[bool, typer.Option("--json", help="as JSON")] = False,
) -> None:
    """Hear all logs anew and prove every term: begun, and met, void, breached or running. Exit status 1 otherwise."""
    found = place.run(_termijnen(op.date() if op else None))
    if json:
        place.as_json(found)
    else:
        place.out.print(as_table(found))
        for one in found["ongezien"]:
            place.out.print(one, highlight=False)
    if not found["ok"]:
        raise typer.Exit(place.FOUND_WRONG)


def as_table(found: dict[str, Any]) -> Table:
    """The terms per kind and state."""
    verdict = "geen termijn ging ongezien voorbij" if found["ok"] else f"{len(found['ongezien'])} KLOPPEN NIET"
    table = Table(title=f"{found['opDatum']:%d-%m-%Y}: {found['zaken']} zaken, {verdict}")
    for heading in ("termijn", *STANDEN):
        table.add_column(heading, justify="left" if heading == "termijn" else "right")
    for soort, counts in found["termijnen"].items():
        table.add_row(soort, *(str(counts.get(stand, 0)) for stand in STANDEN))
    return table


async def _termijnen(op: date | None) -> dict[str, Any]:
    from services.escalation import controle

    configured = place.settings()
    folder = place.folder_of(configured)
    live = place.instance(folder)
    vandaag = op or today(live.clock if live else SystemClock())
    async with place.databases(configured, folder) as shared:
        database_of = partial(configured.database_of, shared=shared)
        found = await controle.controleer(database_of, vandaag)
        if not found["ok"]:
            await asyncio.sleep(AGAIN_SECONDS)
            found = await controle.controleer(database_of, vandaag)
    return found
