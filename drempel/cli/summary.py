"""What `drempel demo` prints: the region it made up, the funnel, the terms, what was said how often, the partners, one
case."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
from rich.box import SIMPLE_HEAD
from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table

from drempel.cli.termijnen import STANDEN
from drempel.cli.views import as_table
from drempel.demo.doors import Doors
from drempel.demo.play import Play
from libs.chassis.auth import Rol
from libs.chassis.region import Region
from libs.chassis.settings import SERVICES
from libs.events.catalogue import CATALOGUE
from services.escalation.controle import controleer

BREEDTE = 40
"""Characters of the longest bar."""
_TRECHTER = (
    ("Totaal", "totaal"),
    ("Vroegsignalering", "vroegsignalering"),
    ("Signalering+", "signaleringPlus"),
)
_PARTNER = (
    ("sign.", ("signalen",)),
    ("meld.", ("meldingen",)),
    ("bereikt", ("bereikt",)),
    ("hulp", ("hulpacceptatie",)),
    ("S+", ("signaleringPlus",)),
    ("deurw.", ("deurwaarder",)),
    ("ontruiming", ("ontruimingenAangezegd", "ontruimingenVoorkomen", "ontruimingenUitgevoerd")),
)


_KORT = re.compile(r"^(Stichting|Woningcorporatie|Woningbouwvereniging) ")
"""What a landlord is, left out where space is short."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the services answer when the play is over."""

    indicatoren: dict[str, Any]
    partnerbeeld: dict[str, Any]
    gebeurtenissen: dict[str, int]
    tijdlijn: dict[str, Any] | None
    termijnen: dict[str, Any]


async def collect(doors: Doors, play: Play, region: Region, admin_url: str, vandaag: date) -> Facts:
    """Ask monitoring, as a coordinator, count what stands in the logs, and prove the terms up to today.

    Raises httpx.HTTPStatusError when a question is refused.
    """
    wie: dict[str, Any] = {"rol": Rol.COORDINATOR, "gemeenten": tuple(sorted(region.gemeentecodes))}

    async def ask(path: str) -> dict[str, Any]:
        found: dict[str, Any] = (await doors.call("GET", f"/monitoring/v1/{path}", **wie)).raise_for_status().json()
        return found

    zaak_id = await play.zaak_van_de_uitzetting()
    return Facts(
        await ask("indicatoren"),
        await ask("partnerbeeld"),
        await _counts(admin_url),
        await ask(f"zaken/{zaak_id}/tijdlijn") if zaak_id else None,
        await controleer(lambda _: admin_url, vandaag),
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
        terms(facts.termijnen),
        events(facts.gebeurtenissen),
        as_table(facts.tijdlijn)
        if facts.tijdlijn
        else "Geen huishouden is in deze maanden tot een ontruiming gekomen.",
    ):
        console.print()
        console.print(part)


def funnel(trechter: dict[str, Any]) -> Group:
    """Meldingen, reached, help accepted: in total, and apart for early signalling and Signalering+ (as in Breda)."""
    table = _table("Trechter", "", "meldingen", "bereikt", "%", "hulpacceptatie", "% van bereikt")
    for naam, sleutel in _TRECHTER:
        rij = trechter[sleutel]
        cellen = (getal(rij["meldingen"]), getal(rij["bereikt"]), procent(rij["bereikPercentage"]))
        hulp = (getal(rij["hulpacceptatie"]), procent(rij["hulpacceptatiePercentage"]))
        table.add_row(naam, *cellen, *hulp, style="bold" if sleutel == "totaal" else "")
    return Group(table, _bars(trechter["totaal"]))


def _table(title: str, *headings: str) -> Table:
    """The first column holds a name, which is broken where the terminal is narrow; the others numbers."""
    table = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for plaats, heading in enumerate(headings):
        table.add_column(heading, justify="right" if plaats else "left", no_wrap=bool(plaats))
    return table


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


def partners(found: dict[str, Any]) -> Group:
    """The partner view over the region: corporations first, then the others, then the teams, then everything."""
    table = _table("Partners en teams, over de gemeentegrenzen heen", "", *(heading for heading, _ in _PARTNER))
    rijen: Sequence[dict[str, Any]] = sorted(found["partners"], key=lambda rij: (not rij["corporatie"], rij["naam"]))
    for rij in rijen:
        table.add_row(_KORT.sub("", rij["naam"]), *_cijfers(rij))
    table.add_section()
    for rij in found["teams"]:
        table.add_row(_team(rij), *_cijfers(rij))
    table.add_section()
    table.add_row("Totaal", *_cijfers(found["totaal"]), style="bold")
    return Group(table, "[dim]hulp: hulpacceptatie · S+: naar Signalering+ · deurw.: bij de deurwaarder · "
                        "ontruiming: aangezegd/voorkomen/uitgevoerd[/dim]")  # fmt: skip


def _team(rij: dict[str, Any]) -> str:
    """The team; with its municipality where the name does not say so."""
    plaats = str(rij["organisatie"]).removeprefix("Gemeente ")
    team = rij["team"] or plaats
    return team if plaats in team else f"{team} {plaats}"


def _cijfers(rij: dict[str, Any]) -> list[str]:
    groepen = ([rij[sleutel] for sleutel in sleutels] for _, sleutels in _PARTNER)
    return ["/".join(map(getal, groep)) if any(groep) else "·" for groep in groepen]


def terms(found: dict[str, Any]) -> Group:
    """The terms of law and convenant by kind: in time, needless, too late, running."""
    verdict = "Geen ging ongezien voorbij." if found["ok"] else f"{len(found['ongezien'])} KLOPPEN NIET."
    table = _table("Termijnen van wet en convenant", "", *STANDEN)
    for soort, counts in found["termijnen"].items():
        table.add_row(soort, *(getal(counts.get(stand, 0)) for stand in STANDEN))
    return Group(table, verdict)


def events(counts: dict[str, int]) -> Table:
    """How often each event was said, by the service that says it."""
    table = Table(title=f"{getal(sum(counts.values()))} gebeurtenissen", title_justify="left", title_style="bold",
                  box=SIMPLE_HEAD, pad_edge=False)  # fmt: skip
    for heading in ("service", "event", "aantal"):
        table.add_column(heading, justify="right" if heading == "aantal" else "left")
    for service in SERVICES:
        van = [name for name, kind in CATALOGUE.items() if kind.owner == service and counts.get(name)]
        for plaats, name in enumerate(van):
            table.add_row("" if plaats else service, name, getal(counts[name]))
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
