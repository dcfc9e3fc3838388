"""What `drempel demo` prints: the region it made up, the funnel, what was said how often, the partners, one case."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table

from drempel.cli.views import as_table
from drempel.demo.doors import Doors
from drempel.demo.play import Play
from libs.chassis.auth import Rol
from libs.chassis.region import Region
from libs.chassis.settings import SERVICES
from libs.events.catalogue import CATALOGUE

BREEDTE = 40
"""Characters of the longest bar."""
GEEN_ONTRUIMING = "Geen huishouden is in deze maanden tot een ontruiming gekomen."
_TRECHTER = (
    ("Totaal", "totaal"),
    ("Vroegsignalering", "vroegsignalering"),
    ("Signalering+", "signaleringPlus"),
)
_PARTNER = (
    ("signalen", "signalen"),
    ("meldingen", "meldingen"),
    ("bereikt", "bereikt"),
    ("hulp", "hulpacceptatie"),
    ("S+", "signaleringPlus"),
    ("deurw.", "deurwaarder"),
    ("aange-\nzegd", "ontruimingenAangezegd"),
    ("voor-\nkomen", "ontruimingenVoorkomen"),
    ("uitge-\nvoerd", "ontruimingenUitgevoerd"),
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the services answer when the play is over."""

    indicatoren: dict[str, Any]
    partnerbeeld: dict[str, Any]
    gebeurtenissen: dict[str, int]
    tijdlijn: dict[str, Any] | None


async def collect(doors: Doors, play: Play, region: Region, admin_url: str) -> Facts:
    """Ask monitoring, as a coordinator, and count what stands in the logs.

    Raises httpx.HTTPStatusError when a question is refused.
    """
    wie: dict[str, Any] = {"rol": Rol.COORDINATOR, "gemeenten": tuple(sorted(region.gemeentecodes))}

    async def ask(path: str) -> dict[str, Any]:
        found: dict[str, Any] = (await doors.call("GET", f"/monitoring/v1/{path}", **wie)).raise_for_status().json()
        return found

    zaak_id = play.zaak_van_de_uitzetting()
    return Facts(
        await ask("indicatoren"),
        await ask("partnerbeeld"),
        await _counts(admin_url),
        await ask(f"zaken/{zaak_id}/tijdlijn") if zaak_id else None,
    )


async def _counts(admin_url: str) -> dict[str, int]:
    conn = await asyncpg.connect(admin_url)
    try:
        found: dict[str, int] = {}
        for service in SERVICES:
            rows = await conn.fetch(f"SELECT type, count(*) AS aantal FROM {service}.log GROUP BY type")
            found |= {row["type"]: row["aantal"] for row in rows}
        return found
    finally:
        await conn.close()


def opening(region: Region, inwoners: int, huishoudens: int, maanden: int, seed: int) -> Panel:
    """The region that was made up."""
    gemeenten = ", ".join(gemeente.naam for gemeente in region.regio.gemeenten)
    text = (
        f"{getal(inwoners)} bedachte inwoners in {getal(huishoudens)} huishoudens, {len(region.partners)} "
        f"signaalpartners, {maanden} maanden (seed {seed}).\n[dim]{gemeenten}. Niemand hierin bestaat.[/dim]"
    )
    return Panel(text, title=f"[bold]Drempel[/bold] · {region.regio.naam}", title_align="left")


def show(console: Console, facts: Facts) -> None:
    """Print the summary."""
    for part in (
        funnel(facts.indicatoren["trechter"]),
        indicators(facts.indicatoren),
        partners(facts.partnerbeeld),
        events(facts.gebeurtenissen),
        as_table(facts.tijdlijn)
        if facts.tijdlijn
        else "Geen huishouden is in deze maanden tot een ontruiming gekomen.",
    ):
        console.print()
        console.print(part)


