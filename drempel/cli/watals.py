"""`drempel policy show` and `drempel policy simulate`: the policy in force, and what another one would have meant."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
import yaml
from rich.box import SIMPLE
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from rich.table import Table

from drempel.cli import place
from drempel.cli.views import client
from libs.chassis.auth import Rol
from libs.chassis.clock import SystemClock

Gemeente = Annotated[str, typer.Argument(help="CBS code of the municipality")]
KOLOMMEN = {
    "meld.": "opgepakt", "brief": "brieven", "bericht": "berichten", "bellen": "telefoontjes", "bezoek": "huisbezoeken",
    "uren": "uren", "bereik": "bereik", "te laat": "termijnenInGevaar",
}  # fmt: skip
SECONDS_BETWEEN, MOST_SHOWN = 0.2, 10


class Leesbaar(yaml.SafeDumper):
    """Numbers and dates without quotes: a policy document reads them as text, and judges them by its own types."""


Leesbaar.yaml_implicit_resolvers = {}
Leesbaar.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(ja|nee|true|false|null|~|)$"), [*"jntf~", ""])


def show(gemeente: Gemeente) -> None:
    """Print the policy document in force, to begin another one with. Exit status 1 when it may not be had."""
    found = place.run(_get(gemeente, f"/routing/v1/beleid/{gemeente}"))
    typer.echo(yaml.dump(found["beleid"], Dumper=Leesbaar, allow_unicode=True, sort_keys=False, width=120), nl=False)


def publish(
    gemeente: Gemeente,
    file: Annotated[Path, typer.Argument(help="a policy document", exists=True, dir_okay=False, readable=True)],
) -> None:
    """Publish the policy document FILE for GEMEENTE. Exit status 0 when it is published, 1 when it is refused, 3 when
    the connection was lost."""
    from services.routing.policy.check import check_text

    if problems := check_text(file.read_bytes()):
        place.fail("\n".join(problems))
    try:
        found = place.run(_publish(gemeente, _gelezen(file)))
    except httpx.HTTPError as error:
        place.fail(f"connection lost ({type(error).__name__})", place.NO_CONNECTION)
    typer.echo(f"{found['versie']} geldt vanaf {found['geldigVanaf']}")


def _gelezen(file: Path) -> Any:
    """The document in a file, YAML or JSON."""
    from services.routing.policy.source import NotADocument, read

    try:
        return read(file.read_bytes()).value
    except NotADocument as error:
        place.fail(f"regel {error.line}: {error.message}")


def simulate(
    gemeente: Gemeente,
    file: Annotated[Path, typer.Argument(help="the candidate", exists=True, dir_okay=False, readable=True)],
    svg: Annotated[Path | None, typer.Option(help="write the picture of the report here")] = None,
    fte: Annotated[
        float | None,
        typer.Option(help="capacity; unset: what the document says, else terms at risk are not told", min=0.01),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="the report as JSON")] = False,
) -> None:
    """Replay the policy document FILE over the recorded history of GEMEENTE, and follow what would have come of it.

    Exit status 0 with the report, 1 when the document is refused or the replay failed, 3 when the connection was lost.
    Ctrl-C stops the replay."""
    beleid = _gelezen(file)
    try:
        verslag = place.run(_simulate(gemeente, {"beleid": beleid, "aannames": {"fte": fte} if fte else {}}, svg))
    except httpx.HTTPError as error:
        place.fail(f"connection lost ({type(error).__name__})", place.NO_CONNECTION)
    if json:
        place.as_json(verslag)
    else:
        for part in gedrukt(verslag):
            place.out.print(part, highlight=False, soft_wrap=isinstance(part, str))


async def _simulate(gemeente: str, vraag: dict[str, Any], svg: Path | None) -> dict[str, Any]:
    configured = place.settings()
    live = place.instance(place.folder_of(configured))
    async with client(configured, live, "routing") as http:
        http.headers["Authorization"] = f"Bearer {_token(gemeente)}"
        answer = await http.post(f"/routing/v1/beleid/{gemeente}/simulaties", json=vraag)
        if answer.status_code != 202:
            place.fail("\n".join(_reasons(answer)))
        where = answer.headers["Location"]
        try:
            verslag = await _done(http, where)
        except asyncio.CancelledError:
            await http.delete(where)
            raise
        if svg is not None:
            picture = (await http.get(where, headers={"Accept": "image/svg+xml"})).raise_for_status()
            svg.write_bytes(picture.content)  # noqa: ASYNC240
        return verslag


async def _done(http: httpx.AsyncClient, where: str) -> dict[str, Any]:
    columns = (TextColumn("de historie wordt nagespeeld"), BarColumn(), TaskProgressColumn())
    with Progress(*columns, console=place.err, transient=True, disable=not place.err.is_terminal) as progress:
        task = progress.add_task("", total=1.0)
        while True:
            found: dict[str, Any] = (await http.get(where)).raise_for_status().json()
            progress.update(task, completed=found["voortgang"])
            if found["status"] == "Klaar":
                verslag: dict[str, Any] = found["verslag"]
                return verslag | {"gemeentecode": found["gemeentecode"], "beleidVersie": found["beleidVersie"]}
            if found["status"] == "Mislukt":
                place.fail(found["melding"])
            await asyncio.sleep(SECONDS_BETWEEN)


async def _publish(gemeente: str, beleid: Any) -> dict[str, Any]:
    configured = place.settings()
    async with client(configured, place.instance(place.folder_of(configured)), "routing") as http:
        headers = {"Authorization": f"Bearer {_token(gemeente)}"}
        answer = await http.post(f"/routing/v1/beleid/{gemeente}/versies", json=beleid, headers=headers)
    if answer.status_code != 201:
        place.fail("\n".join(_reasons(answer)))
    found: dict[str, Any] = answer.json()
    return found


async def _get(gemeente: str, path: str) -> dict[str, Any]:
    configured = place.settings()
    async with client(configured, place.instance(place.folder_of(configured)), "routing") as http:
        answer = await http.get(path, headers={"Authorization": f"Bearer {_token(gemeente)}"})
    if answer.status_code != 200:
        place.fail("\n".join(_reasons(answer)))
    found: dict[str, Any] = answer.json()
    return found


def _token(gemeente: str) -> str:
    folder = place.folder_of(place.settings())
    live = place.instance(folder)
    return place.local_token(folder, Rol.BELEID, live.clock if live else SystemClock(), gemeenten=(gemeente,))


def _reasons(answer: httpx.Response) -> list[str]:
    """Why it was refused, a sentence each."""
    try:
        found = answer.json()
    except ValueError:
        return [f"{answer.status_code} {answer.reason_phrase}"]
    return [one["reason"] for one in found.get("invalidParams", ())] or [f"{answer.status_code} {found.get('title')}"]


def gedrukt(verslag: dict[str, Any]) -> Iterator[str | Table]:
    """The report as it is printed: per month, in all, and what would have gone differently."""
    yield _tabel(verslag)
    was, wordt = verslag["totaal"]["was"], verslag["totaal"]["wordt"]
    yield (
        f"Verwacht bereik van wie wordt opgepakt (Divosa 2025): {_procent(was['bereik'])} wordt "
        f"{_procent(wordt['bereik'])}, dat is {_getal(was['bereikt'])} wordt {_getal(wordt['bereikt'])} meldingen. "
        f"Erbij omdat iemand bleef liggen of minder werd gezocht: {_getal(wordt['terugkeer'])} meldingen."
    )
    if was["termijnenInGevaar"] is not None:
        fte = verslag["aannames"]["fte"]
        yield (
            f"Termijnen in gevaar bij {str(fte).replace('.', ',')} fte: {_getal(was['termijnenInGevaar'])} wordt "
            f"{_getal(wordt['termijnenInGevaar'])}."
        )
    if verslag["afwijkendVanHistorie"]:
        yield f"Let op: {verslag['afwijkendVanHistorie']} besluiten komen anders uit dan ze zijn vastgelegd."
    anders = verslag["anders"]
    yield f"Anders gegaan: {anders['aantal']} van {verslag['signalen']} signalen."
    yield from (f"  {one['aantal']} keer {one['was']} -> {one['wordt']}" for one in anders["overgangen"][:MOST_SHOWN])
    for geval in anders["gevallen"][:3]:
        yield f"  zaak {geval['zaakId']}, {geval['periode']}: {_uitkomst(geval['was'])} -> {_uitkomst(geval['wordt'])}"


def _tabel(verslag: dict[str, Any]) -> Table:
    """A row per month, and a second one where the candidate asks something else."""
    titel = f"Wat als: {verslag['beleidVersie']} in gemeente {verslag['gemeentecode']}"
    table = Table(title=titel, box=SIMPLE, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("maand", no_wrap=True)
    table.add_column("", no_wrap=True)
    for naam in KOLOMMEN:
        table.add_column(naam, justify="right", no_wrap=True)
    rows = [(one["maand"], one["was"], one["wordt"]) for one in verslag["maanden"]]
    for maand, was, wordt in [*rows, ("totaal", verslag["totaal"]["was"], verslag["totaal"]["wordt"])]:
        cells = [[_cel(veld, one.get(veld)) for veld in KOLOMMEN.values()] for one in (was, wordt)]
        table.add_row(maand, "was" if cells[0] != cells[1] else "", *cells[0])
        if cells[0] != cells[1]:
            table.add_row("", "wordt", *cells[1])
    return table


def _cel(veld: str, value: float | None) -> str:
    return _procent(value or 0.0) if veld == "bereik" else _getal(value)


def _getal(value: float | None) -> str:
    """12,5"""
    if value is None:
        return "-"
    digits = 1 if value < 1000 else 0
    return f"{value:,.{digits}f}".removesuffix(".0").translate(str.maketrans(",.", ".,"))


def _procent(share: float) -> str:
    return f"{100 * share:.1f}%".replace(".", ",")


def _uitkomst(one: dict[str, Any]) -> str:
    return ", ".join(one["contactsoorten"]) if one["oppakken"] else f"niet opgepakt ({one['reden']})"