def funnel(trechter: dict[str, Any]) -> Group:
    """Meldingen, reached, help accepted: in total, and apart for early signalling and Signalering+ (as in Breda)."""
    table = Table(title="Trechter", title_justify="left", title_style="bold")
    table.add_column("")
    for heading in ("meldingen", "bereikt", "%", "hulpacceptatie", "% van bereikt"):
        table.add_column(heading, justify="right")
    for naam, sleutel in _TRECHTER:
        rij = trechter[sleutel]
        cellen = (getal(rij["meldingen"]), getal(rij["bereikt"]), procent(rij["bereikPercentage"]))
        hulp = (getal(rij["hulpacceptatie"]), procent(rij["hulpacceptatiePercentage"]))
        table.add_row(naam, *cellen, *hulp, style="bold" if sleutel == "totaal" else "")
    return Group(table, _bars(trechter["totaal"]))


def _bars(totaal: dict[str, Any]) -> Table:
    grid = Table.grid(padding=(0, 1))
    for naam, kleur in (("meldingen", "blue"), ("bereikt", "cyan"), ("hulpacceptatie", "green")):
        aantal = totaal[naam]
        lengte = round(BREEDTE * aantal / max(1, totaal["meldingen"]))
        grid.add_row(naam, f"[{kleur}]{'█' * lengte}[/{kleur}] {getal(aantal)}")
    return grid


def indicators(found: dict[str, Any]) -> str:
    """The other indicators in one line."""
    return (
        f"{getal(found['signalen'])} signalen, {getal(found['nietOpgepakt'])} niet opgepakt; "
        f"meervoudig {getal(found['meervoudig'])}, recidive {procent(found['recidivePercentage'])} % van de meldingen; "
        f"{getal(found['contactpogingen'])} contactpogingen, {komma(found['contactpogingenPerMelding'])} per melding."
    )


def partners(found: dict[str, Any]) -> Table:
    """The partner view over the region: corporations first, then the others, then social teams, then everything."""
    table = Table(title="Partners over de gemeentegrenzen heen", title_justify="left", title_style="bold")
    table.add_column("partner")
    for heading, _ in _PARTNER:
        table.add_column(heading, justify="right")
    rijen: Sequence[dict[str, Any]] = sorted(found["partners"], key=lambda rij: (not rij["corporatie"], rij["naam"]))
    for rij in rijen:
        table.add_row(rij["naam"], *_cijfers(rij))
    table.add_section()
    for rij in found["teams"]:
        naam = (
            rij["team"] or "" if rij["organisatie"] in (rij["team"] or "") else f"{rij['organisatie']}, {rij['team']}"
        )
        table.add_row(naam, *_cijfers(rij))
    table.add_section()
    table.add_row("Totaal", *_cijfers(found["totaal"]), style="bold")
    return table


def _cijfers(rij: dict[str, Any]) -> list[str]:
    return [getal(rij[sleutel]) if rij[sleutel] else "·" for _, sleutel in _PARTNER]


def events(counts: dict[str, int]) -> Table:
    """How often each event was said, by the service that says it."""
    totaal = sum(counts.values())
    table = Table(title=f"{getal(totaal)} gebeurtenissen", title_justify="left", title_style="bold")
    table.add_column("service")
    table.add_column("event")
    table.add_column("aantal", justify="right")
    for service in SERVICES:
        van = [name for name, kind in CATALOGUE.items() if kind.owner == service and counts.get(name)]
        for plaats, name in enumerate(van):
            table.add_row(service if not plaats else "", name, getal(counts[name]), end_section=plaats == len(van) - 1)
    return table


def served(url: str, link: str | None, folder: Path) -> str:
    """Where it can be looked at, until Ctrl-C."""
    lines = [f"Drempel luistert op {url}. Ctrl-C stopt."]
    if link:
        lines.append(f"Eenmalige link naar de pagina's: {link}")
    return "\n".join([*lines, f"Andere opdrachten kijken mee met DREMPEL_DATA={folder}"])


def getal(aantal: int) -> str:
    """As in 1.234."""
    return f"{aantal:,}".replace(",", ".")


def komma(waarde: float | None) -> str:
    """As in 1,8; a dash where there is none."""
    return "–" if waarde is None else f"{waarde:.1f}".replace(".", ",")


def procent(waarde: float | None) -> str:
    """A percentage with one decimal."""
    return komma(waarde)
